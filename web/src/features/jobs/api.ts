import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, got, type Schemas } from "@/lib/api";
import { liveInterval } from "@/lib/live";
import { useCan } from "@/lib/session";

export type Job = Schemas["JobBody"];

const KEY = ["jobs"];
const SHOWN = 20;

export const moves = (job: Job) => job.state === "queued" || job.state === "running";

/** The latest jobs. Only administrators may list them. */
export function useJobs() {
  const isAllowed = useCan("settings", "read");
  return useQuery({
    queryKey: KEY,
    enabled: isAllowed,
    queryFn: ({ signal }) => got(api.GET("/api/v1/jobs", { params: { query: { limit: SHOWN } }, signal })),
    select: (page): Job[] => page.items as Job[],
    refetchInterval: (query) => liveInterval(query.state.data?.items.some((job) => moves(job as Job)) ?? false),
  });
}

export function useCancelJob() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => got(api.POST("/api/v1/jobs/{id}/cancel", { params: { path: { id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: KEY }),
  });
}
