import { Button, Modal } from "antd";
import { useTranslation } from "react-i18next";
import type { Board, BoardBody, BoardCard } from "./api";
import { both, differences } from "./cards";

interface ConflictDialogProps {
  mine: BoardBody;
  /** What somebody else has saved meanwhile. */
  theirs: Board;
  /** With `null` theirs holds. */
  onResolve: (body: BoardBody | null) => void;
  onClose: () => void;
}

/** Two people changed the same board: says in what, and asks which holds. */
export function ConflictDialog({ mine, theirs, onResolve, onClose }: ConflictDialogProps) {
  const { t } = useTranslation("boards");
  const different = differences(mine, theirs);
  return (
    <Modal
      open
      title={t("conflict.title")}
      onCancel={onClose}
      footer={[
        <Button key="mine" danger onClick={() => onResolve(mine)}>{t("conflict.mine")}</Button>,
        <Button key="theirs" onClick={() => onResolve(null)}>{t("conflict.theirs")}</Button>,
        <Button key="both" type="primary" onClick={() => onResolve(both(mine, theirs))}>{t("conflict.both")}</Button>,
      ]}
    >
      <p>{t("conflict.help")}</p>
      <Cards title={t("conflict.onlyTheirs")} cards={different.theirs} />
      <Cards title={t("conflict.onlyMine")} cards={different.mine} />
      {different.isRenamed && <p>{t("conflict.renamed", { mine: mine.name, theirs: theirs.name })}</p>}
      {different.isReordered && <p>{t("conflict.reordered")}</p>}
      <p className="h-quiet">{t("conflict.bothHelp")}</p>
    </Modal>
  );
}

function Cards({ title, cards }: { title: string; cards: readonly BoardCard[] }) {
  const { t } = useTranslation("boards");
  if (cards.length === 0) return null;
  return (
    <>
      <strong>{title}</strong>
      <ul>
        {cards.map((card, at) => <li key={at}>{card.title || t(`kind.${card.kind}`)}</li>)}
      </ul>
    </>
  );
}
