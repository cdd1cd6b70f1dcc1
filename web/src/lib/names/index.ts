import { useQueries, useQuery, type QueryClient } from "@tanstack/react-query";
import { Batch } from "./batch";
import { loadNames, type Named } from "./load";

export { calledName, memberName, strengthOf } from "./person";
export { useStageName } from "./stage";
export { useTopicName } from "./topic";
export type { Named } from "./load";

/** Everything on a page that is asked for within one picture of the screen goes in one request. */
const batch = new Batch<string, Named>(loadNames, 500, 16);

const KEPT = 5 * 60_000;

const nameQuery = (id: string) => ({
  queryKey: ["names", id],
  queryFn: () => batch.get(id),
  staleTime: KEPT,
  // A name that does not come is no reason to disturb anybody: the id is shown instead.
  retry: 1,
});

/**
 * What `mem_…`, `seg_…`, `jrn_…`, `tpl_…`, `chn_…`, `usr_…`, `user:usr_…` or `key:key_…` is called: undefined while it is
 * asked for, null when there is no name.
 */
export function useName(id: string | null | undefined): Named | null | undefined {
  const query = useQuery({ ...nameQuery(id ?? ""), enabled: Boolean(id) });
  if (!id) return null;
  return query.isError ? null : query.data;
}

/** Whether the server knows nothing of that id: not that it was not asked yet, or did not answer. */
export function useIsUnknown(id: string | null): boolean {
  const query = useQuery({ ...nameQuery(id ?? ""), enabled: Boolean(id) });
  return query.isSuccess && query.data === null;
}

/** The names of many, by their ids; what is not known (yet) is not in it. */
export function useNames(ids: readonly string[]): ReadonlyMap<string, Named> {
  return useQueries({
    queries: [...new Set(ids)].map(nameQuery),
    combine: (results) => {
      const names = new Map<string, Named>();
      [...new Set(ids)].forEach((id, place) => {
        const named = results[place]?.data;
        if (named) names.set(id, named);
      });
      return names;
    },
  });
}

/** Remembers a name that a page has read anyway, so that nobody asks for it again. */
export function rememberName(queries: QueryClient, id: string, named: Named): void {
  queries.setQueryData(["names", id], named);
}

/** To be called after something was renamed or became one with another. */
export function forgetName(queries: QueryClient, id: string): void {
  void queries.invalidateQueries({ queryKey: ["names", id] });
}
