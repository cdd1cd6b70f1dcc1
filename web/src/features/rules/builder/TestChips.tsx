import { useTranslation } from "react-i18next";
import { useState } from "react";
import { useRuleWords, type RuleWord, type WordsAsked } from "../api";
import { OPERATORS, ORDER_OPERATORS, takesList, withoutCase } from "../model/grammar";
import { WordChip } from "./PickChip";
import { ValueChip } from "./ValueChip";

interface TestChipsProps {
  test: { op: string; value: unknown };
  onChange: (test: { op: string; value: unknown }, isTyping: boolean) => void;
  /** Whose values are suggested; nothing while it has no name yet. */
  asked: WordsAsked | null;
  /** The word for the trait or property, with its types and examples. */
  word: RuleWord | undefined;
  status: { op?: "error"; value?: "error" };
}

/** "is one of | 上海, 杭州": what is asked of a value. */
export function TestChips({ test, onChange, asked, word, status }: TestChipsProps) {
  const { t } = useTranslation("rules");
  const [search, setSearch] = useState("");
  const query: WordsAsked = asked && "search" in asked ? asked : { of: "values", trait: "", ...asked, ...(search ? { search } : {}) } as WordsAsked;
  const values = useRuleWords(query, asked !== null && test.op !== "exists");
  const examples = word?.examples?.map((value): RuleWord => ({ value })) ?? [];
  const shown = test.op === "exists" ? (test.value === false ? "unknown" : "known") : test.op;
  const words = OPERATORS.filter((op) => op !== "exists").map((op) => ({ value: op as string, label: t(`op.${op}`) }));
  const isNumber = typeof test.value === "number" || word?.types?.includes("number");
  const ordered = isNumber ? [...words].sort((one, other) => rank(one.value) - rank(other.value)) : words;

  function choose(next: string) {
    if (next === "known" || next === "unknown") onChange({ op: "exists", value: next === "known" }, false);
    else onChange({ op: next, value: valueFor(next, test) }, false);
  }

  return (
    <>
      <WordChip
        label={t("label.operator")}
        value={shown}
        status={status.op}
        options={[...ordered, { value: "known", label: t("op.known") }, { value: "unknown", label: t("op.unknown") }]}
        onChange={choose}
      />
      {test.op !== "exists" && (
        <ValueChip
          op={test.op}
          value={test.value}
          status={status.value}
          types={word?.types ?? []}
          isLoading={values.isFetching}
          suggestions={values.data?.length ? values.data : examples}
          onSearch={setSearch}
          onChange={(value) => onChange({ op: test.op, value }, true)}
        />
      )}
    </>
  );
}

function rank(op: string): number {
  return (ORDER_OPERATORS as readonly string[]).includes(op) ? 0 : 1;
}

/** What was given for one operator, as another one wants it. */
export function valueFor(op: string, before: { op: string; value: unknown }): unknown {
  const wasList = Array.isArray(before.value);
  if (before.op === "exists") return takesList(op) ? [] : "";
  if (takesList(op)) return wasList ? before.value : before.value === "" || before.value === undefined ? [] : [before.value];
  const one: unknown = wasList ? ((before.value as unknown[])[0] ?? "") : before.value;
  const wantsText = withoutCase(op).op === "prefix" || withoutCase(op).ignoresCase;
  return wantsText && typeof one !== "string" ? String(one ?? "") : one;
}
