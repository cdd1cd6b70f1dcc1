import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "./root";
import { textSearch } from "./search";

const sql = createRoute({
  getParentRoute: () => shellRoute,
  path: "/insight/sql",
  component: lazyRouteComponent(() => import("@/features/sql"), "SqlPage"),
});

const list = createRoute({
  getParentRoute: () => shellRoute,
  path: "/insight/boards",
  component: lazyRouteComponent(() => import("@/features/boards"), "BoardsPage"),
});

const one = createRoute({
  getParentRoute: () => shellRoute,
  path: "/insight/boards/$boardId",
  validateSearch: textSearch("period", "from", "to", "segment", "group", "channel"),
  component: lazyRouteComponent(() => import("@/features/boards"), "BoardPage"),
});

const goals = createRoute({
  getParentRoute: () => shellRoute,
  path: "/insight/goals",
  validateSearch: textSearch("chart"),
  component: lazyRouteComponent(() => import("@/features/goals"), "GoalsPage"),
});

export const boardRoutes = [list, one, goals, sql];
