import type { Asked, DistributionFigures } from "../api/types";
import { GRID, GRID_BELOW_LEGEND, MOST_SERIES, cell, ofGroup, shareOf, type DrawOptions, type Drawn } from "./drawn";
import { lengthBuckets, lengthPoint } from "./lengths";
import type { AnswerWords } from "./words";

// @messages insight
/** How many members did something how often, on how many days, or for how much. */
export function drawDistribution({ question, answer }: Asked<"distribution">, words: AnswerWords, { isNarrow }: DrawOptions, before?: Asked<"distribution">): Drawn {
  const { t } = words;
  const measure = question.measure ?? "count";
  const { buckets, groups } = answer;
  const shown = groups.slice(0, MOST_SERIES);
  const name = (bucket: Bucket) => bucketName(bucket, measure, words);
  const labels = buckets.map(name);
  // Of amounts each time has bounds of its own, and what lies between others cannot stand beside these.
  const isBeside = before !== undefined && before.answer.buckets.length === buckets.length && before.answer.buckets.every((bucket, at) => bucket.from === buckets[at]?.from);
  const shares = (figures: DistributionFigures) => buckets.map((_, at) => shareOf(figures.buckets[at]?.members ?? 0, figures.members) ?? 0);
  const series = shown.length > 0
    ? shown.map((group) => ({ type: "bar", name: words.group(group), data: shares(group), barMaxWidth: 28 }))
    : [
        { type: "bar", name: t("column.share"), data: shares(answer), barMaxWidth: 64 },
        ...(isBeside ? [{ type: "bar", name: t("compare.before"), data: shares(before.answer), barMaxWidth: 28, silent: true, itemStyle: { color: words.palette.slate, opacity: 0.35 } }] : []),
      ];
  const figure = (which: "mean" | "median" | "p90") => ({
    label: t(`distribution.${which}`), text: words.number(answer[which]),
    compare: typeof answer[which] === "number" && typeof before?.answer[which] === "number" ? { now: answer[which], before: before.answer[which] } : undefined,
  });
  return {
    isEmpty: answer.members === 0,
    figures: [figure("median"), figure("mean"), figure("p90"), { label: t("column.members"), text: words.number(answer.members), compare: before && { now: answer.members, before: before.answer.members } }],
    height: isNarrow ? 240 : 300,
    option: {
      tooltip: { trigger: "axis", axisPointer: { type: "shadow" }, valueFormatter: (value: number) => words.percent(value) },
      legend: series.length > 1 ? { type: "scroll", top: 0, left: 0, right: 0 } : undefined,
      grid: series.length > 1 ? GRID_BELOW_LEGEND : GRID,
      xAxis: { type: "category", data: labels, axisLabel: { hideOverlap: true } },
      yAxis: { type: "value", splitNumber: isNarrow ? 2 : 4, axisLabel: { formatter: (value: number) => words.percent(value) } },
      series,
    },
    pointOf: ({ seriesIndex, dataIndex }) => {
      const group = shown[seriesIndex];
      if (group) return { bucket: dataIndex, ...ofGroup(group) };
      return seriesIndex === 0 ? { bucket: dataIndex } : null;
    },
    pictureNote: groups.length > shown.length ? t("moreSeries", { shown: shown.length, count: groups.length - shown.length }) : undefined,
    table: {
      head: [t(`column.counted.${measure}`), t("column.members"), t("column.share"), ...groups.map((group) => words.group(group))],
      rows: buckets.map((bucket, at) => [
        cell(name(bucket)), cell(words.number(bucket.members), bucket.members, bucket.members > 0 ? { bucket: at } : undefined),
        cell(words.percent(shareOf(bucket.members, answer.members)), shareOf(bucket.members, answer.members) ?? ""),
        ...groups.map((group) => cell(words.number(group.buckets[at]?.members), group.buckets[at]?.members ?? "", group.buckets[at]?.members ? { bucket: at, ...ofGroup(group) } : undefined)),
      ]),
    },
  };
}

type Bucket = DistributionFigures["buckets"][number];

/** What is in a bucket: numbers of times are whole, so that from 3 to before 5 are 3 and 4. */
export function bucketName({ from, to }: Bucket, measure: string, words: AnswerWords): string {
  const { t } = words;
  if (from === null) return t("bucket.under", { to: words.number(to) });
  if (to === null) return t("bucket.from", { from: words.number(from) });
  const isOfProperty = measure === "sum" || measure === "avg";
  if (isOfProperty) return t("bucket.between", { from: words.number(from), to: words.number(to) });
  return to - from <= 1 ? words.number(from) : t("bucket.between", { from: words.number(from), to: words.number(to - 1) });
}

/** How long it is from one event to the next of another kind. */
export function drawInterval({ answer }: Asked<"interval">, words: AnswerWords, { isNarrow }: DrawOptions, before?: Asked<"interval">): Drawn {
  const { t } = words;
  const drawn = lengthBuckets(answer.buckets.map((one) => ({ ...one, count: one.pairs })), words, t("column.pairs"), isNarrow, true);
  return {
    ...drawn,
    height: isNarrow ? 240 : 300,
    isEmpty: answer.pairs === 0,
    figures: [
      { label: t("interval.median"), text: words.duration(answer.median_seconds) },
      { label: t("interval.mean"), text: words.duration(answer.mean_seconds) },
      { label: t("interval.p90"), text: words.duration(answer.p90_seconds) },
      { label: t("column.pairs"), text: words.number(answer.pairs), compare: before && { now: answer.pairs, before: before.answer.pairs } },
      { label: t("column.members"), text: words.number(answer.members), point: answer.members > 0 ? {} : undefined },
      ...(before ? [{ label: t("interval.medianBefore"), text: words.duration(before.answer.median_seconds) }] : []),
    ],
    pointOf: ({ dataIndex }) => lengthPoint(answer.buckets[dataIndex]),
  };
}
