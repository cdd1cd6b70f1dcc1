import { useMutation, useQueryClient } from "@tanstack/react-query";
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
