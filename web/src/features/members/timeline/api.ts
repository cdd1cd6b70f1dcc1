import { useQuery } from "@tanstack/react-query";
import { api, asProblem, got, useCursorList, type Schemas } from "@/lib/api";
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

interface Facets {
  events: { name: string }[];
}
type Get = (path: string, init: { params: { path: { id: string } }; signal: AbortSignal }) => Promise<{ data?: Facets; error?: unknown; response: Response }>;

/** Names of the events that this member has; empty where the server cannot tell. */
export function useEventNames(member: string) {
  return useQuery({
    queryKey: ["members", "facets", member],
    staleTime: 60_000,
    queryFn: async ({ signal }): Promise<string[]> => {
      try {
        const facets = await got((api.GET as unknown as Get)("/api/v1/members/{id}/timeline/facets", { params: { path: { id: member } }, signal }));
        return facets.events.map((event) => event.name);
      } catch (error) {
        if ([404, 405].includes(asProblem(error).status)) return [];
        throw error;
      }
    },
  });
}
