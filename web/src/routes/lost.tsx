import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "./root";

/** Any address that is no page: whoever is signed in keeps the way to all others beside it. */
export const lostRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "$",
  component: lazyRouteComponent(() => import("@/features/shell"), "NotFound"),
});
