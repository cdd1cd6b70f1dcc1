import { expect, test } from "vitest";
import { inLanguage } from "@/lib/i18n/server-words";
import en from "../../messages/en/deliveries.json";
import { STATES } from "./api";
import { REASONS } from "./names";
import { since } from "./spans";
import { chaptersOf, particulars, signOf, toneOf } from "./words";

test("every state and reason of the ledger has a word and a look", () => {
  for (const state of STATES) expect(en.state).toHaveProperty(state);
  for (const reason of REASONS) expect(en.reason).toHaveProperty(reason);
  expect(toneOf("unknown")).toBe("attention");
  expect(toneOf("something new")).toBe("neutral");
});

test("what the engine tells has a sign, and what it may tell one day has a plain one", () => {
  expect(signOf("entered")).toBe("begin");
  expect(signOf("suppressed")).toBe("stop");
  expect(signOf("never heard of")).toBe("plain");
});

test("a story with several runs is told run by run, with what tells them apart", () => {
  const line = (run: string | null, key?: string) => ({ run, key });
  const chapters = chaptersOf([line("run_1"), line("run_1", "order 7"), line("run_2", "order 8"), line("run_1")]);
  expect(chapters.map((chapter) => [chapter.run, chapter.key, chapter.lines.length])).toEqual([["run_1", "order 7", 2], ["run_2", "order 8", 1], ["run_1", null, 1]]);
  expect(chaptersOf([line(null), line(null)]).length).toBe(1);
});

test("particulars leave out what says nothing", () => {
  expect(particulars({ delivery: "dlv_1", reason: null, list: [], detail: "", at: { a: 1 } })).toEqual([["delivery", "dlv_1"], ["at", '{"a":1}']]);
  expect(particulars(null)).toEqual([]);
});

test("the server's sentences are said in the reader's language, and to Taiwan in its own writing", () => {
  const words = { en: "It waits.", zh: "发送队列" };
  expect(inLanguage(words, "en", null)).toBe("It waits.");
  expect(inLanguage(words, "zh-CN", (text) => `${text}!`)).toBe("发送队列");
  expect(inLanguage(words, "zh-TW", (text) => text.replace("发", "發"))).toBe("發送队列");
  expect(inLanguage(words, "zh-TW", null)).toBe("发送队列");
});

test("a span begins at a full hour, so that its answer can be kept", () => {
  const now = Date.parse("2026-03-10T10:34:56Z");
  expect(since("7d", now)).toBe("2026-03-03T10:00:00.000Z");
  expect(since("x", now)).toBeUndefined();
  expect(since(undefined, now)).toBeUndefined();
});
