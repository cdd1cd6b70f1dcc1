import { CheckCircleFilled } from "@ant-design/icons";
import { Button, Form, Input } from "antd";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "@/lib/format";
import { ErrorState, FormErrors, useFormProblem } from "@/ui";
import type { SavedSegment } from "../api/types";
import { useFilling, useSaveSegment, type Drilled } from "./api";

interface SaveSegmentProps {
  drilled: Drilled;
  /** What the number is called: the segment is called so unless somebody knows better. */
  name: string;
  members: number;
  onClose: () => void;
}

const LONGEST_NAME = 200;

/** Keeps those behind a number as a segment: its name, how far the work is, and the way to it. */
export function SaveSegment({ drilled, name, members, onClose }: SaveSegmentProps) {
  const { t } = useTranslation("insight");
  const formats = useFormats();
  const [form] = Form.useForm<{ name: string }>();
  const { problem, show, clear } = useFormProblem(form);
  const save = useSaveSegment(drilled);
  const [saved, setSaved] = useState<SavedSegment | null>(null);

  async function begin(values: { name: string }) {
    clear();
    try {
      setSaved(await save.mutateAsync(values.name.trim()));
    } catch (error) {
      show(error);
    }
  }

  if (saved) return <SavingProgress saved={saved} onClose={onClose} />;
  return (
    <div className="h-drill-save">
      <p className="h-quiet">{t("saveSegment.help", { count: members })}</p>
      <FormErrors problem={problem} />
      <Form form={form} layout="vertical" requiredMark={false} initialValues={{ name: `${name} · ${formats.date(new Date())}`.slice(0, LONGEST_NAME) }} onFinish={(values) => void begin(values)}>
        <Form.Item name="name" label={t("saveSegment.name")} rules={[{ required: true, whitespace: true, message: t("saveSegment.nameMissing") }, { max: LONGEST_NAME, message: t("saveSegment.nameLong") }]}>
          <Input autoFocus autoComplete="off" />
        </Form.Item>
        <div className="h-page-actions">
          <Button type="primary" htmlType="submit" loading={save.isPending}>{t("saveSegment.save")}</Button>
          <Button onClick={onClose}>{t("ui:cancel")}</Button>
        </div>
      </Form>
    </div>
  );
}

/** The work goes on by itself, also when the page is closed. */
function SavingProgress({ saved, onClose }: { saved: SavedSegment; onClose: () => void }) {
  const { t } = useTranslation("insight");
  const segment = useFilling(saved.segment.id);
  return (
    <div className="h-drill-save" role="status">
      {segment.error ? (
        <ErrorState error={segment.error} retry={() => void segment.refetch()} />
      ) : segment.isFilling ? (
        <p>{t("saveSegment.working", { count: saved.members })}</p>
      ) : (
        <p><CheckCircleFilled className="h-drill-done" aria-hidden /> {t("saveSegment.done")}</p>
      )}
      <div className="h-page-actions">
        <Link to="/segments/$id" params={{ id: saved.segment.id }}>{t("saveSegment.open")}</Link>
        <Button type="text" onClick={onClose}>{t("saveSegment.close")}</Button>
      </div>
    </div>
  );
}
