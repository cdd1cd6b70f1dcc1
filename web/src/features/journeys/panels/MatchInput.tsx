import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Input } from "antd";
import { useTranslation } from "react-i18next";
import { objectOf, textOf, type Json } from "../document/types";

const MOST = 10;

/** Properties of the awaited event that must be what the entry had. */
export function MatchInput({ value, onChange }: { value: Json[]; onChange: (match: Json[]) => void }) {
  const { t } = useTranslation("journeys");
  const rows = value.map(objectOf);
  const put = (index: number, row: Json) => onChange(rows.map((one, at) => (at === index ? row : one)));
  return (
    <div className="j-rows">
      {rows.map((row, index) => (
        <div key={index} className="j-row">
          <Input
            aria-label={t("panel.property")}
            placeholder={t("panel.property")}
            value={textOf(row.property)}
            onChange={(event) => {
              const isSame = !textOf(row.entry) || textOf(row.entry) === `properties.${textOf(row.property)}`;
              put(index, { property: event.target.value, entry: isSame ? `properties.${event.target.value}` : textOf(row.entry) });
            }}
          />
          <span aria-hidden>=</span>
          <Input aria-label={t("wait.entryPath")} placeholder={t("wait.entryPath")} value={textOf(row.entry)} onChange={(event) => put(index, { ...row, entry: event.target.value })} />
          <Button type="text" icon={<DeleteOutlined />} aria-label={t("panel.removeRow")} onClick={() => onChange(rows.filter((_, at) => at !== index))} />
        </div>
      ))}
      {rows.length < MOST && (
        <Button size="small" icon={<PlusOutlined />} onClick={() => onChange([...rows, { property: "", entry: "" }])}>
          {t("wait.addMatch")}
        </Button>
      )}
    </div>
  );
}
