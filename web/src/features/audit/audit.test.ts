import { expect, test } from "vitest";
import english from "@/messages/en/audit.json";
import { ACTIONS, dateAfter, startOfDate } from "./actions";

test("a date of the filter begins at midnight where the workspace is, also when clocks change", () => {
  expect(startOfDate("2026-11-23", "Asia/Shanghai")).toBe("2026-11-22T16:00:00.000Z");
  expect(startOfDate("2026-03-29", "Europe/Berlin")).toBe("2026-03-28T23:00:00.000Z");
  expect(startOfDate("2026-03-30", "Europe/Berlin")).toBe("2026-03-29T22:00:00.000Z");
  expect(dateAfter("2026-12-31")).toBe("2027-01-01");
});

test("each action that can be chosen has words", () => {
  const words = (action: string) => action.split(".").reduce<unknown>((found, part) => (found as Record<string, unknown> | undefined)?.[part], english.actions);
  expect(ACTIONS.filter((action) => typeof words(action) !== "string")).toEqual([]);
});
