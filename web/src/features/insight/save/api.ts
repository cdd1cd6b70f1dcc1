import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ask } from "@/lib/api";
import type { Board, BoardCard } from "../api/types";

const KEY = ["boards"];

export function useBoardChoices(isWanted: boolean) {
  return useQuery({
    queryKey: [...KEY, "choices"],
    enabled: isWanted,
    queryFn: ({ signal }) => ask<{ items: Board[] }>("GET", "/api/v1/boards", { signal }),
    select: (list) => list.items,
  });
}

/** Puts a card at the end of a board, or on a new one. */
export function useSaveCard() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ board, name, card }: { board: string | null; name: string; card: BoardCard }): Promise<Board> => {
      if (board === null) return ask<Board>("POST", "/api/v1/boards", { body: { name, cards: [card], period: null } });
      // The board as it is now, so that nothing is lost that somebody else has put on it.
      const now = await ask<Board>("GET", `/api/v1/boards/${board}`);
      const { version, name: called, cards, period } = now;
      return ask<Board>("PUT", `/api/v1/boards/${board}`, { body: { version, name: called, cards: [...cards, card], period } });
    },
    onSuccess: () => void queries.invalidateQueries({ queryKey: KEY }),
  });
}
