import { freshName, namesOf } from "./names";
import { NODE, placeBelow, sizeOf } from "./places";
import { ENTRY, type JourneyDocument, type Json, type JsonObject, type Place, type Step } from "./types";
import { leadTo, redirect, waysOf } from "./ways";

// Every operation gives a new document and leaves the old one as it was, so that undoing is going back to it.

/** Where a step is put in: behind a way of another one. */
export interface After {
  /** A step, or the entry. */
  step: string;
  /** The id of the way; the entry has one, `start`. */
  way: string;
}

export interface Added {
  document: JourneyDocument;
  name: string;
}

function withStep(document: JourneyDocument, name: string, step: Step): JourneyDocument {
  return { ...document, steps: { ...document.steps, [name]: step } };
}

/** Makes a way lead elsewhere; `null` lets the run end there. */
export function connect(document: JourneyDocument, after: After, target: string | null): JourneyDocument {
  if (target !== null && !(target in document.steps)) return document;
  if (after.step === ENTRY) return document.start === target ? document : { ...document, start: target };
  const step = document.steps[after.step];
  if (!step) return document;
  const changed = leadTo(step, after.way, target);
  return changed === step ? document : withStep(document, after.step, changed);
}

/** Where a way leads now. */
export function targetOf(document: JourneyDocument, after: After): string | null {
  if (after.step === ENTRY) return document.start;
  const step = document.steps[after.step];
  return (step && waysOf(step).find((way) => way.id === after.way)?.to) ?? null;
}

/** The way on which a step that is put into an edge leads on: the first. */
function firstWay(step: Step): string | null {
  return waysOf(step)[0]?.id ?? null;
}

/**
 * Adds a step. `after` puts it into that way, and it leads on to where the way led; else it stands alone at `at`. The first
 * step of a journey becomes its start.
 */
export function addStep(document: JourneyDocument, step: Step, where: { after?: After; at?: Place } = {}): Added {
  const name = freshName(step.type, namesOf(document));
  const { after } = where;
  const isFirst = document.start === null && Object.keys(document.steps).length === 0;
  const followed = after ? targetOf(document, after) : null;
  const way = firstWay(step);
  let changed = withStep(document, name, followed !== null && way !== null ? leadTo(step, way, followed) : step);
  if (after) changed = connect(changed, after, name);
  else if (isFirst) changed = { ...changed, start: name };
  if (followed !== null && after) changed = makeRoom(changed, after.step, followed);
  const place = where.at ?? placeBelow(changed, after?.step ?? ENTRY);
  return { document: place ? moveSteps(changed, { [name]: place }) : changed, name };
}

/** Moves what follows down, so that a step has room in between. */
function makeRoom(document: JourneyDocument, above: string, below: string): JourneyDocument {
  const from = document.layout[above];
  const to = document.layout[below];
  if (!from || !to || to.y <= from.y) return document;
  const free = to.y - from.y - sizeOf(above === ENTRY ? null : (document.steps[above] ?? null)).height;
  const wanted = NODE.head + 2 * NODE.gap;
  if (free >= wanted) return document;
  const places: Record<string, Place> = {};
  const ahead = [below];
  for (let name = ahead.pop(); name !== undefined; name = ahead.pop()) {
    const place = document.layout[name];
    const step = document.steps[name];
    if (!place || !step || name in places || place.y < to.y) continue;
    places[name] = { x: place.x, y: place.y + wanted - free };
    for (const way of waysOf(step)) if (way.to !== null) ahead.push(way.to);
  }
  return moveSteps(document, places);
}

/** Replaces what a step says. */
export function changeStep(document: JourneyDocument, name: string, step: Step): JourneyDocument {
  return document.steps[name] === undefined || document.steps[name] === step ? document : withStep(document, name, step);
}

/** Sets fields of a step; `undefined` takes one away. */
export function setFields(step: Step, fields: Record<string, Json | undefined>): Step {
  const { type = step.type, ...changed } = withFields(step, fields);
  return { ...changed, type: typeof type === "string" ? type : step.type };
}

/** Sets fields beside the steps: entry, goal …; `undefined` takes one away. */
export function setSettings(document: JourneyDocument, fields: Record<string, Json | undefined>): JourneyDocument {
  return { ...document, settings: withFields(document.settings, fields) };
}

function withFields(object: JsonObject, fields: Record<string, Json | undefined>): JsonObject {
  const changed = Object.entries({ ...object, ...fields });
  return Object.fromEntries(changed.filter((pair): pair is [string, Json] => pair[1] !== undefined));
}

/**
 * Removes steps. What led to one of them leads on to where it led first, as if it had only been passed through; a chain
 * that is removed whole closes behind it.
 */
export function removeSteps(document: JourneyDocument, names: ReadonlySet<string>): JourneyDocument {
  const gone = new Set([...names].filter((name) => name in document.steps));
  if (gone.size === 0) return document;
  function beyond(name: string): string | null {
    const seen = new Set<string>();
    let at: string | null = name;
    while (at !== null && gone.has(at)) {
      if (seen.has(at)) return null;
      seen.add(at);
      const step: Step | undefined = document.steps[at];
      at = (step && waysOf(step)[0]?.to) ?? null;
    }
    return at;
  }
  const steps: Record<string, Step> = {};
  for (const [name, step] of Object.entries(document.steps)) {
    if (!gone.has(name)) steps[name] = redirect(step, (to) => (gone.has(to) ? beyond(to) : to));
  }
  const layout = Object.fromEntries(Object.entries(document.layout).filter(([name]) => !gone.has(name)));
  return { ...document, steps, layout, start: document.start === null ? null : beyond(document.start) };
}

/** Puts nodes elsewhere. */
export function moveSteps(document: JourneyDocument, places: Readonly<Record<string, Place>>): JourneyDocument {
  const known = Object.entries(places).filter(([name, place]) => {
    const before = document.layout[name];
    return (name === ENTRY || name in document.steps) && (before?.x !== place.x || before.y !== place.y);
  });
  if (known.length === 0) return document;
  return { ...document, layout: { ...document.layout, ...Object.fromEntries(known) } };
}

/** Makes a step the first one. */
export function startWith(document: JourneyDocument, name: string): JourneyDocument {
  return connect(document, { step: ENTRY, way: "start" }, name);
}
