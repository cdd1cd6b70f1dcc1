import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, got, type Schemas } from "@/lib/api";
import { useStageName } from "@/lib/names";

/** One thing that a rule may name: an event, a property, a trait, a value, a tag, a stage, a segment or a group. */
export interface RuleWord {
  /** What the rule says. */
  value: string | number | boolean;
  /** What people call it, where that is something else. */
  title?: string;
  /** How many members have it, where that is known. */
  members?: number;
  /** `number`, `text`, `boolean`, `date` …; for properties and traits. */
  types?: string[];
  examples?: (string | number | boolean)[];
}

export type WordsAsked =
  | { of: "events" | "traits" | "tags" | "stages" | "segments" | "groups" }
  | { of: "properties"; event: string }
  | { of: "values"; trait: string; search?: string }
  | { of: "values"; event: string; property: string; search?: string };

const MOST = 200;

async function readWords(asked: WordsAsked, signal: AbortSignal): Promise<RuleWord[]> {
  const reply = await got(api.GET("/api/v1/rule-words", { params: { query: { ...asked, limit: MOST } }, signal }));
  return reply.items.map(wordOf);
}

/** The value of a word is what a rule writes; its name is what people call it. */
function wordOf(word: Schemas["RuleWord"]): RuleWord {
  const value = (word.value ?? word.key ?? word.name) as RuleWord["value"];
  const title = word.title ?? (word.key ? word.name : undefined);
  const examples = (word.examples ?? []) as unknown as NonNullable<RuleWord["examples"]>;
  return { value, title: title ?? undefined, members: word.members ?? undefined, types: word.types, examples: examples.filter((one) => typeof one !== "object") };
}

const MINUTE = 60_000;

/** What may be named in a place of a rule. Nothing is lost when the list is empty: whatever is typed counts. */
export function useRuleWords(asked: WordsAsked, isWanted = true) {
  const stageName = useStageName();
  return useQuery({
    queryKey: ["rule-words", asked],
    queryFn: ({ signal }): Promise<RuleWord[]> => readWords(asked, signal),
    select: (words: RuleWord[]) => (asked.of === "stages" ? words.map((word) => ({ ...word, title: word.title && stageName(String(word.value), word.title) })) : words),
    enabled: isWanted,
    staleTime: MINUTE,
    retry: false,
    placeholderData: "search" in asked ? keepPreviousData<RuleWord[]> : undefined,
  });
}
