import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, asProblem, got } from "@/lib/api";

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

/** What the server's list of words holds, whichever kind was asked for. */
interface WireWord {
  name?: string;
  path?: string;
  tag?: string;
  key?: string;
  id?: string;
  value?: string | number | boolean;
  title?: string | null;
  members?: number | null;
  size?: number | null;
  type?: string | null;
  types?: string[] | null;
  examples?: (string | number | boolean)[] | null;
}

type UntypedGet = (path: string, init: object) => Promise<{ data?: { items: WireWord[] }; error?: unknown; response: Response }>;

async function readWords(asked: WordsAsked, signal: AbortSignal): Promise<RuleWord[]> {
  const get = api.GET as unknown as UntypedGet;
  try {
    const reply = await got(get("/api/v1/rule-words", { params: { query: { ...asked, limit: 200 } }, signal }));
    return reply.items.flatMap(wordOf);
  } catch (error) {
    // A server that has no such list, or a role that may not see people's words: names are typed by hand then.
    if (![403, 404, 405].includes(asProblem(error).status)) throw error;
    return otherWords(asked, signal);
  }
}

function wordOf(wire: WireWord): RuleWord[] {
  const value = wire.value ?? wire.id ?? wire.key ?? wire.tag ?? wire.path ?? wire.name;
  if (value === undefined) return [];
  const title = wire.title ?? (wire.id || wire.key ? wire.name : undefined);
  const types = wire.types ?? (wire.type ? [wire.type] : undefined);
  return [{ value, title: title ?? undefined, members: wire.members ?? wire.size ?? undefined, types, examples: wire.examples ?? undefined }];
}

async function otherWords(asked: WordsAsked, signal: AbortSignal): Promise<RuleWord[]> {
  const query = { limit: 500 };
  if (asked.of === "segments") {
    const page = await got(api.GET("/api/v1/segments", { params: { query }, signal }));
    return page.items.map((segment) => ({ value: segment.id, title: segment.name, members: segment.size }));
  }
  if (asked.of === "stages") {
    const ladder = await got(api.GET("/api/v1/stages", { signal }));
    return ladder.stages.map((stage) => ({ value: stage.key, title: stage.name, members: stage.members }));
  }
  if (asked.of === "traits") {
    const page = await got(api.GET("/api/v1/traits", { signal }));
    return page.items.map((one) => ({ value: one.name, title: one.title, types: [one.value_type] }));
  }
  return [];
}

const MINUTE = 60_000;

/** What may be named in a place of a rule. Nothing is lost when the list is empty: whatever is typed counts. */
export function useRuleWords(asked: WordsAsked, isWanted = true) {
  return useQuery({
    queryKey: ["rule-words", asked],
    queryFn: ({ signal }) => readWords(asked, signal),
    enabled: isWanted,
    staleTime: MINUTE,
    retry: false,
    placeholderData: "search" in asked ? keepPreviousData : undefined,
  });
}
