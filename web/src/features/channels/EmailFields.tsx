import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Col, Form, Input, InputNumber, Row, Select, Switch } from "antd";
import { useTranslation } from "react-i18next";
import { EXAMPLE } from "./examples";
import { MailboxFields, LimitFields } from "./EmailMore";
import { asSeveral, type Values } from "./model";
import { CertificateField, ServerFields } from "./ServerFields";
import { More, Part } from "./Part";
import { WarmUpFields } from "./WarmUpFields";

const SMTP = { starttls: 587, tls: 465, none: 25 };

/** All that an e-mail channel can be told. */
export function EmailFields() {
  const { t } = useTranslation("channels");
  const form = Form.useFormInstance<Values>();
  const accounts = Form.useWatch("accounts", { form, preserve: true }) as unknown[] | undefined;
  const hasSeveral = (accounts?.length ?? 0) > 0;
  return (
    <>
      <Part title={t("sender.title")} help={t("sender.help")}>
        <Row gutter={16}>
          <Col xs={24} sm={12}>
            <Form.Item name={["from", "email"]} label={t("sender.email")} rules={[{ required: true, message: t("sender.emailMissing") }]}>
              <Input type="email" placeholder={EXAMPLE.sender} autoComplete="off" />
            </Form.Item>
          </Col>
          <Col xs={24} sm={12}>
            <Form.Item name={["from", "name"]} label={t("sender.name")}>
              <Input maxLength={200} autoComplete="off" />
            </Form.Item>
          </Col>
          <Col xs={24} sm={12}>
            <Form.Item name="reply_to" label={t("sender.replyTo")} extra={t("sender.replyToHelp")}>
              <Input type="email" autoComplete="off" />
            </Form.Item>
          </Col>
          <Col xs={24} sm={12}>
            <Form.Item name="physical_address" label={t("sender.address")} extra={t("sender.addressHelp")}>
              <Input maxLength={300} autoComplete="off" />
            </Form.Item>
          </Col>
        </Row>
      </Part>
      {hasSeveral ? (
        <Accounts />
      ) : (
        <Part title={t("server.title")} help={t("server.help")}>
          <ServerFields at={[]} from={[]} ports={SMTP} />
          <More title={t("server.more")}>
            <CertificateField at={[]} />
          </More>
          <More title={t("warmUp.title")}>
            <p className="h-quiet">{t("warmUp.help")}</p>
            <WarmUpFields at={[]} from={[]} />
          </More>
          <Button icon={<PlusOutlined />} onClick={() => form.setFieldsValue(asSeveral(form.getFieldsValue(true) as Values, t("accounts.first")))}>
            {t("accounts.several")}
          </Button>
        </Part>
      )}
      <MailboxFields />
      <LimitFields />
    </>
  );
}

/** Several servers: the next one is tried when a message certainly did not leave by the first. */
function Accounts() {
  const { t } = useTranslation("channels");
  return (
    <Part title={t("accounts.title")} help={t("accounts.help")}>
      <Form.Item name="choose" label={t("accounts.choose")}>
        <Select placeholder={t("accounts.chooses.in_order")} allowClear options={(["in_order", "by_weight"] as const).map((one) => ({ value: one, label: t(`accounts.chooses.${one}`) }))} />
      </Form.Item>
      <Form.List name="accounts">
        {(fields, { add, remove }) => (
          <>
            {fields.map((field, place) => (
              <fieldset key={field.key} className="h-channel-account">
                <legend>{t("accounts.one", { number: place + 1 })}</legend>
                <Row gutter={16}>
                  <Col xs={24} sm={12}>
                    <Form.Item name={[field.name, "name"]} label={t("accounts.name")} rules={[{ required: true, message: t("accounts.nameMissing") }]}>
                      <Input maxLength={100} autoComplete="off" />
                    </Form.Item>
                  </Col>
                  <Col xs={12} sm={6}>
                    <Form.Item name={[field.name, "weight"]} label={t("accounts.weight")}>
                      <InputNumber min={1} max={1000} placeholder="1" className="h-wide" />
                    </Form.Item>
                  </Col>
                  <Col xs={12} sm={6}>
                    <Form.Item name={[field.name, "most_per_day"]} label={t("accounts.mostPerDay")}>
                      <InputNumber min={1} className="h-wide" placeholder={t("accounts.noLimit")} />
                    </Form.Item>
                  </Col>
                </Row>
                <ServerFields at={[field.name]} from={["accounts", field.name]} ports={SMTP} />
                <More title={t("warmUp.title")}>
                  <WarmUpFields at={[field.name]} from={["accounts", field.name]} />
                </More>
                <More title={t("server.more")}>
                  <CertificateField at={[field.name]} />
                </More>
                <Button danger type="text" icon={<DeleteOutlined />} onClick={() => remove(field.name)}>
                  {t("accounts.remove")}
                </Button>
              </fieldset>
            ))}
            {fields.length < 10 && (
              <Button icon={<PlusOutlined />} onClick={() => add({ name: "" })}>
                {t("accounts.add")}
              </Button>
            )}
          </>
        )}
      </Form.List>
    </Part>
  );
}

/** What holds for every kind of channel. */
export function CommonFields({ isEmail }: { isEmail: boolean }) {
  const { t } = useTranslation("channels");
  return (
    <Part title={t("common.title")}>
      <Form.Item name="requires_consent" valuePropName="checked" label={t("common.requiresConsent")} extra={t("common.requiresConsentHelp")} layout="horizontal">
        <Switch />
      </Form.Item>
      {isEmail && (
        <>
          <Form.Item name="track_links" valuePropName="checked" label={t("common.trackLinks")} layout="horizontal">
            <Switch />
          </Form.Item>
          <Form.Item name="track_opens" valuePropName="checked" label={t("common.trackOpens")} layout="horizontal">
            <Switch />
          </Form.Item>
        </>
      )}
      <Row gutter={16}>
        <Col xs={12} sm={8}>
          <Form.Item name="per_second" label={t("common.perSecond")}>
            <InputNumber min={0.001} max={10_000} placeholder={isEmail ? "20" : "50"} className="h-wide" />
          </Form.Item>
        </Col>
        <Col xs={12} sm={8}>
          <Form.Item name="concurrency" label={t("common.concurrency")}>
            <InputNumber min={1} max={isEmail ? 200 : 500} placeholder={isEmail ? "8" : "16"} className="h-wide" />
          </Form.Item>
        </Col>
        <Col xs={12} sm={8}>
          <Form.Item name="timeout_seconds" label={t("common.timeout")}>
            <InputNumber min={1} max={isEmail ? 300 : 60} placeholder={isEmail ? "30" : "10"} className="h-wide" />
          </Form.Item>
        </Col>
      </Row>
    </Part>
  );
}
