// What the document of the API does not say yet, by hand. Each goes once `npm run api` brings it.
import type { RuleJson } from "@/features/rules";
import type { Schemas } from "@/lib/api";
import type { Kind, LifecycleState, Questions, View } from "./types";

/** Properties are of the event, traits of the member; the document has properties only. */
export type Breakdown = Schemas["By"] | { trait: string };

/** What questions have in common beyond what the document names. */
export interface UnlistedScope {
  /** Only members for whom it holds now. */
  members?: RuleJson | null;
}

/** A number of an answer, behind which there are members; to the document it is any object. */
export interface Points {
  funnel: { step: number; reached: boolean; group?: string | null };
  retention: { cohort: string; period: number; returned: boolean };
  trend: { series: string; t: string; group?: string | null };
  lifecycle: { t: string; state: LifecycleState };
  distribution: { bucket: number };
  path: { step: number; event: string | null };
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
