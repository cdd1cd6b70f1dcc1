import type { QueryClient } from "@tanstack/react-query";
import { createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { ErrorState, Loading } from "@/ui";
import { homeRoute } from "./home";
import { rootRoute, shellRoute } from "./root";
import { segmentsRoutes } from "./segments";
import { loginRoute, setupRoute } from "./session";
import { settingsRoute } from "./settings";

/** THE list of pages. */
const tree = rootRoute.addChildren([loginRoute, setupRoute, shellRoute.addChildren([homeRoute, ...segmentsRoutes, settingsRoute])]);

export function makeRouter(queries: QueryClient) {
  return createRouter({
    routeTree: tree,
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
