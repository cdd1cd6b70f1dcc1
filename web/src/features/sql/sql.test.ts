import { EditorSelection, EditorState, type StateCommand, type Transaction } from "@codemirror/state";
import { describe, expect, test } from "vitest";
import { Problem } from "@/lib/api";
import type { SqlTable } from "./api";
import { linkTo, queryOfLink } from "./draft";
import { examplesFor, written } from "./examples";
import { indentLess, indentMore, newLine, toggleComment } from "./indent";
import { offsetOf, placeOf } from "./place";
import { fileRows, nextOrder, ordered, textOf, widthOf } from "./result";

const refused = (detail: string) => new Problem("sql_invalid", 422, "Not valid", detail);

describe("where a query is wrong", () => {
  test("is read from the parser's sentence, with and without a column", () => {
    expect(placeOf(refused("Expected: end, found: frm at Line: 2, Column: 7"))).toEqual({ line: 2, column: 7 });
    expect(placeOf(refused("error at line 3"))).toEqual({ line: 3, column: 1 });
    expect(placeOf(refused("table 'outline 5' is not known"))).toBeNull();
    expect(placeOf(refused("the query took too long"))).toBeNull();
  });

  test("never lies beyond the text", () => {
    expect(offsetOf("select\nfrom", { line: 2, column: 3 })).toBe(9);
    expect(offsetOf("select\nfrom", { line: 1, column: 99 })).toBe(6);
    expect(offsetOf("select\nfrom", { line: 9, column: 1 })).toBe(11);
  });
});

describe("the rows", () => {
  const columns = [{ name: "name", type: "text" }, { name: "orders", type: "number" }];
  const rows = [["b", 9], [null, 10], ["a10", null], ["a2", 100]];

  test("are sorted as numbers where a column holds numbers, and as people count in texts", () => {
    expect(ordered(rows, columns, { column: 1, direction: "up" }).map((row) => row[1])).toEqual([9, 10, 100, null]);
    expect(ordered(rows, columns, { column: 0, direction: "up" }).map((row) => row[0])).toEqual(["a2", "a10", "b", null]);
  });

  test("put what is missing last also downwards, and leave the answer as it came", () => {
    expect(ordered(rows, columns, { column: 1, direction: "down" }).map((row) => row[1])).toEqual([100, 10, 9, null]);
    expect(rows[0]).toEqual(["b", 9]);
    expect(ordered(rows, columns, null)).toBe(rows);
  });

  test("go up, down and back to how they came", () => {
    const up = nextOrder(null, 1);
    const down = nextOrder(up, 1);
    expect([up?.direction, down?.direction, nextOrder(down, 1)]).toEqual(["up", "down", null]);
    expect(nextOrder(down, 0)).toEqual({ column: 0, direction: "up" });
  });

  test("come into files with a head, objects as JSON and nothing for what is missing", () => {
    expect(fileRows({ columns }, [[null, 1.5], ["x"]])).toEqual([["name", "orders"], ["", "1.5"], ["x", ""]]);
    expect(textOf({ a: [1, null] })).toBe('{"a":[1,null]}');
    expect(textOf(false)).toBe("false");
  });

  test("never make a column wider than can be read", () => {
    expect(widthOf({ name: "note", type: "text" }, 0, [["x".repeat(500)]])).toBe(40);
    expect(widthOf({ name: "id", type: "text" }, 0, [["葡萄酒爱好者"]])).toBe(14);
  });
});

describe("the examples", () => {
  const table = (name: string, ...columns: string[]): SqlTable => ({ name, about: { en: "", zh: "" }, columns: columns.map((column) => ({ name: column, type: "text" })) });

  test("speak the names of the schema, in quotes where SQL wants them", () => {
    const found = examplesFor([table("events", "member", "name", "time", "properties.utm_source", "properties.revenue")]);
    expect(found.map((one) => one.key)).toEqual(["look", "days", "sources", "twice", "hours"]);
    expect(found.find((one) => one.key === "sources")?.query).toContain('sum("properties.revenue")');
    expect(found.map((one) => one.query).join()).not.toMatch(/[{}]/);
  });

  test("are left out where the schema lacks a table or a column", () => {
    expect(examplesFor([table("members", "id")])).toEqual([]);
    expect(examplesFor([table("members", "id", "stage")]).map((one) => one.key)).toEqual(["stages"]);
  });

  test("quote what is no plain name", () => {
    expect([written("at"), written("Order"), written('a"b')]).toEqual(["at", '"Order"', '"a""b"']);
  });
});

test("a link carries the query as it is, and nothing when there is none", () => {
  const query = "select '100%' -- #葡萄酒\nfrom events";
  const link = linkTo("https://hearth.example/app/insight/sql#old", query);
  expect(queryOfLink(new URL(link).hash)).toBe(query);
  expect(queryOfLink("")).toBeNull();
  expect(queryOfLink("#%E0%A4%A")).toBeNull();
});

describe("the keys of the editor", () => {
  function after(command: StateCommand, doc: string, anchor: number, head = anchor): string {
    let state = EditorState.create({ doc, selection: EditorSelection.single(anchor, head) });
    command({ state, dispatch: (transaction: Transaction) => (state = transaction.state) });
    return state.doc.toString();
  }

  test("Tab writes a step, and moves chosen lines but not one that is merely touched", () => {
    expect(after(indentMore, "ab", 1)).toBe("a  b");
    expect(after(indentMore, "a\n\nb\nc", 0, 5)).toBe("  a\n\n  b\nc");
  });

  test("Shift and Tab take back no more than there is", () => {
    expect(after(indentLess, "   a\n b\nc", 0, 8)).toBe(" a\nb\nc");
  });

  test("Enter goes on where the line began", () => {
    expect(after(newLine, "  select", 8)).toBe("  select\n  ");
  });

  test("comments come and go, at the beginning of the words", () => {
    const commented = after(toggleComment, "  a\n\n  b", 0, 8);
    expect(commented).toBe("  -- a\n\n  -- b");
    expect(after(toggleComment, commented, 0, commented.length)).toBe("  a\n\n  b");
    expect(after(toggleComment, "--a", 0)).toBe("a");
  });
});
