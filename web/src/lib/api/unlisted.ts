import { api, got } from "./client";
import { asProblem } from "./problem";

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

interface Call {
  query?: Record<string, string | number | boolean | undefined>;
  body?: unknown;
  signal?: AbortSignal;
}

type Send = (path: string, init: object) => Promise<{ data?: unknown; error?: unknown; response: Response }>;

/** Asks an address that the generated types do not name; everything else is as with [`api`]. */
export async function ask<T>(method: Method, path: string, { query, body, signal }: Call = {}): Promise<T> {
  const send = (api as unknown as Record<Method, Send>)[method];
  return got<T>(send(path, { params: { query }, body, signal }) as Promise<{ data?: T; response: Response }>);
}

/** Whether a server of an earlier version answered, which does not have the address or not its parameters. */
export function isNotThere(error: unknown): boolean {
  const problem = asProblem(error);
  return problem.status === 405 || (problem.status === 404 && /no route/.test(problem.detail ?? ""));
}
