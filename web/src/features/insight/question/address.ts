import { MEASURES, type Comparison, type EventFilter, type Kind, type Measure, type Questions, type Scope, type SeriesAsked } from "../api/types";
import { FUNNEL_MODES, MODELS, TREND_UNITS } from "../api/types";

/** A question as a page holds it: with what it is compared with. */
export type PageQuestion<K extends Kind = Kind> = Questions[K] & { compare?: "period" | "year" };

type Search = Record<string, unknown>;

/** By these one sees that an address has a question, and not only where somebody wants to begin. */
const MARKS: Record<Kind, string> = {
  funnel: "steps", retention: "start", trend: "series", path: "depth", distribution: "measure", interval: "first", lifecycle: "unit",
  attribution: "conversion",
};

/** What an address may say that belongs to no question. */
const OTHERS = ["jobs"];

/** The question that an address asks. Whoever writes an address by hand gets what of it makes sense. */
export function questionOf<K extends Kind>(kind: K, search: Search): PageQuestion<K> | null {
  if (search[MARKS[kind]] === undefined) return null;
  return without({ ...OWN[kind](search), ...scopeOf(search) }) as unknown as PageQuestion<K>;
}

/** The address of a question; what is not said is left out, so that links stay short. */
export function searchOf(question: PageQuestion, before: Search = {}): Search {
  const kept = Object.fromEntries(OTHERS.flatMap((name) => (before[name] === undefined ? [] : [[name, before[name]]])));
  return { ...kept, ...without(question as unknown as Search) };
}

/** Without what says nothing. */
function without(question: Search): Search {
  return Object.fromEntries(
    Object.entries(question).filter(([, value]) => value !== undefined && value !== null && value !== "" && !(Array.isArray(value) && value.length === 0)),
  );
}

const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : typeof value === "number" ? String(value) : undefined);
const isObject = (value: unknown): value is Search => typeof value === "object" && value !== null && !Array.isArray(value);
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const texts = (value: unknown): string[] => list(value).flatMap((one) => text(one) ?? []);
const whole = (value: unknown, least: number, most: number): number | undefined =>
  typeof value === "number" && Number.isInteger(value) ? Math.min(most, Math.max(least, value)) : undefined;

function oneOf<T extends string>(words: readonly T[], value: unknown): T | undefined {
  return words.find((word) => word === value);
}

function comparisonsOf(value: unknown): Comparison[] {
  return list(value).filter(isObject).map((one) => ({ property: text(one.property) ?? "", op: text(one.op) ?? "eq", value: one.value }));
}

/** Null is any event; no text at all is one that is still to be chosen. */
function eventOf(value: unknown): string | null {
  return value === null ? null : (text(value) ?? "");
}

function filterOf(value: unknown): EventFilter {
  const from = isObject(value) ? value : {};
  const where = comparisonsOf(from.where);
  return where.length > 0 ? { event: eventOf(from.event), where } : { event: eventOf(from.event) };
}

function seriesOf(value: unknown, at: number): SeriesAsked {
  const from = isObject(value) ? value : {};
  const measure: Measure = oneOf(MEASURES, from.measure) ?? "events";
  const property = text(from.property);
  return { ...filterOf(value), name: text(from.name) ?? nameOfSeries(at), measure, ...(property ? { property } : {}) };
}

/** A, B, C … */
export function nameOfSeries(at: number): string {
  return String.fromCharCode(65 + at);
}

/** Dates are counted by it before anything is asked. */
function zoneOf(value: unknown): string | undefined {
  const zone = text(value);
  try {
    return zone && new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone ? zone : undefined;
  } catch {
    return undefined;
  }
}

function breakdownOf(value: unknown): Scope["by"] {
  if (text(value)) return { property: String(value) };
  if (!isObject(value)) return undefined;
  const property = text(value.property);
  const trait = text(value.trait);
  return property ? { property } : trait ? { trait } : undefined;
}

function scopeOf(search: Search): Scope & { compare?: "period" | "year" } {
  return {
    from: text(search.from), to: text(search.to), period: text(search.period), zone: zoneOf(search.zone), where: comparisonsOf(search.where),
    segment: text(search.segment), group: text(search.group), channel: text(search.channel), members: isObject(search.members) ? search.members : undefined,
    by: breakdownOf(search.by), top: whole(search.top, 1, 100), compare: oneOf(["period", "year"], search.compare),
  };
}

/** A funnel without a step could not even be filled in. */
const atLeastOne = (items: unknown[]): unknown[] => (items.length > 0 ? items : [{}]);

const DAYS = ["day", "week", "month"] as const;

const OWN: Record<Kind, (search: Search) => Search> = {
  funnel: (search) => ({
    steps: atLeastOne(list(search.steps)).map(filterOf), within: text(search.within), mode: oneOf(FUNNEL_MODES, search.mode),
    exclude: list(search.exclude).filter(isObject).map((one) => ({ ...filterOf(one), after: whole(one.after, 1, 20) ?? 1, before: whole(one.before, 2, 20) ?? 2 })),
  }),
  retention: (search) => ({
    start: filterOf(search.start), return: filterOf(search.return), unit: oneOf(DAYS, search.unit), periods: whole(search.periods, 1, 60),
    cohorts: oneOf(["first", "each"], search.cohorts), back: oneOf(["exact", "rolling"], search.back),
  }),
  trend: (search) => ({
    series: atLeastOne(list(search.series)).map(seriesOf), unit: oneOf(TREND_UNITS, search.unit),
    formulas: list(search.formulas).filter(isObject).map((one, at) => ({ name: text(one.name) ?? `F${at + 1}`, expression: text(one.expression) ?? "" })),
  }),
  path: (search) => {
    const anchor = isObject(search.anchor) ? { event: text(search.anchor.event) ?? "", side: oneOf(["after", "before"], search.anchor.side) ?? "after" } : undefined;
    return { anchor, depth: whole(search.depth, 2, 12) ?? 5, collapse: search.collapse === false ? false : undefined, only: texts(search.only), without: texts(search.without) };
  },
  distribution: (search) => ({
    event: text(search.event), measure: oneOf(["count", "days", "sum", "avg"], search.measure) ?? "count", property: text(search.property),
    buckets: list(search.buckets).filter((one): one is number => typeof one === "number"),
  }),
  interval: (search) => ({ first: filterOf(search.first), then: filterOf(search.then), within: text(search.within) }),
  lifecycle: (search) => ({ event: text(search.event), unit: oneOf(DAYS, search.unit) ?? "week" }),
  attribution: (search) => {
    const conversion = filterOf(search.conversion);
    const value = isObject(search.conversion) ? text(search.conversion.value) : undefined;
    return {
      conversion: value ? { ...conversion, value } : conversion, touches: list(search.touches).map(filterOf), touch_by: text(search.touch_by),
      model: oneOf(MODELS, search.model), within: text(search.within), half_life: text(search.half_life),
    };
  },
};
