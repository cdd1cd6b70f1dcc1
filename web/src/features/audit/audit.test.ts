import { expect, test } from "vitest";
import english from "@/messages/en/audit.json";
import { ACTIONS, dateAfter, startOfDate } from "./actions";
import { detailsOf } from "./details";

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

test("a line says in words what was changed, and nothing of what was not", () => {
  const words = {
    label: (key: string) => key.toUpperCase(),
    word: (_: string, value: string) => `the ${value}`,
    number: String,
    moment: (moment: string) => moment.slice(0, 10),
    list: (values: string[]) => values.join(" and "),
  };
  const said = (detail: unknown) => detailsOf(detail, words).map(({ label, value }) => `${label} ${value}`);
  expect(said({ role: "viewer", version: 3, add: ["vip", "new"], remove: [], from: "2026-10-24T00:00:00.000Z" })).toEqual([
    "ROLE the viewer", "VERSION 3", "ADD vip and new", "FROM 2026-10-24",
  ]);
  expect(said({ cancelled: 0, job: null, cancel_queued: false, secret_of_the_house: "x", constructor: "y" })).toEqual([]);
  expect(said(null)).toEqual([]);
});
