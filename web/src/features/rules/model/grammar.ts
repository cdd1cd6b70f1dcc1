/** A rule as the API writes it. It may be unfinished while somebody edits it. */
export type RuleJson = Record<string, unknown>;

export const GROUP_KINDS = ["all", "any"] as const;
export const CONDITION_KINDS = ["trait", "event", "tag", "stage", "segment", "group", "sequence", "been"] as const;
export const KINDS = ["all", "any", "not", "trait", "tag", "stage", "event", "sequence", "been", "group", "segment"] as const;
export type GroupKind = (typeof GROUP_KINDS)[number];
/** Conditions that ask for one thing by its name or id. */
export type NamedKind = "tag" | "stage" | "segment" | "group";

export const ORDER_OPERATORS = ["eq", "ne", "gt", "gte", "lt", "lte"] as const;
export const OPERATORS = [
  ...ORDER_OPERATORS, "in", "nin", "contains", "prefix", "exists", "ieq", "ine", "iin", "inin", "icontains", "iprefix",
] as const;
export type Operator = (typeof OPERATORS)[number];

export const MEASURES = ["count", "sum", "avg", "min", "max", "distinct", "first", "last", "most_frequent"] as const;
export type Measure = (typeof MEASURES)[number];

/** Whether a measure gives a value of any kind, and takes every operator; the others give numbers. */
export function givesAnyValue(measure: Measure): boolean {
  return measure === "first" || measure === "last" || measure === "most_frequent";
}

/** Whether an operator asks for several values. */
export function takesList(op: string): boolean {
  return op === "in" || op === "nin" || op === "iin" || op === "inin";
}

/** The operator without its `i`, and whether it had one: `icontains` is `contains`, upper and lower case alike. */
export function withoutCase(op: string): { op: string; ignoresCase: boolean } {
  const ignoresCase = ["ieq", "ine", "iin", "inin", "icontains", "iprefix"].includes(op);
  return { op: ignoresCase ? op.slice(1) : op, ignoresCase };
}

// The limits of the server's parser.
export const MAX_CONDITIONS = 500;
export const MAX_FILTERS = 50;
export const MAX_STEPS = 10;
export const MIN_STEPS = 2;
