import { useTranslation } from "react-i18next";
import { absoluteTime } from "@/lib/format";
import { useServerWords } from "@/lib/i18n/server-words";
import type { Answered } from "../api/types";

/** How a number comes about: its exact meaning, the exact range, and up to when everything is in it. */
export function Why({ answer }: { answer: Answered }) {
  const { t, i18n } = useTranslation("insight");
  const serverWords = useServerWords();
  const time = (at: string) => absoluteTime(new Date(at), i18n.language, answer.zone);
  return (
    <div className="h-why">
      <p>{serverWords(answer.definition)}</p>
      <dl>
        <dt>{t("why.from")}</dt>
        <dd>{time(answer.range.from)}</dd>
        <dt>{t("why.to")}</dt>
        <dd>{time(answer.range.to)}</dd>
        <dt>{t("why.zone")}</dt>
        <dd>{answer.zone}</dd>
        <dt>{t("why.asOf")}</dt>
        <dd>{time(answer.as_of)}</dd>
        <dt>{t("why.took")}</dt>
        <dd>{t("why.milliseconds", { count: answer.took_ms })}</dd>
      </dl>
    </div>
  );
}
