import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, ask, got, isNotThere, useCursorList, type Schemas } from "@/lib/api";
import { useLive } from "@/lib/live";

export type Letter = Schemas["DeadLetterItem"];

export interface Minute {
  at: string;
  accepted: number;
  refused: number;
}

export interface Source {
  source: string;
  accepted_24h: number;
  refused_24h: number;
  last_at: string;
}

export interface Stage {
  name: string;
  waiting: number;
  lag_ms?: number | null;
}

export interface Disk {
  data_bytes: number;
  database_bytes: number;
  log_bytes: number;
  free_bytes?: number | null;
  free_share?: number | null;
  log_kept_days: number;
}

/** How data flows, as the server sees it. */
export interface Health {
  ingest: { per_second: number; today: number; refused_24h: number; under_pressure: boolean; minutes: Minute[]; by_source: Source[] };
  stages: Stage[];
  dead_letters: { waiting: number; by_code: Record<string, number> };
  disk: Disk;
  jobs: { queued: number; running: number; failed_24h: number };
  database: string;
  version: string;
  started_at?: string | null;
  at: string;
}

const LETTERS = ["dead-letters"];

/** Null where the server has no such answer. */
export function useHealth(isAllowed: boolean) {
  useLive(isAllowed ? ["health", "jobs"] : [], { keys: [["health"]] });
  return useQuery({
    queryKey: ["health"],
    enabled: isAllowed,
    queryFn: async ({ signal }): Promise<Health | null> => {
      try {
        return await ask<Health>("GET", "/api/v1/health", { signal });
      } catch (error) {
        if (isNotThere(error)) return null;
        throw error;
      }
    },
  });
}

export function useLetters(code: string | undefined) {
  return useCursorList<Letter>([...LETTERS, "list", code ?? ""], (cursor, signal) =>
    got(api.GET("/api/v1/dead-letters", { params: { query: { cursor, code } }, signal })),
  );
}

export function useLetter(id: string) {
  return useQuery({
    queryKey: [...LETTERS, "one", id],
    queryFn: ({ signal }) => got(api.GET("/api/v1/dead-letters/{id}", { params: { path: { id } }, signal })),
  });
}

/** What was read of letters and of health is old now. */
function useForget() {
  const queries = useQueryClient();
  return () => Promise.all([queries.invalidateQueries({ queryKey: LETTERS }), queries.invalidateQueries({ queryKey: ["health"] })]);
}

/** Replays one letter, put right or as it came. */
export function useReplay() {
  const forget = useForget();
  return useMutation({
    mutationFn: ({ id, payload }: { id: string; payload?: unknown }) =>
      got(api.POST("/api/v1/dead-letters/{id}/replay", { params: { path: { id } }, body: payload === undefined ? null : { payload: payload as Record<string, never> } })),
    onSuccess: forget,
  });
}

export interface Told {
  replayed: number;
  failed: number;
}

const AT_ONCE = 200;

/** Replays many, two hundred at a time, and says how far it is. Stops between two portions when it is told to. */
export function useReplayMany() {
  const forget = useForget();
  return async (wanted: { ids: string[] } | { code: string }, tell: (told: Told) => void, ending: AbortSignal): Promise<Told> => {
    const told: Told = { replayed: 0, failed: 0 };
    const add = async (body: Schemas["ReplayMany"]) => {
      const { replayed, failed, next } = await got(api.POST("/api/v1/dead-letters/replay", { body }));
      told.replayed += replayed;
      told.failed += failed.length;
      tell({ ...told });
      return next;
    };
    try {
      if ("ids" in wanted) {
        for (let at = 0; at < wanted.ids.length && !ending.aborted; at += AT_ONCE) await add({ ids: wanted.ids.slice(at, at + AT_ONCE) });
        return told;
      }
      let after: string | null | undefined;
      do after = await add({ code: wanted.code, after });
      while (after && !ending.aborted);
      return told;
    } finally {
      await forget();
    }
  };
}

export function useDeleteLetters() {
  const forget = useForget();
  return async (ids: readonly string[]): Promise<void> => {
    try {
      for (const id of ids) await got(api.DELETE("/api/v1/dead-letters/{id}", { params: { path: { id } } }));
    } finally {
      await forget();
    }
  };
}
