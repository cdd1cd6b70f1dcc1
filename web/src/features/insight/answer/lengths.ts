import { GRID, cell, shareOf, type AnswerTable } from "./drawn";
import type { AnswerWords } from "./words";

// @messages insight
interface LengthBucket {
  from_seconds: number;
  to_seconds: number | null;
  count: number;
}

type Length = Pick<LengthBucket, "from_seconds" | "to_seconds">;

export function lengthName({ from_seconds, to_seconds }: Length, words: AnswerWords): string {
  const from = words.duration(from_seconds);
  return to_seconds === null ? words.t("bucket.from", { from }) : words.t("bucket.between", { from, to: words.duration(to_seconds) });
}

/** Those for whom it took so long. */
export function lengthPoint(bucket: Length | undefined): { from_seconds: number; to_seconds?: number } | null {
  if (!bucket) return null;
  const { from_seconds, to_seconds } = bucket;
  return to_seconds === null ? { from_seconds } : { from_seconds, to_seconds };
}

/** How long something took: one bar for each stretch of time. */
export function lengthBuckets(buckets: readonly LengthBucket[], words: AnswerWords, counted: string, isNarrow: boolean, isListed = false) {
  const { t } = words;
  const all = buckets.reduce((sum, bucket) => sum + bucket.count, 0);
  const name = (bucket: LengthBucket) => lengthName(bucket, words);
  const table: AnswerTable = {
    head: [t("column.length"), counted, t("column.share")],
    rows: buckets.map((bucket) => [cell(name(bucket)), cell(words.number(bucket.count), bucket.count, isListed && bucket.count > 0 ? (lengthPoint(bucket) ?? undefined) : undefined), cell(words.percent(shareOf(bucket.count, all)), shareOf(bucket.count, all) ?? "")]),
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
