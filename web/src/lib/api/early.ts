import { send } from "./client";
import { problemOf } from "./problem";

interface Ask {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  query?: Record<string, string | number | boolean | undefined>;
  body?: unknown;
  signal?: AbortSignal;
}

/** Asks an address of the API that `schema.ts` does not know; whoever calls says what the answer is. */
export async function ask<T>(path: `/api/v1/${string}`, { method = "GET", query = {}, body, signal }: Ask = {}): Promise<T> {
  const address = new URL(path, window.location.origin);
  for (const [name, value] of Object.entries(query)) if (value !== undefined) address.searchParams.set(name, String(value));
  const headers = body === undefined ? undefined : { "Content-Type": "application/json" };
  const reply = await send(new Request(address, { method, headers, body: body === undefined ? undefined : JSON.stringify(body), credentials: "same-origin", signal }));
  if (!reply.ok) throw await problemOf(reply);
  return (reply.status === 204 ? undefined : await reply.json()) as T;
}
