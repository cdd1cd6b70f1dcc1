import { queryOptions, useQuery } from "@tanstack/react-query";
import { ask, useCursorList } from "@/lib/api";
import type { ServerWords } from "@/lib/i18n/server-words";

// By hand until the document of the API names these addresses.

export interface SqlColumn {
  name: string;
  type: string;
}

/** A value as JSON gives it; objects and lists are shown as JSON. */
export type SqlValue = string | number | boolean | null | object;

export interface SqlAnswer {
  columns: SqlColumn[];
  rows: SqlValue[][];
  /** Whether there are more rows than were asked for. */
  more: boolean;
  took_ms: number;
}

export interface SqlTable {
  name: string;
  about: ServerWords;
  columns: SqlColumn[];
}

/** A query that somebody ran. */
export interface PastQuery {
  id: string;
  query: string;
  ran_at: string;
  by: string;
  took_ms: number;
  rows: number | null;
  /** The code of the problem with which it ended. */
  error: string | null;
}

const KEY = ["sql"];
export const HISTORY = [...KEY, "history"];

export function useSchema() {
  return useQuery(
    queryOptions({
      queryKey: [...KEY, "schema"],
      queryFn: ({ signal }) => ask<{ tables: SqlTable[] }>("GET", "/api/v1/insight/sql/schema", { signal }),
      staleTime: 5 * 60_000,
      select: ({ tables }) => tables,
    }),
  );
}

export function usePast() {
  return useCursorList<PastQuery>(HISTORY, (cursor, signal) => ask("GET", "/api/v1/insight/sql/history", { query: { cursor }, signal }));
}

/** Asks the server. Giving up closes the connection, at which the server stops as well. */
export function runQuery(query: string, limit: number, signal: AbortSignal): Promise<SqlAnswer> {
  return ask("POST", "/api/v1/insight/sql", { body: { query, limit }, signal });
}
