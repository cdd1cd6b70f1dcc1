import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Comparison } from "@/features/insight";
import { api, got, type Schemas, type Written } from "@/lib/api";

export type Measure = Schemas["MeasureBody"];
/** What people may count here; the last ones count a property of the event. */
export const MEASURES = ["events", "members", "per_member", "sum", "avg", "p50", "p90"] as const satisfies readonly Measure[];

export type Metric = Omit<Written<Schemas["SeriesBody"]>, "name" | "where"> & { name: string; where: Comparison[] };
export type State = Schemas["GoalState"];
export type Progress = Written<Schemas["Progress"]>;
export type GoalBody = Omit<Written<Schemas["GoalBody"]>, "metric" | "version"> & { metric: Metric };
export type Goal = GoalBody & { id: string; version: number; progress: Progress };

const KEY = ["goals"];

/** Whatever made a goal may have left out what a series may leave out. */
function read({ metric, ...goal }: Schemas["GoalDto"]): Goal {
  const { name, event = null, where, measure, property = null } = metric;
  return { ...(goal as Omit<Goal, "metric">), metric: { name: name ?? "A", event, where: (where ?? []) as unknown as Comparison[], measure, property } };
}

export function useGoals() {
  return useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => got(api.GET("/api/v1/goals", { params: { query: { limit: 200 } }, signal })),
    select: (page) => page.items.map(read),
  });
}

export function useSaveGoal() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, ...goal }: GoalBody & { id?: string; version?: number }) => {
      const body = goal as unknown as Schemas["GoalBody"];
      return got(id ? api.PUT("/api/v1/goals/{id}", { params: { path: { id } }, body }) : api.POST("/api/v1/goals", { body }));
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: KEY }),
  });
}

export function useDeleteGoal() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => got(api.DELETE("/api/v1/goals/{id}", { params: { path: { id } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: KEY }),
  });
}

/** What a goal says of itself, without what the server adds to it. */
export function bodyOf({ name, metric, segment, target, from, deadline }: GoalBody): GoalBody {
  return { name, metric, segment, target, from, deadline };
}
