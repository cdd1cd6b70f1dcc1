import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTimeZone } from "@/lib/session";
import type { Kind, Questions } from "../api/types";
import { questionOf, searchOf, type PageQuestion } from "./address";
import { bodyOf } from "./body";
import { missingIn } from "./missing";

/** The question lives in the address: a link is a question, and "back" is undo. */
export function useQuestion<K extends Kind>(kind: K) {
  const search = useSearch({ strict: false }) as Record<string, unknown>;
  const navigate = useNavigate();
  const question = useMemo(() => questionOf(kind, search), [kind, search]);
  const lastField = useRef<string | null>(null);
  const change = useCallback(
    (next: PageQuestion<K>, field?: string) => {
      // Letters that are typed into one field are one step back.
      const replace = field !== undefined && field === lastField.current;
      lastField.current = field ?? null;
      void navigate({ to: ".", search: (before: Record<string, unknown>) => searchOf(next as PageQuestion, before), replace, resetScroll: false });
    },
    [navigate],
  );
  return { question, change };
}

const PAUSE = 400;

/** What is sent for a question once nobody has changed it for a moment; null while something is missing. */
export function useAskedBody<K extends Kind>(kind: K, question: PageQuestion<K> | null): { body: Questions[K] | null; isSettled: boolean; missing: string[] } {
  const zone = useTimeZone();
  const missing = useMemo(() => (question ? missingIn(kind, question) : []), [kind, question]);
  const isWhole = question !== null && missing.length === 0;
  const text = isWhole ? JSON.stringify(bodyOf(kind, question, zone, new Date())) : null;
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    if (settled === text) return;
    // Taking up a question that was answered before needs no pause, nor does the first one.
    if (settled === null) {
      setSettled(text);
      return;
    }
    const timer = setTimeout(() => setSettled(text), PAUSE);
    return () => clearTimeout(timer);
  }, [settled, text]);
  const body = useMemo(() => (settled === null ? null : (JSON.parse(settled) as Questions[K])), [settled]);
  return { body, isSettled: settled === text, missing };
}
