import { Alert, Form, Modal, Radio } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { MemberChip, MemberPicker } from "@/features/members";
import { FormErrors, useFormProblem, useUndoToast } from "@/ui";
import { useEnter, type Journey } from "../api";
import { useChoices } from "../choices";
import { SegmentPicker } from "../panels/pickers";

/** Lets chosen members, or a whole segment, into a journey that is entered by hand. */
export function EnterDialog({ journey, onClose }: { journey: Journey; onClose: () => void }) {
  const { t } = useTranslation("journeys");
  const toast = useUndoToast();
  const enter = useEnter(journey.id);
  const choices = useChoices();
  const [form] = Form.useForm();
  const { problem, show, clear } = useFormProblem(form);
  const [whom, setWhom] = useState<"members" | "segment">("members");
  const [members, setMembers] = useState<string[]>([]);
  const [segment, setSegment] = useState("");
  function letIn() {
    clear();
    enter.mutate(whom === "members" ? { members } : { segment }, {
      onError: show,
      onSuccess: ({ asked, job }) => {
        toast(job ? t("enter.begun") : t("enter.done", { count: asked }));
        onClose();
      },
    });
  }
  return (
    <Modal open title={t("enter.title", { name: journey.name })} okText={t("enter.verb")} cancelText={t("ui:cancel")} okButtonProps={{ loading: enter.isPending, disabled: whom === "members" ? members.length === 0 : !segment }} onOk={letIn} onCancel={onClose}>
      <FormErrors problem={problem} />
      <Form form={form} layout="vertical">
        <Form.Item label={t("enter.whom")}>
          <Radio.Group
            value={whom}
            options={[
              { value: "members", label: t("enter.members") },
              { value: "segment", label: t("enter.segment") },
            ]}
            onChange={(event) => setWhom(event.target.value)}
          />
        </Form.Item>
        {whom === "members" ? (
          <Form.Item label={t("enter.addMember")}>
            <MemberPicker value={null} without={members} aria-label={t("enter.addMember")} onChange={(id) => id && setMembers([...members, id])} />
            <ul className="j-members">
              {members.map((id) => (
                <li key={id}>
                  <MemberChip id={id} isPlain />
                  <button type="button" className="j-link" onClick={() => setMembers(members.filter((one) => one !== id))}>{t("enter.takeOut")}</button>
                </li>
              ))}
            </ul>
          </Form.Item>
        ) : (
          <Form.Item label={t("happening.segmentLabel")}>
            <SegmentPicker choices={choices} value={segment} onChange={setSegment} />
          </Form.Item>
        )}
      </Form>
      <Alert type="info" showIcon title={t("enter.help")} />
    </Modal>
  );
}
