import { describe, expect, test } from "vitest";
import { addAfter, childrenOf, countConditions, duplicateNode, findNode, hasBeen, isInsideBeen, moveNode, removeNode, unwrapNode, wrapInBeen, wrapNode } from "./edit";
import { beginHistory, change, redo, undo } from "./history";
import { newNode } from "./new-nodes";
import { readRoot, writeRoot, type GroupNode, type RuleNode } from "./tree";
import { periodOf, periodParts } from "./period";

const tags = (...names: string[]) => names.map((tag) => ({ tag }));

function tagged(root: GroupNode, name: string): string {
  let found = "";
  const visit = (node: RuleNode) => {
    if (node.kind === "tag" && node.name === name) found = node.id;
    childrenOf(node).forEach(visit);
  };
  visit(root);
  return found;
}

describe("editing", () => {
  const nested = () => readRoot({ all: [...tags("a"), { any: tags("b", "c") }, ...tags("d")] });

  test("moves a condition among its neighbours, and out of its group at the end", () => {
    const root = nested();
    expect(writeRoot(moveNode(root, tagged(root, "d"), -1))).toEqual({ all: [...tags("a", "d"), { any: tags("b", "c") }] });
    expect(writeRoot(moveNode(root, tagged(root, "c"), -1))).toEqual({ all: [...tags("a"), { any: tags("c", "b") }, ...tags("d")] });
    expect(writeRoot(moveNode(root, tagged(root, "b"), -1))).toEqual({ all: [...tags("a", "b"), { any: tags("c") }, ...tags("d")] });
    expect(writeRoot(moveNode(root, tagged(root, "c"), 1))).toEqual({ all: [...tags("a"), { any: tags("b") }, ...tags("c", "d")] });
    expect(moveNode(root, tagged(root, "a"), -1)).toBe(root);
  });

  test("takes a group away with its last condition, but never the outermost", () => {
    let root = nested();
    root = removeNode(root, tagged(root, "b"));
    root = removeNode(root, tagged(root, "c"));
    expect(writeRoot(root)).toEqual({ all: tags("a", "d") });
    root = removeNode(removeNode(root, tagged(root, "a")), tagged(root, "d"));
    expect(writeRoot(root)).toBeNull();
    expect(root.kind).toBe("all");
  });

  test("takes 'has been so' away with what stands in it", () => {
    const root = readRoot({ all: [...tags("a"), { been: { tag: "b" }, for: "P3D" }] });
    expect(writeRoot(removeNode(root, tagged(root, "b")))).toEqual({ tag: "a" });
  });

  test("wraps and takes apart again", () => {
    const root = nested();
    const wrapped = wrapNode(root, tagged(root, "a"), "any");
    expect(writeRoot(wrapped)).toEqual({ all: [{ any: tags("a") }, { any: tags("b", "c") }, ...tags("d")] });
    const group = root.rules[1]?.id ?? "";
    expect(writeRoot(unwrapNode(root, group))).toEqual({ all: tags("a", "b", "c", "d") });
    const been = wrapInBeen(root, tagged(root, "a"));
    expect(writeRoot(been)).toEqual({ all: [{ been: { tag: "a" }, for: "P3D" }, { any: tags("b", "c") }, ...tags("d")] });
    expect(writeRoot(unwrapNode(been, been.rules[0]?.id ?? ""))).toEqual(writeRoot(root));
  });

  test("makes room for a second condition inside 'has been so'", () => {
    const root = readRoot({ all: [{ been: { tag: "a" }, for: "P3D" }, ...tags("z")] });
    const more = addAfter(root, tagged(root, "a"), { id: "x", isNegated: false, kind: "tag", name: "b" });
    expect(writeRoot(more)).toEqual({ all: [{ been: { all: tags("a", "b") }, for: "P3D" }, ...tags("z")] });
    expect(isInsideBeen(more, tagged(more, "b"))).toBe(true);
    expect(hasBeen(more)).toBe(true);
  });

  test("duplicates with ids of its own", () => {
    const root = nested();
    const { root: twice, id } = duplicateNode(root, root.rules[1]?.id ?? "");
    expect(writeRoot(twice)).toEqual({ all: [...tags("a"), { any: tags("b", "c") }, { any: tags("b", "c") }, ...tags("d")] });
    expect(findNode(twice, id)).not.toBeNull();
    const ids = new Set<string>();
    const visit = (node: RuleNode): number => childrenOf(node).reduce((sum, child) => sum + visit(child), (ids.add(node.id), 1));
    expect(visit(twice)).toBe(ids.size);
  });

  test("counts conditions as the server does", () => {
    expect(countConditions(readRoot({ all: [{ not: { tag: "a" } }, { sequence: ["A", "B"] }, { been: { tag: "b" }, for: "P1D" }] }))).toBe(8);
  });
});

describe("the history", () => {
  const root = (tag: string) => readRoot({ tag });

  test("goes back and forth, and forgets what was undone when something new is done", () => {
    const [a, b, c] = [root("a"), root("b"), root("c")];
    let history = change(beginHistory(a), b, null);
    expect(undo(history).now).toBe(a);
    expect(redo(undo(history)).now).toBe(b);
    history = change(undo(history), c, null);
    expect(redo(history).now).toBe(c);
    expect(undo(undo(history)).now).toBe(a);
  });

  test("takes typing in one field as one step", () => {
    const [a, b, c] = [root("a"), root("b"), root("c")];
    const typed = change(change(beginHistory(a), b, "n1.value"), c, "n1.value");
    expect(undo(typed).now).toBe(a);
    expect(undo(change(typed, b, "n2.value")).now).toBe(c);
  });
});

describe("a period", () => {
  test.each([["P30D"], ["PT5M"], ["P5M"], ["P2W"], ["P1Y"], ["PT12H"]])("%s is read and written", (text) => {
    const [part] = periodParts(text);
    expect(part && part.unit !== "second" && periodOf(part.count, part.unit)).toBe(text);
  });

  test("that is none has no parts", () => {
    for (const text of ["", "30 days", "P", "PT", "P0D", "P-1D", "D30"]) expect(periodParts(text)).toEqual([]);
    expect(periodParts("P1DT2H")).toEqual([{ unit: "day", count: 1 }, { unit: "hour", count: 2 }]);
  });
});

test("every new condition can be read back", () => {
  for (const kind of ["all", "any", "trait", "event", "tag", "stage", "segment", "group", "sequence", "been"] as const) {
    const json = writeRoot({ id: "r", isNegated: false, kind: "all", rules: [newNode(kind), newNode("tag")] });
    expect(writeRoot(readRoot(json))).toEqual(json);
  }
});
