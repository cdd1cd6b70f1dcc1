import { Button, Checkbox, Form, InputNumber } from "antd";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useFormats } from "@/lib/format";
import { FormErrors, Loaded, Panel, Time, useConfirm, useFormProblem, useUndoToast } from "@/ui";
import { holdoutQuery, useChangeHoldout } from "./api";

interface Values {
  percent: number;
  reshuffle: boolean;
}

/** A share of members whom nothing addresses, so that one sees what the rest is worth. */
export function HoldoutPanel() {
  const { t } = useTranslation("outbox");
  const holdout = useQuery(holdoutQuery);
  return (
    <Panel title={t("holdout.title")}>
      <p className="h-quiet">{t("holdout.help")}</p>
      <Loaded query={holdout} rows={2}>
        {({ share, since }) => (
          <>
            {since && share > 0 && <p>{t("holdout.since")} <Time at={since} absolute /></p>}
            <HoldoutForm key={share} share={share} />
          </>
        )}
      </Loaded>
    </Panel>
  );
}

function HoldoutForm({ share }: { share: number }) {
  const { t } = useTranslation("outbox");
  const formats = useFormats();
  const [form] = Form.useForm<Values>();
  const { problem, show, clear } = useFormProblem(form);
  const change = useChangeHoldout();
  const ask = useConfirm();
  const toast = useUndoToast();

  function askToChange({ percent, reshuffle }: Values) {
    clear();
    const next = percent / 100;
    ask({
      title: t("holdout.ask", { share: formats.percent(next) }),
      description: reshuffle ? t("holdout.askReshuffled") : t("holdout.askKept"),
      consequences: [
        { label: t("holdout.now"), value: formats.percent(share) },
        { label: t("holdout.then"), value: formats.percent(next) },
      ],
      verb: t("holdout.verb"),
      act: async () => {
        try {
          await change.mutateAsync({ share: next, reshuffle });
          toast(t("holdout.saved"), () => change.mutateAsync({ share, reshuffle: false }));
        } catch (error) {
          show(error);
        }
      },
    });
  }

  return (
    <Form form={form} layout="vertical" initialValues={{ percent: Math.round(share * 10_000) / 100, reshuffle: false }} onFinish={askToChange} className="h-narrow-form">
      <FormErrors problem={problem} />
      <Form.Item name="percent" label={t("holdout.share")} rules={[{ required: true, message: t("holdout.shareMissing") }]}>
        <InputNumber min={0} max={50} step={1} suffix="%" className="h-policy-wide" />
      </Form.Item>
      <Form.Item name="reshuffle" valuePropName="checked" extra={t("holdout.reshuffleHelp")}>
        <Checkbox>{t("holdout.reshuffle")}</Checkbox>
      </Form.Item>
      <Button htmlType="submit" loading={change.isPending}>{t("holdout.verb")}</Button>
    </Form>
  );
}
