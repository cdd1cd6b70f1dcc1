import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, asProblem, got, Problem } from "@/lib/api";
import { bodyOf, isUnfiltered } from "../list/filters";
import type { Member } from "../search";
import { wouldChange, type Act, type Target } from "./target";

/** What a bulk action would do. Numbers that a server cannot tell are missing. */
export interface BulkPreview {
  members: number;
  /** False while counting all would take too long: the number is then a good guess. */
  exact?: boolean;
  would_change?: number | null;
  unchanged?: number | null;
  /** How many it would refuse, by the code of the reason. */
  refused?: Record<string, number>;
}

interface Begun {
  job_id?: string | null;
  members?: number;
}

type Post = (path: string, init: { body: object; signal?: AbortSignal }) => Promise<{ data?: unknown; error?: unknown; response: Response }>;
const post = api.POST as unknown as Post;

function bodyFor(target: Target, act: Act): object {
  return { of: "filter" in target ? { filter: bodyOf(target.filter) } : target, do: act };
}

const isMissing = (error: unknown) => [404, 405].includes(asProblem(error).status);

/** Says in numbers what an act would do, before it is done. */
export function useBulkPreview(target: Target | null, act: Act | null, shown: readonly Member[]) {
  return useQuery({
    queryKey: ["members", "bulk", target, act],
    enabled: target !== null && act !== null,
    placeholderData: keepPreviousData,
    staleTime: 0,
    queryFn: async ({ signal }): Promise<BulkPreview> => {
      if (!target || !act) throw new Error("nothing to preview");
      try {
        return (await got(post("/api/v1/members/bulk/preview", { body: bodyFor(target, act), signal }))) as BulkPreview;
      } catch (error) {
        if (!isMissing(error)) throw error;
        return previewHere(target, act, shown, signal);
      }
    },
  });
}

/** For a server without that call: what can be told from the rows that were read, and from the sizes that it has. */
async function previewHere(target: Target, act: Act, shown: readonly Member[], signal: AbortSignal): Promise<BulkPreview> {
  if ("members" in target) {
    const chosen = shown.filter((member) => target.members.includes(member.id));
    const members = target.members.length;
    if (!("tags" in act) || chosen.length < members) return { members };
    const changed = wouldChange(chosen, act.tags);
    return { members, would_change: changed, unchanged: members - changed };
  }
  const { segment, ...rest } = target.filter;
  if (!segment || !isUnfiltered(rest)) throw new Problem("not_found", 404, "This server cannot change all that match a filter");
  const { size } = await got(api.GET("/api/v1/segments/{id}", { params: { path: { id: segment } }, signal }));
  return { members: size };
}

interface Bulk {
  target: Target;
  act: Act;
  /** What the preview said; the server refuses when it is true no more. */
  expected: number;
}

async function begin({ target, act, expected }: Bulk): Promise<Begun> {
  try {
    return (await got(post("/api/v1/members/bulk", { body: { ...bodyFor(target, act), expected_members: expected } }))) as Begun;
  } catch (error) {
    if (!isMissing(error)) throw error;
    return beginOlder(target, act, error);
  }
}

async function beginOlder(target: Target, act: Act, error: unknown): Promise<Begun> {
  const segment = "filter" in target && isUnfiltered({ ...target.filter, segment: undefined }) ? target.filter.segment : undefined;
  const of = "members" in target ? { members: target.members } : segment ? { segment } : null;
  if (!of) throw error;
  if ("tags" in act) return got(api.POST("/api/v1/tags/bulk", { body: { ...of, ...act.tags } }));
  const entered = await got(api.POST("/api/v1/journeys/{id}/enter", { params: { path: { id: act.enter.journey } }, body: of }));
  return { job_id: entered.job, members: entered.asked };
}

export function useBulk() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: begin,
    onSuccess: () => Promise.all([queries.invalidateQueries({ queryKey: ["jobs"] }), queries.invalidateQueries({ queryKey: ["members", "list"] })]),
  });
}
