import { createRoute, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { shellRoute } from "./root";

/** A question is its address: the page reads what of it makes sense. */
const anything = (search: Record<string, unknown>): Record<string, unknown> => search;

const first = createRoute({
  getParentRoute: () => shellRoute,
  path: "/insight",
  beforeLoad: () => {
    throw redirect({ to: "/insight/$kind", params: { kind: "funnel" }, replace: true });
  },
});

const kinds = createRoute({
  getParentRoute: () => shellRoute,
  path: "/insight/$kind",
  validateSearch: anything,
  component: lazyRouteComponent(() => import("@/features/insight"), "InsightPage"),
});

export const insightRoutes = [first, kinds] as const;
