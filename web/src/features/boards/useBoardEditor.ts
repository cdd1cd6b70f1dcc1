import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { asProblem } from "@/lib/api";
import { useTellProblem } from "@/ui";
import { boardKey, readBoard, writeBoard, type Board, type BoardBody } from "./api";
import { keyed, type PlacedCard } from "./cards";

export interface Draft {
  name: string;
  cards: PlacedCard[];
  period: string | null;
}

export interface BoardEditor {
  draft: Draft;
  change: (next: (draft: Draft) => Draft) => void;
  state: "saved" | "saving" | "unsaved";
  retry: () => void;
  /** What somebody else has saved meanwhile; nothing is saved until it is decided what holds. */
  conflict: Board | null;
  /** With `null` theirs holds; otherwise this, over theirs. */
  resolve: (body: BoardBody | null) => void;
  later: () => void;
}

const draftOf = (board: Board, before: readonly PlacedCard[]): Draft => ({ name: board.name, period: board.period ?? null, cards: keyed(board.cards, before) });

export const bodyOfDraft = ({ name, cards, period }: Draft): BoardBody => ({ name, period, cards: cards.map((one) => one.card) });

/** A board saves each change by itself, one after the other, always over the version that it knows. */
export function useBoardEditor(board: Board): BoardEditor {
  const queries = useQueryClient();
  const tell = useTellProblem();
  const [draft, setDraft] = useState(() => draftOf(board, []));
  const [state, setState] = useState<BoardEditor["state"]>("saved");
  const [conflict, setConflict] = useState<Board | null>(null);
  const known = useRef(board);
  const now = useRef(draft);
  const isSaving = useRef(false);
  const isChanged = useRef(false);

  const show = useCallback((next: Draft) => {
    now.current = next;
    setDraft(next);
  }, []);

  const save = useCallback(async () => {
    isChanged.current = true;
    if (isSaving.current) return;
    isSaving.current = true;
    setState("saving");
    try {
      while (isChanged.current) {
        isChanged.current = false;
        const { id, version } = known.current;
        known.current = await writeBoard(id, { ...bodyOfDraft(now.current), version });
        queries.setQueryData(boardKey(id), known.current);
      }
      setState("saved");
      void queries.invalidateQueries({ queryKey: ["boards", "list"] });
    } catch (error) {
      isChanged.current = true;
      setState("unsaved");
      if (asProblem(error).status !== 409) tell(error);
      else await readBoard(known.current.id).then(setConflict, tell);
    } finally {
      isSaving.current = false;
    }
  }, [queries, tell]);

  // What others have saved comes in while nothing of our own is under way.
  useEffect(() => {
    if (board.version === known.current.version || isSaving.current || isChanged.current) return;
    known.current = board;
    show(draftOf(board, now.current.cards));
  }, [board, show]);

  const change = useCallback(
    (next: (draft: Draft) => Draft) => {
      show(next(now.current));
      void save();
    },
    [show, save],
  );

  const resolve = useCallback(
    (body: BoardBody | null) => {
      if (!conflict) return;
      setConflict(null);
      known.current = conflict;
      queries.setQueryData(boardKey(conflict.id), conflict);
      isChanged.current = false;
      show(draftOf(body ? { ...conflict, ...body } : conflict, now.current.cards));
      if (body) void save();
      else setState("saved");
    },
    [conflict, queries, show, save],
  );

  return { draft, change, state, retry: () => void save(), conflict, resolve, later: () => setConflict(null) };
}
