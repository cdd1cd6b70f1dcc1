import type { NamedKind } from "./grammar";
import { freshId, readRule, type EventNode, type Filter, type GroupNode, type RuleNode, type Step } from "./tree";

export type NewKind = NamedKind | "trait" | "event" | "sequence" | "been" | "all" | "any";

export function newFilter(): Filter {
  return { id: freshId(), name: "", op: "eq", value: "" };
}

export function newStep(): Step {
  return { id: freshId(), event: "", where: [] };
}

function newEvent(): EventNode {
  return {
    id: freshId(), isNegated: false, kind: "event", event: "", where: [], measure: "count", property: "", op: "gte", value: 1,
    within: "P30D",
  };
}

/** A condition of a kind, to be filled in. */
export function newNode(kind: NewKind): RuleNode {
  const common = { id: freshId(), isNegated: false };
  switch (kind) {
    case "all":
    case "any":
      return { ...common, kind, rules: [newEvent()] };
    case "trait":
      return { ...common, kind, name: "", op: "eq", value: "" };
    case "event":
      return newEvent();
    case "sequence":
      return { ...common, kind, steps: [newStep(), newStep()], within: "P7D" };
    case "been":
      return { ...common, kind, rule: { id: freshId(), isNegated: false, kind: "tag", name: "" }, period: "P3D" };
    default:
      return { ...common, kind, name: "" };
  }
}

/** The same again, with ids of its own. */
export function copyOf(node: RuleNode): RuleNode {
  const copy = (json: unknown) => readRule(structuredClone(json));
  switch (node.kind) {
    case "all":
    case "any":
      return { ...node, id: freshId(), rules: node.rules.map(copyOf) } satisfies GroupNode;
    case "been":
      return { ...node, id: freshId(), rule: copyOf(node.rule) };
    case "event":
      return { ...node, id: freshId(), where: node.where.map(copyOfFilter) };
    case "sequence":
      return { ...node, id: freshId(), steps: node.steps.map((step) => ({ ...step, id: freshId(), where: step.where.map(copyOfFilter) })) };
    case "unknown":
      return { ...copy(node.json), isNegated: node.isNegated };
    default:
      return { ...node, id: freshId() };
  }
}

function copyOfFilter(filter: Filter): Filter {
  return { ...filter, id: freshId() };
}
