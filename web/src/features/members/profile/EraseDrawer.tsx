import { Alert, Button, Form, Input } from "antd";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { memberName } from "@/lib/names";
import { FormErrors, Num, SideDrawer, useFormProblem, useUndoToast } from "@/ui";
import { useErase, type Member } from "./api";

interface EraseForm {
  name: string;
  reason?: string;
}

/** Erases a member for good: says what goes, and asks for the name, since there is no way back. */
export function EraseDrawer({ member, isOpen, onClose }: { member: Member; isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation("members");
  const [form] = Form.useForm<EraseForm>();
  const { problem, show, clear } = useFormProblem(form);
  const erase = useErase(member.id);
  const toast = useUndoToast();
  const navigate = useNavigate();
  const { name } = memberName(member);
  const typed = Form.useWatch("name", form)?.trim();

  async function run({ reason }: EraseForm) {
    clear();
    try {
      await erase.mutateAsync(reason?.trim() ?? "");
      toast(t("erase.begun", { name }));
      void navigate({ to: "/members" });
    } catch (error) {
      show(error);
    }
  }

  return (
    <SideDrawer
      title={t("erase.title")}
      isOpen={isOpen}
      onClose={onClose}
      footer={
        <Button danger type="primary" block disabled={typed !== name} loading={erase.isPending} onClick={form.submit}>
          {t("erase.verb")}
        </Button>
      }
    >
      <FormErrors problem={problem} />
      <Alert type="error" showIcon title={t("erase.warning")} description={t("erase.description")} />
      <dl className="h-erase-numbers">
        {(
          [
            [t("profile.identities"), member.identities.length],
            [t("erase.traits"), Object.keys(member.traits).length],
            [t("profile.tags"), member.tags.length],
            [t("profile.segments"), member.segments.length],
          ] as const
        ).map(([label, number]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>
              <Num value={number} />
            </dd>
          </div>
        ))}
      </dl>
      <p>{t("erase.more")}</p>
      <Form form={form} layout="vertical" onFinish={(values) => void run(values)}>
        <Form.Item name="name" label={t("erase.confirm", { name })}>
          <Input autoComplete="off" />
        </Form.Item>
        <Form.Item name="reason" label={t("erase.reason")} extra={t("erase.reasonHelp")}>
          <Input maxLength={500} />
        </Form.Item>
      </Form>
    </SideDrawer>
  );
}
