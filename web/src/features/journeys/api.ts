import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, asProblem, got, useCursorList, type Schemas } from "@/lib/api";
import { liveInterval } from "@/lib/live";
import type { JsonObject } from "./document/types";

export type Journey = Schemas["JourneyDto"];
export type Report = Schemas["JourneyReport"];
export type Run = Schemas["RunDto"];
export type Version = Schemas["VersionDto"];
export type Preview = Schemas["Preview"];
export type Running = Schemas["Running"];

export const KEY = ["journeys"] as const;

/** What the server has against a draft. */
export interface WireProblem {
  path: string;
  code: string;
  message: string;
  words?: { en: string; zh: string } | null;
  step?: string | null;
  level?: "error" | "warning";
}

/** The draft with what is wrong about it. */
export type JourneyWithProblems = Journey & { problems?: WireProblem[] | null };

/** Routes that the generated types do not have yet. */
export const untyped = api as unknown as Record<
  "GET" | "POST",
  (path: string, options: { params?: object; body?: unknown; signal?: AbortSignal }) => Promise<{ data?: unknown; error?: unknown; response: Response }>
>;

export function isMissingRoute(error: unknown): boolean {
  const { status } = asProblem(error);
  return status === 404 || status === 405;
}

export const journeyQuery = (id: string) => ({
  queryKey: [...KEY, id],
  queryFn: async ({ signal }: { signal: AbortSignal }): Promise<JourneyWithProblems> => got(api.GET("/api/v1/journeys/{id}", { params: { path: { id } }, signal })),
});

export function useJourney(id: string) {
  return useQuery(journeyQuery(id));
}

export function useSaveDraft(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (body: { document?: JsonObject; name?: string; revision?: number }): Promise<JourneyWithProblems> =>
      got(api.PATCH("/api/v1/journeys/{id}", { params: { path: { id } }, body: body as Schemas["JourneyChange"] })),
    onSuccess: (journey) => {
      queries.setQueryData([...KEY, id], journey);
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

export function useDeleteJourney() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => got(api.DELETE("/api/v1/journeys/{id}", { params: { path: { id } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: [...KEY, "list"] }),
  });
}

/** Live numbers; with messages only when they are asked for, since they take long to count. */
export function useReport(id: string, options: { version?: number; messages?: boolean; isLive?: boolean; isWanted?: boolean } = {}) {
  const { version, messages = false, isLive = false, isWanted = true } = options;
  return useQuery({
    queryKey: [...KEY, id, "report", version ?? null, messages],
    enabled: isWanted,
    queryFn: ({ signal }) => got(api.GET("/api/v1/journeys/{id}/report", { params: { path: { id }, query: { version, messages } }, signal })),
    refetchInterval: isLive && !messages ? liveInterval(false) : false,
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
