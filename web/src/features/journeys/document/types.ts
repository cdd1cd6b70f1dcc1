// The journey document as the server has it (docs/journeys.md). It is edited as plain JSON: what this app does not know
// of stays as it is, and a draft may lack anything.

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export const STEP_TYPES = ["wait", "branch", "split", "holdout", "send", "tag", "set", "webhook", "task", "exit"] as const;
export type StepType = (typeof STEP_TYPES)[number];

export interface Step extends JsonObject {
  type: string;
}

export interface Place {
  x: number;
  y: number;
}

export interface JourneyDocument {
  readonly start: string | null;
  readonly steps: Readonly<Record<string, Step>>;
  readonly layout: Readonly<Record<string, Place>>;
  /** Everything else: entry, reentry, key, exit, goal, holdout. */
  readonly settings: Readonly<JsonObject>;
}

/** The entry's node on the canvas, and its name in `layout`. No step can be called so: its first edge is `start`. */
export const ENTRY = "$entry";

export const ENTRY_KINDS = ["event", "segment", "segment_left", "date", "schedule", "manual", "import"] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];

export const WAIT_KINDS = ["for", "until", "window", "event", "segment"] as const;
export type WaitKind = (typeof WAIT_KINDS)[number];

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function listOf(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}

export function objectOf(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

export function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

export function numberOf(value: Json | undefined): number | null {
  return typeof value === "number" ? value : null;
}

export function entryKind(document: JourneyDocument): EntryKind | null {
  const entry = objectOf(document.settings.entry);
  return ENTRY_KINDS.find((kind) => kind in entry) ?? null;
}

export function waitKind(step: Step): WaitKind | null {
  return WAIT_KINDS.find((kind) => kind in step) ?? null;
}

export function isStepType(type: string): type is StepType {
  return (STEP_TYPES as readonly string[]).includes(type);
}
