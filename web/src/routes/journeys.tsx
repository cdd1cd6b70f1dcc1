import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "./root";

export const journeysRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/journeys",
  component: lazyRouteComponent(() => import("@/features/journeys"), "JourneysPage"),
});

export const journeyRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/journeys/$journeyId",
  component: lazyRouteComponent(() => import("@/features/journeys"), "JourneyPage"),
});
