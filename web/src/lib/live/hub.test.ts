import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Hub, type ToTab } from "./hub";
import type { StreamListener } from "./stream";

let opened: { topics: readonly string[]; listener: StreamListener; isClosed: boolean }[];
let hub: Hub;

beforeEach(() => {
  vi.useFakeTimers();
  opened = [];
  hub = new Hub((topics, listener) => {
    const stream = { topics, listener, isClosed: false };
    opened.push(stream);
    return () => void (stream.isClosed = true);
  });
});
afterEach(() => vi.useRealTimers());

function tab() {
  const told: ToTab[] = [];
  return { told, hear: (message: ToTab) => void told.push(message) };
}
const messages = (told: ToTab[]) => told.filter((one) => one.type === "message");

test("many tabs share one stream, with the topics of all", () => {
  const one = tab();
  const other = tab();
  hub.hear(one.hear, { type: "topics", topics: ["jobs", "home"] });
  hub.hear(other.hear, { type: "topics", topics: ["jobs", "journey:jrn_1"] });
  vi.advanceTimersByTime(1000);
  expect(opened.map((stream) => stream.topics)).toEqual([["home", "jobs", "journey:jrn_1"]]);

  opened[0]!.listener.onMessage("journey:jrn_1", { id: "jrn_1", under_way: 4 });
  expect(messages(one.told)).toEqual([]);
  expect(messages(other.told)).toEqual([{ type: "message", topic: "journey:jrn_1", data: { id: "jrn_1", under_way: 4 } }]);
});

test("topics that come and go at once open the stream anew one time, and the last tab closes it", () => {
  const one = tab();
  hub.hear(one.hear, { type: "topics", topics: ["home"] });
  hub.hear(one.hear, { type: "topics", topics: ["jobs"] });
  vi.advanceTimersByTime(1000);
  expect(opened).toHaveLength(1);
  hub.hear(one.hear, { type: "topics", topics: ["jobs"] });
  vi.advanceTimersByTime(1000);
  expect(opened).toHaveLength(1);
  hub.hear(one.hear, { type: "bye" });
  vi.advanceTimersByTime(1000);
  expect(opened[0]!.isClosed).toBe(true);
  expect(opened).toHaveLength(1);
});

test("a tab that comes later is told the last state, and not those of before", () => {
  const one = tab();
  hub.hear(one.hear, { type: "topics", topics: ["jobs"] });
  vi.advanceTimersByTime(1000);
  opened[0]!.listener.onMessage("jobs", { open: 1 });
  opened[0]!.listener.onMessage("jobs", { open: 0 });
  const later = tab();
  hub.hear(later.hear, { type: "topics", topics: ["jobs"] });
  expect(messages(later.told).map((one) => one.data)).toEqual([{ open: 0 }]);
});

test("a tab that vanished without a word does not keep its topics", () => {
  const gone = tab();
  const here = tab();
  hub.hear(gone.hear, { type: "topics", topics: ["journey:jrn_1"] });
  hub.hear(here.hear, { type: "topics", topics: ["jobs"] });
  vi.advanceTimersByTime(5 * 60_000);
  hub.hear(here.hear, { type: "topics", topics: ["jobs"] });
  vi.advanceTimersByTime(1000);
  expect(opened.at(-1)!.topics).toEqual(["jobs"]);
});
