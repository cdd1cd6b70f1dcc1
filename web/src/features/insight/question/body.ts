import { unfinishedParts, type RuleJson } from "@/features/rules";
import type { Comparison, EventFilter, Kind, Questions, Scope } from "../api/types";
import { datesOf } from "./range";

/** A comparison of which nothing is missing: only those are asked. */
export function isWhole({ property, op, value }: Comparison): boolean {
  if (!property || !op) return false;
  if (Array.isArray(value)) return value.length > 0;
  return value !== "" && value !== null && value !== undefined;
}

// Words of the API, not of people.
const day = "day";
const week = "week";

/** What is said only here, and is sent as something else. */
const OURS = ["period"];

/** What a question means where it is silent; it is said, so that what the page shows is what is asked. */
const USUAL: Partial<Record<Kind, object>> = {
  funnel: { within: "P7D" }, retention: { unit: week }, trend: { unit: day }, path: { depth: 5 }, distribution: { measure: "count" }, interval: { within: "P30D" },
  lifecycle: { unit: week }, attribution: { model: "last", within: "P30D" },
};

/** What a board keeps: a period stays one, so that the card moves with the days. */
export function cardQuestion<K extends Kind>(question: Questions[K]): Questions[K] {
  const { compare, ...rest } = question as Scope & { compare?: string };
  return ("series" in rest && compare ? { ...rest, previous: compare } : rest) as unknown as Questions[K];
}

/** What is sent: dates in the place of a period, and nothing that is still being filled in. */
export function bodyOf<K extends Kind>(kind: K, question: Questions[K], zone: string, now: Date): Questions[K] {
  const said = Object.entries({ ...USUAL[kind], ...cardQuestion<K>(question), ...datesOf(question as Scope, zone, now) }).flatMap(([name, value]): [string, unknown][] => {
    if (OURS.includes(name)) return [];
    const kept = keptOf(name, value);
    return kept === undefined ? [] : [[name, kept]];
  });
  return Object.fromEntries(said) as unknown as Questions[K];
}

function keptOf(name: string, value: unknown): unknown {
  // Here the lack of a name says something by itself: any event.
  if (value === null) return name === "event" ? null : undefined;
  if (value === "" || value === undefined) return undefined;
  if (name === "members") return unfinishedParts(value as RuleJson).length > 0 ? undefined : value;
  if (name === "where") return wholeOnly(value as Comparison[]);
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map((one: unknown) => (isFilter(one) ? wholeFilter(one) : one));
  return isFilter(value) ? wholeFilter(value) : value;
}

function isFilter(value: unknown): value is EventFilter {
  return typeof value === "object" && value !== null && "event" in value;
}

function wholeFilter({ where, ...rest }: EventFilter): EventFilter {
  const whole = wholeOnly(where ?? []);
  return whole ? { ...rest, where: whole } : rest;
}

function wholeOnly(where: readonly Comparison[]): Comparison[] | undefined {
  const whole = where.filter(isWhole);
  return whole.length > 0 ? whole : undefined;
}
