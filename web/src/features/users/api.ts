import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, ask, got, isNotThere, useCursorList, type Schemas } from "@/lib/api";

export type User = Schemas["UserBody"];

const KEY = ["users"];

export function useUsers() {
  return useCursorList<User>(KEY, (cursor, signal) => got(api.GET("/api/v1/users", { params: { query: { cursor } }, signal })));
}

function useUserMutation<I, O>(mutationFn: (input: I) => Promise<O>) {
  const queries = useQueryClient();
  return useMutation({ mutationFn, onSuccess: () => queries.invalidateQueries({ queryKey: KEY }) });
}

export const useAddUser = () => useUserMutation((body: Schemas["UserInput"]) => got(api.POST("/api/v1/users", { body })));

export const useChangeUser = () =>
  useUserMutation(({ id, ...body }: Schemas["UserChange"] & { id: string }) =>
    got(api.PATCH("/api/v1/users/{id}", { params: { path: { id } }, body })),
  );

export const useRemoveUser = () =>
  useUserMutation((id: string) => got(api.DELETE("/api/v1/users/{id}", { params: { path: { id } } })));

export const useSetPassword = () =>
  useUserMutation(({ id, password }: { id: string; password: string }) =>
    got(api.POST("/api/v1/users/{id}/password", { params: { path: { id } }, body: { password } })),
  );

interface KeyOfUser {
  kind: Schemas["KeyKind"];
}

/** The working keys that go back to somebody: what is revoked with him, and what goes on. */
export async function keysOf(id: string): Promise<{ api: number; write: number }> {
  const keys = await workingKeys(id);
  const ofKind = (kind: string) => keys.filter((key) => key.kind === kind).length;
  return { api: ofKind("api"), write: ofKind("write") };
}

async function workingKeys(id: string): Promise<KeyOfUser[]> {
  try {
    return (await ask<{ items: KeyOfUser[] }>("GET", `/api/v1/users/${id}/keys`)).items;
  } catch (error) {
    if (!isNotThere(error)) throw error;
    const page = await got(api.GET("/api/v1/keys", { params: { query: { limit: 500 } } }));
    return page.items.filter((key) => key.created_by === id && !key.revoked_at);
  }
}
