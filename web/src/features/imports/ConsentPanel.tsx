import { Button, Input, Select } from "antd";
import { useTranslation } from "react-i18next";
import { Panel } from "@/ui";
import type { ConsentUse, Draft } from "./mapping";

interface ConsentPanelProps {
  draft: Draft;
  columns: readonly string[];
  onChange: (draft: Draft) => void;
}

const CHANNELS = ["email", "sms", "webhook"];

/** What the operator states of columns about consent: nothing of it is guessed, and all of it is needed as proof later. */
export function ConsentPanel({ draft, columns, onChange }: ConsentPanelProps) {
  const { t } = useTranslation("imports");
  if (draft.consents.length === 0) return null;
  const change = (place: number, part: Partial<ConsentUse>) =>
    onChange({ ...draft, consents: draft.consents.map((one, index) => (index === place ? { ...one, ...part } : one)) });
  return (
    <Panel title={t("consent.title")}>
      <p className="h-quiet h-import-lead">{t("consent.help")}</p>
      {draft.consents.map((one, place) => (
        <fieldset key={one.column} className="h-consent">
          <legend>{t("consent.of", { column: one.column })}</legend>
          <Field label={t("consent.channel")}>
            <Select value={one.channel} onChange={(channel: string) => change(place, { channel })} options={CHANNELS.map((value) => ({ value, label: t(`consent.kind.${value}`) }))} />
          </Field>
          <Field label={t("consent.purpose")}>
            <Input value={one.purpose} onChange={(event) => change(place, { purpose: event.target.value })} maxLength={100} />
          </Field>
          <Field label={t("consent.yes")}>
            <Select mode="tags" value={one.yes} onChange={(yes: string[]) => change(place, { yes })} placeholder={t("consent.yesExample")} open={false} suffixIcon={null} tokenSeparators={[",", "，", "、"]} />
          </Field>
          <Field label={t("consent.no")}>
            <Select mode="tags" value={one.no} onChange={(no: string[]) => change(place, { no })} placeholder={t("consent.noExample")} open={false} suffixIcon={null} tokenSeparators={[",", "，", "、"]} />
          </Field>
          <Field label={t("consent.givenAt")}>
            <Select
              value={one.givenAt || undefined}
              placeholder={t("consent.givenAtExample")}
              showSearch={{ optionFilterProp: "label" }}
              onChange={(givenAt: string) => change(place, { givenAt })}
              options={[{ value: `=${today()}`, label: t("consent.today", { day: today() }) }, ...columns.map((value) => ({ value, label: value }))]}
            />
          </Field>
          <Field label={t("consent.proof")}>
            <Input value={one.proof} onChange={(event) => change(place, { proof: event.target.value })} maxLength={1000} placeholder={t("consent.proofExample")} />
          </Field>
          <Button onClick={() => onChange({ ...draft, consents: draft.consents.filter((_, index) => index !== place) })}>{t("consent.remove")}</Button>
        </fieldset>
      ))}
    </Panel>
  );
}

const today = () => new Date().toISOString().slice(0, 10);

function Field({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <label className="h-field">
      <span>{label}</span>
      {children}
    </label>
  );
}
