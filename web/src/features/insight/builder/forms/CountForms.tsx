import { useTranslation } from "react-i18next";
import { PeriodChip, ProblemLines, WordChip, useFieldStatus } from "@/features/rules";
import { EventFields } from "../EventFields";
import { EventPick } from "../EventPick";
import { PropertyPick } from "../PropertyPick";
import { Sentence } from "../Sentence";
import { FIXED, type FormProps } from "./form";

const COUNTED = ["count", "days", "sum", "avg"] as const;
const UNITS = ["day", "week", "month"] as const;

export function DistributionForm({ question, change }: FormProps<"distribution">) {
  const { t } = useTranslation("insight");
  const { measure = "count", property, ...rest } = question;
  const isOfProperty = measure === "sum" || measure === "avg";
  return (
    <>
      <Sentence
        words={t("form.distribution", { skipInterpolation: true })}
        slots={{
          measure: (
            <>
              <WordChip label={t("label.measure")} value={measure} options={COUNTED.map((one) => ({ value: one, label: t(`counted.${one}`) }))} onChange={(next) => change({ ...rest, measure: next as typeof measure, ...(next === "sum" || next === "avg" ? { property } : {}) })} />
              {isOfProperty && <PropertyPick isNumber event={question.event} value={property} path="" field="property" onChange={(name) => change({ ...question, property: name })} />}
            </>
          ),
          event: <EventPick value={question.event} path="" allowsAny={false} onChange={(event) => change({ ...question, event })} />,
        }}
      />
      <ProblemLines id="event" />
      <ProblemLines id="property" />
      <ProblemLines id="buckets" />
    </>
  );
}

export function IntervalForm({ question, change }: FormProps<"interval">) {
  const { t } = useTranslation("insight");
  return (
    <Sentence
      words={t("form.interval", { skipInterpolation: true })}
      slots={{
        first: <EventFields value={question.first} path="first" onChange={(first, field) => change({ ...question, first }, field)} />,
        then: <EventFields value={question.then} path="then" onChange={(then, field) => change({ ...question, then }, field)} />,
        within: <PeriodChip units={FIXED} value={question.within ?? "P30D"} status={useFieldStatus("within", "")} onChange={(within) => change({ ...question, within }, "within")} />,
      }}
    />
  );
}

export function LifecycleForm({ question, change }: FormProps<"lifecycle">) {
  const { t } = useTranslation("insight");
  const { unit = "week" } = question;
  return (
    <Sentence
      words={t("form.lifecycle", { skipInterpolation: true })}
      slots={{
        event: <EventPick value={question.event ?? null} path="" onChange={(event) => change({ ...question, event })} />,
        unit: <WordChip label={t("label.unit")} value={unit} options={UNITS.map((one) => ({ value: one, label: t(`unit.${one}`) }))} onChange={(next) => change({ ...question, unit: next as typeof unit })} />,
      }}
    />
  );
}
