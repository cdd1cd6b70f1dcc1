import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "./root";

const journeysRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/journeys",
  component: lazyRouteComponent(() => import("@/features/journeys"), "JourneysPage"),
});

const journeyRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/journeys/$journeyId",
  component: lazyRouteComponent(() => import("@/features/journeys"), "JourneyPage"),
});

export const journeyRoutes = [journeysRoute, journeyRoute];
