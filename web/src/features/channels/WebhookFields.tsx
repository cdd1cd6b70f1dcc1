import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { EXAMPLE } from "./examples";
import { newWebhookSecret } from "./model";
import { Part } from "./Part";

/** All that a webhook can be told. */
export function WebhookFields() {
  const { t } = useTranslation("channels");
  const form = Form.useFormInstance();
  return (
    <>
      <Part title={t("webhook.title")} help={t("webhook.help")}>
        <Form.Item name="url" label={t("webhook.url")} rules={[{ required: true, message: t("webhook.urlMissing") }]}>
          <Input type="url" placeholder={EXAMPLE.webhook} autoComplete="off" />
        </Form.Item>
        <Form.Item label={t("webhook.secret")} extra={t("webhook.secretHelp")} required>
          <div className="h-channel-secret">
            <Form.Item name="secret" noStyle rules={[{ required: true, message: t("webhook.secretMissing") }]}>
              <Input placeholder={EXAMPLE.secret} autoComplete="off" className="h-code" aria-label={t("webhook.secret")} />
            </Form.Item>
            <Button onClick={() => form.setFieldValue("secret", newWebhookSecret())}>{t("webhook.newSecret")}</Button>
          </div>
        </Form.Item>
        <Form.Item name="old_secret" label={t("webhook.oldSecret")} extra={t("webhook.oldSecretHelp")}>
          <Input autoComplete="off" className="h-code" />
        </Form.Item>
        <Form.Item name="authorization" label={t("webhook.authorization")} extra={t("webhook.authorizationHelp")}>
          <Input.Password autoComplete="new-password" visibilityToggle={false} placeholder={EXAMPLE.bearer} />
        </Form.Item>
      </Part>
      <Part title={t("webhook.headers")} help={t("webhook.headersHelp")}>
        <Form.List name="header_rows">
          {(fields, { add, remove }) => (
            <>
              {fields.map((field) => (
                <div key={field.key} className="h-channel-row">
                  <Form.Item name={[field.name, "name"]} label={t("webhook.headerName")} rules={[{ required: true, message: t("webhook.headerMissing") }]}>
                    <Input placeholder={EXAMPLE.header} />
                  </Form.Item>
                  <Form.Item name={[field.name, "value"]} label={t("webhook.headerValue")}>
                    <Input />
                  </Form.Item>
                  <Button type="text" danger icon={<DeleteOutlined />} aria-label={t("webhook.removeHeader")} onClick={() => remove(field.name)} />
                </div>
              ))}
              <Button icon={<PlusOutlined />} onClick={() => add({})}>
                {t("webhook.addHeader")}
              </Button>
            </>
          )}
        </Form.List>
      </Part>
    </>
  );
}
