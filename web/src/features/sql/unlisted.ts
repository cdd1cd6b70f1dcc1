// What the document of the API does not say yet, by hand. Each goes once `npm run api` brings it.
import type { ServerWords } from "@/lib/i18n/server-words";

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
