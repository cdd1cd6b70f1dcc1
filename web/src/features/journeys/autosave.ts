import { useCallback, useEffect, useRef, useState } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { asProblem, type Problem } from "@/lib/api";
import { journeyQuery, useSaveDraft, type Journey } from "./api";
import type { JourneyDocument } from "./document/types";
import { parseDocument, writeDocument } from "./document/wire";
import type { Editor } from "./editor";

const PAUSE = 900;
const AGAIN = 5_000;

export type SaveState =
  | { kind: "saved" }
  | { kind: "unsaved" }
  | { kind: "saving" }
  /** It will be tried again by itself. */
  | { kind: "failed"; problem: Problem }
  /** The server will not take it as it is. */
  | { kind: "refused"; problem: Problem }
  /** Somebody else was faster. */
  | { kind: "conflict"; theirs: Journey };

export interface Autosave {
  state: SaveState;
  /** The revision that is saved, once everything is. */
  revision: number;
  /** Saves what is not saved yet, and gives the revision; `null` when that did not work. */
  flush: () => Promise<number | null>;
  /** Shows what the server has saved just now, as the draft on which one goes on. */
  take: (saved: Journey) => void;
  keepMine: () => void;
  takeTheirs: () => void;
}

/** Whether two documents are the same for the server. */
function isSame(a: JourneyDocument, b: JourneyDocument): boolean {
  return a === b || JSON.stringify(writeDocument(a)) === JSON.stringify(writeDocument(b));
}

/** Saves the draft shortly after each change, and never over what somebody else has saved meanwhile. */
export function useAutosave(journey: Journey, editor: Editor, isEditing: boolean): Autosave {
  const queries = useQueryClient();
  const { mutateAsync } = useSaveDraft(journey.id);
  const { document, apply } = editor;
  const [saved, setSaved] = useState(() => ({ revision: journey.revision, document }));
  const [state, setState] = useState<SaveState>({ kind: "saved" });
  const now = useRef({ document, saved, isSaving: false });
  now.current = { ...now.current, document, saved };
  const { id } = journey;

  const conflict = useCallback(
    async (problem: Problem): Promise<SaveState> => {
      try {
        return { kind: "conflict", theirs: await queries.fetchQuery({ ...journeyQuery(id), staleTime: 0 }) };
      } catch {
        return { kind: "failed", problem };
      }
    },
    [queries, id],
  );

  const save = useCallback(
    async (revision: number): Promise<number | null> => {
      const sent = now.current.document;
      if (now.current.isSaving) return null;
      now.current.isSaving = true;
      setState({ kind: "saving" });
      try {
        const reply = await mutateAsync({ document: writeDocument(sent), revision });
        setSaved({ revision: reply.revision, document: sent });
        setState({ kind: now.current.document === sent ? "saved" : "unsaved" });
        return reply.revision;
      } catch (error) {
        const problem = asProblem(error);
        if (problem.status === 409) setState(await conflict(problem));
        else setState({ kind: problem.isPassing || problem.status >= 500 || problem.status === 401 || problem.status === 429 ? "failed" : "refused", problem });
        return null;
      } finally {
        now.current.isSaving = false;
      }
    },
    [mutateAsync, conflict],
  );

  // A change that was taken back needs no saving.
  useEffect(() => {
    if (!isEditing || state.kind === "conflict" || state.kind === "saving") return;
    if (document === saved.document || (state.kind === "saved" && isSame(document, saved.document))) return;
    setState((before) => (before.kind === "saved" ? { kind: "unsaved" } : before));
    const timer = setTimeout(() => void save(saved.revision), state.kind === "failed" ? AGAIN : PAUSE);
    return () => clearTimeout(timer);
  }, [document, saved, state.kind, isEditing, save]);

  // Somebody else has saved, and nothing of ours would be lost: theirs is shown, and can be undone.
  useEffect(() => {
    const { saved: mine, document: shown, isSaving } = now.current;
    if (isSaving || journey.revision <= mine.revision || !isSame(shown, mine.document)) return;
    const theirs = parseDocument(journey.document);
    setSaved({ revision: journey.revision, document: theirs });
    if (!isSame(shown, theirs)) apply(theirs);
    setState({ kind: "saved" });
  }, [journey, apply]);

  // Whoever leaves the page takes nothing with him.
  useEffect(() => {
    const ref = now;
    return () => {
      const { document: last, saved: mine } = ref.current;
      if (isEditing && !isSame(last, mine.document)) void save(mine.revision);
    };
  }, [isEditing, save]);

  const flush = useCallback(async () => {
    const { document: last, saved: mine } = now.current;
    return isSame(last, mine.document) ? mine.revision : save(mine.revision);
  }, [save]);

  const take = useCallback(
    (fresh: Journey) => {
      const taken = parseDocument(fresh.document);
      setSaved({ revision: fresh.revision, document: taken });
      setState({ kind: "saved" });
      apply(taken);
    },
    [apply],
  );

  const theirs = state.kind === "conflict" ? state.theirs : null;
  return {
    state,
    revision: saved.revision,
    flush,
    keepMine: () => theirs && void save(theirs.revision),
    take,
    takeTheirs: () => theirs && take(theirs),
  };
}
