// @messages rules
import { withoutCase } from "../model/grammar";
import { fill, named, type Phrase } from "./pattern";
import { joined, patternOf, propertyPhrase, valuePhrase, type Words } from "./words";
import type { Filter } from "../model/tree";

export interface TestParts {
  op: string;
  value: unknown;
}

const OPPOSITE: Record<string, string> = {
  eq: "ne", ne: "eq", gt: "lte", lte: "gt", gte: "lt", lt: "gte", in: "nin", nin: "in", contains: "notContains", prefix: "notPrefix",
};

/** "… is at least 18". Negated it says the opposite, and that it also holds where nothing is known. */
export function testPhrase(words: Words, subject: Phrase, { op, value }: TestParts, isNegated = false, mayBeUnknown = true): Phrase {
  const plainOp = withoutCase(op);
  if (plainOp.op === "exists") {
    const isKnown = (value !== false) !== isNegated;
    return fill(patternOf(words, isKnown ? "test.known" : "test.unknown"), { subject });
  }
  const said = isNegated ? OPPOSITE[plainOp.op] : plainOp.op;
  let test = fill(patternOf(words, testKey(said ?? "", value)), { subject, value: valuePhrase(words, value), op: named(op) });
  if (plainOp.ignoresCase) test = fill(patternOf(words, "test.anyCase"), { test });
  return isNegated && mayBeUnknown ? fill(patternOf(words, "test.orUnknown"), { test }) : test;
}

const KNOWN_TESTS = ["eq", "ne", "gt", "gte", "lt", "lte", "in", "nin", "contains", "prefix", "notContains", "notPrefix"];

function testKey(op: string, value: unknown): string {
  if (!KNOWN_TESTS.includes(op)) return "test.other";
  return (op === "eq" || op === "ne") && typeof value === "number" ? `test.${op}Number` : `test.${op}`;
}

/** "(revenue is at least 100 and city is 上海)", or nothing. */
export function wherePhrase(words: Words, where: Filter[]): Phrase {
  if (where.length === 0) return [];
  const filters = where.map((filter) => testPhrase(words, propertyPhrase(words, filter.name), filter));
  return fill(patternOf(words, "where.frame"), { filters: joined(words, filters, "where.and", "where.and") });
}
