import { Alert, Button, Form, Input, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/lib/api";
import { CopyField, FormErrors, Pill, useFormProblem } from "@/ui";
import { ALGORITHMS, EXAMPLE } from "./examples";
import { useMakeDkimKey, type Channel } from "./api";

interface DkimKey {
  domain: string;
  selector: string;
  enabled?: boolean;
}

/** Where the public half stands (RFC 6376, section 3.6.2.1). */
const recordName = ({ selector, domain }: DkimKey) => `${selector}._domainkey.${domain}`;

interface DkimPanelProps {
  channel: Channel;
  /** Switches a key on or off, in the channel's configuration. */
  onSwitch: (place: number, isOn: boolean) => Promise<unknown>;
}

/** Keys that sign mails: made here, published in the domain's DNS, then switched on. */
export function DkimPanel({ channel, onSwitch }: DkimPanelProps) {
  const { t } = useTranslation("channels");
  const [form] = Form.useForm<Schemas["NewKey"]>();
  const { problem, show, clear } = useFormProblem(form);
  const [made, setMade] = useState<Schemas["KeyRecord"] | null>(null);
  const [isSwitching, setIsSwitching] = useState<number | null>(null);
  const make = useMakeDkimKey(channel.id);
  const keys = (channel.config.dkim ?? []) as DkimKey[];
  const from = (channel.config.from as { email?: string } | undefined)?.email ?? "";

  function turn(place: number, isOn: boolean) {
    setIsSwitching(place);
    onSwitch(place, isOn).catch(show).finally(() => setIsSwitching(null));
  }

  return (
    <div className="h-dkim">
      <p className="h-quiet">{t("dkim.help")}</p>
      <FormErrors problem={problem} />
      {keys.length > 0 && (
        <ul className="h-dkim-keys">
          {keys.map((key, place) => (
            <li key={recordName(key)}>
              <code className="h-code">{recordName(key)}</code>
              {key.enabled === false ? <Pill tone="waiting">{t("dkim.off")}</Pill> : <Pill tone="good">{t("dkim.on")}</Pill>}
              <Button size="small" loading={isSwitching === place} onClick={() => turn(place, key.enabled === false)}>
                {key.enabled === false ? t("dkim.turnOn") : t("dkim.turnOff")}
              </Button>
            </li>
          ))}
        </ul>
      )}
      {made && (
        <section className="h-dkim-record" aria-label={t("dkim.record")}>
          <Alert type="warning" showIcon title={t("dkim.copyNow")} />
          <span>{t("dkim.recordName", { type: made.type })}</span>
          <CopyField text={made.name} label={t("dkim.recordName", { type: made.type })} />
          <span>{t("dkim.recordValue")}</span>
          <CopyField text={made.value} label={t("dkim.recordValue")} />
          <p className="h-quiet">{t("dkim.then")}</p>
        </section>
      )}
      <Form
        form={form}
        layout="vertical"
        initialValues={{ domain: from.split("@")[1], selector: `h${keys.length + 1}`, algorithm: "rsa" }}
        onFinish={(body) => {
          clear();
          make.mutate(body, { onSuccess: setMade, onError: show });
        }}
      >
        <div className="h-channel-row">
          <Form.Item name="domain" label={t("dkim.domain")} rules={[{ required: true, message: t("dkim.domainMissing") }]}>
            <Input placeholder={EXAMPLE.domain} />
          </Form.Item>
          <Form.Item name="selector" label={t("dkim.selector")} rules={[{ required: true, message: t("dkim.selectorMissing") }]}>
            <Input />
          </Form.Item>
          <Form.Item name="algorithm" label={t("dkim.algorithm")}>
            <Select options={ALGORITHMS.map(([value, label]) => ({ value, label }))} />
          </Form.Item>
        </div>
        <Button htmlType="submit" loading={make.isPending}>
          {t("dkim.make")}
        </Button>
      </Form>
    </div>
  );
}
