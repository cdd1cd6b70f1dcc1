import type { Asked, Kind, Point, Points } from "../api/types";
import { bucketName } from "../answer/counts";
import { seriesTitle } from "../answer/trend";
import type { AnswerWords } from "../answer/words";

type AnyAsked = { [K in Kind]: { kind: K; asked: Asked<K> } }[Kind];

// @messages insight
/** Which number somebody looks behind, in words. */
export function describePoint<K extends Kind>(kind: K, asked: Asked<K>, point: Point, words: AnswerWords): string {
  const { t } = words;
  const one = { kind, asked } as unknown as AnyAsked;
  switch (one.kind) {
    case "funnel": {
      const { step, reached, group } = point as Points["funnel"];
      const named = t(`point.${reached ? "reached" : "lost"}`, { step, event: words.event(one.asked.question.steps[step - 1]?.event ?? null) });
      return group === undefined ? named : `${named} · ${words.group({ key: group, rest: false })}`;
    }
    case "retention": {
      const { cohort, period, returned } = point as Points["retention"];
      const unit = one.asked.question.unit ?? "week";
      return t(`point.${returned ? "returned" : "stayedAway"}`, { cohort: words.moment(cohort, unit, one.asked.answer.zone), period: t(`retention.period.${unit}`, { period }) });
    }
    case "trend": {
      const { series: name, t: at, group } = point as Points["trend"];
      const series = one.asked.answer.series.find((other) => other.name === name && (group === undefined || (other.group === group && !other.rest)));
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
      return `${words.event(one.asked.question.event)} · ${bucketName(bucket, one.asked.question.measure ?? "count", words)}`;
    }
    case "path": {
      const { step, event } = point as Points["path"];
      return t("point.path", { step, event: words.event(event) });
    }
    default:
      return "";
  }
}
