import type { QueryClient } from "@tanstack/react-query";
import { createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { ErrorState, Loading } from "@/ui";
import { homeRoute } from "./home";
import { journeyRoute, journeysRoute } from "./journeys";
import { memberRoute } from "./members";
import { rootRoute, shellRoute } from "./root";
import { loginRoute, setupRoute } from "./session";
import { settingsRoute } from "./settings";

/** THE list of pages. */
const tree = rootRoute.addChildren([loginRoute, setupRoute, shellRoute.addChildren([homeRoute, memberRoute, journeysRoute, journeyRoute, settingsRoute])]);

export function makeRouter(queries: QueryClient) {
  return createRouter({
    routeTree: tree,
    basepath: import.meta.env.BASE_URL,
    context: { queries },
    defaultPreload: "intent",
    scrollRestoration: true,
    defaultNotFoundComponent: lazyRouteComponent(() => import("@/features/shell"), "NotFound"),
    defaultPendingComponent: Loading,
    defaultErrorComponent: ({ error, reset }) => <ErrorState error={error} retry={reset} />,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
