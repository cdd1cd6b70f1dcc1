import type { Place } from "../document/types";

const ROUND = 12;
/** How far an edge goes straight down before it turns, so that its number has room; and before it arrives. */
const STUB = 44;
const ARRIVAL = 22;
/** How far two edges that run sideways keep from each other. */
const LANE = 12;

/** A path of straight lines with round corners, from a step down to another one, past the points between, in its lane below the step. */
export function pathDown(from: Place, between: readonly Place[], to: Place, lane = 0): string {
  const points: Place[] = [from];
  let { x } = from;
  const deep = to.y - from.y;
  const most = Math.max(deep / 2, deep - ARRIVAL);
  let y = from.y + Math.min(STUB + lane * LANE, most);
  for (const point of between) {
    if (Math.abs(point.x - x) > 1) {
      points.push({ x, y }, { x: point.x, y });
      x = point.x;
    }
    y = Math.max(y, point.y);
  }
  if (Math.abs(to.x - x) > 1) {
    const turn = between.length > 0 ? to.y - ARRIVAL : from.y + Math.min(Math.max(STUB, deep / 2 - ROUND) + lane * LANE, most);
    points.push({ x, y: turn }, { x: to.x, y: turn });
  }
  points.push(to);
  return rounded(points);
}

function rounded(points: readonly Place[]): string {
  const parts: string[] = [];
  points.forEach((point, index) => {
    const before = points[index - 1];
    const after = points[index + 1];
    if (!before) return void parts.push(`M${point.x} ${point.y}`);
    if (!after) return void parts.push(`L${point.x} ${point.y}`);
    const room = Math.min(ROUND, distance(before, point) / 2, distance(point, after) / 2);
    const enter = towards(point, before, room);
    const leave = towards(point, after, room);
    parts.push(`L${enter.x} ${enter.y}`, `Q${point.x} ${point.y} ${leave.x} ${leave.y}`);
  });
  return parts.join(" ");
}

function distance(a: Place, b: Place): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

function towards(from: Place, to: Place, by: number): Place {
  const all = distance(from, to);
  return all === 0 ? from : { x: from.x + ((to.x - from.x) / all) * by, y: from.y + ((to.y - from.y) / all) * by };
}
