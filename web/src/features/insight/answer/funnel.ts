import type { Asked, FunnelStep } from "../api/types";
import { GRID, GRID_BELOW_LEGEND, MOST_SERIES, cell, ofGroup, shareOf, type Cell, type DrawOptions, type Drawn } from "./drawn";
import { lengthBuckets } from "./lengths";
import type { AnswerWords } from "./words";

// @messages insight
/** How many came how far. `before` is the same question about the time before. */
export function drawFunnel({ question, answer }: Asked<"funnel">, words: AnswerWords, { isNarrow, room }: DrawOptions, before?: Asked<"funnel">): Drawn {
  const { t } = words;
  const { steps, groups, time_to_convert: took } = answer;
  const first = steps[0]?.members ?? 0;
  const last = steps.at(-1);
  const labels = steps.map((step, index) => `${index + 1} ${words.event(step.event)}`);
  const shown = groups.slice(0, MOST_SERIES);
  const isGrouped = shown.length > 0;
  const conversion = last ? shareOf(last.members, first) : null;
  const lastBefore = before?.answer.steps.at(-1);
  const conversionBefore = lastBefore ? shareOf(lastBefore.members, before?.answer.steps[0]?.members ?? 0) : null;
  const percentAxis = { type: "value", max: 1, axisLabel: { formatter: (value: number) => words.percent(value) }, interval: isNarrow ? 0.5 : 0.25 };
  const axis = { type: "category", data: labels, axisLabel: { interval: 0, width: Math.floor(room / Math.max(1, steps.length)) - 12, overflow: "truncate" } };
  const reachedShare = (step: FunnelStep, of: number) => shareOf(step.members, of) ?? 0;

  const plain = [
    ...(before ? [{
      type: "bar", name: t("compare.before"), silent: true, barGap: "10%", barMaxWidth: 28, itemStyle: { color: words.palette.slate, opacity: 0.35 },
      data: before.answer.steps.map((step) => reachedShare(step, before.answer.steps[0]?.members ?? 0)),
    }] : []),
    { type: "bar", id: "reached", name: t("funnel.reached"), stack: "all", barMaxWidth: 120, data: steps.map((step) => reachedShare(step, first)), label: { show: !(isNarrow && before), position: "insideTop", color: words.palette["on-ember"], formatter: ({ value }: { value: number }) => (value > 0.08 ? words.percent(value) : "") } },
    {
      type: "bar", id: "lost", name: t("funnel.lost"), stack: "all", itemStyle: { color: words.palette["ember-soft"] },
      data: steps.map((step, index) => (index === 0 ? 0 : reachedShare({ ...step, members: (steps[index - 1]?.members ?? 0) - step.members }, first))),
    },
  ];
  const byGroup = shown.map((group) => ({
    type: "bar", id: `group ${group.key} ${group.rest}`, name: words.group(group), barMaxWidth: 36,
    data: group.steps.map((step) => reachedShare(step, group.steps[0]?.members ?? 0)),
  }));
  const series = isGrouped ? byGroup : plain;

  const row = (step: FunnelStep, index: number, all: FunnelStep[], group?: (typeof groups)[number]): Cell[] => {
    const lost = index === 0 ? 0 : (all[index - 1]?.members ?? 0) - step.members;
    const of = group ? ofGroup(group) : {};
    return [
      ...(isGrouped ? [cell(group ? words.group(group) : t("group.all"))] : []),
      cell(`${index + 1} ${words.event(step.event)}`),
      cell(words.number(step.members), step.members, step.members > 0 ? { step: index + 1, reached: true, ...of } : undefined),
      cell(words.percent(shareOf(step.members, all[0]?.members ?? 0)), shareOf(step.members, all[0]?.members ?? 0) ?? ""),
      cell(index === 0 ? "–" : words.percent(shareOf(step.members, all[index - 1]?.members ?? 0)), index === 0 ? "" : (shareOf(step.members, all[index - 1]?.members ?? 0) ?? "")),
      cell(index === 0 ? "–" : words.number(lost), index === 0 ? "" : lost, lost > 0 ? { step: index + 1, reached: false, ...of } : undefined),
      cell(words.duration(step.median_seconds), step.median_seconds ?? ""),
      cell(words.duration(step.average_seconds), step.average_seconds ?? ""),
    ];
  };

  return {
    isEmpty: first === 0,
    figures: [
      { label: t("funnel.conversion"), text: words.percent(conversion), compare: conversion !== null && conversionBefore !== null ? { now: conversion, before: conversionBefore, isShare: true } : undefined },
      { label: t("funnel.began"), text: words.number(first), point: first > 0 ? { step: 1, reached: true } : undefined },
      {
        label: t("funnel.arrived"), text: words.number(last?.members), point: last?.members ? { step: steps.length, reached: true } : undefined,
        compare: last && lastBefore ? { now: last.members, before: lastBefore.members } : undefined,
      },
      ...(steps.length > 1 ? [{ label: t("funnel.median"), text: words.duration(last?.median_seconds) }] : []),
    ],
    height: isNarrow ? 260 : 320,
    option: {
      tooltip: { trigger: "axis", axisPointer: { type: "shadow" }, valueFormatter: (value: number) => words.percent(value) },
      legend: isGrouped || before ? { type: "scroll", top: 0, left: 0, right: 0 } : undefined,
      grid: isGrouped || before ? GRID_BELOW_LEGEND : GRID,
      xAxis: axis,
      yAxis: percentAxis,
      series,
    },
    pointOf: ({ seriesIndex, dataIndex }) => {
      if (isGrouped) {
        const group = shown[seriesIndex];
        return group ? { step: dataIndex + 1, reached: true, ...ofGroup(group) } : null;
      }
      const id = (series[seriesIndex] as { id?: string } | undefined)?.id;
      if (id === "reached") return { step: dataIndex + 1, reached: true };
      return id === "lost" && dataIndex > 0 ? { step: dataIndex + 1, reached: false } : null;
    },
    pictureNote: groups.length > shown.length ? t("moreSeries", { shown: shown.length, count: groups.length - shown.length }) : undefined,
    table: {
      names: isGrouped ? 2 : 1,
      head: [...(isGrouped ? [t("column.group")] : []), t("column.step"), t("column.members"), t("column.ofFirst"), t("column.ofPrevious"), t("column.lost"), t("column.median"), t("column.average")],
      rows: [...steps.map((step, index) => row(step, index, steps)), ...groups.flatMap((group) => group.steps.map((step, index) => row(step, index, group.steps, group)))],
    },
    also: took.buckets.length > 0 && question.steps.length > 1 ? [{ title: t("funnel.timeToConvert"), ...lengthBuckets(took.buckets.map((one) => ({ ...one, count: one.members })), words, t("column.members"), isNarrow) }] : [],
  };
}
