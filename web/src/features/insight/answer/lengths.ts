import { GRID, cell, shareOf, type AnswerTable } from "./drawn";
import type { AnswerWords } from "./words";

// @messages insight
interface LengthBucket {
  from_seconds: number;
  to_seconds: number | null;
  count: number;
}

/** How long something took: one bar for each stretch of time. */
export function lengthBuckets(buckets: readonly LengthBucket[], words: AnswerWords, counted: string, isNarrow: boolean) {
  const { t } = words;
  const all = buckets.reduce((sum, bucket) => sum + bucket.count, 0);
  const name = ({ from_seconds, to_seconds }: LengthBucket) =>
    to_seconds === null ? t("bucket.from", { from: words.duration(from_seconds) }) : t("bucket.between", { from: words.duration(from_seconds), to: words.duration(to_seconds) });
  const table: AnswerTable = {
    head: [t("column.length"), counted, t("column.share")],
    rows: buckets.map((bucket) => [cell(name(bucket)), cell(words.number(bucket.count), bucket.count), cell(words.percent(shareOf(bucket.count, all)), shareOf(bucket.count, all) ?? "")]),
  };
  return {
    table,
    height: isNarrow ? 200 : 240,
    option: {
      tooltip: { trigger: "axis", axisPointer: { type: "shadow" }, valueFormatter: (value: number) => words.number(value) },
      grid: GRID,
      // The axis says where each stretch ends: both ends would not stand beside each other.
      xAxis: { type: "category", data: buckets.map(name), axisLabel: { hideOverlap: true, formatter: (_: string, index: number) => shortEnd(buckets[index], words) } },
      yAxis: { type: "value", minInterval: 1, splitNumber: isNarrow ? 2 : 4 },
      series: [{ type: "bar", name: counted, data: buckets.map((bucket) => bucket.count), barMaxWidth: 64, barCategoryGap: "12%" }],
    },
  };
}

function shortEnd(bucket: LengthBucket | undefined, words: AnswerWords): string {
  if (!bucket) return "";
  return bucket.to_seconds === null ? words.t("bucket.from", { from: words.duration(bucket.from_seconds) }) : words.t("bucket.under", { to: words.duration(bucket.to_seconds) });
}
