import { Button, Form, Input } from "antd";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/lib/api";
import { FormErrors, useFormProblem } from "@/ui";
import { useLogin } from "./api";
import { Entrance } from "./Entrance";

export function LoginPage() {
  const { t } = useTranslation("session");
  const { next } = useSearch({ from: "/login" });
  const navigate = useNavigate();
  const [form] = Form.useForm<Schemas["LoginInput"]>();
  const { problem, show, clear } = useFormProblem(form);
  const login = useLogin();
  return (
    <Entrance title={t("login.title")} description={t("login.description")}>
      <FormErrors problem={problem} />
      <Form
        form={form}
        layout="vertical"
        noValidate
        onFinish={(input) => {
          clear();
          login.mutate(input, { onSuccess: () => void navigate({ href: next ?? "/" }), onError: show });
        }}
      >
        <Form.Item name="email" label={t("email")} rules={[{ required: true, message: t("emailMissing") }]}>
          <Input type="email" size="large" autoComplete="username" autoFocus />
        </Form.Item>
        <Form.Item name="password" label={t("password")} rules={[{ required: true, message: t("passwordMissing") }]}>
          <Input.Password size="large" autoComplete="current-password" />
        </Form.Item>
        <Button type="primary" size="large" htmlType="submit" block loading={login.isPending}>
          {t("login.button")}
        </Button>
      </Form>
    </Entrance>
  );
}
