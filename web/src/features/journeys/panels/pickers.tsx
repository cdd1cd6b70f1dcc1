import { Select } from "antd";
import { useTranslation } from "react-i18next";
import { useEventTitle } from "@/features/rules";
import { useTopicName } from "@/lib/names";
import { useEventNames, useTagChoices, useTraitChoices, type Choices } from "../choices";
import { TextChoice } from "./inputs";

interface PickerProps {
  id?: string;
  value: string;
  onChange: (value: string) => void;
}

/** What is chosen but no longer there stays in sight, with its id. */
function withLost(options: { value: string; label: string }[], value: string) {
  return value && !options.some((one) => one.value === value) ? [...options, { value, label: value }] : options;
}

const bySearch = { optionFilterProp: "label" };

export function SegmentPicker({ id, value, onChange, choices, isOptional }: PickerProps & { choices: Choices; isOptional?: boolean }) {
  const { t } = useTranslation("journeys");
  const options = [...choices.segments.values()].map((one) => ({ value: one.id, label: one.name }));
  return <Select id={id} className="j-wide" showSearch={bySearch} allowClear={isOptional} placeholder={t("panel.chooseSegment")} notFoundContent={t("panel.noSegments")} value={value || undefined} options={withLost(options, value)} onChange={(next?: string) => onChange(next ?? "")} />;
}

export function ChannelPicker({ id, value, onChange, choices, kinds }: PickerProps & { choices: Choices; kinds: (kind: string) => boolean }) {
  const { t } = useTranslation("journeys");
  const mine = choices.channels.filter((one) => kinds(one.kind));
  const known = [...new Set([...mine.map((one) => one.kind), ...["email", "webhook"].filter(kinds)])];
  const options = [
    { label: t("panel.byKind"), options: known.map((kind) => ({ value: kind, label: ["email", "webhook"].includes(kind) ? t(`channelKind.${kind}`) : kind })) },
    ...(mine.length > 0 ? [{ label: t("panel.byChannel"), options: mine.map((one) => ({ value: one.id, label: one.name })) }] : []),
  ];
  const isKnown = options.some((group) => group.options.some((one) => one.value === value));
  return <Select id={id} className="j-wide" placeholder={t("panel.chooseChannel")} value={value || undefined} options={isKnown || !value ? options : [...options, { value, label: value }]} onChange={(next: string) => onChange(next)} />;
}

export function TemplatePicker({ id, value, onChange, choices, channelKind }: PickerProps & { choices: Choices; channelKind: string | null }) {
  const { t } = useTranslation("journeys");
  const fitting = [...choices.templates.values()].filter((one) => channelKind === null || one.channel_kind === channelKind || one.id === value);
  return <Select id={id} className="j-wide" showSearch={bySearch} placeholder={t("panel.chooseTemplate")} notFoundContent={t("panel.noTemplates")} value={value || undefined} options={withLost(fitting.map((one) => ({ value: one.id, label: one.name })), value)} onChange={(next: string) => onChange(next)} />;
}

export function TopicPicker({ id, value, onChange, choices }: PickerProps & { choices: Choices }) {
  const topics = [...new Set(["marketing", "transactional", ...choices.topics, ...(value ? [value] : [])])];
  const label = useTopicName();
  return <Select id={id} className="j-wide" showSearch={bySearch} value={value || "marketing"} options={topics.map((topic) => ({ value: topic, label: label(topic) }))} onChange={(next: string) => onChange(next)} />;
}

export function TagsPicker({ id, value, onChange }: { id?: string; value: string[]; onChange: (tags: string[]) => void }) {
  const { t } = useTranslation("journeys");
  const tags = useTagChoices();
  return <Select id={id} className="j-wide" mode="tags" placeholder={t("panel.chooseTags")} tokenSeparators={[",", "，"]} value={value} options={(tags.data ?? []).map((tag) => ({ value: tag, label: tag }))} onChange={onChange} />;
}

export function TraitPicker({ id, value, onChange }: PickerProps) {
  const { t } = useTranslation("journeys");
  const traits = useTraitChoices();
  return <TextChoice id={id} value={value} placeholder={t("panel.trait")} options={(traits.data ?? []).map((one) => one.name)} onChange={onChange} />;
}

export function EventPicker({ id, value, onChange }: PickerProps) {
  const { t } = useTranslation("journeys");
  return <TextChoice id={id} value={value} placeholder={t("panel.eventName")} options={useEventNames()} called={useEventTitle()} onChange={onChange} />;
}
