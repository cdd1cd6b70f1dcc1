import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useSyncExternalStore } from "react";
import { Live, type Interest, type LiveState } from "./live";

export type { Interest, LiveMessage, LiveState } from "./live";

const live = new Live();

/**
 * Keeps what this component shows up to date: `useLive(["segments", "segment:seg_…"])`. When the server tells of a change, the
 * queries that begin with the topic's word (and name its id) are asked again, if they are shown; `on` takes the state itself
 * instead. Topics: jobs, imports, pipeline, home, health, members, member:ID, segments, segment:ID, journeys, journey:ID,
 * deliveries, tasks.
 */
export function useLive(topics: readonly string[], options: Omit<Interest, "topics"> = {}): void {
  const latest = useRef(options);
  latest.current = options;
  const name = topics.join();
  const hasOn = options.on !== undefined;
  const moves = options.moves ?? false;
  const keys = JSON.stringify(options.keys ?? null);
  useEffect(() => {
    if (name === "") return;
    return live.add({
      topics: name.split(","),
      moves,
      keys: latest.current.keys,
      on: hasOn ? (message) => latest.current.on?.(message) : undefined,
    });
  }, [name, hasOn, moves, keys]);
}

/** Holds the connection; once, around all pages. */
export function useLiveConnection(): void {
  const queries = useQueryClient();
  useEffect(() => live.start(queries), [queries]);
}

/** How the connection is, for the banner. */
export function useLiveState(): LiveState {
  return useSyncExternalStore(live.subscribe, live.getState);
}
