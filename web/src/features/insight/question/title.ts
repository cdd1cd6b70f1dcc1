import type { TFunction } from "i18next";
import { useMemo } from "react";
import type { Kind, Questions } from "../api/types";
import { useAnswerWords, type AnswerWords } from "../answer/words";

// @messages insight
/** What a question asks, in a few words: the title of its chart, and of the card that it becomes. */
export function titleOf<K extends Kind>(kind: K, question: Questions[K], words: Pick<AnswerWords, "event" | "property"> & { t: TFunction<"insight"> }): string {
  const asked = { kind, question } as { [Each in Kind]: { kind: Each; question: Questions[Each] } }[Kind];
  const { t } = words;
  const event = (name: string | null | undefined) => (name === "" ? "…" : words.event(name));
  switch (asked.kind) {
    case "funnel":
      return t("title.funnel", { steps: asked.question.steps.map((step) => event(step.event)).join(" → ") });
    case "retention":
      return t("title.retention", { start: event(asked.question.start.event), return: event(asked.question.return.event) });
    case "trend":
      return [...new Set(asked.question.series.map((one) => {
        const measure = t(`measure.${one.measure}`);
        return t("title.series", { event: event(one.event), measure: one.property ? t("measureOf", { measure, property: words.property(one.property) }) : measure });
      }))].join(t("trend.between"));
    case "path": {
      const { anchor } = asked.question;
      return anchor ? t(`title.path.${anchor.side}`, { event: event(anchor.event) }) : t("title.path.all");
    }
    case "distribution":
      return t(`title.distribution.${asked.question.measure ?? "count"}`, { event: event(asked.question.event), property: words.property(asked.question.property ?? "…") });
    case "interval":
      return t("title.interval", { first: event(asked.question.first.event), then: event(asked.question.then.event) });
    case "lifecycle":
      return asked.question.event ? t("title.lifecycle.event", { event: event(asked.question.event) }) : t("title.lifecycle.all");
    case "attribution":
      return t("title.attribution", { event: event(asked.question.conversion.event) });
  }
}

export function useQuestionTitle<K extends Kind>(kind: K, question: Questions[K]): string {
  const words = useAnswerWords();
  return useMemo(() => titleOf(kind, question, words), [kind, question, words]);
}
