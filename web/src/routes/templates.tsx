import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "./root";
import { textSearch } from "./search";

const list = createRoute({
  getParentRoute: () => shellRoute,
  path: "/templates",
  validateSearch: textSearch("search", "kind"),
  component: lazyRouteComponent(() => import("@/features/templates"), "TemplatesPage"),
});

const partials = createRoute({
  getParentRoute: () => shellRoute,
  path: "/templates/partials",
  component: lazyRouteComponent(() => import("@/features/templates"), "PartialsPage"),
});

const partial = createRoute({
  getParentRoute: () => shellRoute,
  path: "/templates/partials/$name",
  component: lazyRouteComponent(() => import("@/features/templates"), "PartialPage"),
});

const one = createRoute({
  getParentRoute: () => shellRoute,
  path: "/templates/$templateId",
  validateSearch: textSearch("start", "member", "versions"),
  component: lazyRouteComponent(() => import("@/features/templates"), "TemplatePage"),
});

export const templateRoutes = [list, partials, partial, one] as const;
