import { createRoute } from "@tanstack/react-router";
import { NotFound } from "@/features/shell";
import { shellRoute } from "./root";

/** Any address that is no page: whoever is signed in keeps the way to all others beside it. */
export const lostRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "$",
  component: NotFound,
});
