import { Select } from "antd";
import { useTranslation } from "react-i18next";
import type { Choices } from "../choices";
import type { Trouble } from "../document/check";
import { ENTRY_KINDS, entryKind, listOf, objectOf, textOf, type EntryKind, type JourneyDocument, type Json, type JsonObject } from "../document/types";
import { Field } from "./Field";
import { HappeningFields } from "./HappeningFields";
import { ClockInput, PeriodInput, WeekdaysInput } from "./inputs";
import { SegmentPicker, TraitPicker } from "./pickers";

interface EntryFormProps {
  document: JourneyDocument;
  onChange: (entry: JsonObject) => void;
  troubles: readonly Trouble[];
  choices: Choices;
}

const FRESH: Record<EntryKind, JsonObject> = {
  event: { event: "" },
  segment: { segment: "" },
  segment_left: { segment_left: "" },
  date: { date: { trait: "birthday", every: "year", at: "09:00" } },
  schedule: { schedule: { every: "week", on: ["mon"], at: "10:00" } },
  manual: { manual: true },
  import: { import: true },
};

/** Fields that say nothing are left out. */
function without(object: { [name: string]: Json | undefined }): JsonObject {
  return Object.fromEntries(Object.entries(object).filter((pair): pair is [string, Json] => pair[1] !== undefined && pair[1] !== ""));
}

/** What lets members in. */
export function EntryForm({ document, onChange, troubles, choices }: EntryFormProps) {
  const { t } = useTranslation("journeys");
  const kind = entryKind(document);
  const entry = objectOf(document.settings.entry);
  return (
    <>
      <Field label={t("entry.kind")} name="entry" troubles={troubles.filter((one) => one.field === "entry")} help={kind ? t(`entryHelp.${kind}`) : undefined}>
        {(id) => <Select id={id} className="j-wide" value={kind ?? undefined} options={ENTRY_KINDS.map((one) => ({ value: one, label: t(`entryKind.${one}`) }))} onChange={(next: EntryKind) => onChange(FRESH[next])} />}
      </Field>
      {(kind === "event" || kind === "segment" || kind === "segment_left") && <HappeningFields value={entry} onChange={onChange} name="entry" troubles={troubles} choices={choices} />}
      {kind === "date" && <DateFields date={objectOf(entry.date)} onChange={(date) => onChange({ date })} troubles={troubles} />}
      {kind === "schedule" && <ScheduleFields schedule={objectOf(entry.schedule)} onChange={(schedule) => onChange({ schedule })} troubles={troubles} choices={choices} />}
    </>
  );
}

function DateFields({ date, onChange, troubles }: { date: JsonObject; onChange: (date: JsonObject) => void; troubles: readonly Trouble[] }) {
  const { t } = useTranslation("journeys");
  const set = (fields: { [name: string]: Json | undefined }) => onChange(without({ ...date, ...fields }));
  return (
    <>
      <Field label={t("entry.trait")} name="entry.date.trait" troubles={troubles} help={t("entry.traitHelp")}>
        {(id) => <TraitPicker id={id} value={textOf(date.trait)} onChange={(trait) => set({ trait })} />}
      </Field>
      <Field label={t("entry.every")} name="entry.date.every" troubles={troubles}>
        {(id) => (
          <Select
            id={id}
            className="j-wide"
            value={date.every === "year" ? "year" : "once"}
            options={[
              { value: "year", label: t("entry.yearly") },
              { value: "once", label: t("entry.once") },
            ]}
            onChange={(every: string) => set({ every: every === "year" ? every : undefined })}
          />
        )}
      </Field>
      <Field label={t("entry.offset")} name="entry.date.offset" troubles={troubles} isOptional>
        {(id) => <PeriodInput id={id} hasSide isOptional value={textOf(date.offset)} onChange={(offset) => set({ offset })} />}
      </Field>
      <Field label={t("entry.at")} name="entry.date.at" troubles={troubles} help={t("entry.atHelp")} isOptional>
        {(id) => <ClockInput id={id} value={textOf(date.at)} onChange={(at) => set({ at })} />}
      </Field>
    </>
  );
}

function ScheduleFields({ schedule, onChange, troubles, choices }: { schedule: JsonObject; onChange: (schedule: JsonObject) => void; troubles: readonly Trouble[]; choices: Choices }) {
  const { t } = useTranslation("journeys");
  const set = (fields: { [name: string]: Json | undefined }) => onChange(without({ ...schedule, ...fields }));
  const every = textOf(schedule.every);
  return (
    <>
      <Field label={t("entry.repeat")} name="entry.schedule.every" troubles={troubles}>
        {(id) => (
          <Select
            id={id}
            className="j-wide"
            value={every || undefined}
            options={["day", "week", "month"].map((one) => ({ value: one, label: t(`every.${one}`) }))}
            onChange={(next: string) => set({ every: next, on: next === "week" ? ["mon"] : next === "month" ? [1] : undefined })}
          />
        )}
      </Field>
      {every === "week" && (
        <Field label={t("wait.days")} name="entry.schedule.on" troubles={troubles}>
          {() => <WeekdaysInput value={schedule.on} onChange={(on) => set({ on: on.length > 0 ? on : undefined })} />}
        </Field>
      )}
      {every === "month" && (
        <Field label={t("entry.daysOfMonth")} name="entry.schedule.on" troubles={troubles}>
          {(id) => (
            <Select
              id={id}
              className="j-wide"
              mode="multiple"
              value={listOf(schedule.on).map(Number)}
              options={[...Array.from({ length: 31 }, (_, day) => ({ value: day + 1, label: t("words.dayOfMonth", { day: String(day + 1) }) })), { value: -1, label: t("words.lastDay") }]}
              onChange={(on: number[]) => set({ on: on.length > 0 ? on : undefined })}
            />
          )}
        </Field>
      )}
      <Field label={t("entry.at")} name="entry.schedule.at" troubles={troubles}>
        {(id) => <ClockInput id={id} value={textOf(schedule.at)} onChange={(at) => set({ at })} />}
      </Field>
      <Field label={t("entry.zone")} name="entry.schedule.zone" troubles={troubles}>
        {(id) => (
          <Select
            id={id}
            className="j-wide"
            value={textOf(schedule.zone) || "member"}
            options={[
              { value: "member", label: t("entry.zoneMember") },
              { value: "workspace", label: t("entry.zoneWorkspace") },
            ]}
            onChange={(zone: string) => set({ zone: zone === "member" ? undefined : zone })}
          />
        )}
      </Field>
      <Field label={t("entry.onlySegment")} name="entry.schedule.segment" troubles={troubles} help={t("entry.onlySegmentHelp")} isOptional>
        {(id) => <SegmentPicker id={id} choices={choices} isOptional value={textOf(schedule.segment)} onChange={(segment) => set({ segment: segment || undefined })} />}
      </Field>
    </>
  );
}
