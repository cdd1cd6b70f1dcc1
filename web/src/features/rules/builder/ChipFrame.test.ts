import { expect, test } from "vitest";
import { problemsOf } from "./ChipFrame";

const at = (path: string) => ({ path, code: "invalid_question", message: "wrong" });

test("a problem stands at its own field, and inside a list at the item alone", () => {
  const problems = [at("steps[1].event"), at("steps[1].where[0].value"), at("steps"), at("within")];
  const fields = (path: string) => problemsOf(problems, path).map((problem) => problem.field);
  expect(fields("steps[1]")).toEqual(["event"]);
  expect(fields("steps[1].where[0]")).toEqual(["value"]);
  expect(fields("steps")).toEqual([""]);
  expect(fields("steps[0]")).toEqual([]);
  expect(fields("")).toEqual(["steps", "within"]);
});
