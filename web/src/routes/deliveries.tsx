import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "./root";
import { textSearch } from "./search";

const list = createRoute({
  getParentRoute: () => shellRoute,
  path: "/deliveries",
  validateSearch: textSearch("member", "journey", "channel", "state", "reason", "template", "topic", "since"),
  component: lazyRouteComponent(() => import("@/features/deliveries"), "DeliveriesPage"),
});

const queue = createRoute({
  getParentRoute: () => shellRoute,
  path: "/deliveries/queue",
  validateSearch: textSearch("member", "journey", "channel"),
  component: lazyRouteComponent(() => import("@/features/deliveries"), "QueuePage"),
});

const suppressions = createRoute({
  getParentRoute: () => shellRoute,
  path: "/deliveries/suppressions",
  validateSearch: textSearch("search"),
  component: lazyRouteComponent(() => import("@/features/deliveries"), "SuppressionsPage"),
});

export const deliveryRoutes = [list, queue, suppressions] as const;
