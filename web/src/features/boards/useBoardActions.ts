import { useNavigate } from "@tanstack/react-router";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { useUndoToast } from "@/ui";
import { bodyOf, useDeleteBoard, useMakeBoard, type Board, type BoardBody } from "./api";

// @messages boards
/** What is done with whole boards. */
export function useBoardActions() {
  const { t } = useTranslation("boards");
  const navigate = useNavigate();
  const toast = useUndoToast();
  const { mutateAsync: make, isPending: isMaking } = useMakeBoard();
  const { mutateAsync: remove } = useDeleteBoard();

  const open = useCallback((board: Board) => navigate({ to: "/insight/boards/$boardId", params: { boardId: board.id } }), [navigate]);

  /** A board is nothing but its own words, so it can be made anew just as it was. */
  const removeBoard = useCallback(
    async (board: Board, body: BoardBody) => {
      await navigate({ to: "/insight/boards" });
      await remove(board.id);
      toast(t("deleted", { name: body.name }), async () => open(await make(bodyOf(body))));
    },
    [navigate, remove, toast, t, open, make],
  );

  return { make, isMaking, open, removeBoard };
}
