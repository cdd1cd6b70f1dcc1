import { expect, test } from "vitest";
import type { Kind } from "../api/types";
import { KINDS } from "../api/types";
import { questionOf, searchOf, type PageQuestion } from "./address";
import { EXAMPLES, STARTS } from "./starts";

/** As the router writes an address and reads it again. */
const through = (search: Record<string, unknown>) => JSON.parse(JSON.stringify(search)) as Record<string, unknown>;

const FULL: Partial<Record<Kind, object>> = {
  funnel: {
    steps: [{ event: "Product Viewed", where: [{ property: "price", op: "gte", value: 100 }] }, { event: null }, { event: "" }], within: "P14D", mode: "strict",
    exclude: [{ event: "Order Refunded", after: 1, before: 3 }], from: "2026-07-01", to: "2026-08-01", zone: "Asia/Tokyo", where: [{ property: "city", op: "in", value: ["上海", "a&b=c"] }],
    segment: "seg_1", group: "grp_1", channel: "chn_1", members: { tag: "vip" }, by: { trait: "city" }, top: 5, compare: "year",
  },
  trend: {
    series: [{ name: "A", event: "Order Completed", measure: "p95", property: "revenue" }, { name: "C", event: null, measure: "members_30d" }],
    formulas: [{ name: "F1", expression: "A / C * 100" }], unit: "month", period: "P90D", by: { property: "utm_source" },
  },
  path: { anchor: { event: "Page Viewed", side: "before" }, depth: 12, collapse: false, only: ["Page Viewed"], without: ["Identified"], top: 20 },
  distribution: { event: "Order Completed", measure: "sum", property: "revenue", buckets: [0, 100, 500] },
  attribution: { conversion: { event: "Order Completed", value: "total", where: [{ property: "shop", op: "eq", value: true }] }, touches: [{ event: "Email Clicked" }], model: "time_decay", within: "P7D", half_life: "P1D" },
};

test.each(KINDS)("a %s comes back from its address as it was", (kind) => {
  for (const question of [EXAMPLES[kind], FULL[kind] ?? STARTS[kind]]) {
    const asked = questionOf(kind, through(searchOf(question as PageQuestion)));
    expect(searchOf(asked as PageQuestion)).toEqual(searchOf(question as PageQuestion));
  }
});

test("any event and one that is still to be chosen are two answers", () => {
  const asked = questionOf("funnel", through(searchOf({ steps: [{ event: null }, { event: "" }] })));
  expect(asked?.steps.map((step) => step.event)).toEqual([null, ""]);
});

test("an address without a question asks nothing", () => {
  for (const kind of KINDS) expect(questionOf(kind, { jobs: "open", segment: "seg_1" })).toBeNull();
});

test.each<[Kind, Record<string, unknown>]>([
  ["funnel", { steps: "none", mode: "sideways", top: -3, where: { a: 1 }, members: "all", from: 5 }],
  ["funnel", { steps: [1, null, { event: 7, where: "x" }], exclude: [null, { after: 99 }] }],
  ["retention", { start: 1, unit: "hour", periods: 1e9 }],
  ["trend", { series: [null, { measure: "drop table" }], formulas: [3, {}] }],
  ["path", { depth: 400, anchor: "x", only: [1, {}] }],
  ["distribution", { measure: "x", buckets: ["a", 1] }],
  ["lifecycle", { unit: "century", event: {}, zone: "Mars/Base" }],
  ["attribution", { conversion: null, touches: 3, model: 5 }],
])("nonsense in the address of a %s is left out", (kind, search) => {
  const asked = questionOf(kind, search) as PageQuestion | null;
  expect(asked).not.toBeNull();
  // What was made of it is a question of the right shape: it goes through an address without a change.
  expect(searchOf(questionOf(kind, through(searchOf(asked!))) as PageQuestion)).toEqual(searchOf(asked!));
  expect(asked!.top ?? 1).toBeGreaterThanOrEqual(1);
  expect(asked!.zone).toBeUndefined();
});

test("another question keeps the drawer of jobs open, and closes that of members", () => {
  expect(searchOf({ unit: "week" } as PageQuestion, { jobs: "open", point: { step: 1 }, steps: [] })).toEqual({ jobs: "open", unit: "week" });
});
