import { ArrowLeftOutlined, DownloadOutlined } from "@ant-design/icons";
import { Alert, Button, Progress } from "antd";
import { useTranslation } from "react-i18next";
import { useFormats } from "@/lib/format";
import { useCan } from "@/lib/session";
import { Num, Panel, useConfirm } from "@/ui";
import { useStart, type Counts, type Import } from "./api";
import { readMapping } from "./mapping";
import { Reasons } from "./Reasons";

interface PreviewStepProps {
  one: Import;
  onBack: () => void;
  onStarted: () => void;
}

/** A dry run in numbers: what an import would do, and what it would leave out. */
export function PreviewStep({ one, onBack, onStarted }: PreviewStepProps) {
  const { t } = useTranslation("imports");
  const { preview, progress } = one;
  const isCounting = one.state === "previewing";
  return (
    <>
      {isCounting && (
        <Panel title={t("preview.counting")}>
          <Progress percent={Math.round(progress?.percent ?? 0)} aria-label={t("preview.counting")} />
          <p className="h-quiet" role="status">{t("preview.nothingYet")}</p>
        </Panel>
      )}
      {preview && <CountsPanel counts={preview} isCounting={isCounting} />}
      {preview && preview.reject > 0 && <Reasons one={one} counts={preview} />}
      <div className="h-wizard-foot">
        <Button size="large" icon={<ArrowLeftOutlined />} onClick={onBack}>
          {t("preview.back")}
        </Button>
        {preview && !isCounting && <StartButton one={one} counts={preview} onStarted={onStarted} />}
      </div>
    </>
  );
}

const TILES = ["create", "update", "merge", "duplicate", "reject"] as const;

function CountsPanel({ counts, isCounting }: { counts: Counts; isCounting: boolean }) {
  const { t } = useTranslation("imports");
  return (
    <Panel title={t("preview.title")}>
      <dl className="h-counts" aria-live={isCounting ? "off" : "polite"}>
        <div>
          <dt>{t("preview.rows")}</dt>
          <dd><Num value={counts.rows} /></dd>
        </div>
        {TILES.map((name) => (
          <div key={name} className={name === "reject" && counts.reject > 0 ? "is-bad" : undefined}>
            <dt>{t(`preview.${name}`)}</dt>
            <dd><Num value={counts[name]} /></dd>
          </div>
        ))}
      </dl>
      <ul className="h-counts-more">
        {(counts.tags ?? 0) > 0 && <li>{t("preview.tags", { count: counts.tags })}</li>}
        {(counts.ruled_tags ?? 0) > 0 && <li>{t("preview.ruledTags", { count: counts.ruled_tags })}</li>}
        {(counts.consents_given ?? 0) > 0 && <li>{t("preview.given", { count: counts.consents_given })}</li>}
        {(counts.consents_withdrawn ?? 0) > 0 && <li>{t("preview.withdrawn", { count: counts.consents_withdrawn })}</li>}
      </ul>
      {!counts.complete && !isCounting && <Alert type="info" showIcon title={t("preview.partial")} />}
    </Panel>
  );
}

function StartButton({ one, counts, onStarted }: { one: Import; counts: Counts; onStarted: () => void }) {
  const { t, i18n } = useTranslation("imports");
  const formats = useFormats();
  const ask = useConfirm();
  const start = useStart();
  const mayWrite = useCan("ingest", "write");
  const taken = counts.rows - counts.reject;
  const draft = readMapping((one.mapping ?? one.suggested_mapping.mapping) as Record<string, unknown>);
  return (
    <Button
      type="primary"
      size="large"
      disabled={!mayWrite || taken === 0}
      loading={start.isPending}
      onClick={() =>
        ask({
          title: t("start.title", { name: one.name }),
          description: t("start.description"),
          consequences: [
            { label: t("preview.create"), value: counts.create },
            { label: t("preview.update"), value: counts.update },
            ...(counts.merge > 0 ? [{ label: t("preview.merge"), value: counts.merge }] : []),
            ...(counts.reject > 0 ? [{ label: t("preview.reject"), value: counts.reject }] : []),
          ],
          verb: t("start.verb"),
          act: async () => {
            await start.mutateAsync({ id: one.id, draft, language: i18n.language === "en" ? "en" : "zh" });
            onStarted();
          },
        })
      }
    >
      {t("start.rows", { count: taken, rows: formats.number(taken) })}
    </Button>
  );
}

/** A file with all rows that are left out, and why. */
export function RejectsLink({ one, count }: { one: Import; count: number }) {
  const { t } = useTranslation("imports");
  const mayWrite = useCan("ingest", "write");
  if (!mayWrite || count === 0) return null;
  return (
    <Button icon={<DownloadOutlined />} href={`/api/v1/imports/${one.id}/rejects`} download={`${one.name}-rejects.csv`}>
      {t("rejects.download")}
    </Button>
  );
}
