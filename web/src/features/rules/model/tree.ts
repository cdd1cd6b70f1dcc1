import { MEASURES, type GroupKind, type Measure, type NamedKind, type RuleJson } from "./grammar";

/** A test on a property of an event. */
export interface Filter {
  id: string;
  name: string;
  op: string;
  value: unknown;
}

/** One event of a sequence. */
export interface Step {
  id: string;
  event: string;
  where: Filter[];
}

interface Common {
  /** Stays the same while the rule is edited. */
  id: string;
  /** Whether a `not` stands around it. */
  isNegated: boolean;
}

export type GroupNode = Common & { kind: GroupKind; rules: RuleNode[] };
export type TraitNode = Common & { kind: "trait"; name: string; op: string; value: unknown };
export type NamedNode = Common & { kind: NamedKind; name: string };
export type EventNode = Common & {
  kind: "event";
  event: string;
  where: Filter[];
  measure: Measure;
  property: string;
  op: string;
  value: unknown;
  within: string | null;
};
export type SequenceNode = Common & { kind: "sequence"; steps: Step[]; within: string | null };
export type BeenNode = Common & { kind: "been"; rule: RuleNode; period: string };
/** Something that is no rule. It is kept as it is, and shown as text. */
export type UnknownNode = Common & { kind: "unknown"; json: unknown };
export type LeafNode = TraitNode | NamedNode | EventNode | SequenceNode | UnknownNode;
export type RuleNode = GroupNode | BeenNode | LeafNode;

let last = 0;
export function freshId(): string {
  last += 1;
  return `n${last}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const textOrNull = (value: unknown): string | null => (typeof value === "string" ? value : null);

/** Reads a rule, also an unfinished one, so that nothing of it is lost. */
export function readRule(json: unknown): RuleNode {
  if (isObject(json) && "not" in json && Object.keys(json).length === 1) {
    const inner = readRule(json.not);
    return { ...inner, isNegated: !inner.isNegated };
  }
  const common: Common = { id: freshId(), isNegated: false };
  const unknown: UnknownNode = { ...common, kind: "unknown", json };
  if (!isObject(json)) return unknown;
  const has = (allowed: string[]) => Object.keys(json).every((key) => allowed.includes(key));
  for (const kind of ["all", "any"] as const) {
    if (Array.isArray(json[kind]) && has([kind])) return { ...common, kind, rules: json[kind].map(readRule) };
  }
  for (const kind of ["tag", "stage", "segment", "group"] as const) {
    if (kind in json && has([kind])) return { ...common, kind, name: text(json[kind]) };
  }
  if ("trait" in json && has(["trait", "op", "value"])) {
    return { ...common, kind: "trait", name: text(json.trait), ...readTest(json, "eq") };
  }
  if ("event" in json && has(["event", "where", "within", ...MEASURES])) return readEvent(json, common) ?? unknown;
  if (Array.isArray(json.sequence) && has(["sequence", "within"])) {
    return { ...common, kind: "sequence", steps: json.sequence.map(readStep), within: textOrNull(json.within) };
  }
  if ("been" in json && has(["been", "for"])) {
    return { ...common, kind: "been", rule: readRule(json.been), period: text(json.for) };
  }
  return unknown;
}

function readTest(json: Record<string, unknown>, otherwise: string): { op: string; value: unknown } {
  const op = typeof json.op === "string" ? json.op : otherwise;
  return { op, value: op === "exists" ? json.value !== false : json.value };
}

function readFilter(json: unknown): Filter {
  const object = isObject(json) ? json : {};
  return { id: freshId(), name: text(object.property), ...readTest(object, "eq") };
}

function readStep(json: unknown): Step {
  const object = isObject(json) ? json : { event: json };
  return { id: freshId(), event: text(object.event), where: readFilters(object.where) };
}

function readFilters(json: unknown): Filter[] {
  return Array.isArray(json) ? json.map(readFilter) : [];
}

function readEvent(json: Record<string, unknown>, common: Common): EventNode | null {
  const measures = MEASURES.filter((measure) => measure in json);
  if (measures.length > 1) return null;
  const measure = measures[0] ?? "count";
  const object = isObject(json[measure]) ? json[measure] : { op: "gte", value: 1 };
  return {
    ...common,
    kind: "event",
    event: text(json.event),
    where: readFilters(json.where),
    measure,
    property: text(object.property),
    ...readTest(object, measure === "first" || measure === "last" || measure === "most_frequent" ? "eq" : "gte"),
    within: textOrNull(json.within),
  };
}

/** Writes a rule as the server's canonical form has it, so that equal rules have equal text. */
export function writeRule(node: RuleNode): RuleJson {
  return node.isNegated ? { not: writeInner(node) } : writeInner(node);
}

function writeInner(node: RuleNode): RuleJson {
  switch (node.kind) {
    case "all":
    case "any":
      return { [node.kind]: node.rules.map(writeRule) };
    case "tag":
    case "stage":
    case "segment":
    case "group":
      return { [node.kind]: node.name };
    case "trait":
      return { trait: node.name, op: node.op, value: node.value };
    case "event": {
      const test = { op: node.op, value: node.value };
      return {
        ...writeStep(node),
        [node.measure]: node.measure === "count" ? test : { property: node.property, ...test },
        ...(node.within === null ? {} : { within: node.within }),
      };
    }
    case "sequence":
      return { sequence: node.steps.map(writeStep), ...(node.within === null ? {} : { within: node.within }) };
    case "been":
      return { been: writeRule(node.rule), for: node.period };
    case "unknown":
      return node.json as RuleJson;
  }
}

function writeStep(step: { event: string; where: Filter[] }): RuleJson {
  const filters = step.where.map(({ name, op, value }) => ({ property: name, op, value }));
  return { event: step.event, ...(filters.length > 0 ? { where: filters } : {}) };
}

/** A rule as the builder shows it: always a group, also around a single condition or none. */
export function readRoot(json: RuleJson | null | undefined): GroupNode {
  if (!json || Object.keys(json).length === 0) return { id: freshId(), isNegated: false, kind: "all", rules: [] };
  const node = readRule(json);
  if ((node.kind === "all" || node.kind === "any") && !node.isNegated) return node;
  return { id: freshId(), isNegated: false, kind: "all", rules: [node] };
}

/** The other way: no group around a single condition, and nothing where there is none. */
export function writeRoot(root: GroupNode): RuleJson | null {
  const [only] = root.rules;
  if (!only) return null;
  return root.rules.length === 1 ? writeRule(only) : writeRule(root);
}

/** Whether two rules say the same in the same words, however they are written down. */
export function isSameRule(one: RuleJson | null | undefined, other: RuleJson | null | undefined): boolean {
  return JSON.stringify(writeRoot(readRoot(one))) === JSON.stringify(writeRoot(readRoot(other)));
}

/** The conditions of the outermost group, each as a rule of its own, with its path. */
export function readParts(rule: RuleJson | null | undefined, base = "rule"): { id: string; path: string; rule: RuleJson }[] {
  const root = readRoot(rule);
  const isGrouped = rule && root.kind in rule;
  return root.rules.map((node, index) => ({ id: node.id, path: isGrouped ? `${base}.${root.kind}[${index}]` : base, rule: writeRule(node) }));
}
