import type { Step } from "./types";
import type { Way } from "./ways";

/** What is counted at a step: of real runs, or of a simulation. */
export interface StepFigures {
  entered: number | null;
  waiting: number;
  /** By word: `case 0` in reports, `case_0` in simulations, `waited`, `outcome won` … */
  ways: Readonly<Record<string, number>>;
}

function sum(ways: StepFigures["ways"], fits: (word: string) => boolean): number {
  return Object.entries(ways).reduce((total, [word, number]) => (fits(word) ? total + number : total), 0);
}

const OUT_OF_A_WAIT = ["waited", "met", "answered"];
/** Ways out that are no edge: whoever takes one of them has left the journey or was moved to another version. */
const ASIDE = ["moved", "exited", "failed"];

/** How often a way was taken; `null` when that cannot be told. */
export function takenOf(step: Step, way: Way, figures: StepFigures): number | null {
  const { ways } = figures;
  switch (way.kind) {
    case "case":
      return sum(ways, (word) => word === `case ${way.index}` || word === `case_${way.index}`);
    case "way":
      return sum(ways, (word) => word === `way ${way.index}` || word === `way_${way.index}`);
    case "else":
      return ways.else ?? 0;
    case "timeout":
      return ways.timed_out ?? 0;
    case "expired":
      return ways.task_expired ?? 0;
    case "outcome":
      return sum(ways, (word) => word === `outcome ${way.word}` || word === `task_done: ${way.word}`);
    case "held":
      return ways.held_out ?? 0;
    case "next":
      return passedOn(step, figures);
  }
}

/** How many went the plain way on. */
function passedOn(step: Step, { entered, waiting, ways }: StepFigures): number | null {
  const skipped = sum(ways, (word) => word.startsWith("skipped"));
  if (step.type === "wait") return sum(ways, (word) => OUT_OF_A_WAIT.includes(word)) + skipped;
  if (step.type === "webhook" && step.timeout) return (ways.answered ?? 0) + skipped;
  if (step.type === "task") return ways.task_done ?? null;
  if (entered === null) return null;
  return Math.max(0, entered - waiting - (ways.held_out ?? 0) - sum(ways, (word) => ASIDE.includes(word)));
}
