import { CloseOutlined, PlusOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { ProblemLines, TestChips, useFieldStatus, type RuleWord } from "@/features/rules";
import { useInsightNames } from "../api/ask";
import type { Comparison } from "../api/types";
import { PropertyPick } from "./PropertyPick";

const MOST = 20;

interface WhereChipsProps {
  /** Whose properties are offered; null for those of all events. */
  event: string | null | undefined;
  where: readonly Comparison[] | undefined;
  onChange: (where: Comparison[], field?: string) => void;
  /** Where the list stands in the body: `steps[1].where`. */
  path: string;
  /** On the button that adds one. */
  add?: string;
}

/** What is asked of the properties of an event. */
export function WhereChips({ event, where = [], onChange, path, add }: WhereChipsProps) {
  const { t } = useTranslation("insight");
  return (
    <>
      {where.map((one, at) => (
        <WhereChip
          key={at}
          event={event}
          comparison={one}
          path={`${path}[${at}]`}
          onChange={(next, field) => onChange(where.map((other, place) => (place === at ? next : other)), field)}
          onRemove={() => onChange(where.filter((_, place) => place !== at))}
        />
      ))}
      {where.length < MOST && (
        <Button className="h-chip-add" size="small" type="text" icon={<PlusOutlined />} onClick={() => onChange([...where, { property: "", op: "eq", value: "" }])}>
          {add ?? t("add.filter")}
        </Button>
      )}
    </>
  );
}

interface WhereChipProps {
  event: string | null | undefined;
  comparison: Comparison;
  path: string;
  onChange: (comparison: Comparison, field?: string) => void;
  onRemove: () => void;
}

function WhereChip({ event, comparison, path, onChange, onRemove }: WhereChipProps) {
  const { t } = useTranslation("insight");
  const { property } = comparison;
  const known = useInsightNames(event || null).data?.properties.find((one) => one.name === property);
  const word: RuleWord | undefined = known && { value: known.name, types: known.type === "mixed" ? [] : [known.type], examples: known.values };
  const status = { op: useFieldStatus(path, "op"), value: useFieldStatus(path, "value") };
  return (
    <span className="h-filter-chips" role="group" aria-label={t("label.filter")}>
      <PropertyPick event={event} value={property} path={path} isNewest={property === ""} onChange={(next) => onChange({ ...comparison, property: next })} />
      <TestChips
        test={{ op: comparison.op, value: comparison.value }}
        asked={event && property ? { of: "values", event, property } : null}
        word={word}
        status={status}
        onChange={(test, isTyping) => onChange({ ...comparison, ...test }, isTyping ? `${path}.value` : undefined)}
      />
      <Button size="small" type="text" icon={<CloseOutlined />} aria-label={t("remove.filter")} onClick={onRemove} />
      <ProblemLines id={path} />
    </span>
  );
}
