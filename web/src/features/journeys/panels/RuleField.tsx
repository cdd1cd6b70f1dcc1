import { useMemo } from "react";
import { RuleBuilder } from "@/features/rules";
import type { Trouble } from "../document/check";
import { isObject, type Json } from "../document/types";
import { useTroubleWords } from "../troubles";

interface RuleFieldProps {
  value: Json | undefined;
  onChange: (rule: Json) => void;
  /** What is wrong with it, with fields below the rule. */
  troubles: readonly Trouble[];
  isDisabled: boolean;
}

const BASE = "rule";

/** The rule of a case. */
export function RuleField({ value, onChange, troubles, isDisabled }: RuleFieldProps) {
  const words = useTroubleWords();
  const problems = useMemo(
    () => troubles.map((one) => ({ path: one.field ? `${BASE}${one.field.startsWith("[") ? "" : "."}${one.field}` : BASE, code: one.code ?? "", message: words(one) })),
    [troubles, words],
  );
  const rule = isObject(value) && Object.keys(value).length > 0 ? value : null;
  return <RuleBuilder compact base={BASE} value={rule} problems={problems} isDisabled={isDisabled} onChange={(next) => onChange((next ?? {}) as Json)} />;
}
