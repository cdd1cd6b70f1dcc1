import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "./root";
import { textSearch } from "./search";

export const taskRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/tasks",
  validateSearch: textSearch("state", "journey", "member"),
  component: lazyRouteComponent(() => import("@/features/tasks"), "TasksPage"),
});
