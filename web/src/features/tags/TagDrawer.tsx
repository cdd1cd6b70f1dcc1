import { Button, Form, Input, InputNumber, Radio, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { RuleBuilder, unfinishedParts, type RuleJson } from "@/features/rules";
import type { FieldProblem, Schemas } from "@/lib/api";
import { asProblem } from "@/lib/api";
import { FormErrors, SideDrawer, useFormProblem, useUndoToast } from "@/ui";
import { useSaveTag, useTagGroups, type Tag } from "./api";

interface Values {
  tag: string;
  kind: Schemas["TagKind"];
  description: string;
  group_id?: string | null;
  days?: number | null;
}

const daysOf = (period: string | null | undefined) => Number(/^P(\d+)D$/.exec(period ?? "")?.[1] ?? 0) || null;

/** What a tag means, in which group it stands, when it comes off, and, of dynamic ones, who carries it. */
export function TagDrawer({ tag, isOpen, onClose }: { tag: Tag | undefined; isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation("tags");
  const [form] = Form.useForm<Values>();
  const { problem, show, clear } = useFormProblem(form);
  const [rule, setRule] = useState<RuleJson | null>((tag?.rule as RuleJson | null | undefined) ?? null);
  const [problems, setProblems] = useState<readonly FieldProblem[]>([]);
  const groups = useTagGroups();
  const save = useSaveTag();
  const toast = useUndoToast();
  const kind = Form.useWatch("kind", form) ?? tag?.kind ?? "static";
  const isDynamic = kind === "dynamic";

  function store({ tag: name, description, group_id, days }: Values) {
    clear();
    const unfinished = isDynamic ? (rule ? unfinishedParts(rule) : [{ path: "rule", code: "missing", message: t("ruleMissing") }]) : [];
    setProblems(unfinished);
    if (unfinished.length > 0) return;
    save.mutate(
      {
        name: tag?.tag ?? name,
        kind,
        description: description ?? "",
        group_id: group_id ?? null,
        expires_after: isDynamic || !days ? null : daysOf(tag?.expires_after) === days ? tag?.expires_after : `P${days}D`,
        model: tag?.model,
        rule: isDynamic ? (rule as unknown as Record<string, never>) : null,
      },
      {
        onSuccess: () => {
          toast(t("saved"));
          onClose();
        },
        onError: (error) => {
          show(error);
          setProblems(asProblem(error).fields.filter((field) => field.path.startsWith("rule")));
        },
      },
    );
  }

  return (
    <SideDrawer
      title={tag ? tag.tag : t("add")}
      isOpen={isOpen}
      onClose={onClose}
      width={isDynamic ? 760 : 480}
      footer={<Button type="primary" block loading={save.isPending} onClick={form.submit}>{tag ? t("ui:save") : t("add")}</Button>}
    >
      <FormErrors problem={problem} />
      <Form form={form} layout="vertical" initialValues={{ kind: "static", ...tag, days: daysOf(tag?.expires_after) }} onFinish={store}>
        {!tag && (
          <>
            <Form.Item name="tag" label={t("name")} rules={[{ required: true, message: t("nameMissing") }]}><Input maxLength={100} autoComplete="off" /></Form.Item>
            <Form.Item name="kind" label={t("kind")}>
              <Radio.Group options={(["static", "dynamic"] as const).map((one) => ({ value: one, label: t(`kinds.${one}`) }))} vertical />
            </Form.Item>
          </>
        )}
        <Form.Item name="description" label={t("meaning")}><Input.TextArea autoSize={{ minRows: 2 }} maxLength={1000} /></Form.Item>
        <Form.Item name="group_id" label={t("group")} extra={t("groupHelp")}>
          <Select allowClear placeholder={t("noGroup")} options={groups.data?.map((group) => ({ value: group.id, label: group.name }))} />
        </Form.Item>
        {!isDynamic && (
          <Form.Item name="days" label={t("expires")} extra={t("expiresHelp")}><InputNumber min={1} placeholder={t("never")} /></Form.Item>
        )}
      </Form>
      {isDynamic && (
        <>
          <h3>{t("rule")}</h3>
          <RuleBuilder value={rule} onChange={setRule} problems={problems} />
        </>
      )}
    </SideDrawer>
  );
}
