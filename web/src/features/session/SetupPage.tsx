import { AutoComplete, Button, Form, Input } from "antd";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/lib/api";
import { TIME_ZONES } from "@/lib/format/zones";
import { Empty, FormErrors, useFormProblem } from "@/ui";
import { useSetup } from "./api";
import { Entrance } from "./Entrance";

type Input = Required<Omit<Schemas["SetupInput"], "token">>;

/** The first start: the workspace and its owner, through a link that works once. */
export function SetupPage() {
  const { t } = useTranslation("session");
  const { token } = useSearch({ from: "/setup" });
  const navigate = useNavigate();
  const [form] = Form.useForm<Input>();
  const { problem, show, clear } = useFormProblem(form);
  const setup = useSetup();
  if (!token) {
    return (
      <Entrance title={t("setup.title")} description={t("setup.description")}>
        <Empty title={t("setup.noToken")} action={<Link to="/login">{t("login.title")}</Link>}>
          {t("setup.noTokenHelp")}
        </Empty>
      </Entrance>
    );
  }
  return (
    <Entrance title={t("setup.title")} description={t("setup.description")}>
      <FormErrors problem={problem} />
      <Form<Input>
        form={form}
        layout="vertical"
        noValidate
        initialValues={{ time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone }}
        onFinish={(input) => {
          clear();
          setup.mutate({ ...input, token }, { onSuccess: () => void navigate({ to: "/" }), onError: show });
        }}
      >
        <Form.Item name="workspace_name" label={t("setup.brand")} extra={t("setup.brandHelp")} rules={[{ required: true, message: t("setup.brandMissing") }]}>
          <Input size="large" maxLength={200} autoFocus autoComplete="organization" />
        </Form.Item>
        <Form.Item name="time_zone" label={t("setup.timeZone")} extra={t("setup.timeZoneHelp")}>
          <AutoComplete size="large" options={TIME_ZONES} showSearch={{ filterOption: (text, option) => (option?.value ?? "").toLowerCase().includes(text.toLowerCase()) }} />
        </Form.Item>
        <Form.Item name="name" label={t("setup.name")}>
          <Input size="large" maxLength={200} autoComplete="name" />
        </Form.Item>
        <Form.Item name="email" label={t("email")} rules={[{ required: true, message: t("emailMissing") }]}>
          <Input type="email" size="large" autoComplete="username" />
        </Form.Item>
        <Form.Item name="password" label={t("password")} extra={t("setup.passwordHelp")} rules={[{ required: true, min: 10, message: t("ui:passwordShort") }]}>
          <Input.Password size="large" autoComplete="new-password" />
        </Form.Item>
        <Button type="primary" size="large" htmlType="submit" block loading={setup.isPending}>
          {t("setup.button")}
        </Button>
      </Form>
    </Entrance>
  );
}
