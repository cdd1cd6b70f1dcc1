import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { RuleSentence } from "@/features/rules";
import { STARTERS } from "./starters";

/** Segments to begin with: one click leads to the editor with the rule filled in. */
export function StarterGallery() {
  const { t } = useTranslation("segments");
  return (
    <section className="h-starters" aria-labelledby="starters">
      <h2 id="starters">{t("starters.title")}</h2>
      <ul>
        {STARTERS.map((starter) => (
          <li key={starter.key}>
            <Link to="/segments/new" search={{ starter: starter.key }} className="h-starter">
              <strong>{t(`starters.${starter.key}.name`)}</strong>
              <span className="h-quiet">{t(`starters.${starter.key}.help`)}</span>
              <span className="h-starter-rule"><RuleSentence rule={starter.rule} lines={3} /></span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
