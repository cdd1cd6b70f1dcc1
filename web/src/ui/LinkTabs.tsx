import { Link, useRouterState, type LinkProps } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import "./LinkTabs.css";

export interface LinkTab {
  to: LinkProps["to"];
  label: string;
  /** Only this very address, not those below it. */
  isExact?: boolean;
}

/** Pages that belong together, as tabs with addresses of their own. */
export function LinkTabs({ label, tabs }: { label: string; tabs: readonly LinkTab[] }) {
  const list = useRef<HTMLElement>(null);
  const path = useRouterState({ select: (state) => state.location.pathname });
  // On a phone the tab of the page that is shown may lie beyond the edge.
  useEffect(() => {
    const shown = list.current?.querySelector<HTMLElement>("[aria-current='page']");
    if (list.current && shown) list.current.scrollLeft = shown.offsetLeft - list.current.offsetLeft - (list.current.clientWidth - shown.offsetWidth) / 2;
  }, [path]);
  return (
    <nav ref={list} className="h-link-tabs" aria-label={label}>
      {tabs.map((tab) => (
        <Link key={tab.to} to={tab.to} activeOptions={{ exact: tab.isExact ?? false, includeSearch: false }}>
          {tab.label}
        </Link>
      ))}
    </nav>
  );
}
