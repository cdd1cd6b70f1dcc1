import { useTranslation } from "react-i18next";
import { useMemo } from "react";
import { useEventTitle } from "@/features/rules";
import { useFormats } from "@/lib/format";
import { useTimeZone } from "@/lib/session";
import { isCumulative } from "./course";
import type { Goal, Metric } from "./api";

const FINE = 100;

export interface GoalWords {
  /** A number as the goal counts: whole, with decimals where it is small and no count. */
  number: (value: number | null, metric: Metric) => string;
  /** A day, whether the server says it as such or as a moment. */
  day: (day: string) => string;
  /** What is measured: "Orders", "Sum of revenue of orders". */
  metric: (metric: Metric) => string;
  /** How it goes, in a sentence. */
  course: (goal: Goal) => string;
  /** The day of a moment in the workspace's zone, `2026-01-31`. */
  dayIn: (moment: string) => string;
}

export function useGoalWords(): GoalWords {
  const { t, i18n } = useTranslation("goals");
  const formats = useFormats();
  const title = useEventTitle();
  const zone = useTimeZone();
  return useMemo(() => {
    const plain = new Intl.DateTimeFormat(i18n.language, { dateStyle: "long", timeZone: "UTC" });
    const inZone = new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" });
    const isDay = (text: string) => /^\d{4}-\d{2}-\d{2}$/.test(text);
    const dayIn = (moment: string) => (isDay(moment) ? moment : inZone.format(new Date(moment)));
    const day = (text: string) => plain.format(new Date(`${dayIn(text)}T00:00:00Z`));
    const number = (value: number | null, metric: Metric) =>
      value === null ? "–" : formats.number(value, { maximumFractionDigits: Math.abs(value) < FINE && !["events", "members"].includes(metric.measure) ? 2 : 0 });
    const metric = ({ event, measure, property, where }: Metric) => {
      const said = t(`metric.${measure}`, { event: event === null ? t("anyEvent") : title(event), property: property ?? "" });
      return where.length > 0 ? t("filtered", { metric: said, count: where.length }) : said;
    };

    function course(goal: Goal): string {
      const { progress, target } = goal;
      const said = { target: number(target, goal.metric), value: number(progress.value, goal.metric), day: day(goal.deadline) };
      if (progress.state === "unknown") return t("course.gone", said);
      if (progress.state === "reached" || progress.state === "missed") return t(`course.${progress.state}`, said);
      if (progress.forecast === null) return t("course.unknown", said);
      const all = { ...said, forecast: number(progress.forecast, goal.metric), low: number(progress.low, goal.metric), high: number(progress.high, goal.metric) };
      if (progress.low === null || progress.high === null) return t("course.plain", all);
      if (!isCumulative(goal.metric.measure)) return t("course.level", all);
      return progress.forecast > target ? t("course.beyond", all) : t("course.range", all);
    }
    return { number, day, metric, course, dayIn };
  }, [t, i18n.language, formats, title, zone]);
}
