import { isObject, textOf, type JourneyDocument, type Json, type JsonObject, type Place, type Step } from "./types";

/** Reads what the server has. A draft may be unfinished, and whatever is not understood is kept rather than lost. */
export function parseDocument(wire: unknown): JourneyDocument {
  const object: JsonObject = isObject(wire) ? wire : {};
  const { start, steps, layout, ...settings } = object;
  return {
    start: textOf(start) || null,
    steps: isObject(steps) ? Object.fromEntries(Object.entries(steps).map(([name, step]) => [name, asStep(step)])) : {},
    layout: isObject(layout) ? readLayout(layout) : {},
    settings,
  };
}

function asStep(value: Json): Step {
  const object = isObject(value) ? value : {};
  return { ...object, type: textOf(object.type) };
}

function readLayout(layout: JsonObject): Record<string, Place> {
  const places: Record<string, Place> = {};
  for (const [name, place] of Object.entries(layout)) {
    if (isObject(place) && typeof place.x === "number" && typeof place.y === "number") places[name] = { x: place.x, y: place.y };
  }
  return places;
}

/** What is sent to the server. */
export function writeDocument(document: JourneyDocument): JsonObject {
  const { start, steps, layout, settings } = document;
  const wire: JsonObject = { ...settings, steps: steps as JsonObject };
  if (start !== null) wire.start = start;
  if (Object.keys(layout).length > 0) {
    wire.layout = Object.fromEntries(Object.entries(layout).map(([name, { x, y }]) => [name, { x: Math.round(x), y: Math.round(y) }]));
  }
  return wire;
}

export const emptyDocument: JourneyDocument = { start: null, steps: {}, layout: {}, settings: { entry: { manual: true } } };
