import { ENTRY, type JourneyDocument } from "../document/types";
import { waysOf } from "../document/ways";
import type { Place } from "../document/types";

export type Direction = "down" | "up" | "left" | "right";

/** The node that an arrow key leads to: along the edges down and up, and across to what stands at the same height. */
export function neighbour(document: JourneyDocument, places: Readonly<Record<string, Place>>, from: string, direction: Direction): string | null {
  if (direction === "down") return targetsOf(document, from)[0] ?? null;
  if (direction === "up") return sourcesOf(document, from)[0] ?? null;
  const here = places[from];
  if (!here) return null;
  const beside = Object.entries(places)
    .filter(([name, place]) => name !== from && (name === ENTRY || name in document.steps) && (direction === "left" ? place.x < here.x : place.x > here.x))
    .map(([name, place]) => ({ name, away: Math.abs(place.x - here.x) + 3 * Math.abs(place.y - here.y) }))
    .sort((a, b) => a.away - b.away);
  return beside[0]?.name ?? null;
}

export function targetsOf(document: JourneyDocument, name: string): string[] {
  if (name === ENTRY) return document.start !== null && document.start in document.steps ? [document.start] : [];
  const step = document.steps[name];
  return step ? waysOf(step).flatMap((way) => (way.to !== null && way.to in document.steps ? [way.to] : [])) : [];
}

export function sourcesOf(document: JourneyDocument, name: string): string[] {
  const steps = Object.entries(document.steps).flatMap(([source, step]) => (waysOf(step).some((way) => way.to === name) ? [source] : []));
  return document.start === name ? [ENTRY, ...steps] : steps;
}
