import type { Goal, Measure, Progress, State } from "./api";

/** What adds up from day to day; everything else is as high as it is. */
export function isCumulative(measure: Measure): boolean {
  return measure === "events" || measure === "members" || measure === "sum";
}

export function hasProperty(measure: Measure): boolean {
  return !["events", "members", "per_member", "members_7d", "members_30d"].includes(measure);
}

export function isOver(state: State): boolean {
  return state === "reached" || state === "missed";
}

/** What needs somebody first: those that are behind, then by their deadline; what is over comes last, the latest first. */
export function sorted(goals: readonly Goal[]): Goal[] {
  const rank = (goal: Goal) => (isOver(goal.progress.state) ? 2 : goal.progress.state === "behind" ? 0 : 1);
  return [...goals].sort((one, other) => {
    const difference = rank(one) - rank(other);
    if (difference !== 0) return difference;
    return (rank(one) === 2 ? -1 : 1) * one.deadline.localeCompare(other.deadline) || one.name.localeCompare(other.name);
  });
}

export interface Marks {
  /** All as shares of the length of the bar, 0 to 1. */
  value: number;
  expected: number | null;
  target: number;
  range: { from: number; to: number } | null;
}

const ROOM = 1.5;

/** Where things stand on a bar that ends at the target, or further right when more is there or expected. */
export function marksOf(progress: Progress, target: number): Marks {
  const share = (value: number | null) => (value === null || target === 0 ? null : value / target);
  const low = share(progress.low);
  const high = share(progress.high);
  const value = Math.max(0, progress.share ?? 0);
  // A wild forecast must not make everything else too small to be seen.
  const end = Math.min(Math.max(1, value, high ?? 0), Math.max(ROOM, value));
  const at = (one: number) => Math.max(0, Math.min(1, one / end));
  return {
    value: at(value),
    expected: progress.expected_share === null || isOver(progress.state) ? null : at(progress.expected_share),
    target: at(1),
    range: low === null || high === null || isOver(progress.state) ? null : { from: at(low), to: at(high) },
  };
}

const DAY = 86_400_000;
const dayNumber = (day: string) => Date.parse(`${day.slice(0, 10)}T00:00:00Z`) / DAY;
const dayOf = (number: number) => new Date(number * DAY).toISOString().slice(0, 10);

/** How many days lie between, the last one included. */
export function daysBetween(from: string, to: string): number {
  return dayNumber(to) - dayNumber(from) + 1;
}

export interface CourseRow {
  day: string;
  value: number | null;
  /** The straight way to the target. */
  expected: number;
  /** From the last known day on. */
  forecast: number | null;
  low: number | null;
  high: number | null;
}

/** Every day from the beginning to the deadline: what was, what would be even, and how it will go on. `dayIn` tells the day of a moment. */
export function courseOf(goal: Goal, dayIn: (moment: string) => string): CourseRow[] {
  const { progress, target, metric } = goal;
  const first = dayNumber(goal.from);
  const last = dayNumber(goal.deadline);
  const known = new Map(progress.points.map((point) => [dayIn(point.t), point.value]));
  const latest = progress.points.filter((point) => point.value !== null).at(-1);
  const turn = latest ? dayNumber(dayIn(latest.t)) : first;
  const begun = latest?.value ?? 0;
  const goesOn = progress.forecast !== null && last > turn && !isOver(progress.state);
  /** On the straight way from what is to what will be. */
  const towards = (end: number | null, number: number) =>
    !goesOn || end === null || number < turn ? null : begun + ((end - begun) * (number - turn)) / (last - turn);
  const rows: CourseRow[] = [];
  for (let number = first; number <= last; number += 1) {
    const day = dayOf(number);
    rows.push({
      day,
      value: known.get(day) ?? null,
      expected: isCumulative(metric.measure) ? (target * (number - first + 1)) / (last - first + 1) : target,
      forecast: towards(progress.forecast, number),
      low: towards(progress.low, number),
      high: towards(progress.high, number),
    });
  }
  return rows;
}
