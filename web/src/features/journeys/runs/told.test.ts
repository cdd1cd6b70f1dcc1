import { expect, test } from "vitest";
import { withTitles } from "./told";

const titleOf = (name: string) => ({ "on-its-way": "等待 4 天", ask: "问候", done: "结束" })[name];

test("a step is called in a story as it is on the canvas", () => {
  expect(withTitles("在“on-its-way”（等待 4 天）等待至 08:44。", titleOf)).toBe("在“等待 4 天”等待至 08:44。");
  expect(withTitles("“ask” (send “购后关怀” by email) queued “购后关怀”.", titleOf)).toBe("“问候” queued “购后关怀”.");
  expect(withTitles("At “elsewhere” (branch), went on to “done” (the end).", titleOf)).toBe("At “elsewhere” (branch), went on to “结束”.");
});

test("a title that quotes something is not quoted once more", () => {
  expect(withTitles("“ask”将信放入队列。", () => "发送“购后关怀”")).toBe("发送“购后关怀”将信放入队列。");
});

test("brackets in the words of others do not cut a sentence in two", () => {
  expect(withTitles("“ask”（发送“购后（新）”）放入队列。", titleOf)).toBe("“问候”（发送“购后（新）”）放入队列。");
});
