import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Form, InputNumber, Select, Switch } from "antd";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/lib/api";
import { FormErrors, Panel, SaveBar, TimeField, useFormProblem, useUndoToast } from "@/ui";
import { topicsQuery, useSavePolicy } from "./api";
import { policyOf, valuesOf, type PolicyValues } from "./policy";

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
const KINDS = ["email"] as const;

/** Quiet hours, caps, windows and the patience of messages. */
export function PolicyForm({ current }: { current: Schemas["CurrentPolicy"] }) {
  const { t, i18n } = useTranslation("outbox");
  const [form] = Form.useForm<PolicyValues>();
  const { problem, show, clear } = useFormProblem(form);
  const [isDirty, setIsDirty] = useState(false);
  const save = useSavePolicy();
  const toast = useUndoToast();
  const isQuiet = Form.useWatch("isQuiet", form) ?? Boolean(current.policy.quiet_hours);
  const topics = useQuery(topicsQuery);
  const topicName = (name: { en: string; zh: string }) => (i18n.language === "en" ? name.en : name.zh);
  const zones = (["member", "workspace"] as const).map((one) => ({ value: one, label: t(`zone.${one}`) }));
  const thens = (["wait", "drop"] as const).map((one) => ({ value: one, label: t(`then.${one}`) }));

  function store() {
    clear();
    const policy = policyOf(form.getFieldsValue(true) as PolicyValues, current.policy);
    // What is saved makes this form anew, so that answers of the mutation itself would find nobody here any more.
    save.mutateAsync({ policy, revision: current.revision }).then((saved) => {
      setIsDirty(false);
      toast(t("saved"), () => save.mutateAsync({ policy: current.policy, revision: saved.revision }));
    }, show);
  }

  return (
    <Form form={form} layout="vertical" initialValues={valuesOf(current.policy)} onValuesChange={() => setIsDirty(true)} onFinish={store} className="h-policy">
      <FormErrors problem={problem} />
      <Panel title={t("quiet.title")} actions={<Form.Item name="isQuiet" valuePropName="checked" noStyle><Switch aria-label={t("quiet.title")} /></Form.Item>}>
        <p className="h-quiet">{t("quiet.help")}</p>
        {isQuiet && (
          <div className="h-policy-row">
            <Form.Item name={["quiet", "from"]} label={t("quiet.from")} rules={[{ required: true, message: t("timeMissing") }]}><TimeField className="h-policy-wide" allowClear={false} /></Form.Item>
            <Form.Item name={["quiet", "to"]} label={t("quiet.to")} rules={[{ required: true, message: t("timeMissing") }]}><TimeField className="h-policy-wide" allowClear={false} /></Form.Item>
            <Form.Item name={["quiet", "zone"]} label={t("zone.title")}><Select options={zones} /></Form.Item>
            <Form.Item name={["quiet", "then"]} label={t("then.title")}><Select options={thens} /></Form.Item>
          </div>
        )}
      </Panel>
      <Panel title={t("caps.title")}>
        <p className="h-quiet">{t("caps.help")}</p>
        <Form.List name="caps">
          {(fields, { add, remove }) => (
            <>
              {fields.map((field) => (
                <div key={field.key} className="h-policy-row is-list">
                  <Form.Item name={[field.name, "most"]} label={t("caps.most")} rules={[{ required: true, message: t("caps.mostMissing") }]}><InputNumber min={1} max={1000} className="h-policy-wide" /></Form.Item>
                  <Form.Item name={[field.name, "per"]} label={t("caps.per")}><Select options={(["day", "week", "month"] as const).map((one) => ({ value: one, label: t(`per.${one}`) }))} /></Form.Item>
                  <Form.Item name={[field.name, "channel_kind"]} label={t("caps.kind")}><Select allowClear placeholder={t("caps.allKinds")} options={KINDS.map((one) => ({ value: one as string, label: t(`kind.${one}`) }))} /></Form.Item>
                  <Form.Item name={[field.name, "topic"]} label={t("caps.topic")}><Select allowClear showSearch={{ optionFilterProp: "label" }} placeholder={t("caps.allTopics")} options={topics.data?.items.map((topic) => ({ value: topic.topic, label: topicName(topic.name) }))} /></Form.Item>
                  <Form.Item name={[field.name, "then"]} label={t("caps.then")}><Select options={thens} /></Form.Item>
                  <Button type="text" danger icon={<DeleteOutlined />} aria-label={t("remove")} onClick={() => remove(field.name)} />
                </div>
              ))}
              <Button icon={<PlusOutlined />} onClick={() => add({ most: 3, per: "week", then: "wait" })}>{t("caps.add")}</Button>
            </>
          )}
        </Form.List>
      </Panel>
      <Panel title={t("windows.title")}>
        <p className="h-quiet">{t("windows.help")}</p>
        <Form.List name="windows">
          {(fields, { add, remove }) => (
            <>
              {fields.map((field) => (
                <div key={field.key} className="h-policy-row is-list">
                  <Form.Item name={[field.name, "kind"]} label={t("caps.kind")}><Select options={KINDS.map((one) => ({ value: one as string, label: t(`kind.${one}`) }))} /></Form.Item>
                  <Form.Item name={[field.name, "days"]} label={t("windows.days")}><Select mode="multiple" allowClear placeholder={t("windows.everyDay")} options={DAYS.map((one) => ({ value: one as string, label: t(`day.${one}`) }))} /></Form.Item>
                  <Form.Item name={[field.name, "from"]} label={t("windows.from")} rules={[{ required: true, message: t("timeMissing") }]}><TimeField className="h-policy-wide" allowClear={false} /></Form.Item>
                  <Form.Item name={[field.name, "to"]} label={t("windows.to")} rules={[{ required: true, message: t("timeMissing") }]}><TimeField className="h-policy-wide" allowClear={false} /></Form.Item>
                  <Button type="text" danger icon={<DeleteOutlined />} aria-label={t("remove")} onClick={() => remove(field.name)} />
                </div>
              ))}
              <Button icon={<PlusOutlined />} onClick={() => add({ kind: "email", from: "09:00", to: "21:00" })}>{t("windows.add")}</Button>
            </>
          )}
        </Form.List>
      </Panel>
      <Panel title={t("patience.title")}>
        <div className="h-narrow-form">
          <Form.Item name="expire_hours" label={t("patience.hours")} extra={t("patience.help")}><InputNumber min={1} max={8760} placeholder="72" className="h-policy-wide" /></Form.Item>
          <Form.Item name="critical_passes" valuePropName="checked" label={t("patience.critical")} extra={t("patience.criticalHelp")}><Switch /></Form.Item>
        </div>
      </Panel>
      <SaveBar
        isDirty={isDirty}
        isSaving={save.isPending}
        onSave={form.submit}
        onDiscard={() => {
          form.setFieldsValue(valuesOf(current.policy));
          clear();
          setIsDirty(false);
        }}
      />
    </Form>
  );
}
