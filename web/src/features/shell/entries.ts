import type { LinkProps } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Area } from "@/lib/session";

/** An entry of the navigation at the left. */
export interface NavigationEntry {
  to: LinkProps["to"];
  /** A message, such as `shell:nav.members`. */
  labelKey: string;
  icon: ReactNode;
  /** The key that follows `g` and leads there. */
  shortcut?: string;
  /** Whoever may not look at this does not see the entry. */
  area?: Area;
  /** The entry to whose section it belongs: it is shown below that one while somebody is there. */
  under?: string;
}

/** Whether an entry of a section stands in the navigation now; those of sections that have no entry always do. */
export function isShown(entry: NavigationEntry, entries: readonly NavigationEntry[], path: string): boolean {
  const { under } = entry;
  if (!under || !entries.some((one) => one.to === under)) return true;
  const section = [under, ...entries.filter((one) => one.under === under).map((one) => String(one.to))];
  return section.some((to) => path === to || path.startsWith(`${to}/`));
}

/** Something that ⌘K found. */
export interface SearchHit {
  key: string;
  title: string;
  detail?: string;
  to: string;
}

/** Looks for things of one feature. */
export interface Searcher {
  name: string;
  search: (text: string, signal: AbortSignal) => Promise<SearchHit[]>;
}
