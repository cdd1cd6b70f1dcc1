import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, asProblem, got, useCursorList, type Schemas } from "@/lib/api";
import { useMe } from "@/lib/session";
import { mineFirst } from "./order";

export type Task = Schemas["TaskDto"];

export interface TaskFilters {
  state?: string;
  journey?: string;
  member?: string;
}

export const TASK_STATES = ["open", "done", "expired", "cancelled"] as const;

/** Open tasks: mine first, and of these what is due first. Closed ones: the newest first. */
export function useTasks(filters: TaskFilters) {
  const me = useMe();
  const isOpen = (filters.state ?? "open") === "open";
  const query = { ...filters, state: filters.state ?? "open" };
  return useCursorList<Task>(["tasks", "list", query, me?.user?.id], (cursor, signal) =>
    isOpen
      ? mineFirst(
          (mine, at) => got(api.GET("/api/v1/tasks", { params: { query: { ...query, order: "due", mine: mine || undefined, cursor: at } }, signal })),
          me,
          cursor,
        )
      : got(api.GET("/api/v1/tasks", { params: { query: { ...query, cursor } }, signal })),
  );
}

export function useTask(id: string | undefined) {
  return useQuery({
    queryKey: ["tasks", "one", id],
    enabled: Boolean(id),
    queryFn: ({ signal }) => got(api.GET("/api/v1/tasks/{id}", { params: { path: { id: id ?? "" } }, signal })),
  });
}

export interface Completion {
  id: string;
  outcome?: string;
  note?: string;
}

export function useComplete() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ id, ...body }: Completion) => {
      try {
        await got(api.POST("/api/v1/tasks/{id}/complete", { params: { path: { id } }, body }));
      } catch (error) {
        // It is written down already, and takes effect when the house has caught up.
        if (asProblem(error).status !== 504) throw error;
      }
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["tasks"] }),
  });
}
