import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, got, type Schemas } from "@/lib/api";
import { meQuery } from "@/lib/session";

export const workspaceQuery = queryOptions({
  queryKey: ["workspace"],
  queryFn: ({ signal }) => got(api.GET("/api/v1/workspace", { signal })),
});

export function useChangeWorkspace() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas["WorkspaceChange"]) => got(api.PATCH("/api/v1/workspace", { body })),
    onSuccess: (workspace) => {
      queries.setQueryData(workspaceQuery.queryKey, workspace);
      return queries.invalidateQueries({ queryKey: meQuery.queryKey });
    },
  });
}

export function useChangeOwnPassword() {
  return useMutation({
    mutationFn: (body: Schemas["OwnPasswordInput"]) => got(api.POST("/api/v1/me/password", { body })),
  });
}
