import { Alert, Button, Form } from "antd";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { MemberChip, MemberPicker } from "@/features/members";
import type { Schemas } from "@/lib/api";
import { memberName } from "@/lib/names";
import { FormErrors, Loaded, SideDrawer, useFormProblem, useUndoToast } from "@/ui";
import { useMerge, useMergePreview, useUndoMerge } from "./api";
import { Preview } from "./Preview";
import "./merges.css";

interface MergeDrawerProps {
  /** Who stays. */
  member: Pick<Schemas["MemberDto"], "id" | "identities" | "traits">;
  /** Who joins him, where that is settled already. */
  other?: string;
  /** The suggestion that is accepted by it. */
  suggestion?: string;
  isOpen: boolean;
  onClose: () => void;
}

/** Makes two members one: who, what comes of it and where they say different things, and only then the deed. */
export function MergeDrawer(props: MergeDrawerProps) {
  const { t } = useTranslation("merges");
  return (
    <SideDrawer title={t("drawer.title")} width={720} isOpen={props.isOpen} onClose={props.onClose}>
      {props.isOpen && <Body key={`${props.member.id}${props.other}`} {...props} />}
    </SideDrawer>
  );
}

function Body({ member, other: settled, suggestion, onClose }: MergeDrawerProps) {
  const { t } = useTranslation("merges");
  const [chosen, setChosen] = useState<string | null>(settled ?? null);
  const preview = useMergePreview(member.id, chosen);
  const merge = useMerge();
  const undo = useUndoMerge();
  const toast = useUndoToast();
  const navigate = useNavigate();
  const [form] = Form.useForm();
  const { problem, show, clear } = useFormProblem(form);
  const { name } = memberName(member);

  async function run() {
    if (!chosen) return;
    clear();
    try {
      const { merge_id } = await merge.mutateAsync({ member: member.id, other: chosen, suggestion });
      toast(t("drawer.done", { name }), () => undo.mutateAsync(merge_id));
      onClose();
      if (!suggestion) void navigate({ to: "/members/$memberId", params: { memberId: member.id } });
    } catch (error) {
      show(error);
    }
  }

  return (
    <div className="h-merge">
      <FormErrors problem={problem} />
      <Form form={form} layout="vertical">
        <Form.Item label={t("drawer.stays")}>
          <MemberChip id={member.id} {...memberName(member)} isTall isPlain />
        </Form.Item>
        <Form.Item label={t("drawer.joins")} htmlFor="merge-other" extra={settled ? undefined : t("drawer.joinsHelp")}>
          {settled ? <MemberChip id={settled} isTall isPlain /> : <MemberPicker id="merge-other" autoFocus value={chosen} without={[member.id]} onChange={(id) => setChosen(id ?? null)} />}
        </Form.Item>
      </Form>
      {chosen && (
        <Loaded query={preview} rows={6}>
          {(shown) => (
            <>
              <Preview preview={shown} member={member.id} other={chosen} />
              <Alert type="info" showIcon title={t("drawer.canUndo")} />
            </>
          )}
        </Loaded>
      )}
      <div className="h-merge-foot">
        <Button onClick={onClose}>{t("ui:cancel")}</Button>
        <Button type="primary" disabled={!chosen || !preview.data} loading={merge.isPending} onClick={() => void run()}>
          {t("drawer.verb")}
        </Button>
      </div>
    </div>
  );
}
