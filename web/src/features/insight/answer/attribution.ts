import type { Asked, GroupKey } from "../api/types";
import { GRID, cell, shareOf, type DrawOptions, type Drawn } from "./drawn";
import type { AnswerWords } from "./words";

/** More bars than this are read in the table. */
const MOST_BARS = 15;

// @messages insight
/** Which touches conversions are due to, by a model. */
export function drawAttribution({ question, answer }: Asked<"attribution">, words: AnswerWords, { isNarrow }: DrawOptions, before?: Asked<"attribution">): Drawn {
  const { t } = words;
  const hasValue = Boolean(question.conversion.value);
  const isByProperty = Boolean(question.touch_by);
  const name = ({ key, rest }: GroupKey) => (isByProperty || rest ? words.group({ key, rest }) : words.event(key));
  const pointOf = ({ key, rest }: GroupKey) => (rest ? { rest } : { key });
  const { unattributed } = answer;
  // The largest first, by what the picture shows.
  const touches = hasValue ? [...answer.touches].sort((one, other) => other.value - one.value) : answer.touches;
  const shown = touches.slice(0, MOST_BARS);
  const attributed = answer.conversions - unattributed.conversions;
  const rows = [
    ...touches.map((touch) => ({ label: name(touch), point: pointOf(touch), ...touch })),
    { label: t("attribution.none"), point: { unattributed: true } as const, ...unattributed, share: shareOf(unattributed.conversions, answer.conversions) },
  ];
  return {
    isEmpty: answer.conversions === 0,
    figures: [
      { label: t("attribution.conversions"), text: words.number(answer.conversions), point: answer.conversions > 0 ? {} : undefined, compare: before && { now: answer.conversions, before: before.answer.conversions } },
      ...(hasValue ? [{ label: t("attribution.value"), text: words.number(answer.value), compare: before && { now: answer.value, before: before.answer.value } }] : []),
      { label: t("attribution.attributed"), text: words.percent(shareOf(attributed, answer.conversions)) },
    ],
    height: Math.max(160, shown.length * 34 + 56),
    // Axes without a bar say nothing.
    option: shown.length === 0 ? null : {
      tooltip: { trigger: "axis", axisPointer: { type: "shadow" }, valueFormatter: (value: number) => words.number(value) },
      grid: GRID,
      xAxis: { type: "value", splitNumber: isNarrow ? 2 : 5 },
      yAxis: { type: "category", inverse: true, data: shown.map(name), axisLabel: { width: isNarrow ? 90 : 200, overflow: "truncate" } },
      series: [{ type: "bar", name: hasValue ? t("attribution.value") : t("attribution.conversions"), data: shown.map((touch) => (hasValue ? touch.value : touch.conversions)), barMaxWidth: 24, itemStyle: { borderRadius: [0, 4, 4, 0] } }],
    },
    pointOf: ({ dataIndex }) => (shown[dataIndex] ? pointOf(shown[dataIndex]) : null),
    pictureNote: touches.length > shown.length ? t("moreSeries", { shown: shown.length, count: touches.length - shown.length }) : undefined,
    table: {
      head: [t("column.touch"), t("attribution.conversions"), ...(hasValue ? [t("attribution.value")] : []), t("column.share")],
      rows: rows.map((row) => [
        cell(row.label), cell(words.number(row.conversions, 1), row.conversions, row.conversions > 0 ? row.point : undefined), ...(hasValue ? [cell(words.number(row.value), row.value)] : []), cell(words.percent(row.share), row.share ?? ""),
      ]),
    },
  };
}
