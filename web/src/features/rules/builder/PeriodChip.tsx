import { Select } from "antd";
import { useTranslation } from "react-i18next";
import { PERIOD_UNITS, periodOf, periodParts, type PeriodUnit } from "../model/period";
import { periodText } from "../sentence/words";
import { useChips } from "./editor";
import { NumberChip } from "./NumberChip";
import { WordChip } from "./PickChip";

interface PeriodChipProps {
  value: string | null;
  onChange: (value: string | null) => void;
  /** The word before the period: "in the last", or that it may be ever. Without it the period is a must. */
  frame?: "within" | "sequence";
  status?: "error";
  /** In what it may be counted; in all units unless told. */
  units?: readonly PeriodUnit[];
}

/** How long, or ever: "in the last | 30 | days". */
export function PeriodChip({ value, onChange, frame, status, units = PERIOD_UNITS }: PeriodChipProps) {
  const { t } = useTranslation("rules");
  const { words, isDisabled } = useChips();
  const framing = frame && (
    <WordChip
      label={t("label.within")}
      value={value === null ? "ever" : "last"}
      options={[
        { value: "last", label: t(`frame.${frame}.last`) },
        { value: "ever", label: t(`frame.${frame}.ever`) },
      ]}
      onChange={(next) => onChange(next === "ever" ? null : "P30D")}
    />
  );
  if (value === null) return framing;
  const parts = periodParts(value);
  const [part] = parts;
  const isPlain = parts.length === 0 || (parts.length === 1 && part?.unit !== "second");
  const unit: PeriodUnit = part && part.unit !== "second" ? part.unit : "day";
  if (!isPlain) {
    // Such as 1 day 2 hours: shown as it is, and exchanged as a whole.
    return (
      <>
        {framing}
        <Select
          className="h-chip"
          size="small"
          variant="filled"
          aria-label={t("label.period")}
          disabled={isDisabled}
          suffixIcon={null}
          popupMatchSelectWidth={false}
          value={value}
          options={[value, "P1D", "P7D", "P30D"].map((one) => ({ value: one, label: periodText(words, one) }))}
          onChange={onChange}
        />
      </>
    );
  }
  return (
    <>
      {framing}
      <NumberChip
        label={t("label.period")}
        value={part?.count}
        min={1}
        isWhole
        status={status}
        onChange={(count) => onChange(count ? periodOf(count, unit) : "")}
      />
      <WordChip
        label={t("label.unit")}
        value={unit}
        options={(units.includes(unit) ? units : [...units, unit]).map((one) => ({ value: one, label: t(`unit.${one}`, { count: part?.count ?? 2 }) }))}
        onChange={(next) => onChange(periodOf(part?.count ?? 1, next as PeriodUnit))}
      />
    </>
  );
}
