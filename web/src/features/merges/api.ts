import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, got, useCursorList, type Schemas } from "@/lib/api";
import { forgetName } from "@/lib/names";

export type Merge = Schemas["MergeDto"];
export type Suggestion = Schemas["SuggestionDto"];

/** Who merged by hand or by a rule, newest first; of one member when he is named. */
export function useMerges(member?: string) {
  return useCursorList<Merge>(["merges", "done", member ?? "all"], (cursor, signal) =>
    got(api.GET("/api/v1/merges", { params: { query: { member, cursor } }, signal })),
  );
}

export function useSuggestions(member?: string) {
  return useCursorList<Suggestion>(["merges", "suggestions", member ?? "all"], (cursor, signal) =>
    got(api.GET("/api/v1/merge-suggestions", { params: { query: { member, cursor } }, signal })),
  );
}

export function useOne(id: string | null) {
  return useQuery({
    queryKey: ["members", "one", id],
    enabled: id !== null,
    queryFn: ({ signal }) => got(api.GET("/api/v1/members/{id}", { params: { path: { id: id ?? "" } }, signal })),
  });
}

/** What the two would be as one. Nothing is changed by asking. */
export function useMergePreview(member: string, other: string | null) {
  return useQuery({
    queryKey: ["merge preview", member, other],
    enabled: other !== null,
    staleTime: 0,
    queryFn: ({ signal }) =>
      got(api.POST("/api/v1/members/{id}/merge/preview", { params: { path: { id: member } }, body: { with: other ?? "" }, signal })),
  });
}

/** Whatever two members becoming one, or parting, may have changed is read again. */
function useMergeMutation<I, O>(mutationFn: (input: I) => Promise<O>, about: (input: I, output: O) => string[]) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn,
    onSuccess: (output, input) => {
      about(input, output).forEach((id) => forgetName(queries, id));
      return Promise.all([queries.invalidateQueries({ queryKey: ["members"] }), queries.invalidateQueries({ queryKey: ["merges"] })]);
    },
  });
}

export const useMerge = () =>
  useMergeMutation(
    ({ member, other, suggestion }: { member: string; other: string; suggestion?: string }) =>
      suggestion
        ? got(api.POST("/api/v1/merge-suggestions/{id}/accept", { params: { path: { id: suggestion } } }))
        : got(api.POST("/api/v1/members/{id}/merge", { params: { path: { id: member } }, body: { with: other } })),
    ({ member, other }) => [member, other],
  );

export const useDismiss = () =>
  useMergeMutation(
    (id: string) => got(api.POST("/api/v1/merge-suggestions/{id}/dismiss", { params: { path: { id } } })),
    () => [],
  );

export const useUndoMerge = () =>
  useMergeMutation(
    (id: string) => got(api.POST("/api/v1/merges/{id}/undo", { params: { path: { id } } })),
    (_, undone) => [undone.kept, undone.absorbed],
  );

export type UndoPreview = Schemas["UndoPreview"];

/** What undoing a merge would part, in numbers. */
export function previewUndo(id: string): Promise<UndoPreview> {
  return got(api.POST("/api/v1/merges/{id}/undo/preview", { params: { path: { id } } }));
}
