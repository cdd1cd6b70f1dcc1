import { Button, Form, Input, Modal } from "antd";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { renewal } from "@/lib/api";
import { meQuery, useMe } from "@/lib/session";
import { FormErrors, useFormProblem } from "@/ui";
import { logIn } from "./api";

/** The session has ended while somebody worked: he signs in here, and everything goes on where it was. */
export function RenewDialog() {
  const { t } = useTranslation("session");
  const isOpen = useSyncExternalStore(renewal.subscribe, renewal.isWanted);
  const me = useMe();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [form] = Form.useForm<{ password: string }>();
  const { problem, show, clear } = useFormProblem(form);
  const [isBusy, setIsBusy] = useState(false);
  const email = me?.user?.email ?? "";

  async function renew({ password }: { password: string }) {
    clear();
    setIsBusy(true);
    try {
      queries.setQueryData(meQuery.queryKey, await logIn({ email, password }));
      form.resetFields();
      renewal.end(true);
    } catch (error) {
      show(error);
    } finally {
      setIsBusy(false);
    }
  }

  function leave() {
    renewal.setSignedIn(false);
    renewal.end(false);
    queries.clear();
    void navigate({ to: "/login" });
  }

  return (
    <Modal title={t("renew.title")} open={isOpen} closable={false} mask={{ closable: false }} keyboard={false} footer={null} centered width={420} zIndex={3000}>
      <p className="h-quiet">{t("renew.description", { email })}</p>
      <FormErrors problem={problem} />
      <Form form={form} layout="vertical" onFinish={(input) => void renew(input)}>
        <input type="hidden" name="username" autoComplete="username" value={email} readOnly />
        <Form.Item name="password" label={t("password")} rules={[{ required: true, message: t("passwordMissing") }]}>
          <Input.Password autoFocus autoComplete="current-password" />
        </Form.Item>
        <Button type="primary" htmlType="submit" block loading={isBusy}>
          {t("renew.button")}
        </Button>
        <Button type="link" block onClick={leave}>
          {t("renew.other")}
        </Button>
      </Form>
    </Modal>
  );
}
