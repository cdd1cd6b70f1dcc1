import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "./root";

const sql = createRoute({
  getParentRoute: () => shellRoute,
  path: "/insight/sql",
  component: lazyRouteComponent(() => import("@/features/sql"), "SqlPage"),
});

export const boardRoutes = [sql];
