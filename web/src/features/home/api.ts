import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, got } from "@/lib/api";
import { liveInterval } from "@/lib/live";

/** The start of yesterday and of today, in the workspace's zone, as the API writes moments. */
export function lastDays(now: Date, timeZone: string): { yesterday: string; today: string } {
  const today = startOfDay(now, timeZone);
  const yesterday = startOfDay(new Date(today.getTime() - 12 * 3_600_000), timeZone);
  return { yesterday: yesterday.toISOString(), today: today.toISOString() };
}

/** The last midnight before a moment. A zone's offset may change in the night, so it is asked for at the midnight itself. */
function startOfDay(moment: Date, timeZone: string): Date {
  const clock = new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
  const since = (at: Date) => {
    const [hours = 0, minutes = 0, seconds = 0] = clock.format(at).split(":").map(Number);
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + at.getMilliseconds();
  };
  const guess = new Date(moment.getTime() - since(moment));
  const rest = since(guess);
  if (rest === 0) return guess;
  return new Date(guess.getTime() + (rest > 12 * 3_600_000 ? 24 * 3_600_000 - rest : -rest));
}

export function useStages() {
  return useQuery({
    queryKey: ["stages"],
    queryFn: ({ signal }) => got(api.GET("/api/v1/stages", { signal })),
    refetchInterval: liveInterval(false),
  });
}

/** How members moved since midnight, or during yesterday. */
export function useMovement(from: string, to: string) {
  return useQuery({
    queryKey: ["stages", "transitions", from, to],
    queryFn: ({ signal }) => got(api.GET("/api/v1/stages/transitions", { params: { query: { from, to } }, signal })),
    placeholderData: keepPreviousData,
  });
}

/** Changes once a minute, so that what is asked for "until now" can be kept. */
export function useMinute(now: number): string {
  const minute = Math.floor(now / 60_000);
  return useMemo(() => new Date(minute * 60_000).toISOString(), [minute]);
}

export function useMessages() {
  return useQuery({
    queryKey: ["deliveries", "summary"],
    queryFn: ({ signal }) => got(api.GET("/api/v1/deliveries/summary", { signal })),
    refetchInterval: liveInterval(false),
  });
}

export function useQueues() {
  return useQuery({
    queryKey: ["outbox"],
    queryFn: ({ signal }) => got(api.GET("/api/v1/outbox", { signal })),
    refetchInterval: liveInterval(false),
  });
}

const SHOWN = 6;

export function useRunningJourneys() {
  return useQuery({
    queryKey: ["journeys", "home"],
    queryFn: ({ signal }) => got(api.GET("/api/v1/journeys", { params: { query: { limit: 100 } }, signal })),
    select: (page) => {
      const live = page.items.filter((journey) => journey.state === "live");
      return { shown: live.slice(0, SHOWN), count: live.length };
    },
  });
}

/** What waits for a person: open tasks and suggested merges. */
export function useWaiting() {
  return useQuery({
    queryKey: ["home", "waiting"],
    queryFn: async ({ signal }) => {
      const [tasks, merges] = await Promise.all([
        got(api.GET("/api/v1/tasks", { params: { query: { state: "open", limit: 100 } }, signal })),
        got(api.GET("/api/v1/merge-suggestions", { params: { query: { limit: 100 } }, signal })),
      ]);
      return {
        tasks: { count: tasks.items.length, hasMore: Boolean(tasks.next) },
        merges: { count: merges.items.length, hasMore: Boolean(merges.next) },
      };
    },
    refetchInterval: liveInterval(false),
  });
}
