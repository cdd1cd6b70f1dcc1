import { expect, test } from "vitest";
import { moved } from "./ladder";

test("a rung changes places with its neighbour, and the others stay", () => {
  expect(moved(["a", "b", "c"], 2, -1)).toEqual(["a", "c", "b"]);
  expect(moved(["a", "b", "c"], 0, 1)).toEqual(["b", "a", "c"]);
});
