export const PERIOD_UNITS = ["minute", "hour", "day", "week", "month", "year"] as const;
export type PeriodUnit = (typeof PERIOD_UNITS)[number];

export interface PeriodPart {
  count: number;
  unit: PeriodUnit | "second";
}

const SHAPE = /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;
const ORDER = ["year", "month", "week", "day", "hour", "minute", "second"] as const;

/** The parts of an ISO 8601 duration, or nothing when it is none. */
export function periodParts(text: string): PeriodPart[] {
  const found = SHAPE.exec(text);
  if (!found) return [];
  return ORDER.map((unit, index) => ({ unit, count: Number(found[index + 1] ?? 0) })).filter((part) => part.count > 0);
}

const LETTERS: Record<PeriodUnit, string> = { minute: "M", hour: "H", day: "D", week: "W", month: "M", year: "Y" };

export function periodOf(count: number, unit: PeriodUnit): string {
  const isOfTheClock = unit === "minute" || unit === "hour";
  return `P${isOfTheClock ? "T" : ""}${count}${LETTERS[unit]}`;
}
