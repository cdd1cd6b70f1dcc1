import { useQuery, useQueryClient } from "@tanstack/react-query";
import { ask, isNotThere } from "@/lib/api";
import type { ServerWords } from "@/lib/i18n/server-words";
import { useLive } from "@/lib/live";
import { useTimeZone } from "@/lib/session";
import { homeFromLists } from "./lists";

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
  entered?: number | null;
  left?: number | null;
}

export interface GroupInNeed {
  id: string;
  name?: string | null;
  members?: number | null;
  active_7d?: number | null;
  posts_7d?: number | null;
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
  words?: ServerWords | null;
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
/** What the stream does not bring is asked for again after so long, when something moved. */
const OLD = 60_000;

/** Today at a glance, in one question; kept up to date while somebody looks. */
export function useHome() {
  const queries = useQueryClient();
  const timeZone = useTimeZone();
  const query = useQuery({
    queryKey: KEY,
    queryFn: async ({ signal }): Promise<Home> => {
      try {
        return await ask<Home>("GET", "/api/v1/home", { query: { compare: "yesterday" }, signal });
      } catch (error) {
        if (!isNotThere(error)) throw error;
        return homeFromLists(new Date(), timeZone, signal);
      }
    },
  });
  useLive(["home"], {
    on: ({ data }) => {
      const news = data as Partial<Home> | null;
      const state = queries.getQueryState<Home>(KEY);
      if (!news || !state?.data) return;
      // The moment of reading is kept, so that it says how old the rest is.
      queries.setQueryData<Home>(KEY, withNews(state.data, news), { updatedAt: state.dataUpdatedAt });
      if (Date.now() - state.dataUpdatedAt > OLD) void queries.invalidateQueries({ queryKey: KEY });
    },
  });
  return query;
}

/** The numbers that were just told over those that were read; what was not told stays. */
export function withNews(home: Home, news: Partial<Home>): Home {
  return {
    ...home,
    members: news.members ?? home.members,
    events_per_second: news.events_per_second ?? home.events_per_second,
    today: { ...home.today, ...Object.fromEntries(Object.entries(news.today ?? {}).filter(([, value]) => value !== null && value !== undefined)) },
  };
}
