import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ask, type ListPage } from "@/lib/api";
import type { Board } from "@/features/insight";

export type { Board, BoardCard } from "@/features/insight";

/** What people say of a board; the rest the server adds. */
export type BoardBody = Pick<Board, "name" | "cards" | "period">;

const KEY = ["boards"];
export const boardKey = (id: string) => [...KEY, "one", id];

const address = (id: string) => `/api/v1/boards/${encodeURIComponent(id)}`;

export const readBoard = (id: string, signal?: AbortSignal) => ask<Board>("GET", address(id), { signal });

/** Refused with 409 when somebody else has saved since that version. */
export const writeBoard = (id: string, body: BoardBody & { version: number }) => ask<Board>("PUT", address(id), { body });

export function useBoards() {
  return useQuery({
    queryKey: [...KEY, "list"],
    queryFn: ({ signal }) => ask<ListPage<Board>>("GET", "/api/v1/boards", { query: { limit: 200 }, signal }),
    select: (page) => page.items,
  });
}

export function useBoard(id: string) {
  return useQuery({ queryKey: boardKey(id), queryFn: ({ signal }) => readBoard(id, signal) });
}

export function useMakeBoard() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: BoardBody) => ask<Board>("POST", "/api/v1/boards", { body }),
    onSuccess: (board) => {
      queries.setQueryData(boardKey(board.id), board);
      return queries.invalidateQueries({ queryKey: [...KEY, "list"] });
    },
  });
}

export function useDeleteBoard() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => ask<undefined>("DELETE", address(id)),
    onSuccess: (_, id) => {
      queries.removeQueries({ queryKey: boardKey(id) });
      return queries.invalidateQueries({ queryKey: [...KEY, "list"] });
    },
  });
}

export function bodyOf({ name, cards, period }: BoardBody): BoardBody {
  return { name, cards, period: period ?? null };
}
