import type { Schemas } from "@/lib/api";

export interface PeriodRow {
  event: string;
  days: number | null;
}

export interface RetentionValues {
  days: number | null;
  events: PeriodRow[];
}

/** Whole days of a period such as `P730D`, `P2Y` or `P4W`. */
export function daysOf(period: string | null | undefined): number | null {
  const found = /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?$/.exec(period ?? "");
  if (!found) return null;
  const [years, months, weeks, days] = found.slice(1).map((part) => Number(part ?? 0));
  return (years ?? 0) * 365 + (months ?? 0) * 30 + (weeks ?? 0) * 7 + (days ?? 0) || null;
}

export function valuesOf(retention: Schemas["Retention"]): RetentionValues {
  const events = retention.events as Record<string, string | null>;
  return { days: daysOf(retention.default), events: Object.entries(events).map(([event, period]) => ({ event, days: daysOf(period) })) };
}

/** What is to be kept for how long; a period whose days were not touched stays as it was written. */
export function changeOf(values: RetentionValues, before: Schemas["Retention"]): Schemas["RetentionChange"] {
  const written = before.events as Record<string, string | null>;
  const period = (days: number | null, old: string | null | undefined) => (days ? (daysOf(old) === days ? (old ?? null) : `P${days}D`) : null);
  return {
    default: period(values.days, before.default),
    events: Object.fromEntries(values.events.filter((row) => row?.event).map((row) => [row.event, period(row.days, written[row.event])])) as Record<string, never>,
  };
}
