import { useCallback, useMemo, useState } from "react";
import { begin, change, redo, undo, type History } from "./document/history";
import type { JourneyDocument } from "./document/types";

export interface Editor {
  document: JourneyDocument;
  canUndo: boolean;
  canRedo: boolean;
  /** Takes a new document; changes `about` the same thing in a row are undone together. `chosen` is selected after it. */
  apply: (document: JourneyDocument, options?: { about?: string; chosen?: readonly string[] }) => void;
  undo: () => void;
  redo: () => void;
  /** Begins anew, without a way back. */
  reset: (document: JourneyDocument) => void;
  chosen: ReadonlySet<string>;
  choose: (names: readonly string[]) => void;
}

/** The document that is drawn, the way back, and what is selected. */
export function useEditor(first: JourneyDocument): Editor {
  const [history, setHistory] = useState<History<JourneyDocument>>(() => begin(first));
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const apply = useCallback<Editor["apply"]>((document, options = {}) => {
    setHistory((before) => change(before, document, options.about ?? null));
    if (options.chosen) setChosen(new Set(options.chosen));
  }, []);
  const choose = useCallback((names: readonly string[]) => setChosen(new Set(names)), []);
  const back = useCallback(() => setHistory(undo), []);
  const again = useCallback(() => setHistory(redo), []);
  const reset = useCallback((document: JourneyDocument) => setHistory(begin(document)), []);
  return useMemo(
    () => ({
      document: history.present,
      canUndo: history.past.length > 0,
      canRedo: history.future.length > 0,
      apply,
      undo: back,
      redo: again,
      reset,
      chosen,
      choose,
    }),
    [history, apply, back, again, reset, chosen, choose],
  );
}
