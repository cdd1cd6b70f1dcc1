import { Button, Form, Input, Radio } from "antd";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/lib/api";
import { ROLES, useMe } from "@/lib/session";
import { FormErrors, SideDrawer, useFormProblem, useUndoToast } from "@/ui";
import { useAddUser, useChangeUser, useSetPassword, type User } from "./api";

interface UserDrawerProps {
  /** Whom to change; nobody when a user is to be added. */
  user: User | undefined;
  isOpen: boolean;
  onClose: () => void;
}

export function UserDrawer({ user, isOpen, onClose }: UserDrawerProps) {
  const { t } = useTranslation("users");
  const me = useMe();
  const [form] = Form.useForm<Schemas["UserInput"]>();
  const { problem, show, clear } = useFormProblem(form);
  const add = useAddUser();
  const change = useChangeUser();
  const setPassword = useSetPassword();
  const toast = useUndoToast();

  async function save(input: Schemas["UserInput"]) {
    clear();
    try {
      if (!user) {
        await add.mutateAsync(input);
        toast(t("added", { name: input.name }));
      } else {
        await change.mutateAsync({ id: user.id, name: input.name, role: input.role });
        if (input.password) await setPassword.mutateAsync({ id: user.id, password: input.password });
        toast(t("saved"));
      }
      onClose();
    } catch (error) {
      show(error);
    }
  }

  const isBusy = add.isPending || change.isPending || setPassword.isPending;
  return (
    <SideDrawer
      title={user ? user.name : t("add")}
      isOpen={isOpen}
      onClose={onClose}
      footer={
        <Button type="primary" block loading={isBusy} onClick={form.submit}>
          {user ? t("save") : t("add")}
        </Button>
      }
    >
      <FormErrors problem={problem} />
      <Form form={form} layout="vertical" noValidate initialValues={user ?? { role: "operator" }} onFinish={(input) => void save(input)}>
        <Form.Item name="name" label={t("name")} rules={[{ required: true, message: t("nameMissing") }]}>
          <Input maxLength={200} autoComplete="off" />
        </Form.Item>
        <Form.Item name="email" label={t("email")} rules={[{ required: true, message: t("emailMissing") }]}>
          <Input type="email" disabled={user !== undefined} autoComplete="off" />
        </Form.Item>
        <Form.Item
          name="password"
          label={user ? t("newPassword") : t("password")}
          extra={user ? t("newPasswordHelp") : t("passwordHelp")}
          rules={[{ required: !user, min: 10, message: t("ui:passwordShort") }]}
        >
          <Input.Password autoComplete="new-password" />
        </Form.Item>
        <Form.Item name="role" label={t("role")}>
          <Radio.Group
            className="h-roles"
            options={ROLES.map((role) => ({
              value: role,
              disabled: role === "owner" && me?.role !== "owner",
              label: (
                <span>
                  <strong>{t(`roles.${role}`)}</strong>
                  <br />
                  <span className="h-quiet">{t(`rolesHelp.${role}`)}</span>
                </span>
              ),
            }))}
            vertical
          />
        </Form.Item>
      </Form>
    </SideDrawer>
  );
}
