import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { PickChip, useFieldStatus, useRuleNames, type ChipPick } from "@/features/rules";
import { useInsightNames } from "../api/ask";

interface PropertyPickProps {
  /** Of which event; null for those of all. */
  event: string | null | undefined;
  value: string | null | undefined;
  onChange: (property: string) => void;
  path: string;
  field?: string;
  /** Whether only numbers can be counted together. */
  isNumber?: boolean;
  isNewest?: boolean;
}

/** A property of an event, by name. */
export function PropertyPick({ event, value, onChange, path, field = "property", isNumber = false, isNewest }: PropertyPickProps) {
  const { t } = useTranslation("insight");
  const names = useInsightNames(event || null);
  const { property: title } = useRuleNames([]);
  const status = useFieldStatus(path, field);
  const options = useMemo(() => {
    const fitting = (names.data?.properties ?? []).filter((one) => !isNumber || one.type === "number" || one.type === "mixed");
    return fitting.map(({ name }): ChipPick => {
      const called = title?.(name) ?? name;
      return { value: name, label: called, hint: called === name ? undefined : name };
    });
  }, [names.data, isNumber, title]);
  return (
    <PickChip
      isFree
      label={t("label.property")}
      placeholder={t("pick.property")}
      value={value ?? ""}
      options={options}
      isLoading={names.isFetching}
      status={status}
      isNewest={isNewest}
      onChange={onChange}
    />
  );
}
