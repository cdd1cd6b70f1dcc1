import { expect, test } from "vitest";
import { isOfUse } from "./beginning";
import { lastDays, partOfDay } from "./days";
import { cameInto, left, newMembers } from "./movement";

test("days begin at midnight of the workspace, not of the browser", () => {
  expect(lastDays(new Date("2026-11-23T05:00:00Z"), "Asia/Shanghai")).toEqual({
    yesterday: "2026-11-21T16:00:00.000Z",
    today: "2026-11-22T16:00:00.000Z",
  });
});

test("the day on which clocks change has its own length", () => {
  expect(lastDays(new Date("2026-03-30T10:00:00Z"), "Europe/Berlin")).toEqual({
    yesterday: "2026-03-28T23:00:00.000Z",
    today: "2026-03-29T22:00:00.000Z",
  });
  expect(lastDays(new Date("2026-03-29T10:00:00Z"), "Europe/Berlin").today).toBe("2026-03-28T23:00:00.000Z");
});

test("whoever stayed where he was did not move", () => {
  const transitions = [
    { from: null, to: "stranger", members: 5, rate: 1 },
    { from: "stranger", to: "stranger", members: 90, rate: 0.9 },
    { from: "stranger", to: "buyer", members: 10, rate: 0.1 },
  ];
  expect(newMembers(transitions)).toBe(5);
  expect(cameInto(transitions, "stranger")).toBe(5);
  expect(left(transitions, "stranger")).toBe(10);
  expect(cameInto(transitions, "buyer")).toBe(10);
});

test("it is morning where the shop is, not where the browser is", () => {
  expect(partOfDay(new Date("2026-11-23T00:30:00Z"), "Asia/Shanghai")).toBe("morning");
  expect(partOfDay(new Date("2026-11-23T00:30:00Z"), "America/New_York")).toBe("evening");
  expect(partOfDay(new Date("2026-11-23T16:30:00Z"), "Asia/Shanghai")).toBe("night");
});

test("the first steps are shown until only one is missing, and to an empty workspace until all are done", () => {
  expect(isOfUse({ key: true, event: true, import: false, segment: true }, 5)).toBe(false);
  expect(isOfUse({ key: true, event: true, import: false, segment: false }, 5)).toBe(true);
  expect(isOfUse({ key: true, event: false }, 0)).toBe(true);
});
