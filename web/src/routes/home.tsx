import { createRoute } from "@tanstack/react-router";
import { HomePage, homeQuery } from "@/features/home";
import { shellRoute } from "./root";

export const homeRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/",
  // Asked for while the house around it is drawn; the page itself says what went wrong.
  loader: ({ context }) => void context.queries.prefetchQuery(homeQuery),
  // Not lazy: most days begin here, and on a phone each further request costs more than these few bytes.
  component: HomePage,
});
