import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { api, got, renewal, type Schemas } from "@/lib/api";

export type Me = Schemas["Me"];
export type Role = Schemas["Role"];

/** A part of the product that rights speak of, as the server knows them. */
export type Area = "people" | "segments" | "outreach" | "ingest" | "settings";
export type Verb = "read" | "write";

/** From the least to the most. */
export const ROLES: readonly Role[] = ["viewer", "analyst", "operator", "admin", "owner"];

/** Who is signed in. 401 is thrown as a problem. */
export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: async ({ signal }) => {
    const me = await got(api.GET("/api/v1/me", { signal }));
    renewal.setSignedIn(true);
    return me;
  },
  staleTime: 5 * 60_000,
});

/** Who is signed in; only below the shell, which has asked before. */
export function useMe(): Me | undefined {
  return useQuery({ ...meQuery, enabled: renewal.isSignedIn() }).data;
}

/** The same table as `Role::allows` of the server, so that nobody is offered what he may not do. */
export function allows(role: Role, area: Area, verb: Verb): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed(area, verb));
}

function needed(area: Area, verb: Verb): Role {
  if (area === "settings") return "admin";
  if (verb === "read") return "viewer";
  return area === "segments" ? "analyst" : "operator";
}

export function useCan(area: Area, verb: Verb): boolean {
  const me = useMe();
  return me ? allows(me.role, area, verb) : false;
}

/** In which days begin and moments are shown. */
export function useTimeZone(): string {
  return useMe()?.workspace.time_zone ?? "UTC";
}

/** Signs out, and forgets everything that was read. */
export function useLogout(): () => Promise<void> {
  const queries = useQueryClient();
  const navigate = useNavigate();
  return async () => {
    await got(api.POST("/api/v1/logout"));
    renewal.setSignedIn(false);
    await navigate({ to: "/login" });
    queries.clear();
  };
}
