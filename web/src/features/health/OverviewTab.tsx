import { Alert, Progress } from "antd";
import { Link, useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "@/lib/format";
import { Chart, Num, palettes, Panel, Pill, Time, useTheme, type Tone } from "@/ui";
import type { Health, Stage } from "./api";
import { Sender } from "./LetterDrawer";
import { sizeOf, useCodeName } from "./words";

/** What comes in, what waits where, what was refused, and how full the disk is. */
export function OverviewTab({ health }: { health: Health }) {
  const { t } = useTranslation("health");
  const codeName = useCodeName();
  const { ingest, dead_letters: letters, jobs } = health;
  return (
    <div className="h-health">
      {ingest.under_pressure && <Alert type="error" showIcon title={t("pressure.title")} description={t("pressure.help")} />}
      <ul className="h-health-tiles">
        <Tile label={t("tiles.rate")}><Num value={ingest.per_second} digits={1} /></Tile>
        <Tile label={t("tiles.today")}><Num value={ingest.today} /></Tile>
        <Tile label={t("tiles.refused")}><Num value={ingest.refused_24h} /></Tile>
        <Tile label={t("tiles.waiting")}><Num value={letters.waiting} /></Tile>
      </ul>
      <Panel><IngestChart health={health} /></Panel>
      <div className="h-health-two">
        <Panel title={t("stages.title")}>
          <ul className="h-health-list">
            {health.stages.map((stage) => (
              <StageLine key={stage.name} stage={stage} />
            ))}
          </ul>
        </Panel>
        <Panel title={t("refused.title")} actions={letters.waiting > 0 && <Link to="." search={(before) => ({ ...before, tab: "letters" })}>{t("refused.open")}</Link>}>
          {letters.waiting === 0 ? (
            <p className="h-quiet">{t("refused.none")}</p>
          ) : (
            <ul className="h-health-list">
              {Object.entries(letters.by_code).sort((one, other) => other[1] - one[1]).map(([code, count]) => (
                <li key={code}>
                  <Link to="." search={(before) => ({ ...before, tab: "letters", code })}>{codeName(code)}</Link>
                  <strong><Num value={count} /></strong>
                </li>
              ))}
            </ul>
          )}
        </Panel>
      </div>
      <div className="h-health-two">
        <Disk health={health} />
        <Panel title={t("jobs.title")} actions={<Link to="." search={(before) => ({ ...before, jobs: "open" })}>{t("jobs.open")}</Link>}>
          <ul className="h-health-list">
            <li><span>{t("jobs.running")}</span><strong><Num value={jobs.running} /></strong></li>
            <li><span>{t("jobs.queued")}</span><strong><Num value={jobs.queued} /></strong></li>
            <li><span>{t("jobs.failed")}</span>{jobs.failed_24h > 0 ? <Pill tone="bad"><Num value={jobs.failed_24h} /></Pill> : <strong><Num value={0} /></strong>}</li>
          </ul>
        </Panel>
      </div>
      <Panel title={t("sources.title")}>
        {ingest.by_source.length === 0 ? (
          <p className="h-quiet">{t("sources.none")}</p>
        ) : (
          <ul className="h-health-list">
            {ingest.by_source.map((source) => (
              <li key={source.source}>
                <Sender source={source.source} />
                <span className="h-health-source">
                  <span>{t("sources.accepted", { count: source.accepted_24h })}</span>
                  {source.refused_24h > 0 && <Pill tone="attention">{t("sources.refused", { count: source.refused_24h })}</Pill>}
                  <span className="h-quiet"><Time at={source.last_at} /></span>
                </span>
              </li>
            ))}
          </ul>
        )}
      </Panel>
      <p className="h-quiet h-health-program">
        {t("program", { version: health.version, database: health.database === "postgres" ? "PostgreSQL" : "SQLite" })}
        {health.started_at && <> · {t("started")} <Time at={health.started_at} /></>}
      </p>
    </div>
  );
}

function Tile({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <li className="h-panel">
      <span className="h-quiet">{label}</span>
      <strong>{children}</strong>
    </li>
  );
}

/** Records taken and refused in each minute of the last hour. */
function IngestChart({ health }: { health: Health }) {
  const { t } = useTranslation("health");
  const formats = useFormats();
  const navigate = useNavigate();
  const { minutes } = health.ingest;
  const accepted = minutes.reduce((sum, minute) => sum + minute.accepted, 0);
  const refused = minutes.reduce((sum, minute) => sum + minute.refused, 0);
  const { mode } = useTheme();
  const option = useMemo(() => {
    const times = minutes.map((minute) => formats.clock(minute.at));
    const bars = { type: "bar", stack: "records", barCategoryGap: "20%" };
    return {
      grid: { left: 8, right: 8, top: 32, bottom: 8, containLabel: true },
      color: [palettes[mode].moss, palettes[mode].brick],
      legend: { top: 0, right: 0 },
      tooltip: { trigger: "axis", renderMode: "richText" },
      xAxis: { type: "category", data: times },
      yAxis: { type: "value", minInterval: 1 },
      series: [
        { ...bars, name: t("chart.accepted"), data: minutes.map((minute) => minute.accepted) },
        { ...bars, name: t("chart.refused"), data: minutes.map((minute) => minute.refused) },
      ],
    };
  }, [minutes, formats, mode, t]);
  return (
    <Chart
      level={2}
      question={t("chart.question")}
      value={t("chart.value", { accepted: formats.number(accepted), refused: formats.number(refused) })}
      why={t("chart.why")}
      option={option}
      table={{
        head: [t("chart.minute"), t("chart.accepted"), t("chart.refused")],
        rows: accepted + refused === 0 ? [] : minutes.map((minute) => [formats.clock(minute.at), minute.accepted, minute.refused]),
      }}
      empty={t("chart.empty")}
      onPoint={(row) => (minutes[row]?.refused ?? 0) > 0 && void navigate({ to: ".", search: (before: Record<string, unknown>) => ({ ...before, tab: "letters" }) })}
      height={220}
    />
  );
}

const LATE = 60_000;
const SLOW = 5_000;

function StageLine({ stage }: { stage: Stage }) {
  const { t, i18n } = useTranslation("health");
  const formats = useFormats();
  const lag = stage.lag_ms ?? 0;
  const state = lag >= LATE ? "late" : lag >= SLOW ? "slow" : "well";
  const tones: Record<typeof state, Tone> = { late: "bad", slow: "attention", well: "good" };
  const seconds = lag / 1000;
  return (
    <li>
      <span>
        {i18n.exists(`health:stages.${stage.name}`) ? t(`stages.${stage.name}`) : stage.name}
        <span className="h-quiet h-health-hint">{i18n.exists(`health:stagesHelp.${stage.name}`) ? t(`stagesHelp.${stage.name}`) : ""}</span>
      </span>
      <span className="h-health-source">
        <span>{stage.waiting === 0 ? t("stages.none") : t("stages.waiting", { count: stage.waiting })}</span>
        {lag >= 1000 && <span className="h-quiet">{t("stages.lag", { seconds: formats.number(seconds, { maximumFractionDigits: seconds < 10 ? 1 : 0 }) })}</span>}
        <Pill tone={tones[state]}>{t(`stages.state.${state}`)}</Pill>
      </span>
    </li>
  );
}

const NARROW = 0.1;

function Disk({ health }: { health: Health }) {
  const { t, i18n } = useTranslation("health");
  const formats = useFormats();
  const { disk } = health;
  const size = (bytes: number) => sizeOf(bytes, i18n.language);
  const free = disk.free_share;
  return (
    <Panel title={t("disk.title")}>
      {typeof free === "number" && (
        <>
          <Progress percent={Math.round((1 - free) * 100)} status={free < NARROW ? "exception" : "normal"} aria-label={t("disk.title")} />
          <p>
            {t("disk.free", { size: size(disk.free_bytes ?? 0), share: formats.percent(free) })}
            {free < NARROW && <> <Pill tone="bad">{t("disk.narrow")}</Pill></>}
          </p>
        </>
      )}
      <ul className="h-health-list">
        <li><span>{t("disk.database")}</span><strong>{size(disk.database_bytes)}</strong></li>
        <li><span>{t("disk.log", { count: disk.log_kept_days })}</span><strong>{size(disk.log_bytes)}</strong></li>
        <li><span>{t("disk.all")}</span><strong>{size(disk.data_bytes)}</strong></li>
      </ul>
    </Panel>
  );
}
