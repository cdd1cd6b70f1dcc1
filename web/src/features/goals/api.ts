import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ask, type ListPage } from "@/lib/api";
import type { Goal, GoalBody } from "./unlisted";

export { MEASURES, STATES, type Goal, type GoalBody, type Measure, type Metric, type Progress, type State } from "./unlisted";

const KEY = ["goals"];

export function useGoals() {
  return useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => ask<ListPage<Goal>>("GET", "/api/v1/goals", { query: { limit: 200 }, signal }),
    select: (page) => page.items,
  });
}

export function useSaveGoal() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, ...body }: GoalBody & { id?: string; version?: number }) =>
      id ? ask<Goal>("PUT", `/api/v1/goals/${id}`, { body }) : ask<Goal>("POST", "/api/v1/goals", { body }),
    onSuccess: () => queries.invalidateQueries({ queryKey: KEY }),
  });
}

export function useDeleteGoal() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => ask<undefined>("DELETE", `/api/v1/goals/${id}`),
    onSuccess: () => queries.invalidateQueries({ queryKey: KEY }),
  });
}

/** What a goal says of itself, without what the server adds to it. */
export function bodyOf({ name, metric, segment, target, from, deadline }: GoalBody): GoalBody {
  return { name, metric, segment, target, from, deadline };
}
