import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Col, Form, Input, InputNumber, Row, Select, Switch } from "antd";
import { useTranslation } from "react-i18next";
import { EXAMPLE } from "./examples";
import { Part } from "./Part";
import { CertificateField, ServerFields } from "./ServerFields";
import { More } from "./Part";

const IMAP = { starttls: 143, tls: 993, none: 143 };

/** Where bounces and complaints arrive, and what they lead to. */
export function MailboxFields() {
  const { t } = useTranslation("channels");
  const form = Form.useFormInstance();
  const mailbox = Form.useWatch("mailbox", { form, preserve: true }) as object | undefined;
  const isOn = mailbox !== undefined && mailbox !== null;
  return (
    <Part title={t("mailbox.title")} help={t("mailbox.help")}>
      <Form.Item label={t("mailbox.isOn")} layout="horizontal">
        <Switch checked={isOn} aria-label={t("mailbox.isOn")} onChange={(next) => form.setFieldValue("mailbox", next ? { folder: "INBOX" } : undefined)} />
      </Form.Item>
      {isOn && (
        <>
          <ServerFields at={["mailbox"]} from={["mailbox"]} ports={IMAP} isSignInNeeded />
          <Form.Item name={["mailbox", "folder"]} label={t("mailbox.folder")}>
            <Input placeholder={EXAMPLE.folder} />
          </Form.Item>
          <More title={t("server.more")}>
            <CertificateField at={["mailbox"]} />
          </More>
        </>
      )}
      <Row gutter={16}>
        <Col xs={24} sm={12}>
          <Form.Item name="return_path" label={t("mailbox.returnPath")} extra={t("mailbox.returnPathHelp")}>
            <Input type="email" placeholder={EXAMPLE.bounces} autoComplete="off" />
          </Form.Item>
        </Col>
        <Col xs={24} sm={12}>
          <Form.Item name="verp" valuePropName="checked" label={t("mailbox.verp")} extra={t("mailbox.verpHelp")}>
            <Switch />
          </Form.Item>
        </Col>
      </Row>
      <More title={t("bounces.title")}>
        <Row gutter={16}>
          <Col xs={24} sm={12}>
            <Form.Item name={["bounces", "hard"]} label={t("bounces.hard")}>
              <Select allowClear placeholder={t("bounces.hards.suppress")} options={(["suppress", "note"] as const).map((one) => ({ value: one, label: t(`bounces.hards.${one}`) }))} />
            </Form.Item>
          </Col>
          <Col xs={24} sm={12}>
            <Form.Item name={["bounces", "complaint"]} label={t("bounces.complaint")}>
              <Select allowClear placeholder={t("bounces.complaints.withdraw")} options={(["withdraw", "suppress"] as const).map((one) => ({ value: one, label: t(`bounces.complaints.${one}`) }))} />
            </Form.Item>
          </Col>
          <Col xs={12} sm={8}>
            <Form.Item name={["bounces", "soft", "after"]} label={t("bounces.softAfter")}>
              <InputNumber min={0} placeholder="3" className="h-wide" />
            </Form.Item>
          </Col>
          <Col xs={12} sm={8}>
            <Form.Item name={["bounces", "soft", "within_days"]} label={t("bounces.softWithin")}>
              <InputNumber min={1} placeholder="30" className="h-wide" />
            </Form.Item>
          </Col>
          <Col xs={24} sm={8}>
            <Form.Item name={["bounces", "blocked", "pause_after"]} label={t("bounces.pauseAfter")}>
              <InputNumber min={0} placeholder="0" className="h-wide" />
            </Form.Item>
          </Col>
        </Row>
      </More>
    </Part>
  );
}

/** How fast the mailboxes of a provider may be written to. */
export function LimitFields() {
  const { t } = useTranslation("channels");
  return (
    <Part title={t("limits.title")} help={t("limits.help")}>
      <Form.List name="domain_rows">
        {(fields, { add, remove }) => (
          <>
            {fields.map((field) => (
              <div key={field.key} className="h-channel-row">
                <Form.Item name={[field.name, "domain"]} label={t("limits.domain")} rules={[{ required: true, message: t("limits.domainMissing") }]}>
                  <Input placeholder={EXAMPLE.provider} />
                </Form.Item>
                <Form.Item name={[field.name, "per_second"]} label={t("limits.perSecond")}>
                  <InputNumber min={0.001} className="h-wide" />
                </Form.Item>
                <Form.Item name={[field.name, "concurrency"]} label={t("limits.concurrency")}>
                  <InputNumber min={1} className="h-wide" />
                </Form.Item>
                <Button type="text" danger icon={<DeleteOutlined />} aria-label={t("limits.remove")} onClick={() => remove(field.name)} />
              </div>
            ))}
            <Button icon={<PlusOutlined />} onClick={() => add({})}>
              {t("limits.add")}
            </Button>
          </>
        )}
      </Form.List>
    </Part>
  );
}
