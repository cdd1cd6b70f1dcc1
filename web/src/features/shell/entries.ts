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
