import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, got, useCursorList, type Schemas } from "@/lib/api";

export type Key = Schemas["KeyBody"];
export type KeyKind = Schemas["KeyKind"];
export type NewKey = Schemas["KeyCreated"];

const KEY = ["keys"];

export function useKeys() {
  return useCursorList<Key>(KEY, (cursor, signal) => got(api.GET("/api/v1/keys", { params: { query: { cursor } }, signal })));
}

export function useCreateKey() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas["KeyInput"]) => got(api.POST("/api/v1/keys", { body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: KEY }),
  });
}

export function useRevokeKey() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => got(api.DELETE("/api/v1/keys/{id}", { params: { path: { id } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: KEY }),
  });
}

/** Where programs reach this server: as the workspace says, else as this browser does. */
export function useServerAddress(): string {
  const workspace = useQuery({
    queryKey: ["workspace"],
    queryFn: ({ signal }) => got(api.GET("/api/v1/workspace", { signal })),
    staleTime: 5 * 60_000,
  });
  const known = (workspace.data as { public_url?: string | null } | undefined)?.public_url;
  return (known ?? window.location.origin).replace(/\/$/, "");
}
