import { SearchOutlined } from "@ant-design/icons";
import { Button, Input, Select } from "antd";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import "./FilterBar.css";

export interface Filter {
  name: string;
  label: string;
  options: { value: string; label: string }[];
}

interface FilterBarProps {
  /** What is asked for, by the filters' names; `search` is the text. */
  value: Record<string, string | undefined>;
  onChange: (value: Record<string, string | undefined>) => void;
  filters?: Filter[];
  /** The words in the search field; without them there is none. */
  searchLabel?: string;
  children?: ReactNode;
}

const PAUSE = 250;

/** Search and filters above a table. Keep `value` in the address, so that a filtered list can be shared. */
export function FilterBar({ value, onChange, filters = [], searchLabel, children }: FilterBarProps) {
  const { t } = useTranslation("ui");
  const [text, setText] = useState(value.search ?? "");
  /** What was asked for last from here: its coming back must not undo what was typed meanwhile. */
  const asked = useRef(value.search ?? "");
  useEffect(() => {
    if ((value.search ?? "") === asked.current) return;
    asked.current = value.search ?? "";
    setText(asked.current);
  }, [value.search]);
  useEffect(() => {
    if (text === (value.search ?? "")) return;
    const timer = setTimeout(() => {
      asked.current = text;
      onChange({ ...value, search: text || undefined });
    }, PAUSE);
    return () => clearTimeout(timer);
  }, [text, value, onChange]);
  const isFiltered = Object.values(value).some(Boolean);
  return (
    <div className="h-filters" role="search">
      {searchLabel && (
        <Input
          className="h-filters-search"
          allowClear
          prefix={<SearchOutlined aria-hidden />}
          placeholder={searchLabel}
          aria-label={searchLabel}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      )}
      {filters.map((filter) => (
        <Select
          key={filter.name}
          className="h-filters-one"
          allowClear
          showSearch={{ optionFilterProp: "label" }}
          placeholder={filter.label}
          aria-label={filter.label}
          value={value[filter.name]}
          options={filter.options}
          onChange={(next: string | undefined) => onChange({ ...value, [filter.name]: next })}
        />
      ))}
      {children}
      {isFiltered && (
        <Button type="link" onClick={() => onChange({})}>
          {t("clearFilters")}
        </Button>
      )}
    </div>
  );
}
