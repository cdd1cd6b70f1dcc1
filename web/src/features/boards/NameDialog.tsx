import { Form, Input, Modal, type InputRef } from "antd";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { FormErrors, useFormProblem } from "@/ui";

interface NameDialogProps {
  title: string;
  verb: string;
  name: string;
  onSave: (name: string) => Promise<unknown>;
  onClose: () => void;
}

const LONGEST = 200;

/** What a board is called. */
export function NameDialog({ title, verb, name, onSave, onClose }: NameDialogProps) {
  const { t } = useTranslation("boards");
  const [form] = Form.useForm<{ name: string }>();
  const { problem, show, clear } = useFormProblem(form);
  const field = useRef<InputRef>(null);
  const [isSaving, setIsSaving] = useState(false);

  async function save(values: { name: string }) {
    clear();
    setIsSaving(true);
    try {
      await onSave(values.name.trim());
      onClose();
    } catch (error) {
      show(error);
      setIsSaving(false);
    }
  }

  return (
    <Modal open afterOpenChange={(isOpen) => isOpen && field.current?.focus({ cursor: "all" })} title={title} okText={verb} cancelText={t("ui:cancel")} confirmLoading={isSaving} onOk={form.submit} onCancel={onClose}>
      <FormErrors problem={problem} />
      <Form form={form} layout="vertical" requiredMark={false} initialValues={{ name }} onFinish={(values) => void save(values)}>
        <Form.Item name="name" label={t("name")} rules={[{ required: true, whitespace: true, message: t("nameMissing") }]}>
          <Input ref={field} maxLength={LONGEST} autoComplete="off" placeholder={t("nameExample")} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
