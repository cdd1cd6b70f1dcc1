import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { PickChip, useEventTitle, useFieldStatus, type ChipPick } from "@/features/rules";
import { useInsightNames } from "../api/ask";

/** No event is called so. */
const ANY = "*";

interface EventPickProps {
  /** Null is any event, no text one that is still to be chosen. */
  value: string | null | undefined;
  onChange: (event: string | null) => void;
  /** Where the object stands in the body that has the event. */
  path: string;
  field?: string;
  /** Whether "any event" is an answer. */
  allowsAny?: boolean;
  isNewest?: boolean;
}

/** An event, by the words for it; the frequent ones first. */
export function EventPick({ value, onChange, path, field = "event", allowsAny = true, isNewest }: EventPickProps) {
  const { t } = useTranslation("insight");
  const title = useEventTitle();
  const names = useInsightNames();
  const status = useFieldStatus(path, field);
  const options = useMemo(() => {
    const known = (names.data?.events ?? []).map((event): ChipPick => ({ value: event.name, label: title(event.name) }));
    // What nobody has done yet is called as everywhere else all the same.
    if (value && !known.some((one) => one.value === value)) known.unshift({ value, label: title(value) });
    return allowsAny ? [{ value: ANY, label: t("anyEvent") }, ...known] : known;
  }, [names.data, title, value, allowsAny, t]);
  return (
    <PickChip
      isFree
      label={t("label.event")}
      placeholder={t("pick.event")}
      value={value === null ? ANY : (value ?? "")}
      options={options}
      isLoading={names.isFetching}
      status={status}
      isNewest={isNewest}
      onChange={(next) => onChange(next === ANY ? null : next)}
    />
  );
}
