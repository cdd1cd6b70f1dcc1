import { Alert, Button, Form, Input, Radio } from "antd";
import { useTranslation } from "react-i18next";
import { FormErrors, useFormProblem, useUndoToast } from "@/ui";
import { useSettle, type Delivery } from "./api";

interface Answer {
  outcome: "accepted" | "not_sent" | "send_again";
  note?: string;
}

/** Nobody knows whether the message was taken; somebody has found out. */
export function SettleForm({ delivery }: { delivery: Delivery }) {
  const { t } = useTranslation("deliveries");
  const [form] = Form.useForm<Answer>();
  const { problem, show, clear } = useFormProblem(form);
  const settle = useSettle();
  const toast = useUndoToast();

  function save({ outcome, note }: Answer) {
    clear();
    const isSentAgain = outcome === "send_again";
    settle.mutate(
      { id: delivery.id, outcome: outcome === "accepted" ? "accepted" : "not_sent", send_again: isSentAgain, note: note ?? "" },
      { onSuccess: () => toast(t("settle.done")), onError: show },
    );
  }

  return (
    <Alert
      type="warning"
      className="h-delivery-settle"
      title={t("settle.title")}
      description={
        <Form form={form} layout="vertical" onFinish={save}>
          <p>{t("settle.help")}</p>
          <FormErrors problem={problem} />
          <Form.Item name="outcome" label={t("settle.outcome")} rules={[{ required: true, message: t("settle.missing") }]}>
            <Radio.Group vertical options={(["accepted", "not_sent", "send_again"] as const).map((value) => ({ value, label: t(`settle.${value}`) }))} />
          </Form.Item>
          <Form.Item name="note" label={t("settle.note")}>
            <Input maxLength={500} placeholder={t("settle.noteExample")} />
          </Form.Item>
          <Button type="primary" htmlType="submit" loading={settle.isPending}>
            {t("settle.verb")}
          </Button>
        </Form>
      }
    />
  );
}
