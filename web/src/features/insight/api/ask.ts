import { useQuery } from "@tanstack/react-query";
import { api, ask, got, Problem } from "@/lib/api";
import type { Answers, Asked, Kind, Names, Property, Questions } from "./types";

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

/** Names of events; of the frequent properties of all of them, or of those that one was seen with. */
export function useInsightNames(event: string | null | undefined = null, isWanted = true) {
  return useQuery({
    queryKey: ["insight", "names", event ?? null],
    enabled: isWanted,
    staleTime: 5 * MINUTE,
    retry: false,
    queryFn: async ({ signal }): Promise<Names> => {
      const [events, properties] = await Promise.all([
        got(api.GET("/api/v1/rule-words", { params: { query: { of: "events", limit: MOST_NAMES } }, signal })),
        event ? propertiesOf(event, signal) : frequentProperties(signal),
      ]);
      return { events: events.items.map(({ name }) => ({ name })), properties };
    },
  });
}

const MOST_NAMES = 200;

async function propertiesOf(event: string, signal: AbortSignal): Promise<Property[]> {
  const { items } = await got(api.GET("/api/v1/rule-words", { params: { query: { of: "properties", event, limit: MOST_NAMES } }, signal }));
  return items.map(({ name, types = [], examples = [] }) => ({
    name,
    type: types.length === 1 ? typeOf(types[0]) : "mixed",
    values: examples.flatMap((one) => (["string", "number", "boolean"].includes(typeof one) ? [String(one)] : [])),
  }));
}

/** The properties that are frequent enough for a column of their own. */
async function frequentProperties(signal: AbortSignal): Promise<Property[]> {
  const { tables } = await got(api.GET("/api/v1/insight/sql/schema", { signal }));
  const columns = tables.find(({ name }) => name === "events")?.columns ?? [];
  return columns.flatMap(({ name, type }) => (name.startsWith(COLUMN) ? [{ name: name.slice(COLUMN.length), type: typeOf(type), values: [] }] : []));
}

const COLUMN = "properties.";

function typeOf(word: string | undefined): Property["type"] {
  if (word === "number" || word === "double") return "number";
  return word === "boolean" || word === "text" ? word : "mixed";
}
