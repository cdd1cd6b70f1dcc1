import { Select } from "antd";
import { useTranslation } from "react-i18next";
import { fieldOf, type Trouble } from "../document/check";
import type { JourneyDocument, Step } from "../document/types";
import { waysOf } from "../document/ways";
import type { StepWords } from "../words";
import { Field } from "./Field";

const END = "";

interface TargetPickerProps {
  id: string;
  document: JourneyDocument;
  words: StepWords;
  value: string | null;
  onChange: (target: string | null) => void;
  /** The run cannot end here. */
  isRequired?: boolean;
}

/** Where a way leads: what one draws on the canvas, without drawing. */
export function TargetPicker({ id, document, words, value, onChange, isRequired }: TargetPickerProps) {
  const { t } = useTranslation("journeys");
  const titles = Object.entries(document.steps).map(([name, step]) => ({ name, title: words.title(name, step) }));
  const options = titles.map(({ name, title }) => ({ value: name, label: titles.filter((one) => one.title === title).length > 1 ? `${title} (${name})` : title }));
  if (value !== null && !(value in document.steps)) options.push({ value, label: value });
  return (
    <Select
      id={id}
      className="j-wide"
      showSearch={{ optionFilterProp: "label" }}
      value={value ?? (isRequired ? undefined : END)}
      placeholder={t("panel.chooseTarget")}
      options={isRequired ? options : [{ value: END, label: t("panel.runEnds") }, ...options]}
      onChange={(next: string) => onChange(next === END ? null : next)}
    />
  );
}

interface WaysFieldsProps {
  document: JourneyDocument;
  step: Step;
  words: StepWords;
  troubles: readonly Trouble[];
  onConnect: (way: string, target: string | null) => void;
}

export function WaysFields({ document, step, words, troubles, onConnect }: WaysFieldsProps) {
  const { t } = useTranslation("journeys");
  const ways = waysOf(step);
  if (ways.length === 0) return null;
  return (
    <>
      <h4>{t("panel.ways")}</h4>
      {ways.map((way) => (
        <Field key={way.id} label={words.way(step, way)} name={fieldOf(way.path)} troubles={troubles}>
          {(id) => <TargetPicker id={id} document={document} words={words} value={way.to} onChange={(target) => onConnect(way.id, target)} />}
        </Field>
      ))}
    </>
  );
}
