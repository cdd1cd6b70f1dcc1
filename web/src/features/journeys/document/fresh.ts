import type { Step, StepType } from "./types";

/** A step as it is when it is added: what it needs at least, as far as that can be guessed. */
export function freshStep(type: StepType): Step {
  switch (type) {
    case "wait":
      return { type, for: "P1D", next: null };
    case "branch":
      return { type, cases: [{ when: {}, next: null }], else: null };
    case "split":
      return { type, ways: [{ share: 0.5, next: null }, { share: 0.5, next: null }] };
    case "holdout":
      return { type, share: 0.1, held: null, next: null };
    case "send":
      return { type, channel: "email", next: null };
    case "tag":
      return { type, add: [], next: null };
    case "set":
      return { type, traits: {}, next: null };
    case "webhook":
      return { type, channel: "webhook", next: null };
    case "task":
      return { type, next: null };
    case "exit":
      return { type };
  }
}
