import { useMutation, useQuery, useQueryClient, type QueryKey } from "@tanstack/react-query";
import { api, got, useCursorList, type Schemas } from "@/lib/api";
import { forgetName } from "@/lib/names";
import type { Run } from "./runs";

export type Member = Schemas["MemberDto"];
export type Consent = Schemas["ConsentItem"];

const ONE = (id: string): QueryKey => ["members", "one", id];

export function useMember(id: string) {
  return useQuery({
    queryKey: ONE(id),
    queryFn: ({ signal }) => got(api.GET("/api/v1/members/{id}", { params: { path: { id } }, signal })),
  });
}

/** After something about a member was changed, everything that tells of him is read again. */
function useMemberMutation<I, O>(id: string, mutationFn: (input: I) => Promise<O>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn,
    onSuccess: () => {
      forgetName(queries, id);
      return queries.invalidateQueries({ queryKey: ["members"], predicate: (query) => query.queryKey[1] === "list" || query.queryKey.includes(id) });
    },
  });
}

/** Sets traits; `null` takes one away. */
export const useChangeTraits = (id: string) =>
  useMemberMutation(id, (traits: Record<string, unknown>) =>
    got(api.PATCH("/api/v1/members/{id}", { params: { path: { id } }, body: { traits: traits as Record<string, never> } })),
  );

export const useChangeTags = (id: string) =>
  useMemberMutation(id, (body: Schemas["TagChange"]) => got(api.POST("/api/v1/members/{id}/tags", { params: { path: { id } }, body })));

export function useTagHistory(id: string) {
  return useCursorList(["members", "tags", id], (cursor, signal) =>
    got(api.GET("/api/v1/members/{id}/tags/history", { params: { path: { id }, query: { cursor } }, signal })),
  );
}

export function useConsent(id: string) {
  return useQuery({
    queryKey: ["members", "consent", id],
    queryFn: async ({ signal }) => (await got(api.GET("/api/v1/members/{id}/consent", { params: { path: { id } }, signal }))).items as Consent[],
  });
}

export function useConsentHistory(id: string) {
  return useCursorList<Consent>(["members", "consent history", id], (cursor, signal) =>
    got(api.GET("/api/v1/members/{id}/consent/history", { params: { path: { id }, query: { cursor } }, signal })),
  );
}

export const useDecide = (id: string) =>
  useMemberMutation(id, (body: Schemas["ConsentChange"]) => got(api.PUT("/api/v1/members/{id}/consent", { params: { path: { id } }, body })));

export const useSplit = (id: string) =>
  useMemberMutation(id, (identity: string) => got(api.POST("/api/v1/members/{id}/split", { params: { path: { id } }, body: { identity } })));

export const useErase = (id: string) =>
  useMemberMutation(id, (reason: string) => got(api.POST("/api/v1/members/{id}/erase", { params: { path: { id } }, body: { confirm: id, reason } })));

export function useDeliveries(member: string) {
  return useCursorList<Schemas["Delivery"]>(["members", "deliveries", member], (cursor, signal) =>
    got(api.GET("/api/v1/deliveries", { params: { query: { member, cursor } }, signal })),
  );
}

/** The journeys in which a member is, or has been, the latest first. */
export function useRuns(member: string) {
  return useCursorList<Run>(["members", "runs", member], (cursor, signal) =>
    got(api.GET("/api/v1/members/{id}/runs", { params: { path: { id: member }, query: { cursor } }, signal })),
  );
}

/** Merge suggestions that name this member. */
export function useSuggestionsOf(member: string) {
  return useQuery({
    queryKey: ["merges", "suggestions of", member],
    queryFn: ({ signal }) => got(api.GET("/api/v1/merge-suggestions", { params: { query: { member } }, signal })),
    select: (page) => page.items,
  });
}
