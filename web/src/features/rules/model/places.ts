import type { FieldProblem } from "@/lib/api";
import { childrenOf } from "./edit";
import type { Filter, GroupNode, RuleNode } from "./tree";

/** Where in a rule a path leads: to a node (or a filter or a step of it), and to what is left of the path there. */
export interface Place {
  id: string;
  field: string;
}

type Segment = string | number;

/** `all[1].count.value` as `["all", 1, "count", "value"]`. */
export function segmentsOf(path: string): Segment[] {
  return path
    .split(/[.[\]]+/)
    .filter(Boolean)
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

/**
 * Finds what a path of the API means. `base` is where the rule stands in the body: `rule`, or
 * `document.steps.week.cases[0].when`.
 */
export function placeOf(root: GroupNode, path: string, base = "rule"): Place | null {
  const isInside = path === base || path.startsWith(`${base}.`) || path.startsWith(`${base}[`);
  if (!isInside) return null;
  const segments = segmentsOf(path.slice(base.length));
  const [only] = root.rules;
  // A single condition stands without a group around it in the body.
  const start = only && root.rules.length === 1 && segments[0] !== root.kind ? only : root;
  return descend(start, segments);
}

function descend(node: RuleNode, segments: Segment[]): Place {
  let rest = segments;
  while (rest[0] === "not" && node.isNegated) rest = rest.slice(1);
  const [word, index] = rest;
  if ((node.kind === "all" || node.kind === "any") && word === node.kind && typeof index === "number") {
    const child = node.rules[index];
    if (child) return descend(child, rest.slice(2));
  }
  if (node.kind === "been" && word === "been") return descend(node.rule, rest.slice(1));
  if (node.kind === "sequence" && word === "sequence" && typeof index === "number") {
    const step = node.steps[index];
    if (step) return inFilters(step.id, step.where, rest.slice(2));
  }
  if (node.kind === "event") return inFilters(node.id, node.where, rest);
  return { id: node.id, field: rest.join(".") };
}

function inFilters(id: string, filters: Filter[], segments: Segment[]): Place {
  const [word, index] = segments;
  const filter = word === "where" && typeof index === "number" ? filters[index] : undefined;
  return filter ? { id: filter.id, field: segments.slice(2).join(".") } : { id, field: segments.join(".") };
}

export interface PlacedProblem extends FieldProblem {
  field: string;
}

export interface Placed {
  /** By the id of the node, filter or step. */
  at: Map<string, PlacedProblem[]>;
  /** What belongs to nothing in the rule. */
  unplaced: FieldProblem[];
}

const ID = /\b(?:seg|grp)_[0-9A-Za-z]+\b|"([^"]+)"/;

/** Puts each problem at the condition concerned, and what contradicts it beside it. */
export function placeProblems(root: GroupNode, problems: readonly FieldProblem[], base = "rule"): Placed {
  const placed: Placed = { at: new Map(), unplaced: [] };
  const put = (id: string, problem: PlacedProblem) => placed.at.set(id, [...(placed.at.get(id) ?? []), problem]);
  for (const problem of problems) {
    const place = placeOf(root, problem.path, base);
    if (!place) {
      placed.unplaced.push(problem);
      continue;
    }
    // An unknown reference is told at the whole rule, and names what is unknown.
    const named = problem.path === base ? ID.exec(problem.message) : null;
    const culprit = named && nodeNaming(root, named[1] ?? named[0]);
    put(culprit?.id ?? place.id, { ...problem, field: culprit ? "name" : place.field });
    const other = /^contradicts (\S+): /.exec(problem.message)?.[1];
    const otherPlace = other ? placeOf(root, other, base) : null;
    if (otherPlace) put(otherPlace.id, { ...problem, code: "contradicted", field: "", message: "" });
  }
  return placed;
}

function nodeNaming(node: RuleNode, name: string): RuleNode | null {
  if ("name" in node && node.name === name) return node;
  for (const child of childrenOf(node)) {
    const found = nodeNaming(child, name);
    if (found) return found;
  }
  return null;
}
