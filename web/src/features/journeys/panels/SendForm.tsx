import { Select } from "antd";
import { useTranslation } from "react-i18next";
import { textOf } from "../document/types";
import { Field } from "./Field";
import type { FormProps } from "./form";
import { PeriodInput } from "./inputs";
import { ChannelPicker, TemplatePicker, TopicPicker } from "./pickers";

const PRIORITIES = ["low", "normal", "high", "critical"];

export function SendForm({ step, set, troubles, choices }: FormProps) {
  const { t } = useTranslation("journeys");
  const channel = textOf(step.channel);
  const kind = choices.channels.find((one) => one.id === channel)?.kind ?? (channel.startsWith("chn_") ? null : channel || null);
  const topic = textOf(step.topic) || "marketing";
  return (
    <>
      <Field label={t("send.channel")} name="channel" troubles={troubles}>
        {(id) => <ChannelPicker id={id} choices={choices} kinds={(one) => one !== "webhook"} value={channel} onChange={(next) => set({ channel: next })} />}
      </Field>
      <Field label={t("send.template")} name="template" troubles={troubles}>
        {(id) => <TemplatePicker id={id} choices={choices} channelKind={kind} value={textOf(step.template)} onChange={(template) => set({ template })} />}
      </Field>
      <Field label={t("send.topic")} name="topic" troubles={troubles} help={topic === "transactional" ? t("send.transactionalHelp") : t("send.topicHelp")}>
        {(id) => <TopicPicker id={id} choices={choices} value={topic} onChange={(next) => set({ topic: next })} />}
      </Field>
      <Field label={t("send.priority")} name="priority" troubles={troubles} help={step.priority === "critical" ? t("send.criticalHelp") : undefined}>
        {(id) => <Select id={id} className="j-wide" value={textOf(step.priority) || "normal"} options={PRIORITIES.map((one) => ({ value: one, label: t(`priority.${one}`) }))} onChange={(next: string) => set({ priority: next === "normal" ? undefined : next })} />}
      </Field>
      <Field label={t("send.expires")} name="expires" troubles={troubles} help={t("send.expiresHelp")} isOptional>
        {(id) => <PeriodInput id={id} isOptional value={textOf(step.expires)} onChange={(expires) => set({ expires })} />}
      </Field>
    </>
  );
}
