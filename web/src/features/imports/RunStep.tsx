import { CheckCircleFilled } from "@ant-design/icons";
import { Alert, Button, Progress } from "antd";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { asProblem } from "@/lib/api";
import { useFormats } from "@/lib/format";
import { useServerWords } from "@/lib/i18n/server-words";
import { useCan } from "@/lib/session";
import { Num, Panel, useConfirm, useUndoToast } from "@/ui";
import { useCancelJob, useDeleteImport, type Import } from "./api";
import { RejectsLink } from "./PreviewStep";
import { moves, secondsLeft } from "./steps";

/** The import under way, and what came of it. */
export function RunStep({ one }: { one: Import }) {
  const { t } = useTranslation("imports");
  const say = useServerWords();
  if (moves(one)) return <Running one={one} />;
  return (
    <>
      {one.state === "failed" && <Alert type="error" showIcon title={t("run.failed")} description={one.why ? say(one.why) : one.error} />}
      {one.state === "cancelled" && <Alert type="warning" showIcon title={t("run.cancelled")} description={t("run.cancelledHelp")} />}
      <Panel>
        {one.state === "done" && (
          <p className="h-import-done" role="status">
            <CheckCircleFilled aria-hidden /> {t("run.done")}
          </p>
        )}
        <dl className="h-counts">
          <div>
            <dt>{t("imported")}</dt>
            <dd><Num value={one.result?.imported ?? (one.state === "done" ? 0 : null)} /></dd>
          </div>
          <div className={(one.result?.rejected ?? 0) > 0 ? "is-bad" : undefined}>
            <dt>{t("rejected")}</dt>
            <dd><Num value={one.result?.rejected ?? (one.state === "done" ? 0 : null)} /></dd>
          </div>
          {(one.result?.resumed_after ?? 0) > 0 && (
            <div>
              <dt>{t("run.resumed")}</dt>
              <dd><Num value={one.result?.resumed_after} /></dd>
            </div>
          )}
        </dl>
        <div className="h-wizard-foot">
          <RejectsLink one={one} count={one.result?.rejected ?? 0} />
          <Link to="/imports/new" className="ant-btn">{t("run.another")}</Link>
        </div>
      </Panel>
    </>
  );
}

function Running({ one }: { one: Import }) {
  const { t } = useTranslation("imports");
  const formats = useFormats();
  const { progress } = one;
  const left = secondsLeft(progress);
  const isReading = progress?.phase !== "taking_effect";
  return (
    <Panel title={one.state === "queued" ? t("run.queued") : isReading ? t("run.reading") : t("run.takingEffect")} actions={<CancelButton one={one} />}>
      <Progress percent={Math.floor(progress?.percent ?? 0)} aria-label={t("run.reading")} />
      <p role="status">
        {progress && t("run.progress", { rows: formats.number(progress.rows), total: formats.number(progress.total) })}
        {progress?.rows_per_second ? ` · ${t("run.rate", { rate: formats.number(Math.round(progress.rows_per_second)) })}` : ""}
        {left !== null && ` · ${left < 60 ? t("run.secondsLeft", { count: left }) : t("run.minutesLeft", { count: Math.ceil(left / 60) })}`}
      </p>
      <p className="h-quiet">{t("run.mayLeave")}</p>
    </Panel>
  );
}

function CancelButton({ one }: { one: Import }) {
  const { t } = useTranslation("imports");
  const ask = useConfirm();
  const toast = useUndoToast();
  const cancel = useCancelJob();
  const remove = useDeleteImport();
  const mayWrite = useCan("ingest", "write");
  const { progress } = one;
  if (!mayWrite || !progress) return null;

  async function stop() {
    try {
      await cancel.mutateAsync(progress?.job ?? "");
    } catch (error) {
      // Jobs of others are for administrators; whoever may import may take the whole import back.
      if (asProblem(error).status !== 403) throw error;
      await remove.mutateAsync(one.id);
    }
    toast(t("run.stopped"));
  }

  return (
    <Button
      danger
      onClick={() =>
        ask({
          title: t("run.stopTitle"),
          description: t("run.stopDescription"),
          consequences: [
            { label: t("run.stopDone"), value: progress.rows },
            { label: t("run.stopLeft"), value: Math.max(0, progress.total - progress.rows) },
          ],
          verb: t("run.stop"),
          isDestructive: true,
          act: stop,
        })
      }
    >
      {t("run.stop")}
    </Button>
  );
}
