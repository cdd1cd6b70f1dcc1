import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "./root";
import { textSearch } from "./search";

const list = createRoute({
  getParentRoute: () => shellRoute,
  path: "/imports",
  component: lazyRouteComponent(() => import("@/features/imports"), "ImportsPage"),
});

const upload = createRoute({
  getParentRoute: () => shellRoute,
  path: "/imports/new",
  component: lazyRouteComponent(() => import("@/features/imports"), "UploadPage"),
});

const one = createRoute({
  getParentRoute: () => shellRoute,
  path: "/imports/$importId",
  validateSearch: textSearch("step"),
  component: lazyRouteComponent(() => import("@/features/imports"), "ImportPage"),
});

export const importRoutes = [list, upload, one] as const;
