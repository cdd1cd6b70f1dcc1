import { Button, Modal } from "antd";
import { useTranslation } from "react-i18next";
import { Changes } from "./Changes";
import { clashes, type Draft } from "./draft";

interface ConflictDialogProps {
  mine: Draft;
  /** What somebody else has saved meanwhile. */
  theirs: Draft;
  isSaving: boolean;
  onKeepMine: () => void;
  onTakeTheirs: () => void;
  onClose: () => void;
}

/** Two people changed the same template. Both versions stay to be had: theirs among the versions, mine in the editor. */
export function ConflictDialog({ mine, theirs, isSaving, onKeepMine, onTakeTheirs, onClose }: ConflictDialogProps) {
  const { t } = useTranslation("templates");
  const different = clashes(mine, theirs);
  return (
    <Modal
      open
      width={760}
      title={t("conflict.title")}
      onCancel={onClose}
      footer={[
        <Button key="later" onClick={onClose}>{t("conflict.later")}</Button>,
        <Button key="theirs" onClick={onTakeTheirs}>{t("conflict.theirs")}</Button>,
        <Button key="mine" type="primary" loading={isSaving} onClick={onKeepMine}>{t("conflict.mine")}</Button>,
      ]}
    >
      <p>{t("conflict.help")}</p>
      {different.length === 0 ? (
        <p className="h-quiet">{t("conflict.same")}</p>
      ) : (
        <>
          <p className="h-quiet">{t("conflict.legend")}</p>
          <Changes changes={different.map((one) => ({ path: one.path, before: one.theirs, after: one.mine }))} />
        </>
      )}
    </Modal>
  );
}
