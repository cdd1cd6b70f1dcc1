import { QueryClient, useInfiniteQuery, type QueryKey } from "@tanstack/react-query";
import { useMemo } from "react";
import { Problem } from "./problem";

const TRIES = 3;

/** Only what may pass by itself is tried again; a refusal is shown at once. */
function again(failures: number, error: Error): boolean {
  return error instanceof Problem && error.isPassing && failures < TRIES - 1;
}

export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 15_000,
        gcTime: 10 * 60_000,
        retry: again,
        retryDelay: (attempt, error) =>
          error instanceof Problem && error.retryAfter ? error.retryAfter * 1000 : Math.min(1000 * 2 ** attempt, 8000),
        // With a lost connection we want our own words rather than a query that is paused for ever.
        networkMode: "always",
      },
      mutations: { retry: false, networkMode: "always" },
    },
  });
}

/** One page of a list, as the API gives it. */
export interface ListPage<T> {
  items: T[];
  next?: string | null;
}

/** A list that grows page by page, by the API's cursor. */
export interface CursorList<T> {
  items: T[];
  isLoading: boolean;
  isFetching: boolean;
  error: Error | null;
  hasMore: boolean;
  isLoadingMore: boolean;
  more: () => void;
  retry: () => void;
}

export type FetchPage<T> = (cursor: string | undefined, signal: AbortSignal) => Promise<ListPage<T>>;

/** Reads a list page by page. What is in `key` decides which list; an answer for an earlier key is cancelled. */
export function useCursorList<T>(key: QueryKey, fetchPage: FetchPage<T>): CursorList<T> {
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => fetchPage(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const items = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  return {
    items,
    isLoading: query.isPending,
    isFetching: query.isFetching,
    error: query.data ? null : query.error,
    hasMore: query.hasNextPage,
    isLoadingMore: query.isFetchingNextPage,
    more: () => void query.fetchNextPage(),
    retry: () => void query.refetch(),
  };
}
