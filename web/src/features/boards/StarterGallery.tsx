import { useTranslation } from "react-i18next";
import { useTellProblem } from "@/ui";
import { cardsOf, STARTERS } from "./starters";
import { useBoardActions } from "./useBoardActions";

/** Boards to begin with: one click makes one, and everything on it can be changed. */
export function StarterGallery() {
  const { t } = useTranslation("boards");
  const { make, isMaking, open } = useBoardActions();
  const tell = useTellProblem();
  return (
    <section className="h-board-starters" aria-labelledby="board-starters">
      <h2 id="board-starters">{t("starters.title")}</h2>
      <ul className="h-boards">
        {STARTERS.map((starter) => (
          <li key={starter.key}>
            <button
              type="button"
              className="h-board-tile"
              disabled={isMaking}
              onClick={() => void make({ name: t(`starters.${starter.key}.name`), period: starter.period, cards: cardsOf(starter, (key) => t(`card.${key}`)) }).then(open).catch(tell)}
            >
              <strong>{t(`starters.${starter.key}.name`)}</strong>
              <span className="h-quiet">{t(`starters.${starter.key}.help`)}</span>
              <span className="h-board-tile-cards">
                {starter.cards.map((card) => <span key={card.key}>{t(`card.${card.key}`)}</span>)}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
