import { CloseOutlined, PlusOutlined } from "@ant-design/icons";
import { AutoComplete, Button, Select } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { withUse, type CellType, type Draft, type Fault, type ImportKind, type Target } from "./mapping";
import { QuestionBox } from "./QuestionBox";
import type { Column, Question } from "./questions";

const KINDS = ["unionid", "openid", "external_userid", "telegram", "qq", "discord", "matrix", "weibo", "feishu", "dingtalk", "slack", "device_id", "push_token", "advertising_id"];
const NAMES: Record<ImportKind, string[]> = {
  members: ["name", "first_name", "last_name", "nickname", "gender", "birthday", "country", "province", "city", "district", "address", "company", "level", "points", "registered_at", "language", "wechat", "remark"],
  events: ["order_id", "revenue", "currency", "quantity", "product", "sku", "category", "coupon", "channel", "store"],
};
const TYPES: CellType["type"][] = ["text", "number", "bool", "date", "auto", "json"];

interface MappingTableProps {
  columns: readonly Column[];
  questions: readonly Question[];
  draft: Draft;
  faults: readonly Fault[];
  onChange: (draft: Draft) => void;
}

/** Each column, what stands in it, and what it is used for. */
export function MappingTable({ columns, questions, draft, faults, onChange }: MappingTableProps) {
  const { t } = useTranslation("imports");
  const general = questions.filter((question) => !columns.some((column) => column.name === question.column));
  return (
    <>
      {general.map((question) => (
        <QuestionBox key={question.code} question={question} column={undefined} draft={draft} onChange={onChange} />
      ))}
      <ul className="h-mapping">
        {columns.map((column) => (
          <li key={column.name}>
            <div className="h-mapping-column">
              <strong>{column.name}</strong>
              <span className="h-quiet">{t(`type.${column.type}`)}</span>
              <span className="h-mapping-examples">{column.examples.slice(0, 3).join(t("columns.comma")) || t("columns.blank")}</span>
            </div>
            <div className="h-mapping-uses">
              <Uses column={column.name} draft={draft} onChange={onChange} />
              {faults
                .filter((fault) => fault.column === column.name && fault.code !== "consent_unfinished")
                .map((fault, index) => (
                  <p key={index} className="h-mapping-fault" role="alert">{t(`fault.${fault.code}`, { column: column.name })}</p>
                ))}
              {questions
                .filter((question) => question.column === column.name)
                .map((question) => (
                  <QuestionBox key={question.code} question={question} column={column} draft={draft} onChange={onChange} />
                ))}
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}

function Uses({ column, draft, onChange }: { column: string; draft: Draft; onChange: (draft: Draft) => void }) {
  const { t } = useTranslation("imports");
  const uses = draft.uses.filter((use) => use.column === column);
  if (uses.length === 0) return <UseLine column={column} target={null} kind={draft.kind} onChange={(target) => onChange(withUse(draft, column, 0, target))} />;
  return (
    <>
      {uses.map((use, place) => (
        <UseLine
          key={place}
          column={column}
          target={use.target}
          kind={draft.kind}
          onChange={(target) => onChange(withUse(draft, column, place, target))}
          onRemove={uses.length > 1 ? () => onChange(withUse(draft, column, place, null)) : undefined}
          more={
            place === uses.length - 1 && (
              <Button
                type="text"
                size="small"
                icon={<PlusOutlined />}
                title={t("columns.alsoFor", { column })}
                aria-label={t("columns.alsoFor", { column })}
                onClick={() => onChange(withUse(draft, column, uses.length, { to: "value", name: column, cell: { type: "text" } }))}
              />
            )
          }
        />
      ))}
    </>
  );
}

interface UseLineProps {
  column: string;
  target: Target | null;
  kind: ImportKind;
  onChange: (target: Target | null) => void;
  onRemove?: () => void;
  more?: ReactNode;
}

const keyOf = (target: Target | null) => (target === null ? "ignore" : target.to === "identity" ? `identity:${target.kind}` : target.to);

function targetOf(key: string, column: string, before: Target | null): Target | null {
  if (key === "ignore") return null;
  if (key.startsWith("identity:")) return { to: "identity", kind: key.slice("identity:".length) };
  if (key === "value") return before?.to === "value" ? before : { to: "value", name: column, cell: { type: "text" } };
  return { to: key } as Target;
}

function UseLine({ column, target, kind, onChange, onRemove, more }: UseLineProps) {
  const { t, i18n } = useTranslation("imports");
  const own = kind === "events" ? ["event", "timestamp", "message_id"] : ["email", "phone"];
  const identity = target?.to === "identity" && !KINDS.includes(target.kind) ? [target.kind, ...KINDS] : KINDS;
  const option = (value: string) => ({ value, label: t(`target.${value}`) });
  return (
    <div className="h-mapping-use">
      <Select
        className="h-mapping-target"
        aria-label={t("columns.useOf", { column })}
        showSearch={{ optionFilterProp: "label" }}
        value={keyOf(target)}
        onChange={(key: string) => onChange(targetOf(key, column, target))}
        popupMatchSelectWidth={false}
        options={[
          { value: "ignore", label: t("target.ignore") },
          { value: "value", label: t(`target.value_${kind}`) },
          { label: t("target.who"), options: [option("user_id"), option("anonymous_id")] },
          { label: t(`target.own_${kind}`), options: own.map(option) },
          option("tags"),
          { label: t("target.accounts"), options: identity.map((one) => ({ value: `identity:${one}`, label: i18n.exists(`imports:identity.${one}`) ? t(`identity.${one}`) : one })) },
        ]}
      />
      {target?.to === "value" && (
        <>
          <AutoComplete
            className="h-mapping-name"
            aria-label={t("columns.nameOf", { column })}
            value={target.name}
            onChange={(name: string) => onChange({ ...target, name })}
            options={NAMES[kind].map((value) => ({ value }))}
            showSearch={{ filterOption: (text, found) => (found?.value ?? "").includes(text.toLowerCase()) }}
            popupMatchSelectWidth={false}
          />
          <Select
            className="h-mapping-type"
            aria-label={t("columns.typeOf", { column })}
            value={target.cell.type}
            onChange={(type: CellType["type"]) => onChange({ ...target, cell: { type } })}
            options={TYPES.map((value) => ({ value, label: t(`cell.${value}`) }))}
            popupMatchSelectWidth={false}
          />
          {target.cell.form && <span className="h-label">{i18n.exists(`imports:form.${target.cell.form}`) ? t(`form.${target.cell.form}`) : target.cell.form}</span>}
        </>
      )}
      {onRemove && <Button type="text" size="small" icon={<CloseOutlined />} aria-label={t("columns.removeUse", { column })} onClick={onRemove} />}
      {more}
    </div>
  );
}
