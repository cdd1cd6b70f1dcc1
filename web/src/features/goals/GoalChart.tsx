import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "@/lib/format";
import { Chart, palettes, useTheme } from "@/ui";
import type { Goal } from "./api";
import { courseOf } from "./course";
import { useGoalWords } from "./words";

/** What was reached day by day, the even way to the target, and where it leads. */
export function GoalChart({ goal }: { goal: Goal }) {
  const { t, i18n } = useTranslation("goals");
  const { mode } = useTheme();
  const formats = useFormats();
  const words = useGoalWords();
  const rows = useMemo(() => courseOf(goal, words.dayIn), [goal, words]);
  const option = useMemo(() => {
    const palette = palettes[mode];
    const short = new Intl.DateTimeFormat(i18n.language, { month: "numeric", day: "numeric", timeZone: "UTC" });
    const said = (value: unknown) => (typeof value === "number" ? formats.number(value, { maximumFractionDigits: Math.abs(value) < 100 ? 2 : 0 }) : "–");
    const line = { type: "line", showSymbol: false, connectNulls: false };
    return {
      // What the band is stacked from is no number that anybody should read.
      tooltip: {
        trigger: "axis",
        formatter: (points: { dataIndex: number }[]) => {
          const row = rows[points[0]?.dataIndex ?? 0];
          if (!row) return "";
          const lines = [words.day(row.day)];
          if (row.value !== null) lines.push(`${t("chart.value")}: ${said(row.value)}`);
          else if (row.forecast !== null) lines.push(`${t("chart.forecast")}: ${said(row.forecast)} (${said(row.low)}–${said(row.high)})`);
          lines.push(`${t("chart.expected")}: ${said(row.expected)}`);
          return lines.join("\n");
        },
      },
      legend: { top: 0, right: 0, data: [t("chart.value"), t("chart.expected"), t("chart.forecast")] },
      grid: { left: 8, right: 16, top: 36, bottom: 8, containLabel: true },
      xAxis: { type: "category", boundaryGap: false, data: rows.map((row) => short.format(new Date(`${row.day}T00:00:00Z`))) },
      yAxis: { type: "value" },
      series: [
        { ...line, name: t("chart.value"), data: rows.map((row) => row.value), color: palette.ember, areaStyle: { opacity: 0.12 }, lineStyle: { width: 2 }, z: 4 },
        { ...line, name: t("chart.expected"), data: rows.map((row) => row.expected), color: palette.slate, lineStyle: { width: 1, type: "dashed" } },
        { ...line, name: t("chart.forecast"), data: rows.map((row) => row.forecast), color: palette.moss, lineStyle: { width: 2, type: "dotted" } },
        { ...line, name: "low", stack: "band", data: rows.map((row) => row.low), lineStyle: { opacity: 0 }, silent: true, tooltip: { show: false } },
        {
          ...line, name: "high", stack: "band", silent: true, color: palette.moss,
          data: rows.map((row) => (row.low === null || row.high === null ? null : row.high - row.low)),
          lineStyle: { opacity: 0 }, areaStyle: { color: palette.moss, opacity: 0.16 }, tooltip: { show: false },
        },
      ],
    };
  }, [rows, mode, i18n.language, formats, words, t]);
  return (
    <Chart
      question={t("chart.question", { name: goal.name })}
      level={3}
      why={t("chart.why")}
      option={option}
      table={{
        head: [t("chart.day"), t("chart.value"), t("chart.expected"), t("chart.forecast")],
        rows: rows.map((row) => [row.day, row.value ?? "", Math.round(row.expected * 100) / 100, row.value === null && row.forecast !== null ? Math.round(row.forecast * 100) / 100 : ""]),
      }}
      empty={t("chart.empty")}
      height={260}
    />
  );
}
