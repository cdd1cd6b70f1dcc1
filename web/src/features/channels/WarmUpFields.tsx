import { Col, Form, Input, Row, Select } from "antd";
import { useTranslation } from "react-i18next";
import { DateField } from "@/ui";

type Name = (string | number)[];

/** How a new sender is made known: a few messages on the first day, and more each day. */
export function WarmUpFields({ at, from }: { at: Name; from: Name }) {
  const { t } = useTranslation("channels");
  const form = Form.useFormInstance();
  const plan = Form.useWatch([...from, "warm_up", "plan"], form) as string | undefined;
  return (
    <>
      <Row gutter={16}>
        <Col xs={24} sm={12}>
          <Form.Item name={[...at, "warm_up", "start"]} label={t("warmUp.start")} extra={t("warmUp.startHelp")}>
            <DateField className="h-wide" />
          </Form.Item>
        </Col>
        <Col xs={24} sm={12}>
          <Form.Item name={[...at, "warm_up", "plan"]} label={t("warmUp.plan")} initialValue="standard">
            <Select options={(["standard", "own"] as const).map((one) => ({ value: one, label: t(`warmUp.plans.${one}`) }))} />
          </Form.Item>
        </Col>
      </Row>
      {plan === "own" && (
        <Form.Item
          name={[...at, "warm_up", "days"]}
          label={t("warmUp.days")}
          extra={t("warmUp.daysHelp")}
          rules={[{ required: true, pattern: /^\s*\d+([\s,，、]+\d+)*[\s,，、]*$/, message: t("warmUp.daysMissing") }]}
        >
          <Input placeholder="50, 100, 250, 500, 1000" />
        </Form.Item>
      )}
    </>
  );
}
