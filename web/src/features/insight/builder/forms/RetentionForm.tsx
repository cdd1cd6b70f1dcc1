import { useTranslation } from "react-i18next";
import { NumberChip, WordChip, useFieldStatus } from "@/features/rules";
import { EventFields } from "../EventFields";
import { Sentence } from "../Sentence";
import type { FormProps } from "./form";

const UNITS = ["day", "week", "month"] as const;
const USUAL_PERIODS = 8;
const MOST_PERIODS = 60;

export function RetentionForm({ question, change }: FormProps<"retention">) {
  const { t } = useTranslation("insight");
  const { unit = "week", cohorts = "first", back = "exact", periods = USUAL_PERIODS } = question;
  return (
    <>
      <Sentence
        words={t("form.retentionStart", { skipInterpolation: true })}
        slots={{
          cohorts: <WordChip label={t("label.cohorts")} value={cohorts} options={(["first", "each"] as const).map((one) => ({ value: one, label: t(`cohorts.${one}`) }))} onChange={(next) => change({ ...question, cohorts: next as typeof cohorts })} />,
          start: <EventFields value={question.start} path="start" onChange={(start, field) => change({ ...question, start }, field)} />,
        }}
      />
      <Sentence
        words={t("form.retentionReturn", { skipInterpolation: true })}
        slots={{
          back: <WordChip label={t("label.back")} value={back} options={(["exact", "rolling"] as const).map((one) => ({ value: one, label: t(`back.${one}`) }))} onChange={(next) => change({ ...question, back: next as typeof back })} />,
          return: <EventFields value={question.return} path="return" onChange={(returned, field) => change({ ...question, return: returned }, field)} />,
          periods: <NumberChip label={t("label.periods")} value={periods} min={1} isWhole status={useFieldStatus("periods", "")} onChange={(next) => change({ ...question, periods: next === null ? undefined : Math.min(MOST_PERIODS, next) }, "periods")} />,
          unit: <WordChip label={t("label.unit")} value={unit} options={UNITS.map((one) => ({ value: one, label: t(`units.${one}`) }))} onChange={(next) => change({ ...question, unit: next as typeof unit })} />,
        }}
      />
    </>
  );
}
