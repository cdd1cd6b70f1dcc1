import type { QueryClient } from "@tanstack/react-query";
import { createRootRouteWithContext, createRoute, Outlet, redirect } from "@tanstack/react-router";
import { Suspense } from "react";
import { Shell } from "@/features/shell";
import { asProblem } from "@/lib/api";
import { meQuery } from "@/lib/session";
import { ErrorState, Loading } from "@/ui";
import { navigation } from "./navigation";
import { settingsPages } from "./settings-pages";

export const rootRoute = createRootRouteWithContext<{ queries: QueryClient }>()({
  component: () => (
    <Suspense fallback={null}>
      <Outlet />
    </Suspense>
  ),
  errorComponent: ({ error, reset }) => <ErrorState error={error} retry={reset} />,
});

/** Around all pages for which one has to be signed in. */
export const shellRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: "shell",
  // The drawer of jobs opens beside any page.
  validateSearch: (search: Record<string, unknown>): { jobs?: "open" } => (search.jobs === "open" ? { jobs: "open" } : {}),
  beforeLoad: async ({ context, location }) => {
    try {
      await context.queries.ensureQueryData(meQuery);
    } catch (error) {
      if (asProblem(error).status !== 401) throw error;
      throw redirect({ to: "/login", search: { next: location.href === "/" ? undefined : location.href } });
    }
  },
  component: () => (
    <Suspense fallback={<Loading />}>
      <Shell navigation={navigation} pages={settingsPages} />
    </Suspense>
  ),
});
