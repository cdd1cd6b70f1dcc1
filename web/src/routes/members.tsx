import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "./root";

export const memberRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/members/$memberId",
  component: lazyRouteComponent(() => import("@/features/members"), "MemberPage"),
});
