import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { AutoComplete, Button, Checkbox, Input, InputNumber, Select, Space } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { TimeField } from "@/ui";
import { readPeriod, UNITS, writePeriod, type Unit } from "../document/periods";
import { listOf, objectOf, textOf, type Json, type JsonObject } from "../document/types";

interface PeriodInputProps {
  id?: string;
  value: string;
  onChange: (value: string | undefined) => void;
  /** May be left empty. */
  isOptional?: boolean;
  /** Before or after, as an offset from a date. */
  hasSide?: boolean;
  "aria-label"?: string;
}

/** A duration as a number and a unit. One that has several units is shown as it is written. */
export function PeriodInput({ id, value, onChange, isOptional, hasSide, ...rest }: PeriodInputProps) {
  const { t } = useTranslation("journeys");
  const found = readPeriod(value);
  const [unitBefore, setUnit] = useState<Unit>(found?.unit ?? "days");
  const unit = found?.unit ?? unitBefore;
  const isBefore = found?.isBefore ?? false;
  if (value && !found) return <Input id={id} value={value} onChange={(event) => onChange(event.target.value || undefined)} {...rest} />;
  return (
    <Space.Compact block>
      <InputNumber
        id={id}
        className="j-period-number"
        min={hasSide ? 0 : 1}
        max={9999}
        precision={0}
        value={found?.amount ?? null}
        placeholder={isOptional ? t("panel.none") : undefined}
        onChange={(amount) => onChange(amount === null ? undefined : writePeriod({ amount, unit, isBefore }))}
        {...rest}
      />
      <Select
        className="j-period-unit"
        aria-label={t("panel.unit")}
        value={unit}
        options={UNITS.map((one) => ({ value: one, label: t(`unit.${one}`) }))}
        onChange={(next) => {
          setUnit(next);
          if (found) onChange(writePeriod({ ...found, unit: next }));
        }}
      />
      {hasSide && (
        <Select
          className="j-period-side"
          aria-label={t("panel.side")}
          value={isBefore}
          options={[
            { value: true, label: t("panel.before") },
            { value: false, label: t("panel.after") },
          ]}
          onChange={(next) => onChange(writePeriod({ amount: found?.amount ?? 1, unit, isBefore: next }))}
        />
      )}
    </Space.Compact>
  );
}

/** A time of the day. */
export function ClockInput({ id, value, onChange, label }: { id?: string; value: string; onChange: (value: string | undefined) => void; label?: string }) {
  return (
    <TimeField id={id} className="j-clock" aria-label={label} value={value} onChange={onChange} />
  );
}

const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

export function WeekdaysInput({ value, onChange }: { value: Json | undefined; onChange: (days: string[]) => void }) {
  const { t } = useTranslation("journeys");
  return (
    <Checkbox.Group
      className="j-weekdays"
      value={listOf(value).map(textOf)}
      options={WEEKDAYS.map((day) => ({ value: day, label: t(`weekday.${day}`) }))}
      onChange={(days) => onChange(WEEKDAYS.filter((day) => days.includes(day)))}
    />
  );
}

/** A share as percent. */
export function ShareInput({ id, value, onChange, label, most = 100 }: { id?: string; value: number | null; onChange: (share: number) => void; label?: string; most?: number }) {
  return (
    <InputNumber
      id={id}
      aria-label={label}
      min={0}
      max={most}
      precision={2}
      suffix="%"
      value={value === null ? null : Math.round(value * 10_000) / 100}
      onChange={(percent) => onChange((percent ?? 0) / 100)}
    />
  );
}

/** A text, a number, yes or no, as JSON has it: what looks like a number is one. */
export function readValue(text: string): Json {
  const trimmed = text.trim();
  if (/^-?(0|[1-9]\d*)(\.\d+)?$/.test(trimmed)) return Number(trimmed);
  if (trimmed === "true") return true;
  if (trimmed === "false") return false;
  if (/^".*"$/.test(trimmed)) return trimmed.slice(1, -1);
  return text;
}

export function showValue(value: Json | undefined): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return typeof readValue(value) === "string" ? value : `"${value}"`;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

const OPERATORS = ["eq", "ne", "gt", "gte", "lt", "lte", "contains", "prefix", "exists"];

/** Conditions on the properties of an event. */
export function WhereInput({ value, onChange }: { value: Json | undefined; onChange: (where: Json | undefined) => void }) {
  const { t } = useTranslation("journeys");
  const rows = listOf(value).map(objectOf);
  const put = (index: number, row: JsonObject) => onChange(rows.map((one, at) => (at === index ? row : one)));
  return (
    <div className="j-rows">
      {rows.map((row, index) => (
        <div key={index} className="j-row">
          <Input aria-label={t("panel.property")} placeholder={t("panel.property")} value={textOf(row.property)} onChange={(event) => put(index, { ...row, property: event.target.value })} />
          <Select
            aria-label={t("panel.operator")}
            className="j-operator"
            popupMatchSelectWidth={false}
            value={textOf(row.op) || "eq"}
            options={[...new Set([...OPERATORS, textOf(row.op) || "eq"])].map((op) => ({ value: op, label: OPERATORS.includes(op) ? t(`operator.${op}`) : op }))}
            onChange={(op) => put(index, { ...row, op, value: op === "exists" ? true : (row.value ?? "") })}
          />
          {row.op !== "exists" && <Input aria-label={t("panel.value")} placeholder={t("panel.value")} value={showValue(row.value)} onChange={(event) => put(index, { ...row, op: textOf(row.op) || "eq", value: readValue(event.target.value) })} />}
          <Button type="text" icon={<DeleteOutlined />} aria-label={t("panel.removeRow")} onClick={() => onChange(rows.length === 1 ? undefined : rows.filter((_, at) => at !== index))} />
        </div>
      ))}
      <Button size="small" icon={<PlusOutlined />} onClick={() => onChange([...rows, { property: "", op: "eq", value: "" }])}>
        {t("panel.addCondition")}
      </Button>
    </div>
  );
}

/** A name that one types or chooses; `called` says it in words beside the name, and what is typed is looked for in both. */
export function TextChoice({ id, value, options, placeholder, called, onChange }: { id?: string; value: string; options: string[]; placeholder?: string; called?: (name: string) => string; onChange: (text: string) => void }) {
  const words = (name: string) => (called && called(name) !== name ? called(name) : "");
  return (
    <AutoComplete
      id={id}
      className="j-wide"
      value={value}
      placeholder={placeholder}
      options={options.map((one) => ({ value: one, label: words(one) ? <span className="j-called"><span>{words(one)}</span> <span className="h-quiet">{one}</span></span> : one }))}
      showSearch={{ filterOption: (typed, option) => `${option?.value} ${words(String(option?.value))}`.toLowerCase().includes(typed.toLowerCase()) }}
      onChange={(text: string) => onChange(text)}
    />
  );
}
