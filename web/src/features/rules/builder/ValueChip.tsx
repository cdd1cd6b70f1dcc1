import { Select } from "antd";
import { useMemo, useState, type ClipboardEvent } from "react";
import { useTranslation } from "react-i18next";
import type { RuleWord } from "../api";
import { ORDER_OPERATORS, takesList, withoutCase } from "../model/grammar";
import { valueText } from "../sentence/words";
import { useChips } from "./editor";

type Scalar = string | number | boolean;

interface ValueChipProps {
  op: string;
  value: unknown;
  onChange: (value: unknown) => void;
  suggestions: RuleWord[];
  /** What is known of the type: decides how "18" is read. */
  types: string[];
  isLoading?: boolean;
  status?: "error";
  onSearch?: (text: string) => void;
}

/** Written so that a number and a text that looks like one are two options. */
function keyOf(value: Scalar): string {
  return JSON.stringify(value);
}

/** What typed text may mean, the likeliest first. */
export function readingsOf(typed: string, types: string[], op: string): Scalar[] {
  const text = typed.trim();
  if (!text) return [];
  const number = /^[+-]?(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : null;
  if (number === null) return [text];
  if (["contains", "prefix"].includes(withoutCase(op).op) || withoutCase(op).ignoresCase) return [text];
  const isText = types.length > 0 && !types.some((type) => /number|integer|float/.test(type));
  const asWritten = text.startsWith("0") && text.length > 1 && !text.startsWith("0.");
  return isText || (asWritten && types.length === 0) ? [text, number] : [number, text];
}

/** One value, or several for "is one of". */
export function ValueChip({ op, value, onChange, suggestions, types, isLoading, status, onSearch }: ValueChipProps) {
  const { t } = useTranslation("rules");
  const { isDisabled, words } = useChips();
  const [typed, setTyped] = useState("");
  const isList = takesList(op);
  const isOrder = (ORDER_OPERATORS as readonly string[]).includes(op) && op !== "eq" && op !== "ne";
  const chosen = useMemo<Scalar[]>(
    () => (isList ? (Array.isArray(value) ? value : []) : value === undefined || value === null || value === "" ? [] : [value as Scalar]),
    [isList, value],
  );
  const options = useMemo(() => {
    const known = new Map<string, { value: string; label: string; hint: string | undefined }>();
    const put = (one: Scalar, hint?: string) => {
      const key = keyOf(one);
      if (!known.has(key)) known.set(key, { value: key, label: valueText(words, one), hint });
    };
    const readings = readingsOf(typed, types, op);
    readings.forEach((one) => put(one, readings.length > 1 ? t(`pick.as.${typeof one === "number" ? "number" : "text"}`) : undefined));
    chosen.forEach((one) => put(one));
    if (types.includes("boolean")) [true, false].forEach((one) => put(one));
    suggestions.forEach((word) => put(word.value, word.members === undefined ? undefined : t("pick.members", { count: word.members })));
    return [...known.values()];
  }, [typed, types, op, chosen, suggestions, words, t]);
  const common = {
    className: `h-chip is-value ${isList ? "is-list" : ""}`,
    size: "small" as const,
    variant: "filled" as const,
    "aria-label": t("label.value"),
    placeholder: isList ? t("pick.values") : isOrder ? t("pick.number") : t("pick.value"),
    status,
    disabled: isDisabled,
    loading: isLoading,
    suffixIcon: null,
    popupMatchSelectWidth: false,
    options,
    optionRender: (option: { data: { label: string; hint?: string } }) => (
      <span className="h-chip-option">
        <span>{option.data.label}</span>
        {option.data.hint && <span className="h-quiet">{option.data.hint}</span>}
      </span>
    ),
    showSearch: {
      searchValue: typed,
      filterOption: (text: string, option?: { label: string; value: string }) =>
        `${option?.label} ${option?.value}`.toLowerCase().includes(text.trim().toLowerCase()),
      onSearch: (text: string) => {
        setTyped(text);
        onSearch?.(text);
      },
    },
    notFoundContent: <span className="h-quiet">{t("pick.typeIt")}</span>,
  };
  /** What was typed and not chosen counts, too: leaving a field never loses words. */
  const keepTyped = () => {
    const [reading] = readingsOf(typed, types, op);
    setTyped("");
    if (reading === undefined) return;
    if (!isList) onChange(reading);
    else if (!chosen.some((one) => one === reading)) onChange([...chosen, reading]);
  };
  /** A column of a spreadsheet becomes many values at once. */
  const onPaste = (event: ClipboardEvent) => {
    const parts = event.clipboardData.getData("text").split(/[\n,，、;；\t]+/).map((part) => part.trim()).filter(Boolean);
    if (parts.length < 2) return;
    event.preventDefault();
    const read = parts.flatMap((part) => readingsOf(part, types, op).slice(0, 1));
    onChange([...new Set([...chosen, ...read])]);
  };
  if (isList) {
    return (
      <span onPasteCapture={onPaste}>
        <Select
          {...common}
          mode="multiple"
          maxTagCount={8}
          value={chosen.map(keyOf)}
          onChange={(keys: string[]) => {
            setTyped("");
            onChange(keys.map((key) => JSON.parse(key) as Scalar));
          }}
          onBlur={keepTyped}
        />
      </span>
    );
  }
  return (
    <Select
      {...common}
      value={chosen[0] === undefined ? undefined : keyOf(chosen[0])}
      onChange={(key: string) => {
        setTyped("");
        onChange(JSON.parse(key));
      }}
      onBlur={keepTyped}
    />
  );
}
