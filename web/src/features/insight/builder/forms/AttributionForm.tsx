import { useTranslation } from "react-i18next";
import { PeriodChip, ProblemLines, WordChip, useFieldStatus } from "@/features/rules";
import { MODELS, type EventFilter } from "../../api/types";
import { EventFields } from "../EventFields";
import { OrderedList } from "../OrderedList";
import { PropertyPick } from "../PropertyPick";
import { Sentence } from "../Sentence";
import { FIXED, type FormProps } from "./form";

const MOST_TOUCHES = 20;
const USUAL_PROPERTY = "utm_source";

/** Of any event only those are touches that have the property: the server looks for them when nothing is said. */
function toldApart(touch: EventFilter | undefined): EventFilter[] | undefined {
  const isAny = !touch || (touch.event === null && (touch.where ?? []).length === 0);
  return isAny ? undefined : [touch];
}

export function AttributionForm({ question, change }: FormProps<"attribution">) {
  const { t } = useTranslation("insight");
  const { conversion, model = "last", within = "P30D", touches = [], touch_by: by } = question;
  const { value, ...converted } = conversion;
  const list = touches ?? [];
  const [only] = list;
  const periodStatus = { within: useFieldStatus("within", ""), halfLife: useFieldStatus("half_life", "") };
  return (
    <>
      <Sentence
        words={t("form.attribution", { skipInterpolation: true })}
        slots={{
          conversion: <EventFields value={converted} path="conversion" allowsAny={false} onChange={(next, field) => change({ ...question, conversion: value ? { ...next, value } : next }, field)} />,
          value: (
            <>
              <WordChip
                label={t("label.worth")}
                value={value === undefined || value === null ? "count" : "value"}
                options={(["count", "value"] as const).map((one) => ({ value: one, label: t(`worth.${one}`) }))}
                onChange={(next) => change({ ...question, conversion: next === "value" ? { ...converted, value: "revenue" } : converted })}
              />
              {value && <PropertyPick isNumber event={conversion.event} value={value} path="conversion" field="value" onChange={(name) => change({ ...question, conversion: { ...converted, value: name } })} />}
            </>
          ),
        }}
      />
      <Sentence
        words={t("form.touches", { skipInterpolation: true })}
        slots={{
          within: <PeriodChip units={FIXED} value={within} status={periodStatus.within} onChange={(next) => change({ ...question, within: next ?? undefined }, "within")} />,
          how: (
            <>
              <WordChip
                label={t("label.touches")}
                value={by ? "by" : "list"}
                options={(["by", "list"] as const).map((one) => ({ value: one, label: t(`touches.${one}`) }))}
                onChange={(next) => change(next === "by" ? { ...question, touch_by: USUAL_PROPERTY, touches: toldApart(only) } : { ...question, touch_by: undefined, touches: only?.event ? [only] : [{ event: "" }] })}
              />
              {by && (
                <>
                  <PropertyPick event={only?.event ?? null} value={by} path="" field="touch_by" onChange={(name) => change({ ...question, touch_by: name })} />
                  <span>{t("touches.of")}</span>
                  <EventFields value={only ?? { event: null }} path="touches[0]" onChange={(next, field) => change({ ...question, touches: toldApart(next) }, field)} />
                </>
              )}
            </>
          ),
          model: <WordChip label={t("label.model")} value={model} options={MODELS.map((one) => ({ value: one, label: t(`model.${one}`) }))} onChange={(next) => change({ ...question, model: next as typeof model, half_life: next === "time_decay" ? "P7D" : undefined })} />,
        }}
      />
      {model === "time_decay" && (
        <Sentence
          words={t("form.halfLife", { skipInterpolation: true })}
          slots={{ halfLife: <PeriodChip units={FIXED} value={question.half_life ?? "P7D"} status={periodStatus.halfLife} onChange={(next) => change({ ...question, half_life: next ?? undefined }, "half_life")} /> }}
        />
      )}
      {!by && (
        <OrderedList items={list} label={t("label.touches")} most={MOST_TOUCHES} add={t("add.touch")} fresh={() => ({ event: "" })} mark={(_, at) => at + 1} onChange={(next) => change({ ...question, touches: next })}>
          {(touch, at) => <EventFields value={touch} path={`touches[${at}]`} onChange={(next, field) => change({ ...question, touches: list.map((one, place) => (place === at ? next : one)) }, field)} />}
        </OrderedList>
      )}
      <ProblemLines id="within" />
      <ProblemLines id="half_life" />
      <ProblemLines id="touches" />
    </>
  );
}
