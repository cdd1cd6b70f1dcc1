import type { Asked, Kind, Point, Points } from "../api/types";
import { bucketName } from "../answer/counts";
import { lengthName } from "../answer/lengths";
import { seriesTitle } from "../answer/trend";
import type { AnswerWords } from "../answer/words";

type AnyAsked = { [K in Kind]: { kind: K; asked: Asked<K> } }[Kind];

// @messages insight
/** Which number somebody looks behind, in words. */
export function describePoint<K extends Kind>(kind: K, asked: Asked<K>, point: Point, words: AnswerWords): string {
  const { t } = words;
  const one = { kind, asked } as unknown as AnyAsked;
  const { group, rest = false } = point as { group?: string | null; rest?: boolean };
  const ofWhom = group === undefined && !rest ? "" : ` · ${words.group({ key: group ?? null, rest })}`;
  switch (one.kind) {
    case "funnel": {
      const { step, reached } = point as Points["funnel"];
      return t(`point.${reached ? "reached" : "lost"}`, { step, event: words.event(one.asked.question.steps[step - 1]?.event ?? null) }) + ofWhom;
    }
    case "retention": {
      const { cohort, period, returned } = point as Points["retention"];
      if (cohort === undefined) return t("point.began") + ofWhom;
      const unit = one.asked.question.unit ?? "week";
      if (returned === undefined) return t("point.cohort", { cohort: words.moment(cohort, unit, one.asked.answer.zone) }) + ofWhom;
      return t(`point.${returned === false ? "stayedAway" : "returned"}`, { cohort: words.moment(cohort, unit, one.asked.answer.zone), period: t(`retention.period.${unit}`, { period }) }) + ofWhom;
    }
    case "trend": {
      const { series: name, t: at } = point as Points["trend"];
      const series = one.asked.answer.series.find((other) => other.name === name && (ofWhom === "" || (other.rest === rest && (rest || other.group === group))));
      const title = series ? seriesTitle(series, one.asked, words) : name;
      return `${title} · ${words.moment(at, one.asked.question.unit ?? "day", one.asked.answer.zone)}`;
    }
    case "lifecycle": {
      const { t: at, state } = point as Points["lifecycle"];
      return `${t(`state.${state}`)} · ${words.moment(at, one.asked.question.unit ?? "week", one.asked.answer.zone)}`;
    }
    case "distribution": {
      const bucket = one.asked.answer.buckets[(point as Points["distribution"]).bucket];
      if (!bucket) return words.event(one.asked.question.event);
      return `${words.event(one.asked.question.event)} · ${bucketName(bucket, one.asked.question.measure, words)}${ofWhom}`;
    }
    case "path": {
      const of = point as Points["path"];
      const named = (event: string | undefined) => (event === undefined ? t("path.rest") : words.event(event));
      if ("way" in of) return of.way.map(named).join(" → ");
      const isBackwards = one.asked.question.anchor?.side === "before";
      const here = t("point.path", { step: isBackwards ? 1 - of.step : of.step, event: named(of.event) });
      if (!of.next) return here;
      const there = "exit" in of.next ? t(isBackwards ? "path.entry" : "path.exit") : named(of.next.event);
      return isBackwards ? `${there} → ${here}` : `${here} → ${there}`;
    }
    case "interval": {
      const { from_seconds, to_seconds } = point as Points["interval"];
      const { first, then } = one.asked.question;
      const pair = [words.event(first.event), words.event(then.event)].join(" → ");
      return from_seconds === undefined ? pair : `${pair} · ${lengthName({ from_seconds, to_seconds: to_seconds ?? null }, words)}`;
    }
    case "attribution": {
      const { key, unattributed } = point as Points["attribution"];
      const conversion = words.event(one.asked.question.conversion.event);
      if (unattributed) return `${conversion} · ${t("attribution.none")}`;
      if (key === undefined && !rest) return conversion;
      return `${conversion} · ${one.asked.question.touch_by || rest ? words.group({ key: key ?? null, rest }) : words.event(key)}`;
    }
  }
}
