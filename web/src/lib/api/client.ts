import createClient from "openapi-fetch";
import { isAborted, Problem, problemOf } from "./problem";
import { renewal } from "./renewal";
import type { components, paths } from "./schema";

/** The types of the API's bodies: `Schemas["KeyBody"]`. */
export type Schemas = components["schemas"];

/** Requests that say themselves what 401 means. */
const OPEN = ["/api/v1/login", "/api/v1/logout", "/api/v1/setup"];

async function send(request: Request): Promise<Response> {
  const again = request.clone();
  const response = await reach(request);
  const isOpen = OPEN.includes(new URL(request.url).pathname);
  if (response.status !== 401 || isOpen || !renewal.isSignedIn() || (await isWrongPassword(response))) return response;
  return (await renewal.want()) ? reach(again) : response;
}

/** Whoever changes his password and mistypes the present one is still signed in. */
async function isWrongPassword(response: Response): Promise<boolean> {
  return (await problemOf(response.clone())).code === "login_failed";
}

async function reach(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    if (isAborted(error) || request.signal.aborted) throw error;
    throw new Problem("connection_lost", 0, "No connection to the server");
  }
}

const client = createClient<paths>({ baseUrl: window.location.origin, fetch: send, credentials: "same-origin" });

/**
 * The API, typed by docs/openapi.json. `await got(api.GET("/api/v1/keys", { params, signal }))` is the body, or throws a
 * [`Problem`].
 */
export const api = client;

export async function got<T>(reply: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, response } = await reply;
  if (!response.ok) throw await problemOfRead(response, (await reply).error);
  return data as T;
}

/** The body was read already by the client, so the problem is made of what it read. */
async function problemOfRead(response: Response, body: unknown): Promise<Problem> {
  const headers = new Headers(response.headers);
  headers.delete("content-length");
  headers.delete("content-encoding");
  const text = typeof body === "string" ? body : JSON.stringify(body ?? {});
  return problemOf(new Response(text, { status: response.status, statusText: response.statusText, headers }));
}
