import { Button, Modal } from "antd";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Time } from "@/ui";
import type { Autosave } from "../autosave";
import type { Choices } from "../choices";
import { diff } from "../document/diff";
import type { JourneyDocument } from "../document/types";
import { parseDocument } from "../document/wire";
import { Differences } from "./Differences";

/** Somebody else has saved meanwhile: what differs, and whose version is to stay. */
export function ConflictDialog({ document, autosave, choices }: { document: JourneyDocument; autosave: Autosave; choices: Choices }) {
  const { t } = useTranslation("journeys");
  const theirs = autosave.state.kind === "conflict" ? autosave.state.theirs : null;
  const read = useMemo(() => theirs && parseDocument(theirs.document), [theirs]);
  const found = useMemo(() => read && diff(read, document), [read, document]);
  return (
    <Modal
      open={theirs !== null}
      title={t("conflict.title")}
      closable={false}
      mask={{ closable: false }}
      width={640}
      footer={
        <>
          <Button onClick={autosave.takeTheirs}>{t("conflict.theirs")}</Button>
          <Button type="primary" onClick={autosave.keepMine}>{t("conflict.mine")}</Button>
        </>
      }
    >
      {theirs && read && found && (
        <>
          <p>{t("conflict.help")} <Time at={theirs.updated_at} /></p>
          <Differences found={found} a={read} b={document} choices={choices} labels={[t("conflict.theirsShort"), t("conflict.mineShort")]} />
        </>
      )}
    </Modal>
  );
}
