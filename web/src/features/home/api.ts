import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { ask } from "@/lib/api";
import { useLive } from "@/lib/live";

export interface Sales {
  amount: number;
  currency: string;
}

/** What happened on a day; what the role may not see, or nobody counts, is null. */
export interface DayNumbers {
  new_members?: number | null;
  active?: number | null;
  messages_sent?: number | null;
  orders?: number | null;
  sales?: Sales | null;
}

export interface FunnelStage {
  stage: string;
  name: string;
  members: number;
  today: Movement;
  yesterday: Movement;
}

/** Who came to a stage and who left it. */
export interface Movement {
  entered: number;
  left: number;
}

export interface GroupInNeed {
  id: string;
  name?: string | null;
  members?: number | null;
  active_7d?: number | null;
  joined_7d?: number | null;
  left_7d?: number | null;
  why?: string | null;
}

export interface RunningJourney {
  id: string;
  name: string;
  state?: string;
  under_way?: number | null;
  entered_today?: number | null;
  goals_today?: number | null;
}

/** Something that the system did by itself since last evening. */
export interface NightWork {
  kind: string;
  count: number;
  reasons?: Record<string, number> | null;
}

/** Something that waits for a person. */
export interface Need {
  kind: string;
  id?: string | null;
  count?: number | null;
  overdue?: number | null;
  name?: string | null;
  /** What the other side said. */
  said?: string | null;
}

export interface Home {
  at: string;
  today: DayNumbers;
  before?: (DayNumbers & { until?: string }) | null;
  members?: number | null;
  events_per_second?: number | null;
  funnel?: FunnelStage[] | null;
  groups?: GroupInNeed[] | null;
  journeys?: RunningJourney[] | null;
  night?: NightWork[] | null;
  needs?: Need[] | null;
}

const KEY = ["home"];

/** Today at a glance, in one question. */
export const homeQuery = queryOptions({
  queryKey: KEY,
  queryFn: ({ signal }) => ask<Home>("GET", "/api/v1/home", { query: { compare: "yesterday" }, signal }),
});

/** The same, kept up to date while somebody looks. */
export function useHome() {
  const queries = useQueryClient();
  const query = useQuery(homeQuery);
  useLive(["home", "tasks", "journeys"], { keys: [["home"]] });
  useLive(["pipeline"], {
    on: ({ data }) => {
      const rate = (data as { events_per_second?: number } | null)?.events_per_second;
      const state = queries.getQueryState<Home>(KEY);
      // The moment of reading is kept, so that it says how old the rest is.
      if (state?.data) queries.setQueryData<Home>(KEY, { ...state.data, events_per_second: rate }, { updatedAt: state.dataUpdatedAt });
    },
  });
  return query;
}
