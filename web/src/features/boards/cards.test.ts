import { describe, expect, test } from "vitest";
import { bodyOf, type Board, type BoardCard } from "./api";
import { addressOf, asBuilt, both, differences, keyed, movedTo, placeAfterDrop, placed, questionOn } from "./cards";
import { cardsOf, STARTERS } from "./starters";

const card = (title: string): BoardCard => ({ title, kind: "lifecycle", question: { event: null }, view: "bar", width: 1 });
const board = (name: string, ...titles: string[]): Board => ({ id: "brd_1", version: 3, name, period: null, updated_at: "2026-11-20T08:00:00.000Z", cards: titles.map(card) });

describe("the order of cards", () => {
  test("changes by one place at a time and stops at the ends", () => {
    expect(movedTo(["a", "b", "c"], 0, 1)).toEqual(["b", "a", "c"]);
    expect(movedTo(["a", "b", "c"], 2, 9)).toEqual(["a", "b", "c"]);
    expect(movedTo(["a", "b", "c"], 1, -4)).toEqual(["b", "a", "c"]);
  });

  test("is as it looked when a card was let go before or behind another", () => {
    const drop = (from: number, over: number, isBehind: boolean) => movedTo(["a", "b", "c", "d"], from, placeAfterDrop(from, over, isBehind)).join("");
    expect(drop(0, 2, false)).toBe("bacd");
    expect(drop(0, 2, true)).toBe("bcad");
    expect(drop(3, 1, false)).toBe("adbc");
    expect(drop(3, 1, true)).toBe("abdc");
    // Letting go at its own edges changes nothing.
    expect(drop(1, 0, true)).toBe("abcd");
    expect(drop(1, 2, false)).toBe("abcd");
  });
});

test("cards that stay the same keep their place on the screen, also twins", () => {
  const before = [placed(card("a")), placed(card("a")), placed(card("b"))];
  const after = keyed([card("b"), card("a"), card("a"), card("a")], before);
  expect(after.slice(0, 3).map((one) => one.key)).toEqual([before[2]?.key, before[0]?.key, before[1]?.key]);
  expect(new Set(after.map((one) => one.key)).size).toBe(4);
});

describe("what the board asks", () => {
  const question = { event: null, from: "2026-01-01", to: "2026-02-01", segment: "seg_1" };

  test("dates of the board take the place of all dates of a card", () => {
    expect(questionOn<"lifecycle">(question, { period: "P7D" })).toEqual({ event: null, period: "P7D", segment: "seg_1" });
    expect(questionOn<"lifecycle">({ event: null, period: "P90D" }, { from: "2026-03-01", to: "2026-03-08" })).toEqual({ event: null, from: "2026-03-01", to: "2026-03-08" });
  });

  test("what the board does not ask stays as the card has it, and the card itself is left alone", () => {
    expect(questionOn<"lifecycle">(question, { channel: "chn_1" })).toEqual({ ...question, channel: "chn_1" });
    expect(questionOn<"lifecycle">(question, { segment: "seg_2" }).segment).toBe("seg_2");
    expect(question.segment).toBe("seg_1");
  });
});

describe("two versions of a board", () => {
  test("differ in cards, name and order", () => {
    expect(differences(board("x", "a", "b"), board("y", "b", "c"))).toEqual({ mine: [card("a")], theirs: [card("c")], isRenamed: true, isReordered: false });
    expect(differences(board("x", "a", "b"), board("x", "b", "a"))).toEqual({ mine: [], theirs: [], isRenamed: false, isReordered: true });
    expect(differences(board("x", "a"), board("x", "a", "a"))).toMatchObject({ mine: [], theirs: [card("a")] });
  });

  test("can both be kept, without doubling what they share", () => {
    expect(bodyOf(both(board("x", "a", "mine"), board("y", "theirs", "a")))).toEqual({ name: "y", period: null, cards: ["theirs", "a", "mine"].map(card) });
  });
});

test("every card of the ready-made boards has its own title, and none begins from a date", () => {
  const keys = STARTERS.flatMap((starter) => starter.cards.map((one) => one.key));
  expect(new Set(keys).size).toBe(keys.length);
  for (const starter of STARTERS) {
    for (const one of cardsOf(starter, (key) => `title of ${key}`)) {
      expect(one).not.toHaveProperty("key");
      expect(one.title).toMatch(/^title of /);
      expect(one.question).not.toHaveProperty("from");
    }
  }
});

describe("the page of a question", () => {
  test("is told of the comparison in its own words", () => {
    const question = { series: [{ name: "A", event: null, measure: "events" as const }], previous: "year" as const };
    expect(addressOf("trend", question)).toEqual({ to: "/insight/trend", search: { series: question.series, compare: "year" } });
    expect(asBuilt("trend", { ...question, previous: null })).toEqual({ series: question.series });
  });

  test("sees that something is asked also where the question says nothing", () => {
    expect(addressOf("lifecycle", { event: null }).search).toEqual({ unit: "week", event: null });
    expect(addressOf("path", { depth: 4 }).search).toEqual({ depth: 4 });
  });
});
