import type { Report } from "./api";
import type { StepFigures } from "./document/figures";

/** The numbers of a report as the canvas takes them. */
export function figuresOf(report: Report | undefined): ReadonlyMap<string, StepFigures> | undefined {
  if (!report) return undefined;
  return new Map(
    Object.entries(report.steps).map(([name, step]) => {
      const { happened } = step;
      const outcomes = Object.entries(step.ways).reduce((sum, [word, number]) => (word.startsWith("outcome ") ? sum + number : sum), 0);
      const ways: Record<string, number> = { ...step.ways };
      if (happened.task_done) ways.task_done = Math.max(0, happened.task_done - outcomes);
      if (happened.held_out) ways.held_out = happened.held_out;
      return [name, { entered: step.entered ?? null, waiting: step.waiting, ways }];
    }),
  );
}
