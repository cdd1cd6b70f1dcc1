import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "./root";
import { textSearch } from "./search";

const sql = createRoute({
  getParentRoute: () => shellRoute,
  path: "/insight/sql",
  component: lazyRouteComponent(() => import("@/features/sql"), "SqlPage"),
});

const goals = createRoute({
  getParentRoute: () => shellRoute,
  path: "/insight/goals",
  validateSearch: textSearch("chart"),
  component: lazyRouteComponent(() => import("@/features/goals"), "GoalsPage"),
});

export const boardRoutes = [goals, sql];
