import { describe, expect, test } from "vitest";
import { isSameRule, readParts, readRoot, readRule, writeRoot, writeRule } from "./tree";

const canonical = {
  all: [
    { trait: "city", op: "in", value: ["上海", "杭州"] },
    { trait: "birthday", op: "exists", value: false },
    { tag: "wine-lover" },
    { stage: "repeat" },
    { event: "Order Completed", where: [{ property: "revenue", op: "gte", value: 100 }], count: { op: "gte", value: 2 }, within: "P30D" },
    { not: { event: "Message Posted", count: { op: "gte", value: 1 }, within: "P7D" } },
    { any: [{ event: "Order Completed", sum: { property: "revenue", op: "gt", value: 500 } }, { segment: "seg_1" }] },
    { event: "Order Completed", last: { property: "products.sku", op: "iprefix", value: "wine" } },
    { sequence: [{ event: "Product Viewed" }, { event: "Order Completed", where: [{ property: "revenue", op: "gt", value: 9 }] }], within: "P1D" },
    { not: { been: { not: { all: [{ tag: "vip" }] } }, for: "P3D" } },
    { group: "grp_1" },
  ],
};

describe("a rule", () => {
  test("in the server's canonical form comes back as it was", () => {
    expect(writeRoot(readRoot(canonical))).toEqual(canonical);
  });

  test("in its short forms is written out as the server would", () => {
    const short = { all: [{ trait: "a", value: 1 }, { event: "X" }, { sequence: ["A", "B"] }, { trait: "b", op: "exists" }, { event: "X", distinct: { property: "shop", value: 2 } }] };
    const written = {
      all: [
        { trait: "a", op: "eq", value: 1 },
        { event: "X", count: { op: "gte", value: 1 } },
        { sequence: [{ event: "A" }, { event: "B" }] },
        { trait: "b", op: "exists", value: true },
        { event: "X", distinct: { property: "shop", op: "gte", value: 2 } },
      ],
    };
    expect(writeRoot(readRoot(short))).toEqual(written);
    expect(isSameRule(short, written)).toBe(true);
    expect(isSameRule(short, canonical)).toBe(false);
  });

  test("of one condition stands without a group around it", () => {
    expect(writeRoot(readRoot({ tag: "a" }))).toEqual({ tag: "a" });
    expect(writeRoot(readRoot({ all: [{ tag: "a" }] }))).toEqual({ tag: "a" });
    expect(writeRoot(readRoot({ not: { any: [{ tag: "a" }, { tag: "b" }] } }))).toEqual({ not: { any: [{ tag: "a" }, { tag: "b" }] } });
    expect(writeRoot(readRoot(null))).toBeNull();
  });

  test.each([["a text"], [{ tga: "a" }], [{ tag: "a", extra: 1 }], [{ event: "X", count: {}, sum: {} }], [null], [[1]]])(
    "that cannot be read is kept as it is: %j",
    (json) => {
      const node = readRule(json);
      expect(node.kind).toBe("unknown");
      expect(writeRule(node)).toEqual(json);
      expect(writeRule(readRule({ all: [{ tag: "a" }, json] }))).toEqual({ all: [{ tag: "a" }, json] });
    },
  );

  test("gives its outermost conditions with the paths that the server uses", () => {
    expect(readParts({ any: [{ tag: "a" }, { not: { tag: "b" } }] }).map(({ path, rule }) => [path, rule])).toEqual([
      ["rule.any[0]", { tag: "a" }],
      ["rule.any[1]", { not: { tag: "b" } }],
    ]);
    expect(readParts({ tag: "a" }).map(({ path }) => path)).toEqual(["rule"]);
    expect(readParts(null)).toEqual([]);
  });
});
