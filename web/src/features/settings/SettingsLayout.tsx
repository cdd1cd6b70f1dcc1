import { Link, Outlet, useRouterState, type LinkProps } from "@tanstack/react-router";
import { Suspense, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useCan } from "@/lib/session";
import { Loading } from "@/ui";
import "./settings.css";

export interface SettingsEntry {
  to: LinkProps["to"];
  /** A message, such as `settings:pages.users`. */
  labelKey: string;
  /** Below which heading it stands: a message of `settings:groups`. */
  group: "workspace" | "sending" | "members" | "data";
  /** Whether only administrators see it. */
  isForAdmins?: boolean;
}

const GROUPS = ["workspace", "sending", "members", "data"] as const;

/** The pages below Settings: a list at the left, and a row to swipe through on a phone. */
export function SettingsLayout({ pages }: { pages: SettingsEntry[] }) {
  const { t } = useTranslation("settings");
  const isAdmin = useCan("settings", "read");
  const shown = pages.filter((page) => isAdmin || !page.isForAdmins);
  const path = useRouterState({ select: (state) => state.location.pathname });
  const nav = useRef<HTMLElement>(null);
  useEffect(() => {
    const here = nav.current?.querySelector<HTMLElement>(`a[aria-current="page"]`);
    // On a phone the row is longer than the screen.
    if (here && nav.current) nav.current.scrollLeft = here.offsetLeft - nav.current.clientWidth / 2 + here.clientWidth / 2;
  }, [path]);
  return (
    <div className="h-settings">
      <nav ref={nav} className="h-settings-nav" aria-label={t("title")}>
        {GROUPS.filter((group) => shown.some((page) => page.group === group)).map((group) => (
          <div key={group} role="group" aria-labelledby={`settings-${group}`}>
            <span id={`settings-${group}`} className="h-settings-group">{t(`groups.${group}`)}</span>
            {shown.filter((page) => page.group === group).map((page) => (
              <Link key={page.to} to={page.to} activeOptions={{ includeSearch: false }}>
                {t(page.labelKey)}
              </Link>
            ))}
          </div>
        ))}
      </nav>
      <div className="h-settings-page">
        <Suspense fallback={<div className="h-page"><Loading /></div>}>
          <Outlet />
        </Suspense>
      </div>
    </div>
  );
}
