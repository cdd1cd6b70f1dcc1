import { describe, expect, test } from "vitest";
import { placeOf, placeProblems } from "./places";
import { readRoot, type GroupNode, type RuleNode } from "./tree";
import { unfinishedParts } from "./unfinished";

const at = (node: RuleNode | undefined, ...path: number[]): RuleNode =>
  path.reduce<RuleNode>((inner, index) => (inner as GroupNode).rules[index] as RuleNode, node as RuleNode);

describe("a path of the API", () => {
  const rule = {
    all: [
      { tag: "a" },
      { not: { any: [{ event: "X", where: [{ property: "p", op: "gt", value: 1 }], count: { op: "gte", value: 1 } }, { stage: "s" }] } },
      { been: { trait: "c", op: "eq", value: "" }, for: "" },
      { sequence: [{ event: "A" }, { event: "B", where: [{ property: "q", op: "eq", value: "" }] }] },
    ],
  };
  const root = readRoot(rule);
  const event = at(root, 1, 0) as RuleNode & { where: { id: string }[] };
  const been = at(root, 2) as RuleNode & { rule: RuleNode };
  const sequence = at(root, 3) as RuleNode & { steps: { id: string; where: { id: string }[] }[] };

  test.each<[string, () => [string, string]]>([
    ["rule.all[0].tag", () => [at(root, 0).id, "tag"]],
    ["rule.all[1].not", () => [at(root, 1).id, ""]],
    ["rule.all[1].not.any[0].count.value", () => [event.id, "count.value"]],
    ["rule.all[1].not.any[0].where[0].value", () => [event.where[0]?.id ?? "", "value"]],
    ["rule.all[1].not.any[1].stage", () => [at(root, 1, 1).id, "stage"]],
    ["rule.all[2].for", () => [been.id, "for"]],
    ["rule.all[2].been.value", () => [been.rule.id, "value"]],
    ["rule.all[3].sequence", () => [sequence.id, "sequence"]],
    ["rule.all[3].sequence[1].event", () => [sequence.steps[1]?.id ?? "", "event"]],
    ["rule.all[3].sequence[1].where[0].property", () => [sequence.steps[1]?.where[0]?.id ?? "", "property"]],
    ["rule", () => [root.id, ""]],
    ["rule.all[9].tag", () => [root.id, "all.9.tag"]],
  ])("%s leads to its condition", (path, expected) => {
    const [id, field] = expected();
    expect(placeOf(root, path)).toEqual({ id, field });
  });

  test("leads to a single condition that has no group around it", () => {
    const single = readRoot({ not: { trait: "a", op: "in", value: [] } });
    expect(placeOf(single, "rule.not.value")).toEqual({ id: at(single, 0).id, field: "value" });
    const branch = "document.steps.week.cases[0].when";
    expect(placeOf(single, `${branch}.not.op`, branch)).toEqual({ id: at(single, 0).id, field: "op" });
    expect(placeOf(single, "document.steps.weekly", branch)).toBeNull();
  });

  test("of a contradiction marks both conditions", () => {
    const both = readRoot({ all: [{ stage: "a" }, { tag: "x" }, { stage: "b" }] });
    const placed = placeProblems(both, [{ path: "rule.all[2]", code: "contradictory_rule", message: "contradicts rule.all[0]: nobody can be both" }]);
    expect(placed.at.get(at(both, 2).id)?.[0]?.code).toBe("contradictory_rule");
    expect(placed.at.get(at(both, 0).id)?.[0]?.code).toBe("contradicted");
  });

  test("of an unknown reference leads to the condition that names it", () => {
    const unknown = readRoot({ all: [{ tag: "x" }, { any: [{ segment: "seg_0000000000009" }, { stage: "gone" }] }] });
    const problems = ["there is no segment seg_0000000000009", 'there is no stage "gone"'].map((message) => ({ path: "rule", code: "unknown_reference", message }));
    const placed = placeProblems(unknown, problems);
    expect(placed.at.has(at(unknown, 1, 0).id)).toBe(true);
    expect(placed.at.has(at(unknown, 1, 1).id)).toBe(true);
    expect(placed.at.has(unknown.id)).toBe(false);
  });

  test("outside of the rule is handed back", () => {
    expect(placeProblems(root, [{ path: "name", code: "x", message: "y" }]).unplaced).toHaveLength(1);
  });
});

describe("what is unfinished", () => {
  test("is named by the paths of the server, and placed like its problems", () => {
    const rule = {
      all: [
        { tag: "" }, { trait: "a", op: "in", value: [] }, { not: { event: "", where: [{ property: "", op: "eq", value: "" }], sum: { property: "", op: "gte", value: null } } },
        { sequence: [{ event: "A" }] }, { been: { stage: "" }, for: "" }, { any: [] }, { trait: "b", op: "exists", value: true },
      ],
    };
    const paths = unfinishedParts(rule).map((problem) => problem.path);
    expect(paths).toEqual([
      "rule.all[0].tag", "rule.all[1].value", "rule.all[2].not.event", "rule.all[2].not.where[0].property", "rule.all[2].not.where[0].value",
      "rule.all[2].not.sum.property", "rule.all[2].not.sum.value", "rule.all[3].sequence", "rule.all[4].for", "rule.all[4].been.stage", "rule.all[5].any",
    ]);
    expect(placeProblems(readRoot(rule), unfinishedParts(rule)).unplaced).toEqual([]);
  });

  test("is nothing in a finished rule, and all of an empty one", () => {
    expect(unfinishedParts({ event: "X", count: { op: "gte", value: 0 } })).toEqual([]);
    expect(unfinishedParts({ trait: "x", op: "eq", value: false })).toEqual([]);
    expect(unfinishedParts(null).map((problem) => problem.path)).toEqual(["rule"]);
  });
});
