import { Form } from "antd";
import { useId, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Trouble } from "../document/check";
import { isWithin } from "../document/paths";
import { useTroubleWords } from "../troubles";

interface FieldProps {
  label: string;
  /** The field of the document, so that its problems stand here. */
  name?: string;
  troubles?: readonly Trouble[];
  help?: string;
  isOptional?: boolean;
  children: (id: string) => ReactNode;
}

/** One input with its label, and with what is wrong about it. */
export function Field({ label, name, troubles = [], help, isOptional, children }: FieldProps) {
  const { t } = useTranslation("journeys");
  const id = useId();
  const words = useTroubleWords();
  const found = name === undefined ? [] : troubles.filter((one) => isWithin(one.field, name));
  const worst = found.some((one) => one.level === "error") ? "error" : found.length > 0 ? "warning" : undefined;
  return (
    <Form.Item
      label={isOptional ? <>{label}<span className="h-quiet j-optional">{t("panel.optional")}</span></> : label}
      htmlFor={id}
      colon={false}
      validateStatus={worst}
      help={found.length > 0 ? found.map((one) => <div key={`${one.field}${one.code ?? one.words?.en}`} role="alert">{words(one)}</div>) : undefined}
      extra={help}
    >
      {children(id)}
    </Form.Item>
  );
}
