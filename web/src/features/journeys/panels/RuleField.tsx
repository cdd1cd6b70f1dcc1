import { Input } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Trouble } from "../document/check";
import { isObject, type Json } from "../document/types";
import { useTroubleWords } from "../troubles";

interface RuleFieldProps {
  value: Json | undefined;
  onChange: (rule: Json) => void;
  troubles: readonly Trouble[];
}

/** The rule of a case. */
export function RuleField({ value, onChange, troubles }: RuleFieldProps) {
  const { t } = useTranslation("journeys");
  const words = useTroubleWords();
  const [text, setText] = useState(() => JSON.stringify(value ?? {}, null, 1));
  useEffect(() => {
    setText((before) => (JSON.stringify(readRule(before)) === JSON.stringify(value ?? {}) ? before : JSON.stringify(value ?? {}, null, 1)));
  }, [value]);
  const isBroken = readRule(text) === undefined;
  return (
    <>
      <Input.TextArea
        className="h-code"
        aria-label={t("branch.rule")}
        autoSize={{ minRows: 2, maxRows: 12 }}
        status={isBroken || troubles.length > 0 ? "error" : undefined}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          const rule = readRule(event.target.value);
          if (rule !== undefined) onChange(rule);
        }}
      />
      {isBroken && <p role="alert" className="j-bad">{t("branch.notJson")}</p>}
      {troubles.map((one) => (
        <p key={one.field + (one.code ?? "")} role="alert" className="j-bad">{words(one)}</p>
      ))}
    </>
  );
}

function readRule(text: string): Json | undefined {
  try {
    const rule = JSON.parse(text) as Json;
    return isObject(rule) ? rule : undefined;
  } catch {
    return undefined;
  }
}
