import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";

export type Address = Record<string, string | undefined>;

/** What of a journey is shown, kept in the address so that it can be shared: the tab, the run, the versions. */
export function useAddress(): { at: Address; go: (next: Address) => void; change: (some: Address) => void } {
  const search: Record<string, unknown> = useSearch({ strict: false });
  const navigate = useNavigate();
  const at = Object.fromEntries(Object.entries(search).map(([name, value]) => [name, typeof value === "string" && value !== "" ? value : typeof value === "number" ? String(value) : undefined]));
  const go = useCallback((next: Address) => void navigate({ to: ".", search: (): Record<string, unknown> => ({ ...next }), resetScroll: false }), [navigate]);
  const change = useCallback((some: Address) => void navigate({ to: ".", search: (before: Record<string, unknown>) => ({ ...before, ...some }), resetScroll: false }), [navigate]);
  return { at, go, change };
}
