import { useQuery } from "@tanstack/react-query";
import { ask, Problem } from "@/lib/api";
import type { Answers, Asked, Kind, Names, Questions } from "./types";

const MINUTE = 60_000;
const TRIES = 3;
const MOST_TRIES = 30;

/** Under which an answer is kept: by the question as it is sent. */
export const answerKey = (kind: Kind, question: unknown) => ["insight", kind, question] as const;

/**
 * The answer to a question. While a changed question is answered, the former answer stays; the request that nobody waits
 * for any more is given up, and the server gives it up, too.
 */
export function useAnswer<K extends Kind>(kind: K, question: Questions[K] | null) {
  return useQuery({
    queryKey: answerKey(kind, question),
    enabled: question !== null,
    staleTime: MINUTE,
    // Whoever comes back to the window finds what he left; a question may be dear.
    refetchOnWindowFocus: false,
    // While histories are read at the start the server says when to come back: that is worth waiting for.
    retry: (failures, error) => error instanceof Problem && error.isPassing && failures < (error.retryAfter ? MOST_TRIES : TRIES) - 1,
    queryFn: async ({ signal }): Promise<Asked<K>> => {
      const asked = question as Questions[K];
      return { question: asked, answer: await ask<Answers[K]>("POST", `/api/v1/insight/${kind}`, { body: asked, signal }) };
    },
    placeholderData: (before, query) => (query?.queryKey[1] === kind ? before : undefined),
  });
}

/** Names of events; of the properties of all of them, or of one. */
export function useInsightNames(event: string | null | undefined = null, isWanted = true) {
  return useQuery({
    queryKey: ["insight", "names", event ?? null],
    enabled: isWanted,
    staleTime: 5 * MINUTE,
    retry: false,
    queryFn: ({ signal }) => ask<Names>("GET", "/api/v1/insight/names", { query: { event: event ?? undefined }, signal }),
  });
}
