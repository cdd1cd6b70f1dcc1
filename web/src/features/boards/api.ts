import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, got, type Schemas } from "@/lib/api";
import type { Board } from "@/features/insight";

export type { Board, BoardCard } from "@/features/insight";

/** What people say of a board; the rest the server adds. */
export type BoardBody = Pick<Board, "name" | "cards" | "period">;

const KEY = ["boards"];
export const boardKey = (id: string) => [...KEY, "one", id];

const path = (id: string) => ({ params: { path: { id } } });
// To the document the question of a card is any object, and its width any number.
const sent = (body: BoardBody & { version?: number }) => body as unknown as Schemas["BoardBody"];
const read = async (reply: Promise<Schemas["BoardDto"]>) => (await reply) as unknown as Board;

export const readBoard = (id: string, signal?: AbortSignal) => read(got(api.GET("/api/v1/boards/{id}", { ...path(id), signal })));
export const makeBoard = (body: BoardBody) => read(got(api.POST("/api/v1/boards", { body: sent(body) })));

/** Refused with 409 when somebody else has saved since that version. */
export const writeBoard = (id: string, body: BoardBody & { version: number }) => read(got(api.PUT("/api/v1/boards/{id}", { ...path(id), body: sent(body) })));

export function useBoards() {
  return useQuery({
    queryKey: [...KEY, "list"],
    queryFn: ({ signal }) => got(api.GET("/api/v1/boards", { params: { query: { limit: 200 } }, signal })),
    select: (page) => page.items as unknown as Board[],
  });
}

export function useBoard(id: string) {
  return useQuery({ queryKey: boardKey(id), queryFn: ({ signal }) => readBoard(id, signal) });
}

export function useMakeBoard() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: makeBoard,
    onSuccess: (board) => {
      queries.setQueryData(boardKey(board.id), board);
      return queries.invalidateQueries({ queryKey: [...KEY, "list"] });
    },
  });
}

export function useDeleteBoard() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => got(api.DELETE("/api/v1/boards/{id}", path(id))),
    onSuccess: (_, id) => {
      queries.removeQueries({ queryKey: boardKey(id) });
      return queries.invalidateQueries({ queryKey: [...KEY, "list"] });
    },
  });
}

export function bodyOf({ name, cards, period }: BoardBody): BoardBody {
  return { name, cards, period: period ?? null };
}
