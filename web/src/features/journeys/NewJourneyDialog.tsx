import { Form, Input, Modal } from "antd";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { FormErrors, useFormProblem } from "@/ui";
import { useCreateJourney } from "./api";
import { emptyDocument, writeDocument } from "./document/wire";
import { addStep } from "./document/edit";
import { StarterGallery } from "./StarterGallery";

/** A name for a new journey, or a model to begin with. */
export function NewJourneyDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation("journeys");
  const navigate = useNavigate();
  const create = useCreateJourney();
  const [form] = Form.useForm<{ name: string }>();
  const { problem, show, clear } = useFormProblem(form);
  function save({ name }: { name: string }) {
    clear();
    // One step, so that there is something to go on from.
    const { document } = addStep(emptyDocument, { type: "exit" });
    create.mutate(
      { name: name.trim(), document: writeDocument(document) },
      { onError: show, onSuccess: (journey) => void navigate({ to: "/journeys/$journeyId", params: { journeyId: journey.id } }) },
    );
  }
  return (
    <Modal open={isOpen} title={t("create")} onCancel={onClose} okText={t("new.begin")} cancelText={t("ui:cancel")} okButtonProps={{ loading: create.isPending }} onOk={form.submit} width={760} destroyOnHidden afterOpenChange={(isShown) => isShown && (form.getFieldInstance("name") as { focus: () => void } | undefined)?.focus()}>
      <FormErrors problem={problem} />
      <Form form={form} layout="vertical" onFinish={save}>
        <Form.Item name="name" label={t("name")} extra={t("new.nameHelp")} rules={[{ required: true, whitespace: true, message: t("new.nameMissing") }]}>
          <Input maxLength={200} autoFocus autoComplete="off" />
        </Form.Item>
      </Form>
      <StarterGallery />
    </Modal>
  );
}
