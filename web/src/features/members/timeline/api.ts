import { useQuery } from "@tanstack/react-query";
import { api, got, useCursorList, type Schemas } from "@/lib/api";
import { timelineQuery, type TimelineFilter } from "./filters";

export type Entry = Schemas["TimelineEntry"];

const SHOWN = 50;

/** Everything that concerns a member, latest first, as far as one scrolls. */
export function useTimeline(member: string, filter: TimelineFilter, timeZone: string) {
  const query = timelineQuery(filter, timeZone);
  return useCursorList<Entry>(["members", "timeline", member, query], (cursor, signal) =>
    got(api.GET("/api/v1/members/{id}/timeline", { params: { path: { id: member }, query: { ...query, cursor, limit: SHOWN } }, signal })),
  );
}

/** Entries of several tables share their numbers, so a key needs more than the id. */
export function entryKey(entry: Entry): string {
  return `${entry.kind} ${entry.name} ${entry.id} ${entry.timestamp}`;
}

/** Names of the events that this member has, the latest first. */
export function useEventNames(member: string) {
  return useQuery({
    queryKey: ["members", "facets", member],
    staleTime: 60_000,
    queryFn: ({ signal }) => got(api.GET("/api/v1/members/{id}/timeline/facets", { params: { path: { id: member } }, signal })),
    select: (facets) => facets.events.map((event) => event.name),
  });
}
