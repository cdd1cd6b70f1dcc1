import { AutoComplete, Button, Form, Input, Radio, Segmented } from "antd";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/lib/api";
import { FormErrors, SideDrawer, useFormProblem, useUndoToast } from "@/ui";
import { useChangeTraits, type Member } from "./api";
import { readValue, textOf, valueKind, type ValueKind } from "./values";

interface TraitDrawerProps {
  member: Member;
  /** The trait that is mended; "" for a new one, null while the drawer is closed. */
  name: string | null;
  settled: readonly Schemas["TraitDto"][];
  onClose: () => void;
}

interface TraitForm {
  name: string;
  kind: ValueKind;
  /** What is typed; of truth values "true" or "false". */
  value: string;
}

const KINDS: readonly ValueKind[] = ["text", "number", "boolean", "date", "json"];

/** Sets, mends or takes away one trait. */
export function TraitDrawer({ member, name, settled, onClose }: TraitDrawerProps) {
  const { t } = useTranslation("members");
  const [form] = Form.useForm<TraitForm>();
  const { problem, show, clear } = useFormProblem(form);
  const change = useChangeTraits(member.id);
  const toast = useUndoToast();
  const traits = member.traits as Record<string, unknown>;
  const isNew = name === "";
  const before = name ? traits[name] : undefined;
  const typedName = Form.useWatch("name", form) ?? name ?? "";
  const definition = settled.find((one) => one.name === typedName);
  const kind = Form.useWatch("kind", form) ?? valueKind(before, definition?.value_type);
  const isComputed = Boolean(definition?.computed);

  async function save(typed: TraitForm) {
    clear();
    const read = readValue(typed.value ?? "", typed.kind);
    if ("wrong" in read) return form.setFields([{ name: "value", errors: [t(`traits.wrong.${read.wrong}`)] }]);
    try {
      await change.mutateAsync({ [typed.name]: read.value });
      toast(t("traits.saved"), name ? () => change.mutateAsync({ [name]: before ?? null }) : undefined);
      onClose();
    } catch (error) {
      show(error);
    }
  }

  async function remove() {
    if (!name) return;
    clear();
    try {
      await change.mutateAsync({ [name]: null });
      toast(t("traits.removed", { name }), () => change.mutateAsync({ [name]: before }));
      onClose();
    } catch (error) {
      show(error);
    }
  }

  const offered = settled.filter((one) => !one.computed && !(one.name in traits)).map((one) => ({ value: one.name, label: one.title || one.name }));
  return (
    <SideDrawer
      title={isNew ? t("traits.addTitle") : t("traits.edit")}
      isOpen={name !== null}
      onClose={onClose}
      footer={
        <div className="h-drawer-buttons">
          {!isNew && (
            <Button danger disabled={isComputed} onClick={() => void remove()} loading={change.isPending}>
              {t("traits.remove")}
            </Button>
          )}
          <Button type="primary" disabled={isComputed} loading={change.isPending} onClick={form.submit}>
            {t("ui:save")}
          </Button>
        </div>
      }
    >
      <FormErrors problem={problem} />
      {isComputed && <p className="h-quiet">{t("traits.computed")}</p>}
      <Form
        form={form}
        layout="vertical"
        initialValues={{ name: name ?? "", kind: valueKind(before, settled.find((one) => one.name === name)?.value_type), value: textOf(before) }}
        onFinish={(typed) => void save(typed)}
      >
        <Form.Item name="name" label={t("traits.name")} rules={[{ required: true, whitespace: true, message: t("traits.nameMissing") }]} extra={isNew ? t("traits.nameHelp") : undefined}>
          <AutoComplete disabled={!isNew} options={offered} showSearch={{ filterOption: true }} placeholder={t("traits.namePlaceholder")} />
        </Form.Item>
        <Form.Item name="kind" label={t("traits.kind")}>
          <Segmented block className="h-trait-kinds" disabled={definition !== undefined && definition.value_type !== "any"} options={KINDS.map((one) => ({ value: one, label: t(`traits.kinds.${one}`) }))} />
        </Form.Item>
        <Form.Item name="value" label={t("traits.value")} extra={kind === "date" ? t("traits.dateHelp") : undefined}>
          {kind === "boolean" ? (
            <Radio.Group options={[{ value: "true", label: t("traits.true") }, { value: "false", label: t("traits.false") }]} />
          ) : kind === "json" ? (
            <Input.TextArea className="h-code" autoSize={{ minRows: 4, maxRows: 16 }} />
          ) : kind === "text" ? (
            <Input.TextArea autoSize={{ minRows: 1, maxRows: 8 }} />
          ) : (
            <Input inputMode={kind === "number" ? "decimal" : undefined} />
          )}
        </Form.Item>
      </Form>
    </SideDrawer>
  );
}
