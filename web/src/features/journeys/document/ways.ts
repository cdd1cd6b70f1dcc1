import { isObject, listOf, objectOf, textOf, type Json, type JsonObject, type Step } from "./types";

export type WayKind = "next" | "case" | "else" | "way" | "held" | "timeout" | "outcome" | "expired";

/** A way out of a step: an edge of the canvas, or a place where one can begin. */
export interface Way {
  /** Stable as long as the step keeps its ways: `next`, `cases.0`, `outcomes.won` … */
  id: string;
  kind: WayKind;
  /** Where the target stands in the step. */
  path: (string | number)[];
  /** Which of several of its kind. */
  index: number;
  /** The word of an outcome. */
  word: string;
  /** Where it leads; `null` ends the run. */
  to: string | null;
}

function way(kind: WayKind, path: (string | number)[], target: Json | undefined, index = 0, word = ""): Way {
  const id = kind === "case" ? `cases.${index}` : kind === "way" ? `ways.${index}` : kind === "outcome" ? `outcomes.${word}` : String(path[0]);
  return { id, kind, path, index, word, to: textOf(target) || null };
}

/** All ways out of a step, in the order in which they stand on the canvas. */
export function waysOf(step: Step): Way[] {
  const next = way("next", ["next"], step.next);
  const timeout = step.timeout === undefined || step.timeout === null ? [] : [way("timeout", ["timeout_next"], step.timeout_next)];
  switch (step.type) {
    case "exit":
      return [];
    case "branch":
      return [
        ...listOf(step.cases).map((one, index) => way("case", ["cases", index, "next"], objectOf(one).next, index)),
        way("else", ["else"], step.else),
      ];
    case "split":
      return listOf(step.ways).map((one, index) => way("way", ["ways", index, "next"], objectOf(one).next, index));
    case "holdout":
      return [next, way("held", ["held"], step.held)];
    case "wait":
      return "event" in step || "segment" in step ? [next, ...timeout] : [next];
    case "webhook":
      return [next, ...timeout];
    case "task": {
      const outcomes = Object.entries(objectOf(step.outcomes)).map(([word, target], index) => way("outcome", ["outcomes", word], target, index, word));
      const expired = step.due === undefined || step.due === null ? [] : [way("expired", ["expired"], step.expired)];
      return [...outcomes, next, ...expired];
    }
    default:
      return [next];
  }
}

/** The step with a way that leads elsewhere. */
export function leadTo(step: Step, wayId: string, target: string | null): Step {
  const found = waysOf(step).find((one) => one.id === wayId);
  if (!found || found.to === target) return step;
  return put(step, found.path, target) as Step;
}

function put(value: Json, path: (string | number)[], target: Json): Json {
  const [first, ...rest] = path;
  if (first === undefined) return target;
  if (Array.isArray(value)) return value.map((item, index) => (index === first ? put(item, rest, target) : item));
  const object: JsonObject = isObject(value) ? value : {};
  return { ...object, [first]: put(object[first] ?? null, rest, target) };
}

/** The step with each target replaced; ways that lead nowhere stay so. */
export function redirect(step: Step, target: (to: string) => string | null): Step {
  return waysOf(step).reduce((changed, one) => (one.to === null ? changed : leadTo(changed, one.id, target(one.to))), step);
}

/** Whether a circle may go through this step: time passes there. */
export function takesTime(step: Step): boolean {
  return step.type === "task" || (step.type === "wait" && ("for" in step || "event" in step));
}
