import { Select } from "antd";
import { useMemo, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useChips } from "./editor";

export interface Pick {
  value: string;
  label: string;
  /** In the list, beside the label. */
  hint?: ReactNode;
}

interface PickChipProps {
  /** What is chosen here, for those who hear it. */
  label: string;
  placeholder: string;
  value: string;
  options: Pick[];
  onChange: (value: string) => void;
  /** Whether anything may be typed, not only what is in the list. */
  isFree?: boolean;
  isLoading?: boolean;
  status?: "error";
  isNewest?: boolean;
  onSearch?: (text: string) => void;
}

/** A chip of the sentence that is chosen from a list, by typing a part of it. */
export function PickChip({ label, placeholder, value, options, onChange, isFree, isLoading, status, isNewest, onSearch }: PickChipProps) {
  const { t } = useTranslation("rules");
  const { isDisabled } = useChips();
  const [typed, setTyped] = useState("");
  const wanted = typed.trim();
  const shown = useMemo(() => {
    const known = options.some((option) => option.value === value) || !value ? options : [{ value, label: value }, ...options];
    const isNew = isFree && wanted && !known.some((option) => option.value === wanted || option.label === wanted);
    return isNew ? [...known, { value: wanted, label: wanted, hint: t("pick.asTyped") }] : known;
  }, [options, value, wanted, isFree, t]);
  return (
    <Select
      className="h-chip"
      size="small"
      variant="filled"
      aria-label={label}
      placeholder={placeholder}
      value={value || undefined}
      status={status}
      disabled={isDisabled}
      loading={isLoading}
      autoFocus={isNewest}
      defaultOpen={isNewest}
      suffixIcon={null}
      popupMatchSelectWidth={false}
      showSearch={{
        filterOption: (text, option) => `${option?.label} ${option?.value}`.toLowerCase().includes(text.trim().toLowerCase()),
        onSearch: (text) => {
          setTyped(text);
          onSearch?.(text);
        },
      }}
      options={shown}
      optionRender={(option) => (
        <span className="h-chip-option">
          <span>{option.data.label}</span>
          {option.data.hint !== undefined && <span className="h-quiet">{option.data.hint}</span>}
        </span>
      )}
      notFoundContent={<span className="h-quiet">{isFree ? t("pick.typeIt") : t("pick.none")}</span>}
      onChange={(next: string) => {
        setTyped("");
        onChange(next);
      }}
    />
  );
}

/** A chip with a few fixed words, such as "at least". */
export function WordChip({ label, value, options, onChange, status }: { label: string; value: string; options: Pick[]; onChange: (value: string) => void; status?: "error" }) {
  const { isDisabled } = useChips();
  return (
    <Select
      className="h-chip is-word"
      size="small"
      variant="borderless"
      aria-label={label}
      value={value}
      status={status}
      disabled={isDisabled}
      suffixIcon={null}
      popupMatchSelectWidth={false}
      options={options.some((option) => option.value === value) ? options : [...options, { value, label: value }]}
      onChange={onChange}
    />
  );
}
