import { PlusOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { KINDS, STARTS, VIEWS_OF, type Kind } from "@/features/insight";
import { SideDrawer } from "@/ui";
import type { BoardCard } from "./api";
import { STARTERS } from "./starters";

interface AddDrawerProps {
  isOpen: boolean;
  onClose: () => void;
  onAdd: (card: BoardCard) => void;
  /** Begins a card that is still to be filled in. */
  onBegin: (card: BoardCard) => void;
}

const fresh = (kind: Kind): BoardCard => ({ title: "", kind, question: STARTS[kind], view: VIEWS_OF[kind][0] ?? "table", width: kind === "path" || kind === "retention" ? 2 : 1 });

/** Ready-made cards, added with a click; and questions of one's own. */
export function AddDrawer({ isOpen, onClose, onAdd, onBegin }: AddDrawerProps) {
  const { t } = useTranslation("boards");
  return (
    <SideDrawer title={t("add.title")} isOpen={isOpen} onClose={onClose} width={520}>
      <section className="h-board-add">
        <h3>{t("add.own")}</h3>
        <p className="h-quiet">{t("add.ownHelp")}</p>
        <div className="h-board-kinds">
          {KINDS.map((kind) => <Button key={kind} size="small" onClick={() => onBegin(fresh(kind))}>{t(`kind.${kind}`)}</Button>)}
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
