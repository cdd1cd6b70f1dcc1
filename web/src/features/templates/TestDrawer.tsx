import { Alert, Button, Form, Select } from "antd";
import { useQueries } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { toneOf, useChoices, useStateName } from "@/features/deliveries";
import { MemberPicker } from "@/features/members";
import { api, got } from "@/lib/api";
import { useLive } from "@/lib/live";
import { useMe } from "@/lib/session";
import { FormErrors, Pill, SideDrawer, useFormProblem } from "@/ui";
import { useTest } from "./api";

interface TestDrawerProps {
  id: string;
  kind: string;
  isOpen: boolean;
  onClose: () => void;
  member: string | undefined;
  /** Saves what is not saved yet; a test sends what is saved. Nothing when all is. */
  save?: () => Promise<boolean>;
}

interface Answer {
  to: string[];
  member?: string;
  channel?: string;
}

const MOST = 5;
const EXAMPLE = "name@example.com";

/** Sends the message to a few addresses of the team, and shows what becomes of each. */
export function TestDrawer({ id, kind, isOpen, onClose, member, save }: TestDrawerProps) {
  const { t } = useTranslation("templates");
  const me = useMe();
  const [form] = Form.useForm<Answer>();
  const { problem, show, clear } = useFormProblem(form);
  const channels = (useChoices(["channels"]).data?.channels ?? []).filter((channel) => channel.kind === kind);
  const test = useTest();
  const [sent, setSent] = useState<string[]>([]);
  const [isSaving, setIsSaving] = useState(false);

  async function send({ to, member: of, channel }: Answer) {
    clear();
    try {
      setIsSaving(true);
      if (save && !(await save())) return;
      const { deliveries } = await test.mutateAsync({ id, to, member: of, channel });
      setSent((before) => [...deliveries, ...before]);
    } catch (error) {
      show(error);
    } finally {
      setIsSaving(false);
    }
  }

  return (
    <SideDrawer
      title={t("test.title")}
      isOpen={isOpen}
      onClose={onClose}
      footer={
        <Button type="primary" block loading={isSaving || test.isPending} onClick={form.submit}>
          {save ? t("test.saveAndSend") : t("test.send")}
        </Button>
      }
    >
      <FormErrors problem={problem} />
      {save && <Alert className="h-test-note" type="info" showIcon title={t("test.sendsSaved")} />}
      <Form form={form} layout="vertical" initialValues={{ to: kind === "email" && me?.user ? [me.user.email] : [], member }} onFinish={(answer) => void send(answer)}>
        <Form.Item name="to" label={t("test.to")} extra={t("test.toHelp")} rules={[{ required: true, message: t("test.missing") }]}>
          <Select mode="tags" open={false} suffixIcon={null} maxCount={MOST} tokenSeparators={[",", ";", " ", "，", "；"]} placeholder={EXAMPLE} />
        </Form.Item>
        <Form.Item name="member" label={t("test.member")} extra={t("test.memberHelp")}>
          <MemberPicker />
        </Form.Item>
        {channels.length > 1 && (
          <Form.Item name="channel" label={t("test.channel")}>
            <Select allowClear placeholder={t("test.anyChannel")} options={channels.map((channel) => ({ value: channel.id, label: channel.name }))} />
          </Form.Item>
        )}
      </Form>
      {sent.length > 0 && <Outcomes ids={sent} />}
    </SideDrawer>
  );
}

/** What becomes of the tests, as it happens. */
function Outcomes({ ids }: { ids: string[] }) {
  const { t } = useTranslation("templates");
  const stateName = useStateName();
  const replies = useQueries({
    queries: ids.map((id) => ({
      queryKey: ["deliveries", "one", id],
      queryFn: ({ signal }: { signal: AbortSignal }) => got(api.GET("/api/v1/deliveries/{id}", { params: { path: { id } }, signal })),
    })),
  });
  const isMoving = replies.some((reply) => ["queued", "sending"].includes(reply.data?.state ?? "queued"));
  useLive(isMoving ? ["deliveries"] : [], { keys: ids.map((id) => ["deliveries", "one", id]), moves: isMoving });
  return (
    <section aria-label={t("test.outcomes")}>
      <h2 className="h-test-title">{t("test.outcomes")}</h2>
      <ul className="h-test-list">
        {replies.map((reply, index) => (
          <li key={ids[index]}>
            <span className="h-code">{reply.data?.address ?? "…"}</span>
            <Pill tone={toneOf(reply.data?.state ?? "queued")}>{stateName(reply.data?.state ?? "queued")}</Pill>
            {reply.data?.error && <p className="h-test-error">{reply.data.error}</p>}
          </li>
        ))}
      </ul>
    </section>
  );
}
