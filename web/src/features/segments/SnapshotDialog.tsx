import { Form, Input, Modal } from "antd";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useFormats } from "@/lib/format";
import { FormErrors, useFormProblem, useUndoToast } from "@/ui";
import { useSnapshot, type Segment } from "./api";

/** Keeps who is in a segment now, under a name of its own. */
export function SnapshotDialog({ segment, onClose }: { segment: Segment; onClose: () => void }) {
  const { t } = useTranslation("segments");
  const formats = useFormats();
  const navigate = useNavigate();
  const toast = useUndoToast();
  const [form] = Form.useForm<{ name: string }>();
  const { problem, show, clear } = useFormProblem(form);
  const make = useSnapshot(segment.id);

  async function store({ name }: { name: string }) {
    clear();
    try {
      const made = await make.mutateAsync(name.trim());
      toast(t("snapshot.done", { name: made.name }));
      onClose();
      await navigate({ to: "/segments/$id", params: { id: made.id } });
    } catch (error) {
      show(error);
    }
  }

  return (
    <Modal
      open
      title={t("snapshot.make")}
      okText={t("snapshot.verb")}
      confirmLoading={make.isPending}
      onOk={() => form.submit()}
      onCancel={onClose}
      destroyOnHidden
    >
      <p className="h-quiet">{t("snapshot.help", { count: segment.size })}</p>
      <FormErrors problem={problem} />
      <Form form={form} layout="vertical" requiredMark={false} initialValues={{ name: `${segment.name} · ${formats.date(new Date())}` }} onFinish={(values) => void store(values)}>
        <Form.Item name="name" label={t("name")} rules={[{ required: true, whitespace: true, message: t("editor.nameMissing") }, { max: 200, message: t("editor.nameLong") }]}>
          <Input autoFocus autoComplete="off" />
        </Form.Item>
      </Form>
    </Modal>
  );
}
