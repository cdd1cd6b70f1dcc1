import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, ask, got, useCursorList, type Schemas } from "@/lib/api";
import { useLive } from "@/lib/live";
import type { JsonObject } from "./document/types";

export type Journey = Schemas["JourneyDto"];
export type Report = Schemas["JourneyReport"];
export type Run = Schemas["RunDto"];
export type Version = Schemas["VersionDto"];
export type Preview = Schemas["Preview"];
export type Running = Schemas["Running"];

export const KEY = ["journeys"] as const;

/** What the server has against a draft. */
export type WireProblem = Schemas["JourneyProblem"];

export const journeyQuery = (id: string) => ({
  queryKey: [...KEY, id, "draft"],
  queryFn: async ({ signal }: { signal: AbortSignal }): Promise<Journey> => got(api.GET("/api/v1/journeys/{id}", { params: { path: { id } }, signal })),
});

export function useJourney(id: string) {
  useLive([`journey:${id}`], { keys: ["draft", "report", "runs", "versions"].map((part) => [...KEY, id, part]) });
  return useQuery(journeyQuery(id));
}

export function useSaveDraft(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (body: { document?: JsonObject; name?: string; revision?: number }): Promise<Journey> =>
      got(api.PATCH("/api/v1/journeys/{id}", { params: { path: { id } }, body: body as Schemas["JourneyChange"] })),
    onSuccess: (journey) => {
      queries.setQueryData([...KEY, id, "draft"], journey);
      void queries.invalidateQueries({ queryKey: [...KEY, "list"] });
    },
  });
}

export function useCreateJourney() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: { name: string; document: JsonObject }) => got(api.POST("/api/v1/journeys", { body: body as Schemas["NewJourney"] })),
    onSuccess: () => queries.invalidateQueries({ queryKey: [...KEY, "list"] }),
  });
}

/** A journey in the list, with numbers instead of its document. */
export type JourneySummary = Schemas["JourneySummary"];

export interface JourneyFilter {
  state?: string;
  search?: string;
}

export function useJourneys(filter: JourneyFilter) {
  useLive(["journeys"], { keys: [[...KEY, "list"]] });
  return useCursorList<JourneySummary>([...KEY, "list", filter], (cursor, signal) => ask("GET", "/api/v1/journeys", { query: { fields: "summary", ...filter, cursor }, signal }));
}

export interface Starter {
  key: string;
  name: string;
  description: string;
  /** What it needs and is not there yet. */
  lacks?: { events: string[]; traits: string[]; topics: string[]; channel: boolean };
  segments?: { key: string; name: string }[];
  templates?: { key: string; name: string }[];
  document: JsonObject;
}

export function useStarters(language: string) {
  return useQuery({
    queryKey: [...KEY, "starters", language],
    staleTime: Infinity,
    retry: false,
    queryFn: async ({ signal }) => {
      const body = await ask<{ items?: Starter[] } | Starter[]>("GET", "/api/v1/journeys/starters", { query: { lang: language }, signal });
      return Array.isArray(body) ? body : (body.items ?? []);
    },
  });
}

export function useStart() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ key, language }: { key: string; language: string }) => ask<Journey>("POST", `/api/v1/journeys/starters/${encodeURIComponent(key)}`, { body: { lang: language } }),
    onSuccess: () => queries.invalidateQueries(),
  });
}

export function useDeleteJourney() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => got(api.DELETE("/api/v1/journeys/{id}", { params: { path: { id } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: [...KEY, "list"] }),
  });
}

/** Live numbers; with messages only when they are asked for, since they take long to count. */
export function useReport(id: string, options: { version?: number; messages?: boolean; isWanted?: boolean } = {}) {
  const { version, messages = false, isWanted = true } = options;
  return useQuery({
    // What takes long to count is not counted again with every event.
    queryKey: [...KEY, id, messages ? "results" : "report", version ?? null],
    enabled: isWanted,
    queryFn: ({ signal }) => got(api.GET("/api/v1/journeys/{id}/report", { params: { path: { id }, query: { version, messages } }, signal })),
  });
}

export function useVersions(id: string) {
  return useCursorList<Version>([...KEY, id, "versions"], (cursor, signal) =>
    got(api.GET("/api/v1/journeys/{id}/versions", { params: { path: { id }, query: { cursor } }, signal })),
  );
}

export function useVersion(id: string, version: number | null) {
  return useQuery({
    queryKey: [...KEY, id, "versions", version],
    enabled: version !== null,
    staleTime: Infinity,
    queryFn: ({ signal }) => got(api.GET("/api/v1/journeys/{id}/versions/{version}", { params: { path: { id, version: version ?? 0 } }, signal })),
  });
}

/** After anything that changes the state, the numbers or the revision of a journey. */
export function useRefreshJourney(id: string) {
  const queries = useQueryClient();
  return async () => {
    await queries.invalidateQueries({ queryKey: [...KEY, id] });
    await queries.invalidateQueries({ queryKey: [...KEY, "list"] });
  };
}

export interface PublishBody {
  revision: number;
  running: "stay" | { move: Record<string, string | null> };
  cancel_queued: boolean;
}

export function usePreview(id: string, body: PublishBody, isWanted: boolean) {
  return useQuery({
    queryKey: [...KEY, id, "preview", body],
    enabled: isWanted,
    staleTime: 0,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => got(api.POST("/api/v1/journeys/{id}/publish/preview", { params: { path: { id } }, body: body as Schemas["Publication"], signal })),
  });
}

export type Act =
  | { kind: "publish"; body: PublishBody }
  | { kind: "pause"; body: { cancel_queued: boolean } }
  | { kind: "resume" }
  | { kind: "stop"; body: { running: "end" | "finish"; cancel_queued: boolean } };

/** Publishes, pauses, resumes or stops. */
export function useAct(id: string) {
  const refresh = useRefreshJourney(id);
  return useMutation({
    mutationFn: (act: Act) => ask<Schemas["ChangedJourney"]>("POST", `/api/v1/journeys/${id}/${act.kind}`, { body: "body" in act ? act.body : undefined }),
    onSuccess: refresh,
  });
}

export function useEnter(id: string) {
  const refresh = useRefreshJourney(id);
  return useMutation({
    mutationFn: (body: Schemas["Entering"]) => got(api.POST("/api/v1/journeys/{id}/enter", { params: { path: { id } }, body })),
    onSuccess: refresh,
  });
}

export function useRestore(id: string) {
  const refresh = useRefreshJourney(id);
  return useMutation({
    mutationFn: ({ version, revision }: { version: number; revision: number }): Promise<Journey> =>
      got(api.POST("/api/v1/journeys/{id}/versions/{version}/restore", { params: { path: { id, version } }, body: { revision } })),
    onSuccess: refresh,
  });
}

export interface RunFilter {
  member?: string;
  state?: string;
  step?: string;
}

export function useRuns(id: string, filter: RunFilter) {
  return useCursorList<Run>([...KEY, id, "runs", filter], (cursor, signal) => ask("GET", `/api/v1/journeys/${id}/runs`, { query: { ...filter, cursor }, signal }));
}

const LINES = 500;

/** All lines of a run's trace, in order. */
export function useTrace(id: string, run: string) {
  return useQuery({
    queryKey: [...KEY, id, "trace", run],
    queryFn: async ({ signal }) => {
      const lines: Schemas["TraceDto"][] = [];
      let cursor: string | undefined;
      do {
        const page = await got(api.GET("/api/v1/journeys/{id}/runs/{run}/trace", { params: { path: { id, run }, query: { limit: LINES, cursor } }, signal }));
        lines.push(...page.items);
        cursor = page.next ?? undefined;
      } while (cursor && lines.length < 10 * LINES);
      return lines;
    },
  });
}

export function useExplanation(member: string | undefined, journey: string) {
  return useQuery({
    queryKey: [...KEY, journey, "explain", member],
    enabled: member !== undefined,
    queryFn: ({ signal }) => got(api.GET("/api/v1/explain", { params: { query: { member: member ?? "", journey } }, signal })),
  });
}
