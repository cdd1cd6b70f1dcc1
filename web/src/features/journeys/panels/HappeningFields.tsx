import { Select } from "antd";
import { useTranslation } from "react-i18next";
import { useEventTitle } from "@/features/rules";
import type { Choices } from "../choices";
import type { Trouble } from "../document/check";
import { textOf, type JsonObject } from "../document/types";
import { Field } from "./Field";
import { WhereInput } from "./inputs";
import { EventPicker, SegmentPicker } from "./pickers";

type Kind = "event" | "segment" | "segment_left";

interface HappeningFieldsProps {
  value: JsonObject;
  onChange: (value: JsonObject) => void;
  /** Where it stands in the document: `entry`, `exit[0]`. */
  name: string;
  troubles: readonly Trouble[];
  choices: Choices;
  /** Whether to offer the choice between an event and a segment. */
  kinds?: readonly Kind[];
}

/** An event, or a segment that is entered or left. */
export function HappeningFields({ value, onChange, name, troubles, choices, kinds }: HappeningFieldsProps) {
  const { t } = useTranslation("journeys");
  const kind: Kind = "segment" in value ? "segment" : "segment_left" in value ? "segment_left" : "event";
  const eventTitle = useEventTitle();
  const calledOf = (given: string) => (eventTitle(given) === given ? undefined : eventTitle(given));
  const { event, where, segment, segment_left, ...more } = value;
  return (
    <>
      {kinds && (
        <Field label={t("happening.kind")}>
          {(id) => <Select id={id} className="j-wide" value={kind} options={kinds.map((one) => ({ value: one, label: t(`happening.${one}`) }))} onChange={(next: Kind) => onChange({ [next]: "", ...more })} />}
        </Field>
      )}
      {kind === "event" ? (
        <>
          <Field label={t("panel.event")} name={`${name}.event`} troubles={troubles} help={calledOf(textOf(event))}>
            {(id) => <EventPicker id={id} value={textOf(event)} onChange={(next) => onChange({ ...value, event: next })} />}
          </Field>
          <Field label={t("panel.where")} name={`${name}.where`} troubles={troubles} isOptional>
            {() => (
              <WhereInput
                value={where}
                onChange={(next) => onChange(next === undefined ? { event: event ?? "", ...more } : { ...value, where: next })}
              />
            )}
          </Field>
        </>
      ) : (
        <Field label={t("happening.segmentLabel")} name={`${name}.${kind}`} troubles={troubles}>
          {(id) => <SegmentPicker id={id} choices={choices} value={textOf(kind === "segment" ? segment : segment_left)} onChange={(next) => onChange({ ...more, [kind]: next })} />}
        </Field>
      )}
    </>
  );
}
