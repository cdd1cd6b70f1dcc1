import { Button, Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { asProblem, type Schemas } from "@/lib/api";
import { useMe } from "@/lib/session";
import { FormErrors, Page, Panel, useFormProblem, useUndoToast } from "@/ui";
import { useChangeOwnPassword } from "./api";
import "./settings.css";

export function AccountPage() {
  const { t } = useTranslation("settings");
  const me = useMe();
  const [form] = Form.useForm<Schemas["OwnPasswordInput"]>();
  const { problem, show, clear } = useFormProblem(form);
  const change = useChangeOwnPassword();
  const toast = useUndoToast();
  return (
    <Page title={t("pages.account")} description={me?.user?.email}>
      <Panel title={t("password.title")}>
        <div className="h-narrow-form">
          <FormErrors problem={problem} />
          <Form
            form={form}
            layout="vertical"
            onFinish={(input) => {
              clear();
              change.mutate(input, {
                onSuccess: () => {
                  form.resetFields();
                  toast(t("password.changed"));
                },
                onError: (error) => {
                  if (asProblem(error).code === "login_failed") form.setFields([{ name: "current", errors: [t("password.wrong")] }]);
                  else show(error);
                },
              });
            }}
          >
            <Form.Item name="current" label={t("password.current")} rules={[{ required: true, message: t("password.missing") }]}>
              <Input.Password autoComplete="current-password" />
            </Form.Item>
            <Form.Item name="new" label={t("password.new")} extra={t("password.help")} rules={[{ required: true, min: 10, message: t("ui:passwordShort") }]}>
              <Input.Password autoComplete="new-password" />
            </Form.Item>
            <Button type="primary" htmlType="submit" loading={change.isPending}>
              {t("password.button")}
            </Button>
          </Form>
        </div>
      </Panel>
    </Page>
  );
}
