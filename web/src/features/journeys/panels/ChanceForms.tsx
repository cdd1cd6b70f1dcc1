import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { listOf, numberOf, objectOf, type JsonObject } from "../document/types";
import { Field } from "./Field";
import type { FormProps } from "./form";
import { ShareInput } from "./inputs";

const MOST = 50;
const FINE = 10_000;

/** Equal shares that are exactly 1 together. */
export function evenly(ways: JsonObject[]): JsonObject[] {
  const each = Math.floor(FINE / ways.length);
  return ways.map((way, index) => ({ ...way, share: (index === 0 ? FINE - each * (ways.length - 1) : each) / FINE }));
}

export function SplitForm({ step, set, troubles }: FormProps) {
  const { t } = useTranslation("journeys");
  const ways = listOf(step.ways).map(objectOf);
  const put = (next: JsonObject[]) => set({ ways: next });
  const sum = ways.reduce((total, way) => total + (numberOf(way.share) ?? 0), 0);
  return (
    <Field label={t("split.ways")} name="ways" troubles={troubles} help={t("split.help")}>
      {(id) => (
        <div className="j-rows">
          {ways.map((way, index) => (
            <div key={index} className="j-row">
              <span className="j-letter" aria-hidden>{String.fromCharCode(65 + (index % 26))}</span>
              <ShareInput id={index === 0 ? id : undefined} label={t("split.share", { letter: String.fromCharCode(65 + (index % 26)) })} value={numberOf(way.share)} onChange={(share) => put(ways.map((before, at) => (at === index ? { ...before, share } : before)))} />
              <Button type="text" icon={<DeleteOutlined />} aria-label={t("panel.removeRow")} disabled={ways.length <= 2} onClick={() => put(ways.filter((_, at) => at !== index))} />
            </div>
          ))}
          <div className="j-row">
            {ways.length < MOST && (
              <Button size="small" icon={<PlusOutlined />} onClick={() => put(evenly([...ways, { share: 0, next: null }]))}>
                {t("split.add")}
              </Button>
            )}
            {Math.abs(sum - 1) > 1e-6 && <Button size="small" onClick={() => put(evenly(ways))}>{t("split.evenly")}</Button>}
          </div>
        </div>
      )}
    </Field>
  );
}

export function HoldoutForm({ step, set, troubles }: FormProps) {
  const { t } = useTranslation("journeys");
  return (
    <Field label={t("holdout.share")} name="share" troubles={troubles} help={t("holdout.help")}>
      {(id) => <ShareInput id={id} value={numberOf(step.share)} onChange={(share) => set({ share })} />}
    </Field>
  );
}
