// What the document of the API says only as “any object”, by hand.
import type { LifecycleState } from "./types";

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

/** A property of events: what its values are, and some of them. */
export interface Property {
  name: string;
  type: "number" | "text" | "boolean" | "mixed";
  values: string[];
}

/** What a question may name. */
export interface Names {
  events: { name: string }[];
  properties: Property[];
}
