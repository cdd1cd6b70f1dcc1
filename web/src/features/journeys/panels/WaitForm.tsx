import { Radio, Select } from "antd";
import { useTranslation } from "react-i18next";
import { MomentField } from "@/ui";
import { isObject, listOf, objectOf, textOf, waitKind, WAIT_KINDS, type JsonObject, type Step, type WaitKind } from "../document/types";
import { Field } from "./Field";
import type { FormProps } from "./form";
import { ClockInput, PeriodInput, WeekdaysInput, WhereInput } from "./inputs";
import { MatchInput } from "./MatchInput";
import { EventPicker, SegmentPicker, TraitPicker } from "./pickers";

/** A wait of another kind keeps only what all kinds have. */
function asKind(step: Step, kind: WaitKind): Step {
  const { type, next = null, title, comment, timeout, timeout_next } = step;
  const kept: JsonObject = { ...(title === undefined ? {} : { title }), ...(comment === undefined ? {} : { comment }) };
  const late: JsonObject = timeout === undefined ? {} : { timeout, timeout_next: timeout_next ?? null };
  const own: Record<WaitKind, JsonObject> = {
    for: { for: "P1D" },
    until: { until: { trait: "", at: "09:00" } },
    window: { window: { from: "09:00", to: "20:00" } },
    event: { event: "", ...late },
    segment: { segment: "", ...late },
  };
  return { ...kept, type, ...own[kind], next };
}

export function WaitForm({ step, onChange, set, troubles, choices }: FormProps) {
  const { t } = useTranslation("journeys");
  const kind = waitKind(step);
  return (
    <>
      <Field label={t("wait.kind")}>
        {(id) => <Select id={id} className="j-wide" value={kind ?? undefined} options={WAIT_KINDS.map((one) => ({ value: one, label: t(`waitKind.${one}`) }))} onChange={(next: WaitKind) => onChange(asKind(step, next))} />}
      </Field>
      {kind === "for" && (
        <Field label={t("wait.for")} name="for" troubles={troubles}>
          {(id) => <PeriodInput id={id} value={textOf(step.for)} onChange={(value) => set({ for: value ?? "" })} />}
        </Field>
      )}
      {kind === "until" && <UntilFields step={step} set={set} troubles={troubles} />}
      {kind === "window" && <WindowFields step={step} set={set} troubles={troubles} />}
      {kind === "event" && <EventFields step={step} set={set} troubles={troubles} />}
      {kind === "segment" && (
        <Field label={t("wait.segment")} name="segment" troubles={troubles} help={t("wait.segmentHelp")}>
          {(id) => <SegmentPicker id={id} choices={choices} value={textOf(step.segment)} onChange={(segment) => set({ segment })} />}
        </Field>
      )}
      {(kind === "event" || kind === "segment") && (
        <Field label={t("wait.timeout")} name="timeout" troubles={troubles} help={t("wait.timeoutHelp")} isOptional>
          {(id) => <PeriodInput id={id} isOptional value={textOf(step.timeout)} onChange={(timeout) => set(timeout === undefined ? { timeout, timeout_next: undefined } : { timeout })} />}
        </Field>
      )}
    </>
  );
}

type PartProps = Pick<FormProps, "step" | "set" | "troubles">;

function UntilFields({ step, set, troubles }: PartProps) {
  const { t } = useTranslation("journeys");
  const until = isObject(step.until) ? step.until : null;
  return (
    <>
      <Field label={t("wait.until")}>
        {() => (
          <Radio.Group
            value={until ? "trait" : "moment"}
            options={[
              { value: "trait", label: t("wait.ofTrait") },
              { value: "moment", label: t("wait.ofMoment") },
            ]}
            onChange={(event) => set({ until: event.target.value === "trait" ? { trait: "", at: "09:00" } : "" })}
          />
        )}
      </Field>
      {until ? (
        <>
          <Field label={t("panel.trait")} name="until.trait" troubles={troubles} help={t("wait.traitHelp")}>
            {(id) => <TraitPicker id={id} value={textOf(until.trait)} onChange={(trait) => set({ until: { ...until, trait } })} />}
          </Field>
          <Field label={t("wait.offset")} name="until.offset" troubles={troubles} isOptional>
            {(id) => <PeriodInput id={id} hasSide isOptional value={textOf(until.offset)} onChange={(offset) => set({ until: without({ ...until, offset: offset ?? null }) })} />}
          </Field>
          <Field label={t("wait.at")} name="until.at" troubles={troubles} isOptional>
            {(id) => <ClockInput id={id} value={textOf(until.at)} onChange={(at) => set({ until: without({ ...until, at: at ?? null }) })} />}
          </Field>
        </>
      ) : (
        <Field label={t("wait.moment")} name="until" troubles={troubles} help={t("wait.momentHelp")}>
          {(id) => <MomentField id={id} className="j-wide" value={textOf(step.until)} onChange={(until) => set({ until: until ?? "" })} />}
        </Field>
      )}
    </>
  );
}

/** Fields that say nothing are left out. */
function without(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null && value !== ""));
}

function WindowFields({ step, set, troubles }: PartProps) {
  const { t } = useTranslation("journeys");
  const window = objectOf(step.window);
  return (
    <>
      <Field label={t("wait.days")} name="window.days" troubles={troubles} help={t("wait.daysHelp")}>
        {() => <WeekdaysInput value={window.days} onChange={(days) => set({ window: days.length > 0 ? { ...window, days } : without({ ...window, days: null }) })} />}
      </Field>
      <Field label={t("wait.hours")} name="window" troubles={troubles.filter((one) => !one.field.startsWith("window.days"))}>
        {(id) => (
          <div className="j-row">
            <ClockInput id={id} label={t("wait.from")} value={textOf(window.from)} onChange={(from) => set({ window: without({ ...window, from: from ?? null }) })} />
            <span aria-hidden>–</span>
            <ClockInput label={t("wait.to")} value={textOf(window.to)} onChange={(to) => set({ window: without({ ...window, to: to ?? null }) })} />
          </div>
        )}
      </Field>
    </>
  );
}

function EventFields({ step, set, troubles }: PartProps) {
  const { t } = useTranslation("journeys");
  // The long form keeps event, where and match together in `event`; the short form beside each other.
  const isLong = isObject(step.event);
  const given = isObject(step.event) ? step.event : { event: step.event ?? "", where: step.where ?? null, match: step.match ?? null };
  const prefix = isLong ? "event." : "";
  function put(field: string, value: JsonObject[string] | undefined) {
    if (isLong) set({ event: without({ ...given, [field]: value ?? null }) });
    else set({ [field]: value });
  }
  return (
    <>
      <Field label={t("panel.event")} name={`${prefix}event`} troubles={troubles}>
        {(id) => <EventPicker id={id} value={textOf(given.event)} onChange={(event) => put("event", event)} />}
      </Field>
      <Field label={t("panel.where")} name={`${prefix}where`} troubles={troubles} isOptional>
        {() => <WhereInput value={given.where} onChange={(where) => put("where", where)} />}
      </Field>
      <Field label={t("wait.match")} name={`${prefix}match`} troubles={troubles} help={t("wait.matchHelp")} isOptional>
        {() => <MatchInput value={listOf(given.match)} onChange={(match) => put("match", match.length > 0 ? match : undefined)} />}
      </Field>
    </>
  );
}
