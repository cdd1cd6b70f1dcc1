import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "./root";

/** What an address may say of a list: the pages read it themselves, and leave out what makes no sense. */
const anything = (search: Record<string, unknown>): Record<string, unknown> => search;

export const membersRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/members",
  validateSearch: anything,
  component: lazyRouteComponent(() => import("@/features/members"), "MembersPage"),
});

export const memberRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/members/$memberId",
  validateSearch: anything,
  component: lazyRouteComponent(() => import("@/features/members"), "MemberPage"),
});

export const mergesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/members/merges",
  validateSearch: anything,
  component: lazyRouteComponent(() => import("@/features/merges"), "MergesPage"),
});
