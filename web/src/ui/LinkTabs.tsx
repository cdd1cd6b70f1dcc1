import { Link, type LinkProps } from "@tanstack/react-router";
import "./LinkTabs.css";

export interface LinkTab {
  to: LinkProps["to"];
  label: string;
  /** Only this very address, not those below it. */
  isExact?: boolean;
}

/** Pages that belong together, as tabs with addresses of their own. */
export function LinkTabs({ label, tabs }: { label: string; tabs: readonly LinkTab[] }) {
  return (
    <nav className="h-link-tabs" aria-label={label}>
      {tabs.map((tab) => (
        <Link key={tab.to} to={tab.to} activeOptions={{ exact: tab.isExact ?? false, includeSearch: false }}>
          {tab.label}
        </Link>
      ))}
    </nav>
  );
}
