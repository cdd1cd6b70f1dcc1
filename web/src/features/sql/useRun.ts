import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { isAborted } from "@/lib/api";
import { HISTORY, runQuery, type SqlAnswer } from "./api";

export interface Run {
  /** The query as it was asked, which may differ from what is being written. */
  query: string;
  answer: SqlAnswer | null;
  error: unknown;
  /** Since when it runs, by the browser's clock; null when it has ended. */
  since: number | null;
  wasStopped: boolean;
}

interface Running {
  run: Run | null;
  start: (query: string, limit: number) => void;
  stop: () => void;
}

/** One query at a time: a new one takes the place of one that still runs, which is then given up. */
export function useRun(): Running {
  const queries = useQueryClient();
  const [run, setRun] = useState<Run | null>(null);
  const under = useRef<AbortController | null>(null);

  const start = useCallback(
    (query: string, limit: number) => {
      under.current?.abort();
      const mine = new AbortController();
      under.current = mine;
      const begun = Date.now();
      // The former answer stays in sight until the next one is there.
      setRun((before) => ({ query, answer: before?.answer ?? null, error: null, since: begun, wasStopped: false }));
      const end = (ended: Partial<Run>) => {
        if (under.current !== mine) return;
        under.current = null;
        setRun((before) => ({ query, answer: before?.answer ?? null, error: null, wasStopped: false, ...ended, since: null }));
        void queries.invalidateQueries({ queryKey: HISTORY });
      };
      runQuery(query, limit, mine.signal).then(
        (answer) => end({ answer }),
        (error: unknown) => end(isAborted(error) || mine.signal.aborted ? { wasStopped: true } : { error, answer: null }),
      );
    },
    [queries],
  );

  const stop = useCallback(() => under.current?.abort(), []);
  // Whoever goes away wants no answer any more.
  useEffect(
    () => () => {
      const left = under.current;
      under.current = null;
      left?.abort();
    },
    [],
  );
  return { run, start, stop };
}

/** How long something takes already, in seconds, four times a second. */
export function useSeconds(since: number | null): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (since === null) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, [since]);
  return since === null ? 0 : Math.max(0, (now - since) / 1000);
}
