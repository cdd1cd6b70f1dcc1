import { PushpinOutlined } from "@ant-design/icons";
import { Button, Form, Input, Modal, Segmented, Select } from "antd";
import { useNavigate, type LinkProps } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFirstPlace } from "@/lib/places";
import { FormErrors, useFormProblem, useUndoToast } from "@/ui";
import type { Kind, View } from "../api/types";
import type { PageQuestion } from "../question/address";
import { cardQuestion } from "../question/body";
import { useBoardChoices, useSaveCard } from "./api";
import { VIEWS_OF } from "./views";

interface SaveToBoardProps<K extends Kind> {
  kind: K;
  question: PageQuestion<K>;
  title: string;
}

const NEW = "new";
const LONGEST = 200;

interface Values {
  board: string;
  boardName?: string;
  title: string;
  view: View;
  width: 1 | 2;
}

/** Puts a question on a board, where its answer stands each morning. */
export function SaveToBoard<K extends Kind>({ isDisabled, ...props }: SaveToBoardProps<K> & { isDisabled: boolean }) {
  const { t } = useTranslation("insight");
  const [isOpen, setIsOpen] = useState(false);
  return (
    <>
      <Button icon={<PushpinOutlined />} disabled={isDisabled} onClick={() => setIsOpen(true)}>{t("board.verb")}</Button>
      {isOpen && <SaveDialog {...props} onClose={() => setIsOpen(false)} />}
    </>
  );
}

function SaveDialog<K extends Kind>({ kind, question, title, onClose }: SaveToBoardProps<K> & { onClose: () => void }) {
  const { t } = useTranslation("insight");
  const [form] = Form.useForm<Values>();
  const { problem, show, clear } = useFormProblem(form);
  const boards = useBoardChoices(true);
  const save = useSaveCard();
  const toast = useUndoToast();
  const navigate = useNavigate();
  const place = useFirstPlace()("/insight/boards/$boardId", "/insight/boards/$id", "/insight/boards");
  const chosen = Form.useWatch("board", form);
  const views = VIEWS_OF[kind];

  async function store(values: Values) {
    clear();
    const { board, boardName = "", title: name, view, width } = values;
    try {
      const made = await save.mutateAsync({
        board: board === NEW ? null : board, name: boardName.trim(), card: { title: name.trim(), kind, question: cardQuestion<K>(question), view, width },
      });
      onClose();
      toast(t("board.done", { name: made.name }));
      if (place) await navigate({ to: place.replace(/\$\w+/, made.id) as LinkProps["to"] });
    } catch (error) {
      show(error);
    }
  }

  return (
    <Modal open title={t("board.title")} okText={t("board.save")} confirmLoading={save.isPending} onOk={() => form.submit()} onCancel={onClose} destroyOnHidden>
      <p className="h-quiet">{t("board.help")}</p>
      <FormErrors problem={problem} />
      <Form form={form} layout="vertical" requiredMark={false} initialValues={{ board: NEW, title: title.slice(0, LONGEST), view: views[0], width: 1 }} onFinish={(values) => void store(values)}>
        <Form.Item name="board" label={t("board.which")}>
          <Select loading={boards.isFetching} options={[{ value: NEW, label: t("board.new") }, ...(boards.data ?? []).map((board) => ({ value: board.id, label: board.name }))]} />
        </Form.Item>
        {(chosen ?? NEW) === NEW && (
          <Form.Item name="boardName" label={t("board.name")} rules={[{ required: true, whitespace: true, message: t("board.nameMissing") }, { max: LONGEST, message: t("saveSegment.nameLong") }]}>
            <Input autoFocus autoComplete="off" />
          </Form.Item>
        )}
        <Form.Item name="title" label={t("board.cardTitle")} rules={[{ required: true, whitespace: true, message: t("board.cardTitleMissing") }, { max: LONGEST, message: t("saveSegment.nameLong") }]}>
          <Input autoComplete="off" />
        </Form.Item>
        <Form.Item name="view" label={t("board.view")}>
          <Segmented options={views.map((view) => ({ value: view, label: t(`view.${view}`) }))} />
        </Form.Item>
        <Form.Item name="width" label={t("board.width")}>
          <Segmented options={[{ value: 1, label: t("board.half") }, { value: 2, label: t("board.whole") }]} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
