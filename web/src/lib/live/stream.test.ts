import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openStream, type LiveKind } from "./stream";

let replies: (() => Promise<Response>)[];
let asked: string[];
let kinds: LiveKind[];
let told: [string, unknown][];
let close: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  replies = [];
  asked = [];
  kinds = [];
  told = [];
  vi.stubGlobal("fetch", (address: string) => {
    asked.push(address);
    return (replies.shift() ?? (() => new Promise<Response>(() => undefined)))();
  });
});
afterEach(() => {
  close();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const status = (code: number, headers?: HeadersInit) => () => Promise.resolve(new Response(null, { status: code, headers }));
const stream = (text: string, staysOpen = false) => () =>
  Promise.resolve(
    new Response(
      new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode(text));
          if (!staysOpen) controller.close();
        },
      }),
    ),
  );

function open() {
  close = openStream(["jobs", "journey:jrn_1"], {
    onKind: (kind) => kinds.push(kind),
    onMessage: (event, data) => told.push([event, data]),
  });
  return vi.advanceTimersByTimeAsync(10);
}

test("a stream that breaks is opened again", async () => {
  replies = [stream('event: jobs\ndata: {"open":1}\n\n'), stream('event: jobs\ndata: {"open":0}\n\n', true)];
  await open();
  expect(asked).toEqual(["/api/v1/live?topics=jobs,journey%3Ajrn_1"]);
  expect(kinds).toEqual(["live", "lost"]);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(kinds).toEqual(["live", "lost", "live"]);
  expect(told).toEqual([["jobs", { open: 1 }], ["jobs", { open: 0 }]]);
});

test("a server without a stream is left in peace for minutes", async () => {
  replies = [status(404)];
  await open();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(kinds).toEqual(["absent"]);
  expect(asked).toHaveLength(1);
});

test("a full server is asked again when it says so", async () => {
  replies = [status(503, { "retry-after": "60" }), stream("", true)];
  await open();
  await vi.advanceTimersByTimeAsync(40_000);
  expect(asked).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(40_000);
  expect(kinds).toEqual(["lost", "live"]);
});

test("whoever is not signed in any more is not asked for ever", async () => {
  replies = [stream('event: signed_out\ndata: {"code":"unauthenticated"}\n\n', true)];
  await open();
  await vi.advanceTimersByTimeAsync(600_000);
  expect(kinds).toEqual(["live", "signed_out"]);
  expect(asked).toHaveLength(1);
});

test("a silent connection counts as lost, since the server beats", async () => {
  replies = [stream(": beat\n\n", true)];
  await open();
  await vi.advanceTimersByTimeAsync(41_000);
  expect(kinds.slice(0, 2)).toEqual(["live", "lost"]);
});
