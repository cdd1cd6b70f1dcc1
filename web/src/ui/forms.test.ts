import { expect, test } from "vitest";
import { fieldName } from "./forms";

test("a path of the API leads to the field of the form", () => {
  expect(fieldName("email")).toEqual(["email"]);
  expect(fieldName("rule.all[2].within")).toEqual(["rule", "all", 2, "within"]);
});
