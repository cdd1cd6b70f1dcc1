import { Col, Form, Input, InputNumber, Row, Select } from "antd";
import { useTranslation } from "react-i18next";
import { EXAMPLE } from "./examples";
import type { Security } from "./model";

type Name = (string | number)[];

interface ServerFieldsProps {
  /** Where the fields stand in the form: nothing, `["mailbox"]`, or the place in a list. */
  at: Name;
  /** The same from the form's root, for what looks at other fields. */
  from: Name;
  ports: Record<Security, number>;
  isSignInNeeded?: boolean;
}

const SECURITY: readonly Security[] = ["starttls", "tls", "none"];

/** Where a mail server is, and how one signs in there. */
export function ServerFields({ at, from, ports, isSignInNeeded }: ServerFieldsProps) {
  const { t } = useTranslation("channels");
  const form = Form.useFormInstance();
  const security = (Form.useWatch([...from, "security"], form) as Security | undefined) ?? (isSignInNeeded ? "tls" : "starttls");
  return (
    <>
      <Row gutter={16}>
        <Col xs={24} sm={10}>
          <Form.Item name={[...at, "host"]} label={t("server.host")} rules={[{ required: true, message: t("server.hostMissing") }]}>
            <Input placeholder={EXAMPLE.smtp} autoComplete="off" />
          </Form.Item>
        </Col>
        <Col xs={14} sm={8}>
          <Form.Item name={[...at, "security"]} label={t("server.security")}>
            <Select placeholder={t(`security.${isSignInNeeded ? "tls" : "starttls"}`)} allowClear options={SECURITY.map((one) => ({ value: one, label: t(`security.${one}`) }))} />
          </Form.Item>
        </Col>
        <Col xs={10} sm={6}>
          <Form.Item name={[...at, "port"]} label={t("server.port")}>
            <InputNumber min={1} max={65_535} placeholder={String(ports[security])} controls={false} className="h-wide" />
          </Form.Item>
        </Col>
      </Row>
      <Row gutter={16}>
        <Col xs={24} sm={12}>
          <Form.Item name={[...at, "username"]} label={t("server.username")} rules={isSignInNeeded ? [{ required: true, message: t("server.usernameMissing") }] : undefined}>
            <Input autoComplete="off" />
          </Form.Item>
        </Col>
        <Col xs={24} sm={12}>
          <Form.Item name={[...at, "password"]} label={t("server.password")} extra={t("server.passwordHelp")}>
            <Input.Password autoComplete="new-password" visibilityToggle={false} />
          </Form.Item>
        </Col>
      </Row>
    </>
  );
}

/** A certificate authority of one's own; hardly anybody needs it. */
export function CertificateField({ at }: { at: Name }) {
  const { t } = useTranslation("channels");
  return (
    <Form.Item name={[...at, "ca_certificate"]} label={t("server.certificate")} extra={t("server.certificateHelp")}>
      <Input.TextArea rows={3} className="h-code" placeholder={EXAMPLE.certificate} />
    </Form.Item>
  );
}
