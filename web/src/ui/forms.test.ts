import { expect, test } from "vitest";
import { fieldName, leavesForm } from "./forms";

test("a path of the API leads to the field of the form", () => {
  expect(fieldName("email")).toEqual(["email"]);
  expect(fieldName("rule.all[2].within")).toEqual(["rule", "all", 2, "within"]);
});

test("what opens beside a form does not leave it, and another page or beginning does", () => {
  const at = (pathname: string, search: object = {}) => ({ pathname, search });
  expect(leavesForm(at("/templates/tpl_1"), at("/templates/tpl_1", { member: "mem_1", open: "test" }))).toBe(false);
  expect(leavesForm(at("/templates/tpl_1"), at("/templates/tpl_2"))).toBe(true);
  expect(leavesForm(at("/segments/new", { starter: "asleep" }), at("/segments/new", { starter: "fans" }))).toBe(true);
});
