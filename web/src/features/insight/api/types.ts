// What the insight API takes and gives, as its document says it; what that leaves out is in unlisted.ts.
import type { RuleJson } from "@/features/rules";
import type { Schemas, Written } from "@/lib/api";
import type { Points } from "./unlisted";

export type { Names, Points, Property } from "./unlisted";

export const KINDS = ["funnel", "retention", "trend", "path", "distribution", "interval", "lifecycle", "attribution"] as const satisfies readonly Schemas["KindBody"][];
export type Kind = (typeof KINDS)[number];

/** How an answer is drawn on a card. */
export const VIEWS = ["line", "bar", "table", "number", "funnel", "heat", "sankey"] as const satisfies readonly Schemas["ViewBody"][];
export type View = (typeof VIEWS)[number];

export interface Comparison {
  property: string;
  op: string;
  value: unknown;
}

/** The body of a question: to the document a comparison is any object, and a page says nothing rather than null. */
type Said<Body> = Body extends (infer Item)[]
  ? Said<Item>[]
  : Body extends object
    ? { [Name in keyof Body]: Name extends "where" ? Comparison[] | undefined : Said<Body[Name]> }
    : Body;

/** Properties are of the event, traits of the member. */
export type Breakdown = Schemas["ByBody"];

type Asks<Name extends keyof Schemas> = Omit<Said<Schemas[Name]>, "members"> & { members?: RuleJson | null };

export interface Questions {
  funnel: Asks<"FunnelQuestion">;
  retention: Asks<"RetentionQuestion">;
  trend: Asks<"TrendQuestion">;
  path: Asks<"PathQuestion">;
  distribution: Asks<"DistributionQuestion">;
  interval: Asks<"IntervalQuestion">;
  lifecycle: Asks<"LifecycleQuestion">;
  attribution: Asks<"AttributionQuestion">;
}

/** What all questions have in common. `period` is said only here and on boards: dates are sent in its place. */
export type Scope = Pick<Questions["trend"], "from" | "to" | "period" | "zone" | "where" | "segment" | "group" | "channel" | "members" | "by" | "top">;

/** An event, and what is asked of its properties; `null` is any event. */
export type EventFilter = Said<Schemas["FilterBody"]>;
export type Exclusion = Said<Schemas["ExclusionBody"]>;
export type SeriesAsked = Said<Schemas["SeriesBody"]>;
export type Formula = Schemas["FormulaBody"];
export type Measure = Schemas["MeasureBody"];
export type Unit = Schemas["PeriodUnit"];

export const FUNNEL_MODES = ["ordered", "strict", "any"] as const satisfies readonly Schemas["ModeBody"][];
export const PLAIN_MEASURES = ["events", "members", "per_member", "members_7d", "members_30d"] as const satisfies readonly Measure[];
export const PROPERTY_MEASURES = ["sum", "avg", "min", "max", "p50", "p75", "p90", "p95", "p99"] as const satisfies readonly Measure[];
export const MEASURES = [...PLAIN_MEASURES, ...PROPERTY_MEASURES] as const;
export const TREND_UNITS = ["hour", "day", "week", "month"] as const satisfies readonly Unit[];
export const MODELS = ["first", "last", "linear", "position", "time_decay"] as const satisfies readonly Schemas["ModelBody"][];

export interface Answers {
  funnel: Written<Schemas["FunnelAnswer"]>;
  retention: Written<Schemas["RetentionAnswer"]>;
  trend: Written<Schemas["TrendAnswer"]>;
  path: Written<Schemas["PathAnswer"]>;
  distribution: Written<Schemas["DistributionAnswer"]>;
  interval: Written<Schemas["IntervalAnswer"]>;
  lifecycle: Written<Schemas["LifecycleAnswer"]>;
  attribution: Written<Schemas["AttributionAnswer"]>;
}

/** What every answer says of itself. */
export type Answered = Written<Schemas["About"]>;
/** A value of the breakdown. `key` is null for those that have none, and for all others together. */
export type GroupKey = Written<Schemas["GroupKey"]>;
export type FunnelStep = Written<Schemas["StepDto"]>;
export type Cohort = Written<Schemas["CohortDto"]>;
export type TrendSeries = Written<Schemas["SeriesDto"]>;
export type PathNode = Written<Schemas["NodeDto"]>;
export type PathLink = Written<Schemas["LinkDto"]>;
export type DistributionFigures = Written<Schemas["DistributionDto"]>;

export const LIFECYCLE_STATES = ["new", "returning", "resurrected", "dormant"] as const satisfies readonly (keyof Schemas["LifecyclePointDto"])[];
export type LifecycleState = (typeof LIFECYCLE_STATES)[number];

export type DrilledKind = keyof Points;
export type Point = Points[DrilledKind];

/** An answer together with the question that it answers: on the screen may be that of an earlier one. */
export interface Asked<K extends Kind = Kind> {
  question: Questions[K];
  answer: Answers[K];
}

/** A segment made of those behind a number. */
export type SavedSegment = Schemas["SegmentOfNumber"];

export type BoardCard = Omit<Schemas["CardBody"], "question" | "width"> & { question: Questions[Kind]; width: 1 | 2 };
export type Board = Omit<Written<Schemas["BoardDto"]>, "cards" | "created_by" | "created_at"> & { cards: BoardCard[] };
