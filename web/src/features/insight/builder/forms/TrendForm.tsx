import { CloseOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Input } from "antd";
import { useTranslation } from "react-i18next";
import { ProblemLines, WordChip, useFieldStatus } from "@/features/rules";
import { MEASURES, TREND_UNITS, type Formula, type Measure, type SeriesAsked, type Unit } from "../../api/types";
import { nameOfSeries } from "../../question/address";
import { needsProperty } from "../../question/missing";
import { EventFields } from "../EventFields";
import { OrderedList } from "../OrderedList";
import { PropertyPick } from "../PropertyPick";
import { Sentence } from "../Sentence";
import type { FormProps } from "./form";

const MOST_SERIES = 10;
const MOST_FORMULAS = 5;

/** A letter that no series has yet, so that formulas keep what they speak of when one is taken away. */
function freshName(series: readonly SeriesAsked[]): string {
  for (let at = 0; ; at += 1) {
    const name = nameOfSeries(at);
    if (!series.some((one) => one.name === name)) return name;
  }
}

export function TrendForm({ question, change }: FormProps<"trend">) {
  const { t } = useTranslation("insight");
  const { series, formulas = [], unit = "day" } = question;
  const put = (at: number, next: SeriesAsked, field?: string) => change({ ...question, series: series.map((one, place) => (place === at ? next : one)) }, field);
  return (
    <>
      <Sentence
        words={t("form.trend", { skipInterpolation: true })}
        slots={{
          unit: <WordChip label={t("label.unit")} value={unit} status={useFieldStatus("unit", "")} options={TREND_UNITS.map((one) => ({ value: one, label: t(`unit.${one}`) }))} onChange={(next) => change({ ...question, unit: next as Unit })} />,
        }}
      />
      <OrderedList
        items={series}
        label={t("label.series")}
        most={MOST_SERIES}
        add={t("add.series")}
        fresh={(): SeriesAsked => ({ name: freshName(series), event: "", measure: "events" })}
        mark={(one) => one.name}
        onChange={(next) => change({ ...question, series: next })}
        more={
          formulas.length < MOST_FORMULAS && (
            <Button size="small" type="text" icon={<PlusOutlined />} onClick={() => change({ ...question, formulas: [...formulas, { name: `F${formulas.length + 1}`, expression: "" }] })}>
              {t("add.formula")}
            </Button>
          )
        }
      >
        {(one, at) => (
          <>
            <EventFields value={one} path={`series[${at}]`} onChange={(next, field) => put(at, next, field)} />
            <MeasureChips value={one} path={`series[${at}]`} onChange={(next) => put(at, next)} />
          </>
        )}
      </OrderedList>
      {formulas.map((formula, at) => (
        <FormulaLine
          key={at}
          value={formula}
          path={`formulas[${at}]`}
          names={series.map((one, place) => one.name ?? nameOfSeries(place))}
          onChange={(next) => change({ ...question, formulas: formulas.map((one, place) => (place === at ? next : one)) }, `formulas[${at}].expression`)}
          onRemove={() => change({ ...question, formulas: formulas.filter((_, place) => place !== at) })}
        />
      ))}
      <ProblemLines id="unit" />
      <ProblemLines id="series" />
    </>
  );
}

function MeasureChips({ value, path, onChange }: { value: SeriesAsked; path: string; onChange: (value: SeriesAsked) => void }) {
  const { t } = useTranslation("insight");
  const status = useFieldStatus(path, "measure");
  function choose(measure: Measure) {
    const { property, ...rest } = value;
    onChange(needsProperty(measure) ? { ...rest, measure, property } : { ...rest, measure });
  }
  return (
    <span className="h-rule-line">
      <span>{t("form.countedBy")}</span>
      <WordChip label={t("label.measure")} value={value.measure} status={status} options={MEASURES.map((one) => ({ value: one, label: t(`measure.${one}`) }))} onChange={(next) => choose(next as Measure)} />
      {needsProperty(value.measure) && <PropertyPick isNumber event={value.event} value={value.property} path={path} onChange={(property) => onChange({ ...value, property })} />}
    </span>
  );
}

interface FormulaLineProps {
  value: Formula;
  path: string;
  names: readonly string[];
  onChange: (value: Formula) => void;
  onRemove: () => void;
}

function FormulaLine({ value, path, names, onChange, onRemove }: FormulaLineProps) {
  const { t } = useTranslation("insight");
  return (
    <div className="h-ordered-aside">
      <span className="h-ordered-mark">{value.name}</span>
      <Input
        className="h-formula"
        size="small"
        variant="filled"
        aria-label={t("label.formula")}
        placeholder={t("pick.formula", { example: names.length > 1 ? `${names[0]} / ${names[1]} * 100` : `${names[0] ?? "A"} * 2` })}
        value={value.expression}
        status={useFieldStatus(path, "expression")}
        onChange={(event) => onChange({ ...value, expression: event.target.value })}
      />
      <Button size="small" type="text" icon={<CloseOutlined />} aria-label={t("remove.formula")} onClick={onRemove} />
      <ProblemLines id={path} />
    </div>
  );
}
