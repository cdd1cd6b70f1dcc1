import { useMemo } from "react";
import type { Kind, Questions, Scope } from "../api/types";
import { datesBefore } from "./range";

/** The same question about the time before; trends have that in their own answer. */
export function useBodyBefore<K extends Kind>(kind: K, body: Questions[K] | null, by: "period" | "year" | undefined): Questions[K] | null {
  return useMemo(() => {
    const { from, to } = (body ?? {}) as Scope;
    if (!by || kind === "trend" || !body || !from || !to) return null;
    return { ...body, ...datesBefore({ from, to }, by) };
  }, [kind, body, by]);
}
