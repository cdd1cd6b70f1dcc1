import { expect, test } from "vitest";
import { pathInQuestion } from "./places";

const half = { property: "", op: "eq", value: "" };
const whole = { property: "price", op: "gte", value: "x" };

test("a problem stands at the comparison that was sent, not at one that is still being filled in", () => {
  const question = { steps: [{ event: "A" }, { event: "B", where: [half, whole, half, whole] }], where: [half, whole] };
  expect(pathInQuestion(question, "steps[1].where[0].value")).toBe("steps[1].where[1].value");
  expect(pathInQuestion(question, "steps[1].where[1].value")).toBe("steps[1].where[3].value");
  expect(pathInQuestion(question, "where[0].op")).toBe("where[1].op");
});

test("other paths, and those that lead nowhere, stay as they are", () => {
  const question = { steps: [{ event: "A" }] };
  for (const path of ["steps", "steps[0].event", "steps[7].where[2].value", "members.all[0].tag", "", "from"]) expect(pathInQuestion(question, path)).toBe(path);
});
