// What the insight API takes and gives, until the generated types have it.
import type { RuleJson } from "@/features/rules";

export const KINDS = ["funnel", "retention", "trend", "path", "distribution", "interval", "lifecycle", "attribution"] as const;
export type Kind = (typeof KINDS)[number];

/** How an answer is drawn on a card. */
export const VIEWS = ["line", "bar", "table", "number", "funnel", "heat", "sankey"] as const;
export type View = (typeof VIEWS)[number];

export interface Comparison {
  property: string;
  op: string;
  value: unknown;
}

/** An event, and what is asked of its properties; `null` is any event. */
export interface EventFilter {
  event: string | null;
  where?: Comparison[];
}

/** Properties are of the event, traits of the member. */
export type Breakdown = { property: string } | { trait: string };

/** What all questions have in common. */
export interface Scope {
  /** A moment, or a day of the zone. `to` is the first moment that is not asked about any more. */
  from?: string;
  to?: string;
  /** ISO 8601, such as `P30D`: the last whole days, today included. Only here: dates are sent in its place. */
  period?: string;
  zone?: string;
  where?: Comparison[];
  segment?: string | null;
  group?: string | null;
  channel?: string | null;
  members?: RuleJson | null;
  by?: Breakdown | string | null;
  top?: number;
}

export const FUNNEL_MODES = ["ordered", "strict", "any"] as const;

export interface Exclusion extends EventFilter {
  /** Counted from 1. */
  after: number;
  before: number;
}

export interface FunnelQuestion extends Scope {
  steps: EventFilter[];
  within?: string;
  mode?: (typeof FUNNEL_MODES)[number];
  exclude?: Exclusion[];
}

export interface RetentionQuestion extends Scope {
  start: EventFilter;
  return: EventFilter;
  unit?: "day" | "week" | "month";
  periods?: number;
  cohorts?: "first" | "each";
  back?: "exact" | "rolling";
}

export const PLAIN_MEASURES = ["events", "members", "per_member", "members_7d", "members_30d"] as const;
export const PROPERTY_MEASURES = ["sum", "avg", "min", "max", "p50", "p75", "p90", "p95", "p99"] as const;
export const MEASURES = [...PLAIN_MEASURES, ...PROPERTY_MEASURES] as const;
export type Measure = (typeof MEASURES)[number];

export interface SeriesAsked extends EventFilter {
  name: string;
  measure: Measure;
  property?: string | null;
}

export interface Formula {
  name: string;
  expression: string;
}

export const TREND_UNITS = ["hour", "day", "week", "month"] as const;
export type Unit = (typeof TREND_UNITS)[number];

export interface TrendQuestion extends Scope {
  series: SeriesAsked[];
  formulas?: Formula[];
  unit?: Unit;
  previous?: "period" | "year" | null;
}

export interface PathQuestion extends Scope {
  anchor?: { event: string; side: "after" | "before" } | null;
  depth?: number;
  collapse?: boolean;
  only?: string[] | null;
  without?: string[];
}

export interface DistributionQuestion extends Scope {
  event: string | null;
  measure?: "count" | "days" | "sum" | "avg";
  property?: string | null;
  buckets?: number[] | null;
}

export interface IntervalQuestion extends Scope {
  first: EventFilter;
  then: EventFilter;
  within?: string | null;
}

export interface LifecycleQuestion extends Scope {
  event: string | null;
  unit?: "day" | "week" | "month";
}

export const MODELS = ["first", "last", "linear", "position", "time_decay"] as const;

export interface AttributionQuestion extends Scope {
  conversion: EventFilter & { value?: string | null };
  touches?: EventFilter[] | null;
  touch_by?: string | null;
  model?: (typeof MODELS)[number];
  within?: string;
  half_life?: string;
}

export interface Questions {
  funnel: FunnelQuestion;
  retention: RetentionQuestion;
  trend: TrendQuestion;
  path: PathQuestion;
  distribution: DistributionQuestion;
  interval: IntervalQuestion;
  lifecycle: LifecycleQuestion;
  attribution: AttributionQuestion;
}

/** What every answer says of itself. */
export interface Answered {
  range: { from: string; to: string };
  zone: string;
  took_ms: number;
  /** Everything that had arrived until then is in it. */
  as_of: string;
  definition: { en: string; zh: string };
}

/** A value of the breakdown. `key` is null for those that have none, and for all others together. */
export interface GroupKey {
  key: string | null;
  rest: boolean;
}

export interface FunnelStep {
  event: string | null;
  members: number;
  of_first: number | null;
  of_previous: number | null;
  /** From the first step to this one. */
  median_seconds: number | null;
  average_seconds: number | null;
}

export interface FunnelAnswer extends Answered {
  steps: FunnelStep[];
  groups?: (GroupKey & { steps: FunnelStep[] })[];
  time_to_convert: {
    members: number;
    median_seconds: number | null;
    average_seconds: number | null;
    p90_seconds: number | null;
    buckets: { from_seconds: number; to_seconds: number | null; members: number }[];
  } | null;
}

export interface Cohort {
  start: string;
  size: number;
  /** By periods since the first one; only those that have begun. */
  returned: number[];
  /** So many of them are over. */
  complete: number;
}

export interface RetentionAnswer extends Answered {
  cohorts: Cohort[];
  average: (number | null)[];
  groups?: (GroupKey & { size: number; returned: number[]; average: (number | null)[] })[];
}

export interface TrendPoint {
  t: string;
  value: number | null;
}

export interface TrendSeries {
  key: string;
  name: string;
  group: string | null;
  rest: boolean;
  event: string | null;
  /** Null of a formula. */
  measure: string | null;
  points: TrendPoint[];
  total: number | null;
  previous: { total: number | null; points: TrendPoint[] } | null;
}

export interface TrendAnswer extends Answered {
  series: TrendSeries[];
}

export interface PathNode {
  step: number;
  event: string | null;
  rest: boolean;
  members: number;
}

export interface PathLink {
  step: number;
  from: string | null;
  /** Null after which nothing came, or with the other events together. */
  to: string | null;
  exit?: boolean;
  members: number;
}

export interface PathAnswer extends Answered {
  members: number;
  nodes: PathNode[];
  links: PathLink[];
  ways: { events: (string | null)[]; members: number; ended: boolean }[];
}

export interface DistributionFigures {
  members: number;
  mean: number | null;
  median: number | null;
  p90: number | null;
  /** Without a lower bound is the one below all others. */
  buckets: { from: number | null; to: number | null; members: number }[];
}

export interface DistributionAnswer extends Answered, DistributionFigures {
  groups?: (GroupKey & DistributionFigures)[];
}

export interface IntervalAnswer extends Answered {
  pairs: number;
  members: number;
  mean_seconds: number | null;
  median_seconds: number | null;
  p90_seconds: number | null;
  buckets: { from_seconds: number; to_seconds: number | null; pairs: number }[];
}

export const LIFECYCLE_STATES = ["new", "returning", "resurrected", "dormant"] as const;
export type LifecycleState = (typeof LIFECYCLE_STATES)[number];

export interface LifecycleAnswer extends Answered {
  points: ({ t: string; quick_ratio: number | null } & Record<LifecycleState, number>)[];
}

export interface AttributionAnswer extends Answered {
  conversions: number;
  value: number | null;
  touches: { key: string | null; rest?: boolean; conversions: number; value: number | null; share: number | null }[];
  unattributed: { conversions: number; value: number | null };
}

export interface Answers {
  funnel: FunnelAnswer;
  retention: RetentionAnswer;
  trend: TrendAnswer;
  path: PathAnswer;
  distribution: DistributionAnswer;
  interval: IntervalAnswer;
  lifecycle: LifecycleAnswer;
  attribution: AttributionAnswer;
}

/** A number of an answer, behind which there are members. */
export interface Points {
  funnel: { step: number; reached: boolean; group?: string | null };
  retention: { cohort: string; period: number; returned: boolean };
  trend: { series: string; t: string; group?: string | null };
  lifecycle: { t: string; state: LifecycleState };
  distribution: { bucket: number };
  path: { step: number; event: string | null };
}
export type DrilledKind = keyof Points;
export type Point = Points[DrilledKind];

/** An answer together with the question that it answers: on the screen may be that of an earlier one. */
export interface Asked<K extends Kind = Kind> {
  question: Questions[K];
  answer: Answers[K];
}

export interface Names {
  events: { name: string; count: number }[];
  properties: { name: string; type: "number" | "text" | "boolean" | "mixed"; values: string[] }[];
}

export interface BoardCard {
  title: string;
  kind: Kind;
  question: Questions[Kind];
  view: View;
  width: 1 | 2;
}

export interface Board {
  id: string;
  version: number;
  name: string;
  cards: BoardCard[];
  period: string | null;
}
