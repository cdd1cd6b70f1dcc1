import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Checkbox, Input } from "antd";
import { useTranslation } from "react-i18next";
import { isWithin } from "../document/paths";
import { listOf, objectOf, textOf, type Json } from "../document/types";
import { Field } from "./Field";
import type { FormProps } from "./form";
import { readValue, showValue } from "./inputs";
import { TagsPicker, TraitPicker } from "./pickers";

export function TagForm({ step, set, troubles }: FormProps) {
  const { t } = useTranslation("journeys");
  return (
    <>
      <Field label={t("tag.add")} name="add" troubles={troubles}>
        {(id) => <TagsPicker id={id} value={listOf(step.add).map(textOf)} onChange={(tags) => set({ add: tags })} />}
      </Field>
      <Field label={t("tag.remove")} name="remove" troubles={troubles} isOptional>
        {(id) => <TagsPicker id={id} value={listOf(step.remove).map(textOf)} onChange={(tags) => set({ remove: tags.length > 0 ? tags : undefined })} />}
      </Field>
    </>
  );
}

/** Names with values; a name may be typed letter by letter without rows changing places. */
export function PairsInput({ value, onChange, nameLabel, valueLabel, hasClear, troubles = [], isTrait = true }: {
  value: Json | undefined;
  onChange: (pairs: { [name: string]: Json }) => void;
  nameLabel: string;
  valueLabel: string;
  /** Whether a value can be taken away (`null`). */
  hasClear?: boolean;
  troubles?: FormProps["troubles"];
  isTrait?: boolean;
}) {
  const { t } = useTranslation("journeys");
  const pairs = Object.entries(objectOf(value));
  const put = (index: number, pair: [string, Json]) => onChange(Object.fromEntries(pairs.map((one, at) => (at === index ? pair : one))));
  return (
    <div className="j-rows">
      {pairs.map(([name, given], index) => (
        <div key={index} className="j-row">
          {isTrait ? (
            <TraitPicker value={name} onChange={(next) => put(index, [next, given])} />
          ) : (
            <Input aria-label={nameLabel} placeholder={nameLabel} value={name} onChange={(event) => put(index, [event.target.value, given])} />
          )}
          <span aria-hidden>=</span>
          <Input
            aria-label={valueLabel}
            placeholder={given === null ? t("set.cleared") : valueLabel}
            disabled={given === null}
            status={troubles.some((one) => isWithin(one.field, `traits.${name}`)) ? "error" : undefined}
            value={showValue(given)}
            onChange={(event) => put(index, [name, hasClear ? readValue(event.target.value) : event.target.value])}
          />
          {hasClear && <Checkbox checked={given === null} aria-label={t("set.clear")} title={t("set.clear")} onChange={(event) => put(index, [name, event.target.checked ? null : ""])}>{t("set.clearShort")}</Checkbox>}
          <Button type="text" icon={<DeleteOutlined />} aria-label={t("panel.removeRow")} onClick={() => onChange(Object.fromEntries(pairs.filter((_, at) => at !== index)))} />
        </div>
      ))}
      <Button size="small" icon={<PlusOutlined />} disabled={pairs.some(([name]) => name === "")} onClick={() => onChange({ ...objectOf(value), "": "" })}>
        {t("set.add")}
      </Button>
    </div>
  );
}

export function SetForm({ step, set, troubles }: FormProps) {
  const { t } = useTranslation("journeys");
  return (
    <Field label={t("set.traits")} name="traits" troubles={troubles} help={t("set.help")}>
      {() => <PairsInput value={step.traits} onChange={(traits) => set({ traits })} nameLabel={t("panel.trait")} valueLabel={t("panel.value")} hasClear troubles={troubles} />}
    </Field>
  );
}
