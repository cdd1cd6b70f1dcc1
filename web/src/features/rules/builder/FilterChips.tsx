import { CloseOutlined, PlusOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { useRuleWords } from "../api";
import { KNOWN_PROPERTIES } from "../known-traits";
import { MAX_FILTERS } from "../model/grammar";
import { newFilter } from "../model/new-nodes";
import type { Filter } from "../model/tree";
import { useChips, useFieldStatus } from "./editor";
import { PickChip } from "./PickChip";
import { ProblemLines } from "./ProblemLines";
import { TestChips } from "./TestChips";

interface FilterChipsProps {
  event: string;
  where: Filter[];
  onChange: (where: Filter[], field?: string) => void;
}

/** The properties of an event that are asked for: "(revenue is at least 100) (+ property)". */
export function FilterChips({ event, where, onChange }: FilterChipsProps) {
  const { t } = useTranslation("rules");
  const { isDisabled } = useChips();
  return (
    <>
      {where.map((filter) => (
        <FilterChip
          key={filter.id}
          event={event}
          filter={filter}
          onChange={(next, isTyping) => onChange(where.map((one) => (one.id === next.id ? next : one)), isTyping ? `${next.id}.value` : undefined)}
          onRemove={() => onChange(where.filter((one) => one.id !== filter.id))}
        />
      ))}
      {!isDisabled && where.length < MAX_FILTERS && (
        <Button className="h-chip-add" size="small" type="text" icon={<PlusOutlined />} onClick={() => onChange([...where, newFilter()])}>
          {t("add.filter")}
        </Button>
      )}
    </>
  );
}

interface FilterChipProps {
  event: string;
  filter: Filter;
  onChange: (filter: Filter, isTyping: boolean) => void;
  onRemove: () => void;
}

function FilterChip({ event, filter, onChange, onRemove }: FilterChipProps) {
  const { t } = useTranslation("rules");
  const { isDisabled } = useChips();
  const properties = useProperties(event);
  const name = useFieldStatus(filter.id, "property");
  const op = useFieldStatus(filter.id, "op");
  const value = useFieldStatus(filter.id, "value");
  return (
    <span className="h-filter-chips" role="group" aria-label={t("label.filter")}>
      <PropertyChip event={event} value={filter.name} status={name} isNewest={filter.name === ""} onChange={(next) => onChange({ ...filter, name: next }, false)} />
      <TestChips
        test={filter}
        asked={event && filter.name ? { of: "values", event, property: filter.name } : null}
        word={properties.data?.find((word) => word.value === filter.name)}
        status={{ op, value }}
        onChange={(test, isTyping) => onChange({ ...filter, ...test }, isTyping)}
      />
      {!isDisabled && <Button size="small" type="text" icon={<CloseOutlined />} aria-label={t("remove.filter")} onClick={onRemove} />}
      <ProblemLines id={filter.id} />
    </span>
  );
}

export function useProperties(event: string) {
  return useRuleWords({ of: "properties", event }, event !== "");
}

/** A property of an event, by name. */
export function PropertyChip({ event, value, onChange, status, isNewest }: { event: string; value: string; onChange: (value: string) => void; status?: "error"; isNewest?: boolean }) {
  const { t } = useTranslation("rules");
  const { words } = useChips();
  const properties = useProperties(event);
  const offered = properties.data?.length ? properties.data.map((word) => String(word.value)) : KNOWN_PROPERTIES;
  const known = value && words.names.property?.(value) && !offered.includes(value) ? [value, ...offered] : offered;
  return (
    <PickChip
      isFree
      label={t("label.property")}
      placeholder={t("pick.property")}
      value={value}
      status={status}
      isNewest={isNewest}
      isLoading={properties.isFetching}
      options={known.map((name) => {
        const title = words.names.property?.(name) ?? name;
        return { value: name, label: title, hint: title === name ? undefined : name };
      })}
      onChange={onChange}
    />
  );
}
