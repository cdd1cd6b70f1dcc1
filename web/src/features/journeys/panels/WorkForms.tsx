import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { isObject, objectOf, textOf, type Json } from "../document/types";
import { Field } from "./Field";
import type { FormProps } from "./form";
import { PeriodInput } from "./inputs";
import { PairsInput } from "./MemberForms";
import { ChannelPicker } from "./pickers";

export function WebhookForm({ step, set, troubles, choices }: FormProps) {
  const { t } = useTranslation("journeys");
  return (
    <>
      <Field label={t("webhook.channel")} name="channel" troubles={troubles}>
        {(id) => <ChannelPicker id={id} choices={choices} kinds={(kind) => kind === "webhook"} value={textOf(step.channel) || "webhook"} onChange={(channel) => set({ channel })} />}
      </Field>
      <Field label={t("webhook.body")} name="body" troubles={troubles} help={t("webhook.bodyHelp")} isOptional>
        {(id) => <JsonInput id={id} value={step.body} onChange={(body) => set({ body })} />}
      </Field>
      <Field label={t("webhook.traits")} name="traits" troubles={troubles} help={t("webhook.traitsHelp")} isOptional>
        {() => <PairsInput value={step.traits} onChange={(traits) => set({ traits: Object.keys(traits).length > 0 ? traits : undefined })} nameLabel={t("panel.trait")} valueLabel={t("webhook.path")} troubles={troubles} />}
      </Field>
      <Field label={t("webhook.timeout")} name="timeout" troubles={troubles} help={t("webhook.timeoutHelp")} isOptional>
        {(id) => <PeriodInput id={id} isOptional value={textOf(step.timeout)} onChange={(timeout) => set(timeout === undefined ? { timeout, timeout_next: undefined } : { timeout })} />}
      </Field>
    </>
  );
}

/** An object as JSON. What cannot be read yet stays in the field. */
function JsonInput({ id, value, onChange }: { id: string; value: Json | undefined; onChange: (value: Json | undefined) => void }) {
  const { t } = useTranslation("journeys");
  const [text, setText] = useState(value === undefined || value === null ? "" : JSON.stringify(value, null, 1));
  const [isBroken, setIsBroken] = useState(false);
  return (
    <>
      <Input.TextArea
        id={id}
        className="h-code"
        autoSize={{ minRows: 2, maxRows: 10 }}
        status={isBroken ? "error" : undefined}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          const read = readObject(event.target.value);
          setIsBroken(read === null);
          if (read !== null) onChange(read);
        }}
      />
      {isBroken && <p role="alert" className="j-bad">{t("webhook.notJson")}</p>}
    </>
  );
}

function readObject(text: string): { [name: string]: Json } | undefined | null {
  if (!text.trim()) return undefined;
  try {
    const read = JSON.parse(text) as Json;
    return isObject(read) ? read : null;
  } catch {
    return null;
  }
}

export function TaskForm({ step, set, troubles }: FormProps) {
  const { t } = useTranslation("journeys");
  return (
    <>
      <Field label={t("task.title")} name="title" troubles={troubles} help={t("task.titleHelp")}>
        {(id) => <Input id={id} maxLength={200} value={textOf(step.title)} onChange={(event) => set({ title: event.target.value })} />}
      </Field>
      <Field label={t("task.note")} name="note" troubles={troubles} isOptional>
        {(id) => <Input.TextArea id={id} autoSize={{ minRows: 2, maxRows: 8 }} maxLength={1300} value={textOf(step.note)} onChange={(event) => set({ note: event.target.value || undefined })} />}
      </Field>
      <Field label={t("task.assignee")} name="assignee" troubles={troubles} help={t("task.assigneeHelp")} isOptional>
        {(id) => <Input id={id} maxLength={200} value={textOf(step.assignee)} onChange={(event) => set({ assignee: event.target.value || undefined })} />}
      </Field>
      <Field label={t("task.due")} name="due" troubles={troubles} help={t("task.dueHelp")} isOptional>
        {(id) => <PeriodInput id={id} isOptional value={textOf(step.due)} onChange={(due) => set(due === undefined ? { due, expired: undefined } : { due })} />}
      </Field>
      <Field label={t("task.outcomes")} name="outcomes" troubles={troubles} help={t("task.outcomesHelp")} isOptional>
        {() => <OutcomesInput value={step.outcomes} onChange={(outcomes) => set({ outcomes })} />}
      </Field>
    </>
  );
}

function OutcomesInput({ value, onChange }: { value: Json | undefined; onChange: (outcomes: Json | undefined) => void }) {
  const { t } = useTranslation("journeys");
  const outcomes = Object.entries(objectOf(value));
  const put = (next: [string, Json][]) => onChange(next.length > 0 ? Object.fromEntries(next) : undefined);
  return (
    <div className="j-rows">
      {outcomes.map(([word, next], index) => (
        <div key={index} className="j-row">
          <Input aria-label={t("task.outcome")} maxLength={33} value={word} status={word === "" ? "error" : undefined} onChange={(event) => put(outcomes.map((one, at) => (at === index ? [event.target.value, next] : one)))} />
          <Button type="text" icon={<DeleteOutlined />} aria-label={t("panel.removeRow")} onClick={() => put(outcomes.filter((_, at) => at !== index))} />
        </div>
      ))}
      <Button size="small" icon={<PlusOutlined />} disabled={outcomes.some(([word]) => word === "")} onClick={() => put([...outcomes, ["", null]])}>
        {t("task.addOutcome")}
      </Button>
    </div>
  );
}
