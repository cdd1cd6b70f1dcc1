import type { JourneyDocument } from "./types";

/** What a problem's path means on the canvas. */
export interface Spot {
  /** The step, or `null` for what is said of the journey as a whole. */
  step: string | null;
  /** The field below it: `cases[0].when`, `entry.date.trait`; empty for the thing itself. */
  field: string;
}

/** Reads `document.steps.<name>.<field>`. A name may have dots, so the longest that there is counts. */
export function spotOf(path: string, document: JourneyDocument): Spot {
  const inside = path.replace(/^document(\.|$)/, "");
  if (!inside.startsWith("steps.")) return { step: null, field: inside };
  const rest = inside.slice("steps.".length);
  const fits = (name: string) => rest === name || rest.startsWith(`${name}.`) || rest.startsWith(`${name}[`);
  const name = Object.keys(document.steps)
    .filter(fits)
    .sort((a, b) => b.length - a.length)[0];
  if (name === undefined) return { step: null, field: inside };
  return { step: name, field: rest.slice(name.length).replace(/^\./, "") };
}

/** Whether a problem at `field` belongs to the input for `name`: the field itself or something in it. */
export function isWithin(field: string, name: string): boolean {
  return field === name || field.startsWith(`${name}.`) || field.startsWith(`${name}[`);
}
