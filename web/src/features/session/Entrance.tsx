import { useEffect, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { LanguageButton, Mark, ThemeButton } from "@/ui";
import "./session.css";

/** The room before the house: log-in and set-up. */
export function Entrance({ title, description, children }: { title: string; description: string; children: ReactNode }) {
  const { t } = useTranslation("session");
  useEffect(() => {
    document.title = `${title} · Hearth`;
  }, [title]);
  return (
    <div className="h-entrance">
      <aside className="h-entrance-side">
        <Mark size={48} />
        <p className="h-entrance-motto">{t("motto")}</p>
        <p>{t("mottoDetail")}</p>
      </aside>
      <main className="h-entrance-main">
        <div className="h-entrance-tools">
          <LanguageButton />
          <ThemeButton />
        </div>
        <div className="h-entrance-form">
          <div className="h-entrance-name">
            <Mark size={32} />
            <span>{t("product")}</span>
          </div>
          <h1>{title}</h1>
          <p className="h-quiet">{description}</p>
          {children}
        </div>
      </main>
    </div>
  );
}
