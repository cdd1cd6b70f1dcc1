import type { FieldProblem } from "@/lib/api";
import { MIN_STEPS, OPERATORS, givesAnyValue, takesList, type RuleJson } from "./grammar";
import { periodParts } from "./period";
import { readRoot, type Filter, type RuleNode } from "./tree";

/** The code of what is still to be filled in; the server never says it. */
export const UNFINISHED = "unfinished";

/** What is still to be filled in before a rule can be asked about, with paths as the server would give them. */
export function unfinishedParts(rule: RuleJson | null | undefined, base = "rule"): FieldProblem[] {
  const root = readRoot(rule);
  const [only] = root.rules;
  if (!only) return [{ path: base, code: UNFINISHED, message: "" }];
  const found: string[] = [];
  const isGrouped = rule && root.kind in rule;
  if (isGrouped) root.rules.forEach((node, index) => collect(node, `${base}.${root.kind}[${index}]`, found));
  else collect(only, base, found);
  return found.map((path) => ({ path, code: UNFINISHED, message: "" }));
}

function collect(node: RuleNode, outer: string, found: string[]): void {
  const path = node.isNegated ? `${outer}.not` : outer;
  switch (node.kind) {
    case "all":
    case "any":
      if (node.rules.length === 0) found.push(`${path}.${node.kind}`);
      node.rules.forEach((rule, index) => collect(rule, `${path}.${node.kind}[${index}]`, found));
      break;
    case "tag":
    case "stage":
    case "segment":
    case "group":
      if (!node.name) found.push(`${path}.${node.kind}`);
      break;
    case "trait":
      if (!node.name) found.push(`${path}.trait`);
      if (isMissing(node.op, node.value)) found.push(`${path}.value`);
      break;
    case "event": {
      if (!node.event) found.push(`${path}.event`);
      collectFilters(node.where, path, found);
      if (node.measure !== "count" && !node.property) found.push(`${path}.${node.measure}.property`);
      const missing = givesAnyValue(node.measure) ? isMissing(node.op, node.value) : typeof node.value !== "number";
      if (missing) found.push(`${path}.${node.measure}.value`);
      if (node.within !== null && periodParts(node.within).length === 0) found.push(`${path}.within`);
      break;
    }
    case "sequence":
      if (node.steps.length < MIN_STEPS) found.push(`${path}.sequence`);
      node.steps.forEach((step, index) => {
        if (!step.event) found.push(`${path}.sequence[${index}].event`);
        collectFilters(step.where, `${path}.sequence[${index}]`, found);
      });
      break;
    case "been":
      if (periodParts(node.period).length === 0) found.push(`${path}.for`);
      collect(node.rule, `${path}.been`, found);
      break;
    case "unknown":
      break;
  }
}

function collectFilters(filters: Filter[], path: string, found: string[]): void {
  filters.forEach((filter, index) => {
    if (!filter.name) found.push(`${path}.where[${index}].property`);
    if (isMissing(filter.op, filter.value)) found.push(`${path}.where[${index}].value`);
  });
}

function isMissing(op: string, value: unknown): boolean {
  if (op === "exists" || !(OPERATORS as readonly string[]).includes(op)) return false;
  if (takesList(op)) return !Array.isArray(value) || value.length === 0;
  return value === undefined || value === null || value === "";
}
