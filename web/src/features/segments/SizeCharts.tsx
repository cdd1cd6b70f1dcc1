import { Segmented } from "antd";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "@/lib/format";
import { useTimeZone } from "@/lib/session";
import { Chart, ErrorState, Loading, palettes, Panel, useTheme } from "@/ui";
import { useSizes, type SizePoint, type Unit } from "./api";
import { lastDays } from "./time";

const UNITS: readonly Unit[] = ["hour", "day", "week", "month"];
const DAYS: Record<Unit, number> = { hour: 2, day: 30, week: 182, month: 365 };

/** How large a segment was, and who came and went, by hours, days, weeks or months. */
export function SizeCharts({ id }: { id: string }) {
  const { t } = useTranslation("segments");
  const navigate = useNavigate();
  const asked = useSearch({ strict: false }) as { unit?: string };
  const unit = UNITS.find((one) => one === asked.unit) ?? "day";
  const range = useMemo(() => ({ ...lastDays(new Date(), DAYS[unit]), unit }), [unit]);
  const sizes = useSizes(id, range);

  /** Who came and went in the step that was clicked. */
  function showChanges(row: number) {
    const points = sizes.data?.points ?? [];
    const to = points[row]?.t;
    if (!to) return;
    const from = points[row - 1]?.t ?? range.from;
    void navigate({ to: ".", search: (before: Record<string, unknown>) => ({ ...before, tab: "changes", from, to }), resetScroll: false });
  }

  return (
    <>
      <header className="h-segment-over-time">
        <h2>{t("chart.title")}</h2>
        <Segmented
        aria-label={t("chart.unit")}
        value={unit}
        options={UNITS.map((one) => ({ value: one, label: t(`chart.units.${one}`) }))}
        onChange={(next) => void navigate({ to: ".", search: (before: Record<string, unknown>) => ({ ...before, unit: next === "day" ? undefined : next }), replace: true, resetScroll: false })}
        />
      </header>
      <div className="h-segment-two">
        {sizes.data ? (
          <>
            <SizeChart points={sizes.data.points} unit={unit} onPoint={(row) => showChanges(row)} />
            <MovementChart points={sizes.data.points} unit={unit} onPoint={(row) => showChanges(row)} />
          </>
        ) : (
          <Panel>{sizes.isPending ? <Loading rows={6} /> : <ErrorState error={sizes.error} retry={() => void sizes.refetch()} />}</Panel>
        )}
      </div>
    </>
  );
}

interface PointsProps {
  points: SizePoint[];
  unit: Unit;
  onPoint: (row: number) => void;
}

function SizeChart({ points, unit, onPoint }: PointsProps) {
  const { t } = useTranslation("segments");
  const formats = useFormats();
  const labels = useLabels(points, unit);
  const first = points[0];
  const last = points.at(-1);
  const option = useMemo(
    () => ({
      tooltip: { trigger: "axis" },
      grid: { left: 8, right: 16, top: 16, bottom: 8, containLabel: true },
      xAxis: { type: "category", data: labels, boundaryGap: false },
      yAxis: { type: "value", minInterval: 1, scale: true },
      series: [{ type: "line", name: t("size"), data: points.map((point) => point.size), showSymbol: points.length < 3, smooth: 0.2, areaStyle: { opacity: 0.12 } }],
    }),
    [points, labels, t],
  );
  return (
    <Panel>
      <Chart
        question={t("chart.size")}
        value={last && formats.number(last.size)}
        compare={first && last && { now: last.size, before: first.size, label: t(`chart.since.${unit}`) }}
        why={t("chart.sizeWhy")}
        option={option}
        table={{ head: [t("chart.when"), t("size")], rows: points.map((point, index) => [labels[index] ?? "", point.size]) }}
        empty={t("chart.empty")}
        onPoint={onPoint}
      />
    </Panel>
  );
}

function MovementChart({ points, unit, onPoint }: PointsProps) {
  const { t } = useTranslation("segments");
  const formats = useFormats();
  const labels = useLabels(points, unit);
  const entered = points.reduce((sum, point) => sum + point.entered, 0);
  const left = points.reduce((sum, point) => sum + point.left, 0);
  const { mode } = useTheme();
  const option = useMemo(
    () => ({
      tooltip: { trigger: "axis", valueFormatter: (value: number) => String(Math.abs(value)) },
      // As the list of who came and went has them.
      color: [palettes[mode].moss, palettes[mode].slate],
      legend: { top: 0, right: 0 },
      grid: { left: 8, right: 16, top: 36, bottom: 8, containLabel: true },
      xAxis: { type: "category", data: labels },
      yAxis: { type: "value", minInterval: 1, axisLabel: { formatter: (value: number) => String(Math.abs(value)) } },
      series: [
        { type: "bar", name: t("entered"), stack: "both", data: points.map((point) => point.entered) },
        { type: "bar", name: t("left"), stack: "both", data: points.map((point) => -point.left), itemStyle: { borderRadius: [0, 0, 4, 4] } },
      ],
    }),
    [points, labels, mode, t],
  );
  return (
    <Panel>
      <Chart
        question={t("chart.movement")}
        value={t("chart.cameAndWent", { entered: formats.number(entered), left: formats.number(left) })}
        why={t("chart.movementWhy")}
        option={option}
        table={{ head: [t("chart.when"), t("entered"), t("left")], rows: points.map((point, index) => [labels[index] ?? "", point.entered, point.left]) }}
        empty={t("chart.empty")}
        onPoint={onPoint}
      />
    </Panel>
  );
}

/** The steps as the reader's calendar writes them. */
function useLabels(points: SizePoint[], unit: Unit): string[] {
  const { i18n } = useTranslation();
  const timeZone = useTimeZone();
  return useMemo(() => {
    const parts: Record<Unit, Intl.DateTimeFormatOptions> = {
      hour: { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
      day: { month: "numeric", day: "numeric" },
      week: { month: "numeric", day: "numeric" },
      month: { year: "numeric", month: "short" },
    };
    const format = new Intl.DateTimeFormat(i18n.language, { timeZone, ...parts[unit] });
    // A step is named by its last moment: midnight at its end belongs to the day before.
    return points.map((point) => format.format(new Date(new Date(point.t).getTime() - (unit === "hour" ? 0 : 1))));
  }, [points, unit, i18n.language, timeZone]);
}
