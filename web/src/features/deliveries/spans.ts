/** How far back a list looks. */
export const SPANS = ["1d", "7d", "30d", "90d"] as const;

const HOUR = 3_600_000;

/** The moment at which the span begins, to the hour, so that the same question is asked again and its answer kept. */
export function since(span: string | undefined, now = Date.now()): string | undefined {
  const days = SPANS.includes(span as (typeof SPANS)[number]) ? Number.parseInt(span ?? "", 10) : 0;
  if (days === 0) return undefined;
  return new Date(Math.floor(now / HOUR) * HOUR - days * 24 * HOUR).toISOString();
}
