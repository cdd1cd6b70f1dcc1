import { expect, test } from "vitest";
import { bodyOf, cardQuestion } from "./body";
import { missingIn } from "./missing";
import { addDays, datesBefore, datesOf, dayIn, daysOf } from "./range";

const NOW = new Date("2026-11-23T17:30:00Z");

test("the last days end with today in the zone of the question", () => {
  // In Shanghai the next day has begun.
  expect(datesOf({ period: "P7D" }, "Asia/Shanghai", NOW)).toEqual({ from: "2026-11-18", to: "2026-11-25" });
  expect(datesOf({ period: "P1D" }, "UTC", NOW)).toEqual({ from: "2026-11-23", to: "2026-11-24" });
  expect(datesOf({ period: "P1D", zone: "UTC" }, "Asia/Shanghai", NOW)).toEqual({ from: "2026-11-23", to: "2026-11-24" });
  expect(datesOf({}, "UTC", NOW)).toEqual({ from: "2026-10-25", to: "2026-11-24" });
});

test("dates that somebody chose stay", () => {
  expect(datesOf({ from: "2026-07-01", to: "2026-08-01" }, "UTC", NOW)).toEqual({ from: "2026-07-01", to: "2026-08-01" });
  expect(datesOf({ to: "2026-08-01" }, "UTC", NOW)).toEqual({ from: "2026-07-02", to: "2026-08-01" });
});

test("the time before is as long and ends where this one begins", () => {
  expect(datesBefore({ from: "2026-07-01", to: "2026-08-01" }, "period")).toEqual({ from: "2026-05-31", to: "2026-07-01" });
  expect(datesBefore({ from: "2026-07-01T00:00:00Z", to: "2026-07-02T00:00:00Z" }, "period")).toEqual({ from: "2026-06-30T00:00:00.000Z", to: "2026-07-01T00:00:00.000Z" });
  expect(datesBefore({ from: "2026-07-01", to: "2026-07-08" }, "year")).toEqual({ from: "2025-07-01", to: "2025-07-08" });
});

test("days are counted over the change of clocks", () => {
  expect(addDays("2026-03-28", 3)).toBe("2026-03-31");
  expect(dayIn("Europe/Berlin", new Date("2026-03-29T22:30:00Z"))).toBe("2026-03-30");
  expect([daysOf("P30D"), daysOf("P2W"), daysOf("PT5H"), daysOf("month")]).toEqual([30, 14, null, null]);
});

test("what is still being filled in is not sent", () => {
  const half = { property: "", op: "eq", value: "" };
  const whole = { property: "price", op: "exists", value: false };
  const body = bodyOf("funnel", { steps: [{ event: "A", where: [half, whole] }, { event: null, where: [half] }], where: [half], segment: null, period: "P7D" }, "UTC", NOW);
  expect(body).toEqual({ steps: [{ event: "A", where: [whole] }, { event: null }], within: "P7D", from: "2026-11-17", to: "2026-11-24" });
});

test("a rule is sent once it is finished", () => {
  const sent = (members: object) => bodyOf("lifecycle", { event: null, members: members as never }, "UTC", NOW).members;
  expect(sent({ tag: "" })).toBeUndefined();
  expect(sent({ all: [{ tag: "vip" }, { trait: "city", op: "eq", value: "" }] })).toBeUndefined();
  expect(sent({ tag: "vip" })).toEqual({ tag: "vip" });
});

test("a trend is told what to compare with, other questions are asked twice", () => {
  const compared = { compare: "year" as const };
  expect(bodyOf("trend", { series: [{ name: "A", event: null, measure: "events" }], ...compared }, "UTC", NOW)).toMatchObject({ previous: "year" });
  expect(bodyOf("lifecycle", { event: null, unit: "week", ...compared }, "UTC", NOW)).toEqual({ event: null, unit: "week", from: "2026-10-25", to: "2026-11-24" });
});

test("what is usual is asked for as the page shows it", () => {
  expect(bodyOf("interval", { first: { event: "A" }, then: { event: "B" } }, "UTC", NOW)).toMatchObject({ within: "P30D" });
  expect(bodyOf("retention", { start: { event: "A" }, return: { event: null } }, "UTC", NOW)).toMatchObject({ unit: "week" });
  expect(bodyOf("funnel", { steps: [{ event: "A" }], within: "P1D" }, "UTC", NOW)).toMatchObject({ within: "P1D" });
});

test("a card of a board keeps its period", () => {
  expect(cardQuestion<"path">({ depth: 5, period: "P7D" })).toEqual({ depth: 5, period: "P7D" });
});

test("a question says which of its fields are still open", () => {
  expect(missingIn("funnel", { steps: [{ event: "A" }, { event: "" }, { event: null }], exclude: [{ event: "", after: 1, before: 2 }] })).toEqual(["steps[1].event", "exclude[0].event"]);
  expect(missingIn("trend", { series: [{ name: "A", event: "B", measure: "sum" }], formulas: [{ name: "F1", expression: " " }] })).toEqual(["series[0].property", "formulas[0].expression"]);
  expect(missingIn("attribution", { conversion: { event: "" }, touches: [] })).toEqual(["conversion.event", "touches"]);
  expect(missingIn("distribution", { event: "A", measure: "sum" })).toEqual(["property"]);
  expect(missingIn("lifecycle", { event: null })).toEqual([]);
});
