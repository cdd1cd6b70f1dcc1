import { queryOptions, useQuery } from "@tanstack/react-query";
import { ask, useCursorList } from "@/lib/api";
import type { PastQuery, SqlAnswer, SqlTable } from "./unlisted";

export type { PastQuery, SqlAnswer, SqlColumn, SqlTable, SqlValue } from "./unlisted";

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
