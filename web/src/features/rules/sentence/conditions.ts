// @messages rules
import type { EventNode, NamedNode, RuleNode, SequenceNode, Step, TraitNode } from "../model/tree";
import { clausesPhrase } from "./clauses";
import { fill, named, plain, type Phrase } from "./pattern";
import { testPhrase, wherePhrase } from "./tests";
import { eventWord, joined, nameOr, patternOf, periodText, propertyPhrase, valuePhrase, withinPhrase, type Words } from "./words";

/**
 * How a condition fits into a sentence. English says "members in 上海", "members whose age is 18" and "members who
 * ordered"; what stands in brackets fits anywhere.
 */
export type ClauseClass = "state" | "whose" | "who" | "bracket";

export interface Clause {
  class: ClauseClass;
  phrase: Phrase;
}

export function clauseOf(words: Words, node: RuleNode): Clause {
  switch (node.kind) {
    case "trait":
      return traitClause(words, node);
    case "tag":
    case "stage":
    case "segment":
    case "group":
      return namedClause(words, node);
    case "event":
      return eventClause(words, node);
    case "sequence":
      return sequenceClause(words, node);
    case "all":
    case "any": {
      const inner = clausesPhrase(words, node.kind, node.rules);
      return { class: "bracket", phrase: fill(patternOf(words, node.isNegated ? "not" : "bracket"), { inner }) };
    }
    case "been": {
      const inner = clausesPhrase(words, "all", [node.rule]);
      const slots = { inner, period: named(periodText(words, node.period)) };
      return { class: "bracket", phrase: fill(patternOf(words, node.isNegated ? "beenNot" : "been"), slots) };
    }
    case "unknown":
      return { class: "bracket", phrase: fill(patternOf(words, node.isNegated ? "not" : "bracket"), { inner: named(JSON.stringify(node.json) ?? "") }) };
  }
}

/** Traits of which one says where somebody is. */
const PLACES = ["city", "province", "country", "region", "district"];

function traitClause(words: Words, node: TraitNode): Clause {
  const isPlace = PLACES.includes(node.name) && (node.op === "eq" || node.op === "in") && typeof node.value !== "number";
  if (isPlace) {
    const pattern = patternOf(words, node.isNegated ? "place.out" : "place.in");
    return { class: "state", phrase: fill(pattern, { value: valuePhrase(words, node.value) }) };
  }
  const subject = nameOr(words.names.trait?.(node.name) ?? node.name);
  return { class: "whose", phrase: testPhrase(words, subject, node, node.isNegated) };
}

function namedClause(words: Words, node: NamedNode): Clause {
  const known = node.kind === "tag" ? undefined : words.names[node.kind]?.(node.name);
  const name = nameOr(known ?? node.name);
  return { class: "state", phrase: fill(patternOf(words, `${node.kind}.${node.isNegated ? "out" : "in"}`), { name }) };
}

const COUNT_OPPOSITE: Record<string, string> = { gte: "lt", lt: "gte", gt: "lte", lte: "gt", eq: "ne", ne: "eq" };

function eventClause(words: Words, node: EventNode): Clause {
  const slots = {
    verb: eventWord(words, node.event, "verb"),
    done: eventWord(words, node.event, "done"),
    noun: eventWord(words, node.event, "noun"),
    where: wherePhrase(words, node.where),
    within: withinPhrase(words, node.within),
    property: propertyPhrase(words, node.property),
  };
  if (node.measure === "count") return countClause(words, node, slots);
  const subject = fill(patternOf(words, `measure.${node.measure}`), slots);
  // A sum over none is 0, and so is the number of different values: there is always an answer.
  const mayBeUnknown = node.measure !== "sum" && node.measure !== "distinct";
  return { class: "whose", phrase: testPhrase(words, subject, node, node.isNegated, mayBeUnknown) };
}

function countClause(words: Words, node: EventNode, slots: Record<string, Phrase>): Clause {
  const op = node.isNegated ? (COUNT_OPPOSITE[node.op] ?? node.op) : node.op;
  const count = typeof node.value === "number" ? node.value : 0;
  const ever = node.within === null ? "Ever" : "";
  const key = countKey(op, node.value);
  if (key === "some" || key === "none") return { class: "who", phrase: fill(patternOf(words, `event.${key}${ever}`), slots) };
  return { class: "who", phrase: fill(patternOf(words, `count.${key}`, count), { ...slots, count: valuePhrase(words, node.value) }) };
}

function countKey(op: string, value: unknown): string {
  if ((op === "gte" && value === 1) || (op === "gt" && value === 0)) return "some";
  if ((op === "lt" && value === 1) || ((op === "lte" || op === "eq") && value === 0)) return "none";
  return op in COUNT_OPPOSITE ? op : "eq";
}

function sequenceClause(words: Words, node: SequenceNode): Clause {
  const steps = joined(words, node.steps.map((step) => stepPhrase(words, step)), "sequence.then", "sequence.then");
  const period = node.within === null ? [] : named(periodText(words, node.within));
  const phrase = fill(patternOf(words, "sequence.frame"), { steps: steps.length > 0 ? steps : plain("…"), period });
  if (!node.isNegated) return { class: "who", phrase };
  return { class: "bracket", phrase: fill(patternOf(words, "not"), { inner: fill(patternOf(words, "lead.who"), { b: phrase }) }) };
}

function stepPhrase(words: Words, step: Step): Phrase {
  return fill(patternOf(words, "sequence.step"), { verb: eventWord(words, step.event, "verb"), where: wherePhrase(words, step.where) });
}
