import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, got, type Schemas } from "@/lib/api";

export type Policy = Schemas["Policy"];

export const policyQuery = queryOptions({
  queryKey: ["outbox", "policy"],
  queryFn: ({ signal }) => got(api.GET("/api/v1/outbox/policy", { signal })),
});

export const holdoutQuery = queryOptions({
  queryKey: ["holdout"],
  queryFn: ({ signal }) => got(api.GET("/api/v1/holdout", { signal })),
});

export const topicsQuery = queryOptions({
  queryKey: ["topics"],
  queryFn: ({ signal }) => got(api.GET("/api/v1/topics", { signal })),
  staleTime: 60_000,
});

export function useSavePolicy() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas["NewPolicy"]) => got(api.PUT("/api/v1/outbox/policy", { body })),
    onSuccess: (saved) => {
      queries.setQueryData(policyQuery.queryKey, saved);
      return queries.invalidateQueries({ queryKey: ["outbox"] });
    },
  });
}

export function useChangeHoldout() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas["HoldoutChange"]) => got(api.PUT("/api/v1/holdout", { body })),
    onSuccess: (saved) => queries.setQueryData(holdoutQuery.queryKey, saved),
  });
}
