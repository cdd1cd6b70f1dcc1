import { expect, test } from "vitest";
import { isOfUse } from "./beginning";
import { partOfDay } from "./days";

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
