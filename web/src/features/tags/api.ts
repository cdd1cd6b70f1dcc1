import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, got, useCursorList, type Schemas } from "@/lib/api";

export type Tag = Schemas["TagDto"];
export type TagGroup = Schemas["TagGroupDto"];

const KEY = ["tags"];

export function useTags() {
  return useCursorList<Tag>([...KEY, "list"], (cursor, signal) => got(api.GET("/api/v1/tags", { params: { query: { cursor } }, signal })));
}

export function useTagGroups() {
  return useQuery({ queryKey: [...KEY, "groups"], queryFn: ({ signal }) => got(api.GET("/api/v1/tag-groups", { params: { query: { limit: 500 } }, signal })), select: (page) => page.items });
}

/** How many carry a tag, and what asks for it. */
export const tagUsage = (name: string) => got(api.GET("/api/v1/tags/{name}/usage", { params: { path: { name } } }));

function useTagMutation<I, O>(mutationFn: (input: I) => Promise<O>) {
  const queries = useQueryClient();
  return useMutation({ mutationFn, onSuccess: () => Promise.all([queries.invalidateQueries({ queryKey: KEY }), queries.invalidateQueries({ queryKey: ["jobs"] })]) });
}

export const useSaveTag = () =>
  useTagMutation(({ name, ...body }: Schemas["TagDefinition"] & { name: string }) => got(api.PUT("/api/v1/tags/{name}", { params: { path: { name } }, body })));

export const useDeleteTag = () =>
  useTagMutation(({ name, remove }: { name: string; remove: boolean }) => got(api.DELETE("/api/v1/tags/{name}", { params: { path: { name }, query: { remove } } })));

export const useSaveGroup = () =>
  useTagMutation(({ id, ...body }: Schemas["NewTagGroup"] & { id?: string }) =>
    id ? got(api.PUT("/api/v1/tag-groups/{id}", { params: { path: { id } }, body })) : got(api.POST("/api/v1/tag-groups", { body })),
  );

export const useDeleteGroup = () => useTagMutation((id: string) => got(api.DELETE("/api/v1/tag-groups/{id}", { params: { path: { id } } })));
