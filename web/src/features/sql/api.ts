import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, got, useCursorList, type Schemas } from "@/lib/api";

export type SqlColumn = Schemas["QueryColumn"];
export type SqlTable = Schemas["QueryTable"];
/** A query that somebody ran. */
export type PastQuery = Schemas["PastQuery"];

/** A value as JSON gives it; objects and lists are shown as JSON. */
export type SqlValue = string | number | boolean | null | object;

export type SqlAnswer = Omit<Schemas["QueryAnswer"], "rows"> & { rows: SqlValue[][] };

const KEY = ["sql"];
export const HISTORY = [...KEY, "history"];

export function useSchema() {
  return useQuery(
    queryOptions({
      queryKey: [...KEY, "schema"],
      queryFn: ({ signal }) => got(api.GET("/api/v1/insight/sql/schema", { signal })),
      staleTime: 5 * 60_000,
      select: ({ tables }) => tables,
    }),
  );
}

export function usePast() {
  return useCursorList<PastQuery>(HISTORY, (cursor, signal) => got(api.GET("/api/v1/insight/sql/history", { params: { query: { cursor } }, signal })));
}

/** Asks the server. Giving up closes the connection, at which the server stops as well. */
export function runQuery(query: string, limit: number, signal: AbortSignal): Promise<SqlAnswer> {
  return got(api.POST("/api/v1/insight/sql", { body: { query, limit }, signal }));
}
