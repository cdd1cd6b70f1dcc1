import { Checkbox, Modal, Radio } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useTellProblem, useUndoToast } from "@/ui";
import { useAct, useReport, type Journey } from "../api";
import { Numbers } from "./Numbers";

interface DialogProps {
  journey: Journey;
  onClose: () => void;
}

/** Who is under way, and what waits to be sent. */
function useStanding(id: string) {
  const report = useReport(id, { messages: true });
  return { underWay: report.data?.runs.active ?? (report.data ? 0 : null), queued: report.data?.deliveries?.queued ?? (report.data ? 0 : null) };
}

export function PauseDialog({ journey, onClose }: DialogProps) {
  const { t } = useTranslation("journeys");
  const tell = useTellProblem();
  const toast = useUndoToast();
  const act = useAct(journey.id);
  const [cancels, setCancels] = useState(false);
  const { underWay, queued } = useStanding(journey.id);
  function pause() {
    act.mutate(
      { kind: "pause", body: { cancel_queued: cancels } },
      {
        onError: tell,
        onSuccess: () => {
          toast(t("pause.done"), () => act.mutateAsync({ kind: "resume" }));
          onClose();
        },
      },
    );
  }
  return (
    <Modal open title={t("pause.title", { name: journey.name })} okText={t("pause.verb")} cancelText={t("ui:cancel")} okButtonProps={{ loading: act.isPending }} onOk={pause} onCancel={onClose}>
      <p>{t("pause.help")}</p>
      <Numbers items={[{ label: t("publish.underWay"), value: underWay }, { label: t("pause.queued"), value: queued }]} />
      <Checkbox checked={cancels} onChange={(event) => setCancels(event.target.checked)}>{t("pause.cancel")}</Checkbox>
    </Modal>
  );
}

export function StopDialog({ journey, onClose }: DialogProps) {
  const { t } = useTranslation("journeys");
  const tell = useTellProblem();
  const toast = useUndoToast();
  const act = useAct(journey.id);
  const [running, setRunning] = useState<"end" | "finish">("finish");
  const [cancels, setCancels] = useState(false);
  const { underWay, queued } = useStanding(journey.id);
  function stop() {
    act.mutate(
      { kind: "stop", body: { running, cancel_queued: cancels } },
      {
        onError: tell,
        onSuccess: () => {
          toast(running === "end" ? t("stop.ended") : t("stop.finishing"));
          onClose();
        },
      },
    );
  }
  return (
    <Modal open title={t("stop.title", { name: journey.name })} okText={t("stop.verb")} cancelText={t("ui:cancel")} okButtonProps={{ danger: true, loading: act.isPending }} onOk={stop} onCancel={onClose}>
      <p>{t("stop.help")}</p>
      <Numbers items={[{ label: t("publish.underWay"), value: underWay }, { label: t("pause.queued"), value: queued }]} />
      <div className="j-publish">
        <Radio.Group
          vertical
          value={running}
          options={[
            { value: "finish", label: t("stop.finish") },
            { value: "end", label: t("stop.end", { count: underWay ?? 0 }) },
          ]}
          onChange={(event) => {
            setRunning(event.target.value);
            setCancels(event.target.value === "end");
          }}
        />
        <Checkbox checked={cancels} onChange={(event) => setCancels(event.target.checked)}>{t("pause.cancel")}</Checkbox>
      </div>
    </Modal>
  );
}
