import type { QueryClient } from "@tanstack/react-query";
import { createRouter } from "@tanstack/react-router";
import { NotFound } from "@/features/shell";
import { ErrorState, Loading } from "@/ui";
import { boardRoutes } from "./boards";
import { deliveryRoutes } from "./deliveries";
import { homeRoute } from "./home";
import { importRoutes } from "./imports";
import { insightRoutes } from "./insight";
import { journeyRoutes } from "./journeys";
import { lostRoute } from "./lost";
import { memberRoute, membersRoute, mergesRoute } from "./members";
import { rootRoute, shellRoute } from "./root";
import { segmentsRoutes } from "./segments";
import { loginRoute, setupRoute } from "./session";
import { settingsRoute } from "./settings";
import { taskRoute } from "./tasks";
import { templateRoutes } from "./templates";

/** THE list of pages. */
const tree = rootRoute.addChildren([
  loginRoute,
  setupRoute,
  shellRoute.addChildren([
    homeRoute,
    membersRoute,
    memberRoute,
    mergesRoute,
    ...segmentsRoutes,
    taskRoute,
    ...importRoutes,
    ...templateRoutes,
    ...deliveryRoutes,
    ...journeyRoutes,
    ...boardRoutes,
    ...insightRoutes,
    settingsRoute,
    lostRoute,
  ]),
]);

export function makeRouter(queries: QueryClient) {
  return createRouter({
    routeTree: tree,
    basepath: import.meta.env.BASE_URL,
    context: { queries },
    defaultPreload: "intent",
    scrollRestoration: true,
    defaultNotFoundComponent: NotFound,
    defaultPendingComponent: Loading,
    defaultErrorComponent: ({ error, reset }) => <ErrorState error={error} retry={reset} />,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
