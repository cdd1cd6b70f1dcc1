import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "./root";

const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

const list = createRoute({
  getParentRoute: () => shellRoute,
  path: "/segments",
  validateSearch: (search: Record<string, unknown>): { search?: string; state?: string } => ({ search: text(search.search), state: text(search.state) }),
  component: lazyRouteComponent(() => import("@/features/segments"), "SegmentsPage"),
});

const overlap = createRoute({
  getParentRoute: () => shellRoute,
  path: "/segments/overlap",
  validateSearch: (search: Record<string, unknown>): { ids?: string } => ({ ids: text(search.ids) }),
  component: lazyRouteComponent(() => import("@/features/segments"), "OverlapPage"),
});

const make = createRoute({
  getParentRoute: () => shellRoute,
  path: "/segments/new",
  validateSearch: (search: Record<string, unknown>): { starter?: string } => ({ starter: text(search.starter) }),
  component: lazyRouteComponent(() => import("@/features/segments"), "NewSegmentPage"),
});

const one = createRoute({
  getParentRoute: () => shellRoute,
  path: "/segments/$id",
  validateSearch: (search: Record<string, unknown>): { tab?: string; unit?: string; what?: string; from?: string; to?: string } => ({
    tab: text(search.tab), unit: text(search.unit), what: text(search.what), from: text(search.from), to: text(search.to),
  }),
  component: lazyRouteComponent(() => import("@/features/segments"), "SegmentPage"),
});

const edit = createRoute({
  getParentRoute: () => shellRoute,
  path: "/segments/$id/edit",
  component: lazyRouteComponent(() => import("@/features/segments"), "EditSegmentPage"),
});

export const segmentsRoutes = [list, overlap, make, one, edit] as const;
