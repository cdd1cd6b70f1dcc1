import type { Asked, Cohort } from "../api/types";
import { GRID, GRID_BELOW_LEGEND, MOST_SERIES, cell, ofGroup, shareOf, type Cell, type DrawOptions, type Drawn } from "./drawn";
import type { AnswerWords } from "./words";

// @messages insight
/** Who came back in which period: the curve of all, and a row for each cohort that is the warmer the more came back. */
export function drawRetention({ question, answer }: Asked<"retention">, words: AnswerWords, { isNarrow }: DrawOptions, before?: Asked<"retention">): Drawn {
  const { t } = words;
  const unit = question.unit ?? "week";
  const { cohorts, average, groups } = answer;
  const periods = Math.max(average.length, ...cohorts.map((cohort) => cohort.returned.length));
  const labels = Array.from({ length: periods }, (_, period) => t(`retention.period.${unit}`, { period }));
  const shown = groups.slice(0, MOST_SERIES);
  const whole = cohorts.reduce((sum, cohort) => sum + cohort.size, 0);
  const averageBefore = before?.answer.average;

  /** The first whole period after the own one, which says most of whether anybody comes back. */
  const first = average[1];
  const firstBefore = averageBefore?.[1];
  const last = average.length - 1;

  const line = (name: string, data: readonly (number | null)[], more: object = {}) => ({ type: "line", name, data, showSymbol: data.length < 32, connectNulls: false, ...more });
  const series = shown.length > 0
    ? shown.map((group) => line(words.group(group), group.average))
    : [
        line(t("retention.average"), average, { areaStyle: { opacity: 0.1 } }),
        ...(averageBefore ? [line(t("compare.before"), averageBefore, { lineStyle: { type: "dashed", width: 1.5 }, itemStyle: { color: words.palette.slate }, silent: true })] : []),
      ];

  const row = (cohort: Cohort): Cell[] => [
    cell(words.moment(cohort.start, unit, answer.zone)),
    cell(words.number(cohort.size), cohort.size, cohort.size > 0 ? { cohort: cohort.start, period: 0 } : undefined),
    ...labels.map((_, period): Cell => {
      const returned = cohort.returned[period];
      if (returned === undefined) return cell("", "");
      const share = shareOf(returned, cohort.size);
      // A period that is under way may still get warmer.
      const isOver = period < cohort.complete;
      const text = `${words.percent(share)}${isOver ? "" : " *"}`;
      return { text, raw: share ?? "", heat: share ?? 0, label: t("retention.cell", { returned: words.number(returned), size: words.number(cohort.size) }), ...(returned > 0 ? { point: { cohort: cohort.start, period, returned: true } } : {}) };
    }),
  ];

  const warm = (shares: readonly (number | null)[]) => labels.map((_, period): Cell => {
    const share = shares[period];
    return typeof share === "number" ? { text: words.percent(share), raw: share, heat: share } : cell("", "");
  });

  return {
    isEmpty: whole === 0,
    figures: [
      { label: t(`retention.after.${unit}`), text: words.percent(first), compare: typeof first === "number" && typeof firstBefore === "number" ? { now: first, before: firstBefore, isShare: true } : undefined },
      ...(last > 1 ? [{ label: t("retention.last", { period: t(`retention.period.${unit}`, { period: last }) }), text: words.percent(average[last]) }] : []),
      {
        label: t("retention.all"), text: words.number(whole),
        // Who began in several cohorts is counted in each.
        point: whole > 0 && question.cohorts !== "each" ? { period: 0 } : undefined,
      },
    ],
    height: isNarrow ? 200 : 240,
    option: {
      tooltip: { trigger: "axis", valueFormatter: (value: number | null) => words.percent(value) },
      legend: series.length > 1 ? { type: "scroll", top: 0, left: 0, right: 0 } : undefined,
      grid: series.length > 1 ? GRID_BELOW_LEGEND : GRID,
      xAxis: { type: "category", data: labels, boundaryGap: false, axisLabel: { hideOverlap: true } },
      yAxis: { type: "value", min: 0, max: 1, interval: isNarrow ? 0.5 : 0.25, axisLabel: { formatter: (value: number) => words.percent(value) } },
      series,
    },
    // A point of the curve is of all cohorts together, of whom no list can be asked.
    pointOf: () => null,
    tableNote: t("retention.underWay"),
    pictureNote: groups.length > shown.length ? t("moreSeries", { shown: shown.length, count: groups.length - shown.length }) : undefined,
    table: {
      head: [t("column.cohort"), t("column.size"), ...labels],
      rows: [
        [cell(t("retention.average")), cell(words.number(whole), whole), ...warm(average)],
        ...cohorts.map(row),
      ],
    },
    also: groups.length > 0 ? [{
      title: t("retention.byGroup"),
      table: {
        head: [t("column.group"), t("column.size"), ...labels],
        rows: groups.map((group) => [cell(words.group(group)), cell(words.number(group.size), group.size, group.size > 0 && question.cohorts !== "each" ? { period: 0, ...ofGroup(group) } : undefined), ...warm(group.average)]),
      },
    }] : [],
  };
}
