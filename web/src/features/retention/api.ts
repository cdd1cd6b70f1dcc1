import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, got, useCursorList, type Schemas } from "@/lib/api";

export type Erasure = Schemas["ErasureDto"];

export const retentionQuery = queryOptions({
  queryKey: ["retention"],
  queryFn: ({ signal }) => got(api.GET("/api/v1/retention", { signal })),
});

export function useChangeRetention() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas["RetentionChange"]) => got(api.PUT("/api/v1/retention", { body })),
    onSuccess: (saved) => queries.setQueryData(retentionQuery.queryKey, saved),
  });
}

export function useErasures() {
  return useCursorList<Erasure>(["erasures"], (cursor, signal) => got(api.GET("/api/v1/erasures", { params: { query: { cursor } }, signal })));
}
