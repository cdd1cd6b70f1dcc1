/** Groups of kinds that one looks for together, with the words `timeline:groups.*`. */
export const GROUPS = {
  activity: ["track", "page", "screen", "group"],
  messages: ["delivery"],
  journeys: ["journey"],
  profile: ["identify", "alias", "tag", "segment", "stage"],
  consent: ["consent"],
  merges: ["merge"],
  changes: ["command"],
} as const;

export type Group = keyof typeof GROUPS;

/** Which entries are shown; the same in the address of the page. */
export interface TimelineFilter {
  /** Groups of kinds; all of them when it is missing. */
  groups?: Group[];
  event?: string;
  /** Days of the workspace, such as 2026-11-23; `until` is the last one that is shown. */
  since?: string;
  until?: string;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;

export function timelineFilterOf(address: Record<string, unknown>): TimelineFilter {
  const filter: TimelineFilter = {};
  const groups = [address.groups].flat().filter((group): group is Group => typeof group === "string" && Object.hasOwn(GROUPS, group));
  const all = Object.keys(GROUPS).length;
  if (groups.length > 0 && groups.length < all) filter.groups = [...new Set(groups)];
  if (typeof address.event === "string" && address.event.trim()) filter.event = address.event;
  for (const name of ["since", "until"] as const) {
    const day = address[name];
    if (typeof day === "string" && DAY.test(day) && !Number.isNaN(Date.parse(day))) filter[name] = day;
  }
  return filter;
}

/** The moment at which a day of the workspace begins, as RFC 3339. */
export function beginOf(day: string, timeZone: string, daysLater = 0): string {
  const midnight = Date.parse(`${day}T00:00:00Z`) + daysLater * 86_400_000;
  // What a clock there shows at the same moment in UTC tells how far the two are apart; asked twice for the days on which
  // clocks change.
  let moment = midnight;
  for (let round = 0; round < 2; round += 1) moment = midnight - shiftAt(moment, timeZone);
  return new Date(moment).toISOString();
}

function shiftAt(moment: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit",
  }).formatToParts(new Date(moment));
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value);
  return Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second")) - Math.floor(moment / 1000) * 1000;
}

/** The filter as the API reads it. */
export function timelineQuery(filter: TimelineFilter, timeZone: string): { kind?: string; event?: string; from?: string; to?: string } {
  return {
    kind: filter.groups?.flatMap((group) => GROUPS[group]).join(","),
    event: filter.event,
    from: filter.since ? beginOf(filter.since, timeZone) : undefined,
    to: filter.until ? beginOf(filter.until, timeZone, 1) : undefined,
  };
}
