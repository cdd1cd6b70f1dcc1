import type { Scope } from "../api/types";

/** What is offered before anybody opens a calendar. */
export const PRESETS = ["P1D", "P7D", "P14D", "P30D", "P90D", "P180D", "P365D"] as const;
/** What the API takes when nothing is said. */
export const USUAL = "P30D";

const DAY = 86_400_000;

/** The days of a period such as `P30D`; null for what is no number of whole days. */
export function daysOf(period: string): number | null {
  const found = /^P(?:(\d+)W)?(?:(\d+)D)?$/.exec(period);
  const days = found ? Number(found[1] ?? 0) * 7 + Number(found[2] ?? 0) : 0;
  return days > 0 ? days : null;
}

/** The day of a zone in which a moment lies, as `2026-07-01`. */
export function dayIn(zone: string, moment: Date): string {
  const parts = new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" }).formatToParts(moment);
  const of = (type: string) => parts.find((part) => part.type === type)?.value ?? "";
  return `${of("year")}-${of("month")}-${of("day")}`;
}

/** Days of the calendar know no hours that a clock leaves out, so that they are counted as those of UTC. */
export function addDays(day: string, count: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + count * DAY).toISOString().slice(0, 10);
}

export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY);
}

const isDay = (text: string) => /^\d{4}-\d\d-\d\d$/.test(text);

/** From when to when a question asks; `to` is the day after the last one. */
export function datesOf(scope: Scope, zone: string, now: Date): { from: string; to: string } {
  const tomorrow = addDays(dayIn(scope.zone ?? zone, now), 1);
  const length = daysOf(scope.period ?? USUAL) ?? 30;
  if (!scope.period && (scope.from || scope.to)) {
    const to = scope.to ?? tomorrow;
    return { from: scope.from ?? (isDay(to) ? addDays(to, -length) : new Date(Date.parse(to) - length * DAY).toISOString()), to };
  }
  return { from: addDays(tomorrow, -length), to: tomorrow };
}

/** As many days right before, or the same days a year before. */
export function datesBefore({ from, to }: { from: string; to: string }, by: "period" | "year"): { from: string; to: string } {
  if (!isDay(from) || !isDay(to)) {
    const length = Date.parse(to) - Date.parse(from);
    const back = by === "year" ? 365 * DAY : length;
    return { from: new Date(Date.parse(from) - back).toISOString(), to: new Date(Date.parse(to) - back).toISOString() };
  }
  const days = by === "year" ? 365 : daysBetween(from, to);
  return { from: addDays(from, -days), to: addDays(to, -days) };
}
