import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, got, type Schemas } from "@/lib/api";
import type { BoardCard } from "../api/types";

const KEY = ["boards"];

export function useBoardChoices(isWanted: boolean) {
  return useQuery({
    queryKey: [...KEY, "choices"],
    enabled: isWanted,
    queryFn: ({ signal }) => got(api.GET("/api/v1/boards", { params: { query: { limit: 200 } }, signal })),
    select: (list) => list.items,
  });
}

/** Puts a card at the end of a board, or on a new one. */
export function useSaveCard() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ board, name, card }: { board: string | null; name: string; card: BoardCard }) => {
      // To the document a question is any object.
      const sent = card as unknown as Schemas["CardBody"];
      if (board === null) return got(api.POST("/api/v1/boards", { body: { name, cards: [sent], period: null } }));
      const params = { path: { id: board } };
      // The board as it is now, so that nothing is lost that somebody else has put on it.
      const { version, name: called, cards, period } = await got(api.GET("/api/v1/boards/{id}", { params }));
      return got(api.PUT("/api/v1/boards/{id}", { params, body: { version, name: called, cards: [...cards, sent], period } }));
    },
    onSuccess: () => void queries.invalidateQueries({ queryKey: KEY }),
  });
}
