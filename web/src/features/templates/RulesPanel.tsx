import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Input } from "antd";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import type { RuleJson } from "@/features/rules";
import { Loading } from "@/ui";

const RuleBuilder = lazy(() => import("@/features/rules").then((module) => ({ default: module.RuleBuilder })));

interface RulesPanelProps {
  rules: Record<string, unknown>;
  onChange: (rules: Record<string, unknown>) => void;
}

/** As the text asks it. */
const PREFIX = "rules.";
const NAME = /^[a-z0-9][a-z0-9_]{0,59}$/;

/** Rules by the names under which the text asks them: a block is shown only to those for whom its rule holds. */
export function RulesPanel({ rules, onChange }: RulesPanelProps) {
  const { t } = useTranslation("templates");
  const [name, setName] = useState("");
  const isFree = NAME.test(name) && !(name in rules);
  function add() {
    if (!isFree) return;
    onChange({ ...rules, [name]: { tag: name } });
    setName("");
  }
  return (
    <div className="h-rules">
      <p className="h-quiet">{t("rules.help")}</p>
      {Object.entries(rules).map(([key, rule]) => (
        <RuleField
          key={key}
          name={key}
          rule={rule}
          onChange={(next) => onChange({ ...rules, [key]: next })}
          onRemove={() => onChange(Object.fromEntries(Object.entries(rules).filter(([other]) => other !== key)))}
        />
      ))}
      <div className="h-rules-new">
        <Input value={name} placeholder={t("rules.name")} aria-label={t("rules.name")} onChange={(event) => setName(event.target.value.toLowerCase())} onPressEnter={add} status={name && !isFree ? "warning" : undefined} maxLength={60} />
        <Button icon={<PlusOutlined />} disabled={!isFree} onClick={add}>
          {t("rules.add")}
        </Button>
      </div>
      {name !== "" && !isFree && <p className="h-quiet" role="status">{name in rules ? t("rules.taken") : t("rules.form")}</p>}
    </div>
  );
}

function RuleField({ name, rule, onChange, onRemove }: { name: string; rule: unknown; onChange: (rule: unknown) => void; onRemove: () => void }) {
  const { t } = useTranslation("templates");
  return (
    <div className="h-rule" role="group" aria-label={t("rules.of", { name })}>
      <div className="h-rule-head">
        <code className="h-code">{PREFIX + name}</code>
        <Button type="text" size="small" icon={<DeleteOutlined />} aria-label={t("rules.remove", { name })} onClick={onRemove} />
      </div>
      <Suspense fallback={<Loading rows={2} />}>
        <RuleBuilder compact value={rule as RuleJson | null} base={PREFIX + name} onChange={onChange} />
      </Suspense>
    </div>
  );
}
