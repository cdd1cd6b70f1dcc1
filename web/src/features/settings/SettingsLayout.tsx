import { Link, Outlet, type LinkProps } from "@tanstack/react-router";
import { Suspense } from "react";
import { useTranslation } from "react-i18next";
import { Loading } from "@/ui";
import "./settings.css";

export interface SettingsEntry {
  to: LinkProps["to"];
  /** A message, such as `settings:pages.users`. */
  labelKey: string;
}

/** The pages below Settings, as tabs. */
export function SettingsLayout({ pages }: { pages: SettingsEntry[] }) {
  const { t } = useTranslation("settings");
  return (
    <>
      <nav className="h-settings-tabs" aria-label={t("title")}>
        {pages.map((page) => (
          <Link key={page.to} to={page.to}>
            {t(page.labelKey)}
          </Link>
        ))}
      </nav>
      <Suspense fallback={<div className="h-page"><Loading /></div>}>
        <Outlet />
      </Suspense>
    </>
  );
}
