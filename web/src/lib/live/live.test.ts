import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { FromTab, ToTab } from "./hub";
import { Live } from "./live";

let hear: (message: ToTab) => void;
let said: FromTab[];
let live: Live;
let queries: QueryClient;
let stop: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  said = [];
  live = new Live((tab) => {
    hear = tab;
    return { say: (message) => void said.push(message), close: () => undefined };
  });
  queries = new QueryClient();
  stop = live.start(queries);
});
afterEach(() => {
  stop();
  queries.clear();
  vi.useRealTimers();
});

/** A query that is shown, and how often it was asked. */
function shown(...key: string[]) {
  const queryFn = vi.fn(() => Promise.resolve(1));
  new QueryObserver(queries, { queryKey: key, queryFn, retry: false }).subscribe(() => undefined);
  return queryFn;
}
const state = (topic: string, data: unknown): ToTab => ({ type: "message", topic, data });
const kind = (value: "live" | "lost" | "absent"): ToTab => ({ type: "kind", kind: value, since: Date.now() });

test("a change has what is shown of it asked again, once, and nothing else", async () => {
  live.add({ topics: ["segments"] });
  const segments = shown("segments", "list");
  const jobs = shown("jobs");
  await vi.advanceTimersByTimeAsync(10_000);
  hear(state("segments", { items: [1] }));
  await vi.advanceTimersByTimeAsync(10_000);
  expect(segments).toHaveBeenCalledTimes(2);
  hear(state("segments", { items: [2] }));
  hear(state("segments", { items: [3] }));
  hear(state("segments", { items: [3] }));
  await vi.advanceTimersByTimeAsync(20_000);
  expect(segments).toHaveBeenCalledTimes(3);
  expect(jobs).toHaveBeenCalledTimes(1);
});

test("the first state of a topic does not ask again for what was read just now", async () => {
  live.add({ topics: ["segments"] });
  const segments = shown("segments");
  await vi.advanceTimersByTimeAsync(10);
  hear(state("segments", {}));
  await vi.advanceTimersByTimeAsync(2_100);
  expect(segments).toHaveBeenCalledTimes(1);
});

test("what somebody waits for is asked once more, lest its end was told before, and at the first state", async () => {
  const segments = shown("segments");
  await vi.advanceTimersByTimeAsync(10);
  live.add({ topics: ["segments"], moves: true });
  await vi.advanceTimersByTimeAsync(2_100);
  expect(segments).toHaveBeenCalledTimes(2);
  hear(state("segments", {}));
  await vi.advanceTimersByTimeAsync(7_100);
  expect(segments).toHaveBeenCalledTimes(3);
});

test("a change that follows the first state at once is not taken for it", async () => {
  live.add({ topics: ["segments"] });
  const segments = shown("segments");
  await vi.advanceTimersByTimeAsync(10);
  hear(state("segments", { items: [1] }));
  hear(state("segments", { items: [2] }));
  await vi.advanceTimersByTimeAsync(2_100);
  expect(segments).toHaveBeenCalledTimes(2);
});

test("who takes states himself gets those of his topics", () => {
  const on = vi.fn();
  live.add({ topics: ["journey:jrn_1"], on });
  hear(state("journey:jrn_1", { id: "jrn_1" }));
  hear(state("journey:jrn_2", { id: "jrn_2" }));
  expect(on.mock.calls).toEqual([[{ topic: "journey:jrn_1", data: { id: "jrn_1" } }]]);
});

test("one thing has only what is shown of it asked again", async () => {
  live.add({ topics: ["segment:seg_1"] });
  const one = shown("segments", "members", "seg_1");
  const other = shown("segments", "members", "seg_2");
  await vi.advanceTimersByTimeAsync(10_000);
  hear(state("segment:seg_1", { id: "seg_1", changed: 3 }));
  await vi.advanceTimersByTimeAsync(10_000);
  expect(one).toHaveBeenCalledTimes(2);
  expect(other).toHaveBeenCalledTimes(1);
});

test("what is said again unchanged is not asked for again", async () => {
  live.add({ topics: ["imports"] });
  const imports = shown("imports");
  await vi.advanceTimersByTimeAsync(1);
  expect(said.at(-1)).toEqual({ type: "topics", topics: ["imports"] });
  const job = { id: "job_1", kind: "import", done: 1 };
  hear(state("imports", { items: [job] }));
  await vi.advanceTimersByTimeAsync(20_000);
  const before = imports.mock.calls.length;
  hear(state("imports", { items: [{ ...job }] }));
  hear(state("jobs", { items: [{ id: "job_2", kind: "erase" }] }));
  await vi.advanceTimersByTimeAsync(20_000);
  expect(imports).toHaveBeenCalledTimes(before);
  hear(state("imports", { items: [{ ...job, done: 2 }] }));
  await vi.advanceTimersByTimeAsync(20_000);
  expect(imports).toHaveBeenCalledTimes(before + 1);
});

test("after a lost connection everything that is shown is asked again", async () => {
  const members = shown("members");
  await vi.advanceTimersByTimeAsync(100);
  hear(kind("live"));
  hear(kind("lost"));
  expect(live.getState().kind).toBe("lost");
  hear(kind("live"));
  await vi.advanceTimersByTimeAsync(10_000);
  expect(members).toHaveBeenCalledTimes(2);
});

test("without a stream the server is asked slowly, and more often while somebody waits", async () => {
  live.add({ topics: ["home"] });
  const home = shown("home");
  const jobs = shown("jobs");
  hear(kind("absent"));
  await vi.advanceTimersByTimeAsync(61_000);
  expect(home).toHaveBeenCalledTimes(3);
  const done = live.add({ topics: ["jobs"], moves: true });
  await vi.advanceTimersByTimeAsync(9_500);
  expect(jobs).toHaveBeenCalledTimes(5);
  expect(home).toHaveBeenCalledTimes(3);
  done();
  await vi.advanceTimersByTimeAsync(25_000);
  expect(jobs).toHaveBeenCalledTimes(5);
});

test("a tab that nobody sees waits until it is looked at", async () => {
  live.add({ topics: ["segments"] });
  const segments = shown("segments");
  await vi.advanceTimersByTimeAsync(10_000);
  const hidden = vi.spyOn(document, "hidden", "get").mockReturnValue(true);
  hear(state("segments", { items: [1] }));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(segments).toHaveBeenCalledTimes(1);
  hidden.mockReturnValue(false);
  document.dispatchEvent(new Event("visibilitychange"));
  await vi.advanceTimersByTimeAsync(10);
  expect(segments).toHaveBeenCalledTimes(2);
});

test("topics of all components are said together, as the stream names them", async () => {
  live.add({ topics: ["jobs"] });
  const leave = live.add({ topics: ["home", "jobs"] });
  await vi.advanceTimersByTimeAsync(1);
  expect(said.at(-1)).toEqual({ type: "topics", topics: ["jobs", "pipeline"] });
  leave();
  await vi.advanceTimersByTimeAsync(1);
  expect(said.at(-1)).toEqual({ type: "topics", topics: ["jobs"] });
});
