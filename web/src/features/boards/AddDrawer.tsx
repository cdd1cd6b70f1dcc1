import { PlusOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { Link, type LinkProps } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { KINDS } from "@/features/insight";
import { SideDrawer } from "@/ui";
import type { BoardCard } from "./api";
import { STARTERS } from "./starters";

interface AddDrawerProps {
  isOpen: boolean;
  onClose: () => void;
  onAdd: (card: BoardCard) => void;
}

/** Ready-made cards, added with a click; and the pages on which one asks a question of one's own and saves it here. */
export function AddDrawer({ isOpen, onClose, onAdd }: AddDrawerProps) {
  const { t } = useTranslation("boards");
  return (
    <SideDrawer title={t("add.title")} isOpen={isOpen} onClose={onClose} width={520}>
      <section className="h-board-add">
        <h3>{t("add.own")}</h3>
        <p className="h-quiet">{t("add.ownHelp")}</p>
        <div className="h-board-kinds">
          {KINDS.map((kind) => <Link key={kind} to={`/insight/${kind}` as LinkProps["to"]}>{t(`kind.${kind}`)}</Link>)}
        </div>
      </section>
      {STARTERS.map((starter) => (
        <section key={starter.key} className="h-board-add">
          <h3>{t(`starters.${starter.key}.name`)}</h3>
          <ul>
            {starter.cards.map(({ key, ...card }) => (
              <li key={key}>
                <span>
                  {t(`card.${key}`)} <span className="h-quiet">{t(`kind.${card.kind}`)}</span>
                </span>
                <Button size="small" icon={<PlusOutlined />} aria-label={t("add.named", { name: t(`card.${key}`) })} onClick={() => onAdd({ title: t(`card.${key}`), ...card })} />
              </li>
            ))}
          </ul>
        </section>
      ))}
    </SideDrawer>
  );
}
