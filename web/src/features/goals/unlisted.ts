// What the document of the API does not say yet, by hand. Each goes once `npm run api` brings it.
import type { Comparison } from "@/features/insight";

/** What is counted; the last ones count a property of the event. */
export const MEASURES = ["events", "members", "per_member", "sum", "avg", "p50", "p90"] as const;
export type Measure = (typeof MEASURES)[number];

export interface Metric {
  name: string;
  /** `null` is any event. */
  event: string | null;
  where: Comparison[];
  measure: Measure;
  property: string | null;
}

export const STATES = ["ahead", "on_track", "behind", "reached", "missed"] as const;
export type State = (typeof STATES)[number];

export interface Progress {
  value: number | null;
  /** Of the target. */
  share: number | null;
  /** Which share there would be by now if every day brought the same. */
  expected_share: number | null;
  /** At the deadline, if it goes on like this; with the range in which it will most probably lie. */
  forecast: number | null;
  low: number | null;
  high: number | null;
  state: State;
  points: { t: string; value: number | null }[];
}

export interface GoalBody {
  name: string;
  metric: Metric;
  segment: string | null;
  target: number;
  /** Days of the workspace's zone, both included. */
  from: string;
  deadline: string;
}

export interface Goal extends GoalBody {
  id: string;
  version?: number;
  progress: Progress;
}
