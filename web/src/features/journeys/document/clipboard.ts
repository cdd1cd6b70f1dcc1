import { freshName, namesOf } from "./names";
import { isObject, type JourneyDocument, type Json, type JsonObject, type Place, type Step } from "./types";
import { redirect } from "./ways";
import { moveSteps } from "./edit";

/** Steps in the clipboard, as text: they can be put into another journey, or sent to somebody. */
export function copySteps(document: JourneyDocument, names: ReadonlySet<string>): string | null {
  const chosen = Object.entries(document.steps).filter(([name]) => names.has(name));
  if (chosen.length === 0) return null;
  const inside = new Set(chosen.map(([name]) => name));
  // Ways to steps that are not copied end there.
  const steps = Object.fromEntries(chosen.map(([name, step]) => [name, redirect(step, (to) => (inside.has(to) ? to : null))]));
  const layout = Object.fromEntries(chosen.flatMap(([name]) => (document.layout[name] ? [[name, document.layout[name]]] : [])));
  return JSON.stringify({ hearth: "steps", steps, layout }, null, 1);
}

export interface Pasted {
  document: JourneyDocument;
  names: string[];
}

const ASIDE = 48;

/** Puts copied steps in, under fresh names. Gives `null` for a text that is none of ours. */
export function pasteSteps(document: JourneyDocument, text: string): Pasted | null {
  const wire = readJson(text);
  if (!isObject(wire) || wire.hearth !== "steps" || !isObject(wire.steps)) return null;
  const steps = Object.entries(wire.steps).filter((entry): entry is [string, Step] => isObject(entry[1]) && typeof entry[1].type === "string");
  if (steps.length === 0) return null;
  const taken = namesOf(document);
  const renamed = new Map<string, string>();
  for (const [name] of steps) {
    const fresh = freshName(name, taken);
    taken.add(fresh);
    renamed.set(name, fresh);
  }
  const added: Record<string, Step> = {};
  for (const [name, step] of steps) added[renamed.get(name) ?? name] = redirect(step, (to) => renamed.get(to) ?? null);
  const first = [...renamed.values()][0] ?? null;
  const isEmpty = Object.keys(document.steps).length === 0;
  const changed = { ...document, steps: { ...document.steps, ...added }, start: isEmpty ? first : document.start };
  return { document: moveSteps(changed, placesOf(wire, renamed)), names: [...renamed.values()] };
}

function readJson(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
}

/** Beside where they were copied from. */
function placesOf(wire: JsonObject, renamed: ReadonlyMap<string, string>): Record<string, Place> {
  const places: Record<string, Place> = {};
  for (const [name, place] of Object.entries(isObject(wire.layout) ? wire.layout : {})) {
    const fresh = renamed.get(name);
    if (fresh && isObject(place) && typeof place.x === "number" && typeof place.y === "number") places[fresh] = { x: place.x + ASIDE, y: place.y + ASIDE };
  }
  return places;
}
