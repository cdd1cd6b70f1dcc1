import { DeleteOutlined, PlusOutlined, SafetyCertificateOutlined } from "@ant-design/icons";
import { Button, Form, Input, InputNumber } from "antd";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/lib/api";
import { useFormats } from "@/lib/format";
import { useCan } from "@/lib/session";
import { DataTable, Empty, FormErrors, Loaded, NoPermission, Page, Panel, Pill, SaveBar, Time, useConfirm, useFormProblem, useUndoToast, type Column } from "@/ui";
import { retentionQuery, useChangeRetention, useErasures, type Erasure } from "./api";
import { changeOf, valuesOf, type RetentionValues } from "./periods";
import "./retention.css";

/** How long events are kept, and who was erased. */
export function RetentionPage() {
  const { t } = useTranslation("retention");
  const isAllowed = useCan("settings", "read");
  const retention = useQuery({ ...retentionQuery, enabled: isAllowed });
  return (
    <Page title={t("title")} description={t("description")}>
      {isAllowed ? (
        <>
          <Loaded query={retention}>{(data) => <RetentionForm key={JSON.stringify([data.default, data.events])} retention={data} />}</Loaded>
          <Panel title={t("erasures.title")}><Erasures /></Panel>
        </>
      ) : (
        <NoPermission />
      )}
    </Page>
  );
}

function RetentionForm({ retention }: { retention: Schemas["Retention"] }) {
  const { t } = useTranslation("retention");
  const formats = useFormats();
  const [form] = Form.useForm<RetentionValues>();
  const { problem, show, clear } = useFormProblem(form);
  const [isDirty, setIsDirty] = useState(false);
  const change = useChangeRetention();
  const ask = useConfirm();
  const toast = useUndoToast();
  const run = retention.last_run;

  function askToSave() {
    clear();
    const body = changeOf(form.getFieldsValue(true) as RetentionValues, retention);
    ask({
      title: t("ask.title"),
      description: t("ask.description"),
      consequences: run ? [{ label: t("ask.lastTime"), value: run.deleted }, { label: t("ask.looked"), value: run.total }] : undefined,
      verb: t("ask.verb"),
      isDestructive: true,
      act: () =>
        change.mutateAsync(body).then(
          () => {
            setIsDirty(false);
            toast(t("saved"));
          },
          show,
        ),
    });
  }

  return (
    <Form form={form} layout="vertical" initialValues={valuesOf(retention)} onValuesChange={() => setIsDirty(true)} onFinish={askToSave}>
      <Panel title={t("events.title")}>
        <FormErrors problem={problem} />
        <div className="h-narrow-form">
          <Form.Item name="days" label={t("events.default")} extra={t("events.defaultHelp")}>
            <InputNumber min={1} suffix={t("events.days")} placeholder={t("events.forever")} className="h-retention-wide" />
          </Form.Item>
        </div>
        <h3>{t("events.others")}</h3>
        <Form.List name="events">
          {(fields, { add, remove }) => (
            <>
              {fields.map((field) => (
                <div key={field.key} className="h-retention-row">
                  <Form.Item name={[field.name, "event"]} label={t("events.name")} rules={[{ required: true, message: t("events.nameMissing") }]}><Input maxLength={200} /></Form.Item>
                  <Form.Item name={[field.name, "days"]} label={t("events.kept")}><InputNumber min={1} suffix={t("events.days")} placeholder={t("events.forever")} className="h-retention-wide" /></Form.Item>
                  <Button type="text" danger icon={<DeleteOutlined />} aria-label={t("events.remove")} onClick={() => { remove(field.name); setIsDirty(true); }} />
                </div>
              ))}
              <Button icon={<PlusOutlined />} onClick={() => add({ event: "", days: null })}>{t("events.add")}</Button>
            </>
          )}
        </Form.List>
        <p className="h-quiet h-retention-log">{t("events.log", { count: retention.log.days, formatted: formats.number(retention.log.days) })}</p>
        {run && <p className="h-quiet">{t("run", { deleted: formats.number(run.deleted), total: formats.number(run.total) })} {run.ended_at && <Time at={run.ended_at} />}</p>}
      </Panel>
      <SaveBar
        isDirty={isDirty}
        isSaving={change.isPending}
        onSave={form.submit}
        onDiscard={() => {
          form.setFieldsValue(valuesOf(retention));
          clear();
          setIsDirty(false);
        }}
      />
    </Form>
  );
}

function Erasures() {
  const { t, i18n } = useTranslation("retention");
  const list = useErasures();
  const columns: Column<Erasure>[] = [
    { key: "member", title: t("erasures.member"), isFixed: true, render: (one) => <code className="h-code">{one.member}</code>, text: (one) => one.member },
    { key: "reason", title: t("erasures.reason"), render: (one) => one.reason, text: (one) => one.reason },
    { key: "state", title: t("erasures.state"), render: (one) => <Pill tone={one.state === "done" ? "good" : "waiting"}>{i18n.exists(`retention:erasures.states.${one.state}`) ? t(`erasures.states.${one.state}`) : one.state}</Pill>, text: (one) => one.state },
    { key: "asked", title: t("erasures.asked"), render: (one) => <Time at={one.requested_at} />, text: (one) => one.requested_at },
    { key: "done", title: t("erasures.done"), render: (one) => <Time at={one.completed_at} />, text: (one) => one.completed_at },
    {
      key: "certificate",
      title: t("erasures.certificate"),
      render: (one) => one.certificate && <a href={`/api/v1/erasures/${one.id}/certificate.html?lang=${i18n.language === "en" ? "en" : "zh"}`} target="_blank" rel="noreferrer">{t("erasures.open")}</a>,
    },
  ];
  return (
    <DataTable
      name="erasures"
      label={t("erasures.title")}
      list={list}
      columns={columns}
      rowKey={(one) => one.id}
      empty={<Empty icon={<SafetyCertificateOutlined />} title={t("erasures.empty")}>{t("erasures.emptyHelp")}</Empty>}
    />
  );
}
