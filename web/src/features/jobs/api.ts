import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, got, type Schemas } from "@/lib/api";
import type { ServerWords } from "@/lib/i18n/server-words";
import { useLive, type LiveMessage } from "@/lib/live";
import { useCan } from "@/lib/session";

/** A piece of background work; what is being built has no id, and cannot be stopped. */
export interface Job extends Omit<Schemas["JobBody"], "id" | "attempts" | "created_at" | "created_by" | "title"> {
  id: string | null;
  created_at?: string;
  created_by?: string;
  /** What it is about, where that has a name but no id. */
  about?: string;
  /** What is said by the stream has no words yet. */
  title?: ServerWords;
}

interface JobList {
  items: Job[];
}

/** Something that is being evaluated over history, beside the jobs. */
export function asJob({ kind, id, name, done, total }: Schemas["BuildingBody"]): Job {
  return { id: null, kind: `build_${kind}`, state: "running", done, total, about: name ?? undefined, target: id ? { kind, id } : null };
}

const KEY = ["jobs", "drawer"];
const SHOWN = 20;

export const moves = (job: Job) => job.state === "queued" || job.state === "running";

/** What tells one from another: a job's id, or what is being built. */
export const nameOf = (job: Job) => job.id ?? `${job.kind} ${job.target?.id ?? ""}`;

/** The open ones first, then by age; an open one is taken as the later answer has it. */
export function together(latest: readonly Job[], open: readonly Job[]): Job[] {
  const byName = new Map(latest.map((job) => [nameOf(job), job]));
  for (const job of open) byName.set(nameOf(job), { ...byName.get(nameOf(job)), ...job });
  return [...byName.values()].sort(
    (one, other) => Number(moves(other)) - Number(moves(one)) || (other.created_at ?? "~").localeCompare(one.created_at ?? "~"),
  );
}

/** The latest jobs: everybody sees his own, administrators all. What is open moves as the server tells it. */
export function useJobs() {
  const queries = useQueryClient();
  const seesAll = useCan("settings", "read");
  const query = useQuery({
    queryKey: KEY,
    queryFn: async ({ signal }): Promise<JobList> => {
      const mine = seesAll ? undefined : true;
      const list = (query: { state?: string; with?: string }) => got(api.GET("/api/v1/jobs", { params: { query: { mine, limit: SHOWN, ...query } }, signal }));
      const [latest, open] = await Promise.all([list({}), list({ state: "open", with: "building" })]);
      return { items: together(latest.items, [...open.items, ...(open.building ?? []).map(asJob)]) };
    },
    retry: false,
    select: (list) => list.items,
  });

  function take({ data }: LiveMessage) {
    const told = (data as JobList | null)?.items ?? [];
    const before = queries.getQueryData<JobList>(KEY);
    if (!before) return;
    const known = new Map(before.items.map((job) => [nameOf(job), job]));
    // How one ended, and what a new one is about, is read; how far one is was told.
    const isNews = told.some((job) => (known.get(nameOf(job))?.state ?? "done") !== job.state && (known.has(nameOf(job)) || moves(job)));
    if (isNews) void queries.invalidateQueries({ queryKey: KEY });
    else queries.setQueryData<JobList>(KEY, { items: together(before.items, told.filter((job) => known.has(nameOf(job)))) });
  }
  useLive(["jobs"], { on: take, moves: query.data?.some(moves) ?? false });
  return query;
}

export function useCancelJob() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => got(api.POST("/api/v1/jobs/{id}/cancel", { params: { path: { id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ["jobs"] }),
  });
}
