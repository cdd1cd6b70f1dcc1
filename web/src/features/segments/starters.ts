import type { RuleJson } from "@/features/rules";

export type StarterKey = "new" | "active" | "asleep" | "twice" | "cart" | "bigSpenders" | "birthday" | "quiet";

/** Segments that nearly every brand wants: a beginning that can be changed. */
export const STARTERS: { key: StarterKey; rule: RuleJson }[] = [
  { key: "new", rule: { any: ["Signed Up", "Group Joined", "Channel Followed"].map((event) => ({ event, count: { op: "gte", value: 1 }, within: "P7D" })) } },
  { key: "active", rule: { any: [{ event: "Message Posted", count: { op: "gte", value: 1 }, within: "P7D" }, { event: "Product Viewed", count: { op: "gte", value: 1 }, within: "P7D" }, { event: "Order Completed", count: { op: "gte", value: 1 }, within: "P7D" }] } },
  { key: "asleep", rule: { all: [{ event: "Order Completed", count: { op: "gte", value: 1 } }, { not: { event: "Order Completed", count: { op: "gte", value: 1 }, within: "P45D" } }] } },
  { key: "twice", rule: { event: "Order Completed", count: { op: "gte", value: 2 }, within: "P90D" } },
  { key: "cart", rule: { all: [{ event: "Product Added", count: { op: "gte", value: 1 }, within: "P3D" }, { not: { event: "Order Completed", count: { op: "gte", value: 1 }, within: "P3D" } }] } },
  { key: "bigSpenders", rule: { event: "Order Completed", sum: { property: "revenue", op: "gte", value: 1000 }, within: "P1Y" } },
  { key: "birthday", rule: { trait: "birthday", op: "exists", value: true } },
  { key: "quiet", rule: { all: [{ event: "Group Joined", count: { op: "gte", value: 1 }, within: "P30D" }, { not: { event: "Message Posted", count: { op: "gte", value: 1 } } }] } },
];

export function ruleOfStarter(key: StarterKey): RuleJson | null {
  return STARTERS.find((starter) => starter.key === key)?.rule ?? null;
}
