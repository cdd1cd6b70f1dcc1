import { streamParser } from "./parse";

/** How the connection is. */
export type LiveKind =
  /** Nobody is interested, or nothing was tried yet. */
  | "off"
  | "live"
  /** It broke, and is tried again. */
  | "lost"
  /** The server has no stream (an older one, or a proxy that does not let it through): we ask, slowly. */
  | "absent"
  | "signed_out";

export interface StreamListener {
  onMessage: (event: string, data: unknown) => void;
  onKind: (kind: LiveKind) => void;
}

const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 30_000;
const PAUSE_WHILE_ABSENT = 5 * 60_000;
/** The server beats every 15 seconds; when it has not for so long, the connection is dead though nobody said so. */
const SILENCE = 40_000;

/** Holds one stream open, over lost connections, until it is closed. */
export function openStream(topics: readonly string[], listener: StreamListener): () => void {
  const ending = new AbortController();
  void keepOpen(topics, listener, ending.signal);
  return () => ending.abort();
}

async function keepOpen(topics: readonly string[], { onMessage, onKind }: StreamListener, ending: AbortSignal): Promise<void> {
  let pause = FIRST_PAUSE;
  while (!ending.aborted) {
    let wait = pause;
    try {
      const reply = await open(topics, ending);
      if (reply.status === 200 && reply.body) {
        onKind("live");
        pause = FIRST_PAUSE;
        wait = pause;
        const isSignedOut = await read(reply.body, onMessage, ending);
        if (isSignedOut) return void (ending.aborted || onKind("signed_out"));
      } else if (reply.status === 401) {
        return onKind("signed_out");
      } else if (reply.status >= 400 && reply.status < 500 && reply.status !== 429) {
        onKind("absent");
        wait = PAUSE_WHILE_ABSENT;
      } else {
        wait = Math.max(wait, Number(reply.headers.get("retry-after") ?? 0) * 1000);
      }
    } catch {
      // The network is away; it is tried again below.
    }
    if (ending.aborted) return;
    if (wait < PAUSE_WHILE_ABSENT) onKind("lost");
    pause = Math.min(LONGEST_PAUSE, pause * 2);
    // Thousands of browsers must not come back in the same moment.
    await rest(wait * (0.75 + Math.random() / 2), ending);
  }
}

function open(topics: readonly string[], ending: AbortSignal): Promise<Response> {
  const address = `/api/v1/live?topics=${topics.map(encodeURIComponent).join(",")}`;
  return fetch(address, { headers: { Accept: "text/event-stream" }, credentials: "same-origin", cache: "no-store", signal: ending });
}

/** Reads until the stream ends. Gives whether it ended since nobody is signed in any more. */
async function read(body: ReadableStream<Uint8Array>, onMessage: StreamListener["onMessage"], ending: AbortSignal): Promise<boolean> {
  const reader = body.getReader();
  const words = new TextDecoder();
  let isSignedOut = false;
  const parse = streamParser(({ event, data }) => {
    if (ending.aborted) return;
    if (event === "signed_out") isSignedOut = true;
    else onMessage(event, parsed(data));
  });
  let silence: ReturnType<typeof setTimeout> | undefined;
  const listen = () => {
    clearTimeout(silence);
    silence = setTimeout(() => void reader.cancel(), SILENCE);
  };
  try {
    for (;;) {
      listen();
      const { done, value } = await reader.read();
      if (done || ending.aborted) return isSignedOut;
      parse(words.decode(value, { stream: true }));
      if (isSignedOut) return true;
    }
  } finally {
    clearTimeout(silence);
    reader.cancel().catch(() => undefined);
  }
}

function parsed(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
}

function rest(milliseconds: number, ending: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    ending.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
