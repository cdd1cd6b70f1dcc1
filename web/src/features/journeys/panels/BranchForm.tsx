import { ArrowDownOutlined, ArrowUpOutlined, DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { isWithin } from "../document/paths";
import { listOf, objectOf, type JsonObject } from "../document/types";
import type { FormProps } from "./form";
import { RuleField } from "./RuleField";

const MOST = 50;

/** Cases with a rule each; the first that holds. */
export function BranchForm({ step, set, troubles, isDisabled }: FormProps) {
  const { t } = useTranslation("journeys");
  const cases = listOf(step.cases).map(objectOf);
  const put = (next: JsonObject[]) => set({ cases: next });
  function swap(index: number, by: 1 | -1) {
    const next = [...cases];
    const [one, other] = [next[index], next[index + by]];
    if (!one || !other) return;
    next[index] = other;
    next[index + by] = one;
    put(next);
  }
  return (
    <>
      <p className="h-quiet">{t("branch.help")}</p>
      {cases.map((one, index) => (
        <section key={index} className="j-case" aria-label={t("way.case", { number: index + 1 })}>
          <header>
            <h4>{t("way.case", { number: index + 1 })}</h4>
            <Button size="small" type="text" icon={<ArrowUpOutlined />} aria-label={t("branch.up")} disabled={index === 0} onClick={() => swap(index, -1)} />
            <Button size="small" type="text" icon={<ArrowDownOutlined />} aria-label={t("branch.down")} disabled={index === cases.length - 1} onClick={() => swap(index, 1)} />
            <Button size="small" type="text" icon={<DeleteOutlined />} aria-label={t("branch.remove")} disabled={cases.length === 1} onClick={() => put(cases.filter((_, at) => at !== index))} />
          </header>
          <RuleField
            isDisabled={isDisabled}
            value={one.when}
            troubles={troubles.filter((trouble) => isWithin(trouble.field, `cases[${index}].when`)).map((trouble) => ({ ...trouble, field: trouble.field.slice(`cases[${index}].when`.length).replace(/^\./, "") }))}
            onChange={(when) => put(cases.map((before, at) => (at === index ? { ...before, when } : before)))}
          />
        </section>
      ))}
      {cases.length < MOST && (
        <Button block icon={<PlusOutlined />} onClick={() => put([...cases, { when: {}, next: null }])}>
          {t("branch.add")}
        </Button>
      )}
    </>
  );
}
