import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useState } from "react";
import { api, got, type CursorList, type ListPage } from "@/lib/api";
import type { Member } from "../search";
import type { MemberFilter } from "./filters";

/** A page, and how many members were looked at for it when a text was looked for. */
export interface MemberPageOfList extends ListPage<Member> {
  searched?: { members: number; done: boolean } | null;
}

/** So many found members are enough until somebody scrolls. */
const ENOUGH = 50;

export interface MemberList extends CursorList<Member> {
  /** How far a search has come; null when none is needed. */
  search: { looked: number; isGoing: boolean; isDone: boolean; stop: () => void; goOn: () => void } | null;
}

/** How many more pages a search should read by itself: until there is enough to look at, or nothing is left. */
export function mustGoOn(pages: readonly MemberPageOfList[], wanted: number): boolean {
  const last = pages.at(-1);
  if (!last?.searched || last.searched.done || !last.next) return false;
  return pages.reduce((found, page) => found + page.items.length, 0) < wanted;
}

export function lookedAt(pages: readonly MemberPageOfList[]): number {
  return pages.reduce((looked, page) => looked + (page.searched?.members ?? 0), 0);
}

function fetchMembers(filter: MemberFilter, cursor: string | undefined, signal: AbortSignal): Promise<MemberPageOfList> {
  return got(
    api.GET("/api/v1/members", {
      params: { query: { ...filter, cursor } },
      // A tag stands in the address once for each value.
      querySerializer: { array: { style: "form", explode: true } },
      signal,
    }),
  );
}

/**
 * Members, newest first, as far as one scrolls. A text is looked for in slices of the members; while little is found the
 * next slice is asked for by itself, until somebody stops it.
 */
export function useMemberList(filter: MemberFilter): MemberList {
  const queries = useQueryClient();
  const key = useMemo(() => ["members", "list", filter], [filter]);
  const [isStopped, setIsStopped] = useState(false);
  const [wanted, setWanted] = useState(ENOUGH);
  useEffect(() => {
    setIsStopped(false);
    setWanted(ENOUGH);
  }, [key]);

  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => fetchMembers(filter, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const { data, fetchNextPage, isFetchingNextPage, isFetchNextPageError } = query;
  const pages = useMemo(() => data?.pages ?? [], [data]);
  const items = useMemo(() => pages.flatMap((page) => page.items), [pages]);

  const goesOn = mustGoOn(pages, wanted) && !isStopped && !isFetchNextPageError;
  useEffect(() => {
    if (goesOn && !isFetchingNextPage) void fetchNextPage();
  }, [goesOn, isFetchingNextPage, fetchNextPage]);

  const more = useCallback(() => {
    setIsStopped(false);
    setWanted((before) => Math.max(before, items.length + ENOUGH));
    void fetchNextPage();
  }, [fetchNextPage, items.length]);
  const stop = useCallback(() => {
    setIsStopped(true);
    void queries.cancelQueries({ queryKey: key });
  }, [queries, key]);

  const isSearch = pages.some((page) => page.searched);
  return {
    items,
    isLoading: query.isPending,
    isFetching: query.isFetching,
    error: query.data ? null : query.error,
    hasMore: query.hasNextPage,
    isLoadingMore: isFetchingNextPage,
    more,
    retry: () => void query.refetch(),
    search: isSearch
      ? { looked: lookedAt(pages), isGoing: goesOn || isFetchingNextPage, isDone: !query.hasNextPage, stop, goOn: more }
      : null,
  };
}
