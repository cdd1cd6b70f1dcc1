import { CaretRightOutlined, MoreOutlined, PauseOutlined, UsergroupAddOutlined } from "@ant-design/icons";
import { Button, Dropdown } from "antd";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCan } from "@/lib/session";
import { useConfirm, useTellProblem, useUndoToast } from "@/ui";
import { useAct, useCreateJourney, useDeleteJourney, type Journey } from "../api";
import type { Autosave } from "../autosave";
import { entryKind } from "../document/types";
import { writeDocument } from "../document/wire";
import type { Editor } from "../editor";
import { EnterDialog } from "./EnterDialog";
import { PublishDialog } from "./PublishDialog";
import { PauseDialog, StopDialog } from "./StateDialogs";
import "./publish.css";

interface JourneyActionsProps {
  journey: Journey;
  editor: Editor;
  autosave: Autosave;
}

type Open = "publish" | "pause" | "stop" | "enter" | null;

/** Publishing, pausing, stopping: what the journey as a whole can do now. */
export function JourneyActions({ journey, editor, autosave }: JourneyActionsProps) {
  const { t } = useTranslation("journeys");
  const canWrite = useCan("outreach", "write");
  const [open, setOpen] = useState<Open>(null);
  const navigate = useNavigate();
  const ask = useConfirm();
  const tell = useTellProblem();
  const toast = useUndoToast();
  const act = useAct(journey.id);
  const create = useCreateJourney();
  const remove = useDeleteJourney();
  if (!canWrite) return null;
  const isRunning = journey.state === "live" || journey.state === "paused" || journey.state === "finishing";
  const isManual = entryKind(editor.document) === "manual" && journey.state === "live";

  function duplicate() {
    create.mutate(
      { name: t("copyOf", { name: journey.name }).slice(0, 200), document: writeDocument(editor.document) },
      { onError: tell, onSuccess: (made) => void navigate({ to: "/journeys/$journeyId", params: { journeyId: made.id } }) },
    );
  }

  return (
    <div className="j-head-actions">
      {isManual && <Button icon={<UsergroupAddOutlined />} onClick={() => setOpen("enter")}>{t("enter.verb")}</Button>}
      {journey.state === "live" && <Button icon={<PauseOutlined />} onClick={() => setOpen("pause")}>{t("pause.verb")}</Button>}
      {journey.state === "paused" && (
        <Button icon={<CaretRightOutlined />} loading={act.isPending} onClick={() => act.mutate({ kind: "resume" }, { onError: tell, onSuccess: () => toast(t("resume.done")) })}>
          {t("resume.verb")}
        </Button>
      )}
      <Dropdown
        trigger={["click"]}
        placement="bottomRight"
        menu={{
          items: [
            { key: "duplicate", label: t("duplicate") },
            ...(isRunning ? [{ key: "stop", label: t("stop.verb"), danger: true }] : []),
            { key: "delete", label: t("delete.verb"), danger: true, disabled: isRunning },
          ],
          onClick: ({ key }) => {
            if (key === "duplicate") duplicate();
            else if (key === "stop") setOpen("stop");
            else
              ask({
                title: t("delete.title", { name: journey.name }),
                description: t("delete.help"),
                verb: t("delete.verb"),
                isDestructive: true,
                act: async () => {
                  await remove.mutateAsync(journey.id);
                  void navigate({ to: "/journeys" });
                },
              });
          },
        }}
      >
        <Button icon={<MoreOutlined />} aria-label={t("more")} />
      </Dropdown>
      <Button type="primary" onClick={() => setOpen("publish")}>
        {journey.published_version ? t("publish.again") : t("publish.verb")}
      </Button>
      {open === "publish" && <PublishDialog journey={journey} document={editor.document} autosave={autosave} onClose={() => setOpen(null)} />}
      {open === "pause" && <PauseDialog journey={journey} onClose={() => setOpen(null)} />}
      {open === "stop" && <StopDialog journey={journey} onClose={() => setOpen(null)} />}
      {open === "enter" && <EnterDialog journey={journey} onClose={() => setOpen(null)} />}
    </div>
  );
}
