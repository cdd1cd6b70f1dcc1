import { expect, test } from "vitest";
import { inOrder, type Run } from "./runs";
import { isDate, readValue, textOf, valueKind } from "./values";

test("a value is typed as its trait is settled, else as it is", () => {
  expect(valueKind("7", "number")).toBe("number");
  expect(valueKind(7, "any")).toBe("number");
  expect(valueKind(undefined, undefined)).toBe("text");
  expect(valueKind("2026-01-31", undefined)).toBe("date");
  expect(valueKind("2026 was good", undefined)).toBe("text");
  expect(valueKind(["a"], undefined)).toBe("json");
  expect(valueKind("x", "list")).toBe("json");
});

test("what was typed becomes a value of its kind, or says what is wrong", () => {
  expect(readValue(" 1,234.5 ", "number")).toEqual({ value: 1234.5 });
  expect(readValue("many", "number")).toEqual({ wrong: "number" });
  expect(readValue("false", "boolean")).toEqual({ value: false });
  expect(readValue("2026-02-30T99:00", "date")).toEqual({ wrong: "date" });
  expect(readValue('["a", 1]', "json")).toEqual({ value: ["a", 1] });
  expect(readValue("{", "json")).toEqual({ wrong: "json" });
  expect(readValue("  ", "text")).toEqual({ wrong: "empty" });
  expect(readValue("<b>x</b>", "text")).toEqual({ value: "<b>x</b>" });
});

test("a value that nobody changes is the same when it is saved", () => {
  for (const value of ["上海", 7.25, true, "1982-10-07", { a: [1, null] }]) {
    expect(readValue(textOf(value), valueKind(value, undefined))).toEqual({ value });
  }
});

test("a number that looks like a date is none", () => {
  expect(isDate("20260131")).toBe(false);
  expect(isDate("2026-01-31T08:00:00+08:00")).toBe(true);
});

const run = (id: string, state: string, entered_at: string) => ({ run: id, state, entered_at }) as Run;

test("journeys under way stand first, then the latest", () => {
  const runs = [run("old", "completed", "2026-01-01"), run("new", "exited", "2026-03-01"), run("now", "active", "2026-02-01")];
  expect(inOrder(runs).map((one) => one.run)).toEqual(["now", "new", "old"]);
});
