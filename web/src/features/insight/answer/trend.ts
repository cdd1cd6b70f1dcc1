import type { Asked, TrendSeries } from "../api/types";
import { GRID, GRID_BELOW_LEGEND, MOST_SERIES, cell, latestOver, ofGroup, type DrawOptions, type Drawn, type Figure } from "./drawn";
import type { AnswerWords } from "./words";
import { nameOfSeries } from "../question/address";

// @messages insight
const MOST_FIGURES = 4;
/** With more points a mark on each would hide the line. */
const MOST_MARKS = 45;
/** With more lines a dashed one beside each is a thicket. */
const MOST_COMPARED = 3;
/** Sums of these over time mean something; those of averages and of different members do not. */
const ADDABLE = ["events", "sum"];
/** A line so many times lower than another would lie flat: formulas get an axis of their own. */
const FLAT = 20;

/** What a series counts, in words: "Ordered · members · 上海". */
export function seriesTitle(series: TrendSeries, { question }: Asked<"trend">, words: AnswerWords): string {
  const { t } = words;
  const asked = question.series.find((one) => one.name === series.name);
  const formula = question.formulas?.find((one) => one.name === series.name);
  const measure = asked && t(`measure.${asked.measure}`);
  const property = asked?.property ? words.property(asked.property) : null;
  const what = asked
    ? [words.event(series.event), property ? t("measureOf", { measure, property }) : measure].join(" · ")
    : (formula?.expression ?? series.name);
  if (!question.by) return what;
  const group = words.group({ key: series.group, rest: series.rest });
  if (formula && series.group === null && !series.rest) return what;
  return question.series.length + (question.formulas?.length ?? 0) > 1 ? `${what} · ${group}` : group;
}

/** So many that the eye can tell them apart: of each name the largest groups, in the order in which they came. */
export function shownSeries<T extends { name: string; total: number | null; rest: boolean }>(series: readonly T[]): T[] {
  if (series.length <= MOST_SERIES) return [...series];
  const names = [...new Set(series.map((one) => one.name))].slice(0, MOST_SERIES);
  const each = Math.floor(MOST_SERIES / names.length);
  const chosen = names.flatMap((name) =>
    series.filter((one) => one.name === name).sort((one, other) => Number(one.rest) - Number(other.rest) || (other.total ?? 0) - (one.total ?? 0)).slice(0, each),
  );
  return series.filter((one) => chosen.includes(one));
}

export function drawTrend(asked: Asked<"trend">, words: AnswerWords, { view, isNarrow }: DrawOptions): Drawn {
  const { question, answer } = asked;
  const { t } = words;
  const unit = question.unit ?? "day";
  const shown = shownSeries(answer.series);
  const title = (series: TrendSeries) => seriesTitle(series, asked, words);
  const times = (answer.series[0]?.points ?? []).map((point) => point.t);
  const labels = times.map((at) => words.moment(at, unit, answer.zone));
  const isCompared = shown.length <= MOST_COMPARED;
  const isBar = view === "bar";
  const computed = shown.filter((series) => series.measure === null);
  const counted = shown.filter((series) => series.measure !== null);
  const isApart = computed.length > 0 && counted.length > 0 && highest(counted) > FLAT * highest(computed);
  const pointOf = (series: TrendSeries | undefined, at: string | undefined) => {
    const isAsked = series && question.series.some((one) => one.name === series.name);
    if (!isAsked || at === undefined) return null;
    return { series: series.name, t: at, ...(question.by ? ofGroup({ key: series.group, rest: series.rest }) : {}) };
  };

  const lines = shown.flatMap((series, at) => {
    const name = title(series);
    // A dashed line has the colour of the series that it belongs to.
    const color = words.colours[at % words.colours.length];
    const now = {
      id: `now ${series.key}`, type: isBar ? "bar" : "line", name, yAxisIndex: isApart && series.measure === null ? 1 : 0, itemStyle: { color }, data: series.points.map((point) => point.value),
      ...(isBar ? { stack: question.by && series.measure && ADDABLE.includes(series.measure) ? series.name : undefined } : { showSymbol: times.length <= MOST_MARKS }),
      ...(shown.length === 1 && !isBar ? { areaStyle: { opacity: 0.1 } } : {}),
    };
    if (!series.previous || !isCompared) return [now];
    const before = {
      id: `before ${series.key}`, type: "line", yAxisIndex: now.yAxisIndex, name: t("compare.named", { name }), data: times.map((_, place) => series.previous?.points[place]?.value ?? null),
      itemStyle: { color }, lineStyle: { type: "dashed", width: 1.5 }, showSymbol: false, silent: true,
    };
    return [now, before];
  });

  // What is under way says little yet.
  const latest = latestOver(times, answer);
  const figureOf = (kind: FigureKind, { points, total }: Pick<TrendSeries, "points" | "total">) =>
    kind === "last" ? (points[latest < 0 ? points.length - 1 : latest]?.value ?? null) : total;

  const figures: Figure[] = shown.slice(0, MOST_FIGURES).map((series) => {
    const kind = figureKind(series, question);
    const now = figureOf(kind, series);
    const earlier = series.previous && figureOf(kind, series.previous);
    return {
      label: [title(series), t(`totalOf.${kind}`)].join(" · "),
      text: words.number(now),
      compare: typeof now === "number" && typeof earlier === "number" ? { now, before: earlier } : undefined,
    };
  });
  const withPrevious = answer.series.some((series) => series.previous);

  return {
    figures,
    isEmpty: answer.series.every((series) => series.points.every((point) => !point.value)),
    option: {
      tooltip: { trigger: "axis", valueFormatter: (value: number | null) => words.number(value) },
      legend: lines.length > 1 ? { type: "scroll", top: 0, left: 0, right: 0 } : undefined,
      grid: lines.length > 1 ? GRID_BELOW_LEGEND : GRID,
      xAxis: { type: "category", data: labels, boundaryGap: isBar },
      yAxis: [
        { type: "value", minInterval: (isApart ? counted : answer.series).every((series) => Number.isInteger(series.points[0]?.value ?? 0)) ? 1 : undefined, splitNumber: isNarrow ? 3 : 5 },
        ...(isApart ? [{ type: "value", position: "right", splitNumber: isNarrow ? 3 : 5, splitLine: { show: false } }] : []),
      ],
      series: lines,
    },
    pointOf: ({ seriesIndex, dataIndex }) => {
      const line = lines[seriesIndex];
      return pointOf(shown.find((series) => line?.id === `now ${series.key}`), times[dataIndex]);
    },
    pictureNote: [
      answer.series.length > shown.length ? t("moreSeries", { shown: shown.length, count: answer.series.length - shown.length }) : "",
      isApart ? t("trend.apart", { names: computed.map(title).join(t("trend.between")) }) : "",
    ].filter(Boolean).join(" ") || undefined,
    table: {
      head: [t("column.series"), t("column.total"), ...(withPrevious ? [t("column.before")] : []), ...labels],
      rows: answer.series.map((series) => [
        cell(title(series)),
        ...[series, ...(withPrevious ? [series.previous] : [])].map((one) => {
          const total = one && figureOf(figureKind(series, question), one);
          return cell(words.number(total), total ?? "");
        }),
        ...series.points.map((point) => cell(words.number(point.value), point.value ?? "", point.value ? (pointOf(series, point.t) ?? undefined) : undefined)),
      ]),
    },
  };
}

/** Looks back from the end of each period: the whole time together has no such number. */
const looksBack = (measure: string) => measure.startsWith("members_");

type FigureKind = "sum" | "different" | "whole" | "last";

function figureKind({ name, measure }: TrendSeries, { series, formulas }: Asked<"trend">["question"]): FigureKind {
  if (measure && ADDABLE.includes(measure)) return "sum";
  if (measure === "members") return "different";
  const formula = formulas?.find((one) => one.name === name);
  const parts = formula ? series.filter((one, at) => formula.expression.includes(one.name ?? nameOfSeries(at))).map((one) => one.measure) : [measure ?? ""];
  return parts.some(looksBack) ? "last" : "whole";
}

/** The highest value of any of them. */
function highest(all: readonly TrendSeries[]): number {
  return Math.max(0, ...all.flatMap((series) => series.points.map((point) => Math.abs(point.value ?? 0))));
}
