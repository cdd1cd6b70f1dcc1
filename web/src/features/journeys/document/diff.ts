import { ENTRY, isObject, type JourneyDocument, type Json } from "./types";

/** One value that is not what it was. */
export interface Difference {
  /** The field below the step or the document: `cases[0].next`. */
  field: string;
  a: Json | undefined;
  b: Json | undefined;
}

export interface DocumentDiff {
  added: string[];
  removed: string[];
  changed: Map<string, Difference[]>;
  /** Entry, re-entry, goal … and which step is the first. */
  settings: Difference[];
  isSame: boolean;
}

export type Mark = "added" | "removed" | "changed";

/** What `b` has otherwise than `a`. Where steps stand on the canvas does not count. */
export function diff(a: JourneyDocument, b: JourneyDocument): DocumentDiff {
  const added = Object.keys(b.steps).filter((name) => !(name in a.steps));
  const removed = Object.keys(a.steps).filter((name) => !(name in b.steps));
  const changed = new Map<string, Difference[]>();
  for (const [name, step] of Object.entries(b.steps)) {
    const before = a.steps[name];
    if (!before) continue;
    const differences = differencesOf(before, step, "");
    if (differences.length > 0) changed.set(name, differences);
  }
  const settings = differencesOf({ ...a.settings, start: a.start }, { ...b.settings, start: b.start }, "");
  return { added, removed, changed, settings, isSame: added.length + removed.length + changed.size + settings.length === 0 };
}

/** Nothing, `null` and an empty list say the same in a journey. */
function isNothing(value: Json | undefined): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}

function differencesOf(a: Json | undefined, b: Json | undefined, field: string): Difference[] {
  if (Object.is(a, b) || (isNothing(a) && isNothing(b))) return [];
  if (isObject(a) && isObject(b)) {
    const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
    return names.flatMap((name) => differencesOf(a[name], b[name], field ? `${field}.${name}` : name));
  }
  if (Array.isArray(a) && Array.isArray(b) && a.length === b.length) {
    return a.flatMap((item, index) => differencesOf(item, b[index], `${field}[${index}]`));
  }
  return JSON.stringify(a) === JSON.stringify(b) ? [] : [{ field, a, b }];
}

/** How each node is coloured, on the side of the older or of the newer document. */
export function marksOf(found: DocumentDiff, side: "a" | "b"): Map<string, Mark> {
  const marks = new Map<string, Mark>();
  for (const name of side === "a" ? found.removed : found.added) marks.set(name, side === "a" ? "removed" : "added");
  for (const name of found.changed.keys()) marks.set(name, "changed");
  if (found.settings.some(({ field }) => !["start", "holdout"].includes(field))) marks.set(ENTRY, "changed");
  return marks;
}
