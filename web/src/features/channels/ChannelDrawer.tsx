import { Button, Form, Input, Radio, Tabs } from "antd";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { asProblem, Problem } from "@/lib/api";
import { FormErrors, SideDrawer, useFormProblem, useUndoToast } from "@/ui";
import { testChannel, useSaveChannel, type Channel } from "./api";
import { DkimPanel } from "./DkimPanel";
import { CommonFields, EmailFields } from "./EmailFields";
import { configOf, valuesOf, type Values } from "./model";
import { StatusPanel } from "./StatusPanel";
import { whatWasTried, type Tried } from "./steps";
import { TestResult } from "./TestResult";
import { WebhookFields } from "./WebhookFields";

const KINDS = ["email", "webhook"] as const;
const USUAL = { track_links: true, track_opens: true };

interface ChannelDrawerProps {
  /** The channel to change; none for a new one. */
  channel: Channel | undefined;
  isOpen: boolean;
  onClose: () => void;
  /** Where the drawer goes on after a new channel was made. */
  onMade: (id: string) => void;
}

/** A channel: how it is, how it is set, and a test that says at which step it fails, before it is saved and after. */
export function ChannelDrawer({ channel, isOpen, onClose, onMade }: ChannelDrawerProps) {
  const { t } = useTranslation("channels");
  const [form] = Form.useForm<Values>();
  const [kind, setKind] = useState(channel?.kind ?? "email");
  const { problem, show, clear } = useFormProblem(form);
  const [tried, setTried] = useState<Tried[] | null>(null);
  const [isTesting, setIsTesting] = useState(false);
  const [tab, setTab] = useState("settings");
  const top = useRef<HTMLDivElement>(null);
  const save = useSaveChannel();
  const toast = useUndoToast();

  useEffect(() => {
    if (tried || problem) top.current?.scrollIntoView({ block: "start" });
    // A wrong field may stand where nobody has looked yet.
    for (const field of document.querySelectorAll(".h-channel-form .ant-form-item-has-error")) field.closest("details")?.setAttribute("open", "");
  }, [tried, problem]);

  const draft = () => {
    const values = form.getFieldsValue(true) as Values;
    return { id: channel?.id, kind, name: values.name, config: configOf(values) };
  };

  async function test() {
    clear();
    setTried(null);
    try {
      await form.validateFields();
    } catch {
      return;
    }
    setIsTesting(true);
    try {
      const wanted = draft();
      setTried(whatWasTried(kind, wanted.config, await testChannel(wanted)));
    } catch (error) {
      show(inForm(error));
    } finally {
      setIsTesting(false);
    }
  }

  function store() {
    clear();
    save.mutate(draft(), {
      onSuccess: (saved) => {
        toast(channel ? t("saved", { name: saved.name }) : t("made", { name: saved.name }));
        form.setFieldsValue(valuesOf(saved.name, saved.config));
        if (!channel) onMade(saved.id);
      },
      onError: (error) => show(inForm(error)),
    });
  }

  const settings = (
    <Form<Values>
      form={form}
      layout="vertical"
      noValidate
      className="h-channel-form"
      initialValues={valuesOf(channel?.name ?? "", { ...USUAL, ...channel?.config })}
      onFinish={store}
      onFinishFailed={({ errorFields }) => errorFields[0] && form.scrollToField(errorFields[0].name, { block: "center" })}
    >
      <div ref={top} />
      <FormErrors problem={problem} />
      {tried && <TestResult tried={tried} />}
      {!channel && (
        <Form.Item label={t("kind")}>
          <Radio.Group
            value={kind}
            onChange={(event) => setKind(event.target.value as string)}
            options={KINDS.map((one) => ({
              value: one,
              label: (
                <span>
                  <strong>{t(`kinds.${one}`)}</strong>
                  <br />
                  <span className="h-quiet">{t(`kindsHelp.${one}`)}</span>
                </span>
              ),
            }))}
            vertical
          />
        </Form.Item>
      )}
      <Form.Item name="name" label={t("name")} extra={t("nameHelp")} rules={[{ required: true, message: t("nameMissing") }]}>
        <Input maxLength={200} autoComplete="off" />
      </Form.Item>
      {kind === "email" ? <EmailFields /> : <WebhookFields />}
      <CommonFields isEmail={kind === "email"} />
    </Form>
  );

  async function turnKey(place: number, isOn: boolean) {
    if (!channel) return;
    const dkim = (channel.config.dkim as object[]).map((key, at) => (at === place ? { ...key, enabled: isOn } : key));
    const saved = await save.mutateAsync({ ...channel, config: { ...channel.config, dkim } });
    form.setFieldsValue({ dkim: saved.config.dkim });
  }

  return (
    <SideDrawer
      title={channel?.name ?? t("add")}
      isOpen={isOpen}
      onClose={onClose}
      width={760}
      footer={
        tab === "settings" && (
          <div className="h-channel-foot">
            <Button loading={isTesting} onClick={() => void test()}>{t("test.verb")}</Button>
            <Button type="primary" loading={save.isPending} onClick={form.submit}>{channel ? t("save") : t("add")}</Button>
          </div>
        )
      }
    >
      {channel ? (
        <Tabs
          activeKey={tab}
          onChange={setTab}
          items={[
            { key: "settings", label: t("tabs.settings"), children: settings },
            { key: "status", label: t("tabs.status"), children: <StatusPanel channel={channel} /> },
            ...(channel.kind === "email" ? [{ key: "dkim", label: t("tabs.dkim"), children: <DkimPanel channel={channel} onSwitch={turnKey} /> }] : []),
          ]}
        />
      ) : (
        settings
      )}
    </SideDrawer>
  );
}

/** The API names some fields of the configuration from the root of the body, some from its own. */
function inForm(error: unknown): Problem {
  const problem = asProblem(error);
  const fields = problem.fields.map((field) => ({ ...field, path: field.path.replace(/^config\./, "") }));
  return new Problem(problem.code, problem.status, problem.title, problem.detail, problem.help, fields, problem.requestId, problem.retryAfter, problem.words);
}
