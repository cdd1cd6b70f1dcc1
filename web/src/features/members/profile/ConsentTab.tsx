import { PlusOutlined, SafetyOutlined } from "@ant-design/icons";
import { Button, Form, Input, Radio, Select } from "antd";
import { useTranslation } from "react-i18next";
import { useTopicName } from "@/lib/names";
import { useCan } from "@/lib/session";
import { DataTable, Empty, FormErrors, Loaded, Pill, SideDrawer, Time, useFormProblem, useUndoToast, useUrlDrawer, type Column } from "@/ui";
import { useChoices } from "../choices";
import { Source } from "../Thing";
import { useConsent, useConsentHistory, useDecide, type Consent } from "./api";
import { useKindName } from "./IdentitiesPanel";
import { textOf } from "./values";

/** Kinds of channels for which consent is asked; others come with the decisions that are there. */
const CHANNELS = ["email", "webhook"];

export function useChannelName(): (kind: string) => string {
  const { t, i18n } = useTranslation("members");
  return (kind) => (i18n.exists(`members:channels.${kind}`) ? t(`channels.${kind}`) : kind);
}

/** To what the member has agreed, when and how it is proven; decisions made elsewhere can be recorded. */
export function ConsentTab({ member }: { member: string }) {
  const { t } = useTranslation("members");
  const mayChange = useCan("people", "write");
  const consent = useConsent(member);
  const history = useConsentHistory(member);
  const drawer = useUrlDrawer();
  const channelName = useChannelName();
  const topicName = useTopicName();
  const kindName = useKindName();
  const words = (one: Consent) => (one.granted ? t("consent.given") : t("consent.withdrawn"));
  const columns: Column<Consent>[] = [
    { key: "at", title: t("consent.when"), render: (one) => <Time at={one.decided_at} absolute />, text: (one) => one.decided_at },
    { key: "decision", title: t("consent.decision"), render: (one) => <Decision item={one} />, text: (one) => words(one) },
    { key: "channel", title: t("consent.channel"), render: (one) => <span className="h-nowrap">{channelName(one.channel_kind)}</span>, text: (one) => one.channel_kind },
    { key: "topic", title: t("consent.topic"), render: (one) => <span className="h-nowrap">{topicName(one.topic)}</span>, text: (one) => one.topic },
    { key: "source", title: t("consent.source"), render: (one) => <Source source={one.source} />, text: (one) => one.source },
    { key: "identity", title: t("consent.identity"), isHidden: true, render: (one) => `${kindName(one.identity_kind)} ${one.identity_value}`, text: (one) => one.identity_value },
    { key: "proof", title: t("consent.proof"), isHidden: true, render: (one) => <Proof proof={one.proof} />, text: (one) => textOf(one.proof) },
  ];
  const record = mayChange && (
    <Button icon={<PlusOutlined />} onClick={() => drawer.open("consent")}>
      {t("consent.record")}
    </Button>
  );
  return (
    <div className="h-consent">
      <Loaded query={consent} rows={3}>
        {(items) =>
          items.length === 0 ? (
            <Empty icon={<SafetyOutlined />} title={t("consent.none")} action={record}>
              {t("consent.noneHelp")}
            </Empty>
          ) : (
            <>
              <div className="h-consent-head">
                <h3>{t("consent.now")}</h3>
                {record}
              </div>
              <ul className="h-consent-now">
                {items.map((item) => (
                  <li key={`${item.channel_kind} ${item.topic}`}>
                    <span>
                      <strong>{channelName(item.channel_kind)}</strong>
                      {" · "}
                      {topicName(item.topic)}
                    </span>
                    <Decision item={item} />
                    <span className="h-quiet">
                      <Source source={item.source} />
                      {" · "}
                      <Time at={item.decided_at} />
                    </span>
                  </li>
                ))}
              </ul>
            </>
          )
        }
      </Loaded>
      {history.items.length > 0 && (
        <>
          <h3>{t("consent.history")}</h3>
          <DataTable<Consent>
            name="consent-history"
            label={t("consent.history")}
            list={history}
            columns={columns}
            rowKey={(one) => `${one.decided_at} ${one.channel_kind} ${one.topic} ${one.granted} ${one.identity_value}`}
            empty={null}
          />
        </>
      )}
      <ConsentDrawer key={drawer.value ?? "closed"} member={member} isOpen={drawer.value === "consent"} onClose={drawer.close} known={consent.data ?? []} />
    </div>
  );
}

function Decision({ item }: { item: Consent }) {
  const { t } = useTranslation("members");
  return (
    <span className="h-consent-decision">
      <Pill tone={item.granted ? "good" : "neutral"}>{item.granted ? t("consent.given") : t("consent.withdrawn")}</Pill>
      {item.claimed && <span className="h-quiet" title={t("consent.claimedHelp")}>{t("consent.claimed")}</span>}
    </span>
  );
}

function Proof({ proof }: { proof: unknown }) {
  const text = textOf(proof);
  return <span className="h-members-short" title={text}>{text === "{}" ? "–" : text}</span>;
}

interface DecisionForm {
  channel_kind: string;
  topic: string;
  granted: boolean;
  proof?: string;
}

function ConsentDrawer({ member, isOpen, onClose, known }: { member: string; isOpen: boolean; onClose: () => void; known: readonly Consent[] }) {
  const { t } = useTranslation("members");
  const [form] = Form.useForm<DecisionForm>();
  const { problem, show, clear } = useFormProblem(form);
  const decide = useDecide(member);
  const topics = useChoices("topics", isOpen);
  const topicName = useTopicName();
  const channelName = useChannelName();
  const toast = useUndoToast();
  const kinds = [...new Set([...CHANNELS, ...known.map((one) => one.channel_kind)])];
  const topicOptions = new Map([["*", t("consent.allTopics")], ...known.map((one): [string, string] => [one.topic, topicName(one.topic)]), ...(topics.data ?? []).map((one): [string, string] => [one.value, one.label])]);
  topicOptions.set("*", t("consent.allTopics"));

  async function save({ proof, ...decision }: DecisionForm) {
    clear();
    try {
      await decide.mutateAsync({ ...decision, ...(proof?.trim() ? { proof: { note: proof.trim() } } : {}) } as never);
      toast(t("consent.recorded"));
      onClose();
    } catch (error) {
      show(error);
    }
  }

  return (
    <SideDrawer
      title={t("consent.record")}
      isOpen={isOpen}
      onClose={onClose}
      footer={
        <Button type="primary" block loading={decide.isPending} onClick={form.submit}>
          {t("consent.save")}
        </Button>
      }
    >
      <FormErrors problem={problem} />
      <p className="h-quiet">{t("consent.recordHelp")}</p>
      <Form form={form} layout="vertical" initialValues={{ channel_kind: "email", topic: "*", granted: true }} onFinish={(decision) => void save(decision)}>
        <Form.Item name="granted" label={t("consent.decision")}>
          <Radio.Group options={[{ value: true, label: t("consent.given") }, { value: false, label: t("consent.withdrawn") }]} />
        </Form.Item>
        <Form.Item name="channel_kind" label={t("consent.channel")}>
          <Select options={kinds.map((kind) => ({ value: kind, label: channelName(kind) }))} />
        </Form.Item>
        <Form.Item name="topic" label={t("consent.topic")}>
          <Select showSearch={{ optionFilterProp: "label" }} options={[...topicOptions].map(([value, label]) => ({ value, label }))} />
        </Form.Item>
        <Form.Item name="proof" label={t("consent.proof")} extra={t("consent.proofHelp")}>
          <Input.TextArea autoSize={{ minRows: 2, maxRows: 8 }} maxLength={2000} />
        </Form.Item>
      </Form>
    </SideDrawer>
  );
}
