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

/** Whether another entry names more of the address than this one, such as that of boards below Insight. */
export function hasNearer(entry: NavigationEntry, entries: readonly NavigationEntry[], path: string): boolean {
  return entries.some(({ to }) => to !== entry.to && String(to).startsWith(`${entry.to}/`) && (path === to || path.startsWith(`${to}/`)));
}

/** A page that has no entry of its own at the left, such as those below Settings. */
export interface PageEntry {
  to: LinkProps["to"];
  labelKey: string;
  isForAdmins?: boolean;
}
