// What the document of the API does not say yet, by hand. Each goes once `npm run api` brings it.
import type { RuleJson } from "@/features/rules";
import type { Kind, LifecycleState, Questions, View } from "./types";

/** Properties are of the event, traits of the member. */
export type Breakdown = string | { property: string } | { trait: string };

/** What questions have in common beyond what the document names. */
export interface UnlistedScope {
  by?: Breakdown | null;
  /** Only members for whom it holds now. */
  members?: RuleJson | null;
}

/** Which value of the breakdown: one, or all others together; whoever when nothing is said. */
interface OfGroup {
  group?: string | null;
  rest?: true;
}

/** An event of a path, or all others together. */
interface PathEvent {
  event?: string;
  rest?: true;
}

/** A number of an answer, behind which there are members; to the document it is any object. */
export interface Points {
  funnel: { step: number; reached: boolean } & OfGroup;
  /** Without a cohort all who began; whether they came back or not when that is not said. */
  retention: { cohort?: string; period: number; returned?: boolean } & OfGroup;
  trend: { series: string; t: string } & OfGroup;
  lifecycle: { t: string; state: LifecycleState };
  distribution: { bucket: number } & OfGroup;
  path: ({ step: number; next?: PathEvent | { exit: true } } & PathEvent) | { way: string[] };
  interval: { from_seconds?: number; to_seconds?: number };
  /** All who converted when nothing is said. */
  attribution: { key?: string | null; rest?: true; unattributed?: true };
}

/** Answer to `POST /insight/members/segment`. */
export interface SavedSegment {
  tag: string;
  segment: string;
  job: string;
  members: number;
}

/** Answer to `GET /insight/names`. */
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

/** Answer to `GET /boards/{id}`. */
export interface Board {
  id: string;
  version: number;
  name: string;
  cards: BoardCard[];
  period: string | null;
  updated_at?: string;
}
