import { useTranslation } from "react-i18next";
import { WordChip, useFieldStatus } from "@/features/rules";
import { useTimeZone } from "@/lib/session";
import { DateField } from "@/ui";
import type { Scope } from "../api/types";
import { PRESETS, USUAL, addDays, datesOf, daysOf } from "../question/range";

/** What the calendar of the field gives; the API counts up to the day after. */
type Dates = Pick<Scope, "from" | "to" | "period">;

/** From when to when: some last days, or from one day to another. */
export function DatesChips({ scope, onChange }: { scope: Scope; onChange: (dates: Dates) => void }) {
  const { t } = useTranslation("insight");
  const zone = useTimeZone();
  const own = scope.zone ?? zone;
  const isCustom = !scope.period && Boolean(scope.from || scope.to);
  const now = new Date();
  const dates = datesOf(scope, zone, now);
  const status = { from: useFieldStatus("from", ""), to: useFieldStatus("to", "") };
  const first = dates.from.slice(0, 10);
  const last = /T/.test(dates.to) ? dates.to.slice(0, 10) : addDays(dates.to, -1);
  const period = scope.period ?? USUAL;
  const presets = PRESETS.some((one) => one === period) ? PRESETS : [...PRESETS, period];
  return (
    <>
      <WordChip
        label={t("label.dates")}
        value={isCustom ? "custom" : period}
        options={[...presets.map((one) => ({ value: one, label: one === "P1D" ? t("dates.today") : t("dates.last", { count: daysOf(one) ?? 0 }) })), { value: "custom", label: t("dates.custom") }]}
        onChange={(next) => onChange(next === "custom" ? { period: undefined, from: dates.from, to: dates.to } : { period: next, from: undefined, to: undefined })}
      />
      {isCustom && (
        <span className="h-dates">
          <DateField className={status.from && "is-wrong"} aria-label={t("label.from")} aria-invalid={Boolean(status.from)} allowClear={false} value={first} onChange={(day) => day && onChange({ from: day, to: dates.to < day ? addDays(day, 1) : dates.to })} />
          <span>{t("dates.to")}</span>
          <DateField className={status.to && "is-wrong"} aria-label={t("label.to")} aria-invalid={Boolean(status.to)} allowClear={false} min={first} value={last} onChange={(day) => day && onChange({ from: dates.from, to: addDays(day, 1) })} />
        </span>
      )}
      <span className="h-quiet">{t("dates.zone", { zone: own })}</span>
    </>
  );
}
