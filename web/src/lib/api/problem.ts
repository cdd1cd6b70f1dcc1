/** One wrong part of a request, by its path in the body, such as `rule.all[2].within`. */
export interface FieldProblem {
  path: string;
  code: string;
  message: string;
  /** The same for people, where the server has words. */
  words?: Words | null;
}

/** A text of the server, in both of its languages. */
interface Words {
  en: string;
  zh: string;
}

/** What went wrong, as the server says it (RFC 9457), or because the server was not reached. */
export class Problem extends Error {
  override readonly name = "Problem";

  constructor(
    /** Stable: the code of the server's catalogue, or `connection_lost`. */
    readonly code: string,
    /** The HTTP status; 0 when no reply came. */
    readonly status: number,
    readonly title: string,
    /** What is wrong this time, in English. */
    readonly detail: string | null = null,
    readonly help: string = "",
    readonly fields: readonly FieldProblem[] = [],
    /** Under which the server's log knows the request. */
    readonly requestId: string | null = null,
    /** Seconds after which trying again makes sense. */
    readonly retryAfter: number | null = null,
    /** What happened and what to do about it, as the server says it to people. */
    readonly words: Words | null = null,
  ) {
    super(detail ?? title);
  }

  /** Whether the same request may succeed when it is simply asked again. */
  get isPassing(): boolean {
    return this.code === "connection_lost" || [502, 503, 504].includes(this.status);
  }
}

export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new Problem("unexpected", 0, text);
}

export function isAborted(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

interface Wire {
  code?: string;
  title?: string;
  detail?: string | null;
  help?: string;
  words?: Words | null;
  /** The one field that is wrong, where nothing more is said of it. */
  at?: string | null;
  errors?: Partial<FieldProblem>[] | null;
}

/** Reads a problem off a reply that is none of 2xx, also when a proxy in between answered something else. */
export async function problemOf(response: Response): Promise<Problem> {
  const retry = Number(response.headers.get("retry-after"));
  let body: Wire = {};
  try {
    body = (await response.clone().json()) as Wire;
  } catch {
    // A proxy's page: the status is all there is.
  }
  const wrong = body.errors ?? (body.at ? [{ path: body.at, code: body.code, message: body.detail ?? body.title, words: body.words }] : []);
  const fields = wrong.map((field) => ({
    path: field.path ?? "",
    code: field.code ?? "",
    message: field.message ?? "",
    words: field.words,
  }));
  return new Problem(
    body.code ?? `http_${response.status}`,
    response.status,
    body.title ?? response.statusText,
    body.detail ?? null,
    body.help ?? "",
    fields,
    response.headers.get("x-request-id"),
    Number.isFinite(retry) && retry > 0 ? retry : null,
    body.words ?? null,
  );
}
