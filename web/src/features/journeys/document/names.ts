import type { JourneyDocument } from "./types";

/** A name that no step has: `send_1`. Names never change afterwards, since runs under way stand at them; titles do. */
export function freshName(base: string, taken: ReadonlySet<string>): string {
  const stem = base.replace(/_\d+$/, "").replace(/[^A-Za-z0-9_-]+/g, "_").slice(0, 80) || "step";
  for (let number = 1; ; number += 1) {
    const name = `${stem}_${number}`;
    if (!taken.has(name)) return name;
  }
}

export function namesOf(document: JourneyDocument): Set<string> {
  return new Set(Object.keys(document.steps));
}
