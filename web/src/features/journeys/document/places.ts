import { ENTRY, type JourneyDocument, type Place, type Step } from "./types";
import { waysOf } from "./ways";

/** The size of a node follows from what it shows, so that it can be laid out before it is drawn. */
export const NODE = { width: 248, head: 76, ways: 56, way: 118, gap: 72 } as const;
const MOST_WAYS_WIDE = 8;
const MOST_LANES = 5;

export interface Size {
  width: number;
  height: number;
}

/** Whether its ways have names: a single way out needs none. */
export function namesItsWays(step: Step): boolean {
  const ways = waysOf(step);
  return ways.length > 1 || (ways.length === 1 && ways[0]?.kind !== "next");
}

export function sizeOf(step: Step | null): Size {
  if (!step || !namesItsWays(step)) return { width: NODE.width, height: NODE.head };
  const columns = waysOf(step).length;
  const each = columns > MOST_WAYS_WIDE ? 84 : NODE.way;
  return { width: Math.max(NODE.width, columns * each), height: NODE.head + NODE.ways };
}

/** Room below a step in which its ways can run sideways beside each other: a lane for each but the first. */
export function laneRoom(step: Step | null): number {
  if (!step || !namesItsWays(step)) return 0;
  const leading = waysOf(step).filter((way) => way.to !== null).length;
  return Math.min(MOST_LANES, Math.max(0, leading - 1)) * 12;
}

/** Free room below a node, when it is known where that stands. */
export function placeBelow(document: JourneyDocument, name: string): Place | null {
  const above = document.layout[name];
  if (!above) return null;
  const size = sizeOf(name === ENTRY ? null : (document.steps[name] ?? null));
  const taken = Object.entries(document.layout);
  const place = { x: above.x, y: above.y + size.height + NODE.gap };
  const overlaps = () => taken.some(([, other]) => Math.abs(other.x - place.x) < NODE.width && Math.abs(other.y - place.y) < NODE.head);
  while (overlaps()) place.x += NODE.width + NODE.gap / 2;
  return place;
}
