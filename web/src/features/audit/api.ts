import { useQuery } from "@tanstack/react-query";
import { api, ask, got, useCursorList, type Schemas } from "@/lib/api";

export type AuditLine = Schemas["AuditLine"];

export interface AuditFilter {
  actor?: string;
  action?: string;
  target?: string;
  from?: string;
  to?: string;
}

interface AuditPage {
  items: AuditLine[];
  next?: string | null;
}

export function useAudit(filter: AuditFilter) {
  return useCursorList<AuditLine>(["audit", filter], (cursor, signal) => ask<AuditPage>("GET", "/api/v1/audit", { query: { ...filter, cursor }, signal }));
}

/** People and keys by whom changes were made, for the filter. */
export function useActors() {
  return useQuery({
    queryKey: ["audit", "actors"],
    staleTime: 60_000,
    queryFn: async ({ signal }) => {
      const query = { limit: 500 };
      const [users, keys] = await Promise.all([
        got(api.GET("/api/v1/users", { params: { query }, signal })),
        got(api.GET("/api/v1/keys", { params: { query }, signal })),
      ]);
      return [...users.items.map((user) => ({ value: `user:${user.id}`, label: user.name })), ...keys.items.map((key) => ({ value: `key:${key.id}`, label: key.name }))];
    },
  });
}
