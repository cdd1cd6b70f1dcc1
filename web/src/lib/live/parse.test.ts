import { expect, test } from "vitest";
import { streamParser, type StreamMessage } from "./parse";

function all(chunks: string[]): StreamMessage[] {
  const told: StreamMessage[] = [];
  const parse = streamParser((message) => told.push(message));
  chunks.forEach(parse);
  return told;
}

const TEXT = 'retry: 3000\n\nid: 1\nevent: jobs\ndata: {"open":1}\n\n: beat\n\nevent: stale\r\ndata: {"what":\r\ndata: []}\r\n\r\ndata: x\n\n';
const WANTED = [
  { event: "jobs", data: '{"open":1}' },
  { event: "stale", data: '{"what":\n[]}' },
  { event: "message", data: "x" },
];

test("messages are whole, wherever the network cuts them", () => {
  for (let cut = 0; cut <= TEXT.length; cut += 1) {
    expect(all([TEXT.slice(0, cut), TEXT.slice(cut)])).toEqual(WANTED);
  }
  expect(all([...TEXT])).toEqual(WANTED);
});

test("what has not ended is not told", () => {
  expect(all(["event: jobs\ndata: {}\n"])).toEqual([]);
});
