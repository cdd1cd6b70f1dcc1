import { LIFECYCLE_STATES, type Asked, type LifecycleState } from "../api/types";
import { GRID_BELOW_LEGEND, cell, latestOver, type DrawOptions, type Drawn } from "./drawn";
import type { AnswerWords } from "./words";

// @messages insight
/** Who came, stayed and came back, and below zero who fell asleep; with how many come for each that goes. */
export function drawLifecycle({ question, answer }: Asked<"lifecycle">, words: AnswerWords, { isNarrow }: DrawOptions, before?: Asked<"lifecycle">): Drawn {
  const { t } = words;
  const unit = question.unit ?? "week";
  const { points } = answer;
  // While a period is under way it looks as if most had fallen asleep.
  const latest = latestOver(points.map((point) => point.t), answer);
  const isUnderWay = latest >= 0 && latest < points.length - 1;
  const moments = points.map((point) => words.moment(point.t, unit, answer.zone));
  const labels = moments.map((moment, at) => (isUnderWay && at > latest ? `${moment} *` : moment));
  const colours: Record<LifecycleState, string> = { new: words.palette.ember, returning: words.palette.moss, resurrected: words.palette.amber, dormant: words.palette.slate };
  const last = points[latest] ?? points.at(-1);
  // The one that had the same place in the time before.
  const lastBefore = before && (before.answer.points[latest] ?? before.answer.points.at(-1));
  const isWhole = (value: number) => words.number(Math.abs(value));
  return {
    isEmpty: points.every((point) => LIFECYCLE_STATES.every((state) => point[state] === 0)),
    figures: [
      {
        label: t("lifecycle.quickRatio"), text: words.number(last?.quick_ratio),
        compare: typeof last?.quick_ratio === "number" && typeof lastBefore?.quick_ratio === "number" ? { now: last.quick_ratio, before: lastBefore.quick_ratio } : undefined,
      },
      ...LIFECYCLE_STATES.map((state) => ({ label: t(`state.${state}`), text: words.number(last?.[state]), point: last && last[state] > 0 ? { t: last.t, state } : undefined })),
    ],
    height: isNarrow ? 280 : 340,
    option: {
      tooltip: { trigger: "axis", axisPointer: { type: "shadow" }, valueFormatter: isWhole },
      legend: { type: "scroll", top: 0, left: 0, right: 0 },
      grid: GRID_BELOW_LEGEND,
      xAxis: { type: "category", data: labels, axisLabel: { hideOverlap: true }, axisLine: { onZero: true } },
      yAxis: { type: "value", minInterval: 1, splitNumber: isNarrow ? 3 : 5, axisLabel: { formatter: isWhole } },
      series: LIFECYCLE_STATES.map((state) => ({
        type: "bar", name: t(`state.${state}`), stack: "all", barMaxWidth: 48, itemStyle: { color: colours[state], borderRadius: 0 },
        data: points.map((point) => (state === "dormant" ? -point[state] : point[state])),
      })),
    },
    pointOf: ({ seriesIndex, dataIndex }) => {
      const state = LIFECYCLE_STATES[seriesIndex];
      const point = points[dataIndex];
      return state && point && point[state] > 0 ? { t: point.t, state } : null;
    },
    note: [t("lifecycle.note"), isUnderWay ? t("lifecycle.underWay", { begun: moments[latest + 1], period: moments[latest] }) : ""].filter(Boolean).join(" "),
    table: {
      head: [t(`column.start.${unit}`), ...LIFECYCLE_STATES.map((state) => t(`state.${state}`)), t("lifecycle.quickRatio")],
      rows: points.map((point, at) => [
        cell(labels[at] ?? ""),
        ...LIFECYCLE_STATES.map((state) => cell(words.number(point[state]), point[state], point[state] > 0 ? { t: point.t, state } : undefined)),
        cell(words.number(point.quick_ratio), point.quick_ratio ?? ""),
      ]),
    },
  };
}
