import { AutoComplete, Form, Input } from "antd";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/lib/api";
import { TIME_ZONES } from "@/lib/format/zones";
import { useCan } from "@/lib/session";
import { FormErrors, Loaded, NoPermission, Page, Panel, SaveBar, useFormProblem, useUndoToast } from "@/ui";
import { useChangeWorkspace, workspaceQuery } from "./api";
import "./settings.css";

export function WorkspacePage() {
  const { t } = useTranslation("settings");
  const isAllowed = useCan("settings", "read");
  const workspace = useQuery({ ...workspaceQuery, enabled: isAllowed });
  return (
    <Page title={t("pages.workspace")} description={t("workspace.description")}>
      {isAllowed ? <Loaded query={workspace}>{(data) => <WorkspaceForm key={data.id} workspace={data} />}</Loaded> : <NoPermission />}
    </Page>
  );
}

function WorkspaceForm({ workspace }: { workspace: Schemas["WorkspaceBody"] }) {
  const { t } = useTranslation("settings");
  const [form] = Form.useForm<Schemas["WorkspaceChange"]>();
  const { problem, show, clear } = useFormProblem(form);
  const [isDirty, setIsDirty] = useState(false);
  const country = Form.useWatch("default_country", form);
  const change = useChangeWorkspace();
  const toast = useUndoToast();

  function save(input: Schemas["WorkspaceChange"]) {
    clear();
    change.mutate(input, {
      onSuccess: () => {
        setIsDirty(false);
        toast(t("workspace.saved"));
      },
      onError: show,
    });
  }

  return (
    <Form form={form} layout="vertical" initialValues={{ ...workspace, default_country: workspace.default_country ?? "" }} onValuesChange={() => setIsDirty(true)} onFinish={save}>
      <Panel>
        <div className="h-narrow-form">
          <FormErrors problem={problem} />
          <Form.Item name="name" label={t("workspace.name")} rules={[{ required: true, message: t("workspace.nameMissing") }]}>
            <Input maxLength={200} />
          </Form.Item>
          <Form.Item name="time_zone" label={t("workspace.timeZone")} extra={t("workspace.timeZoneHelp")}>
            <AutoComplete options={TIME_ZONES} showSearch={{ filterOption: (text, option) => (option?.value ?? "").toLowerCase().includes(text.toLowerCase()) }} />
          </Form.Item>
          <Form.Item name="default_country" label={t("workspace.country")} extra={t("workspace.countryHelp")}>
            <Input maxLength={2} suffix={<Country code={country} />} />
          </Form.Item>
        </div>
      </Panel>
      <SaveBar
        isDirty={isDirty}
        isSaving={change.isPending}
        onSave={form.submit}
        onDiscard={() => {
          form.resetFields();
          clear();
          setIsDirty(false);
        }}
      />
    </Form>
  );
}

/** Which country two letters mean; nothing as long as they mean none. */
function Country({ code }: { code: string | null | undefined }) {
  const { i18n } = useTranslation();
  if (!/^[a-z]{2}$/i.test(code ?? "")) return null;
  const name = new Intl.DisplayNames([i18n.language], { type: "region", fallback: "none" }).of((code ?? "").toUpperCase());
  return <span className="h-quiet">{name}</span>;
}
