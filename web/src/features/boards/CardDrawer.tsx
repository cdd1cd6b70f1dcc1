import { Button, Form, Input, Segmented } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { QuestionCard, useQuestionTitle, VIEWS_OF, type View } from "@/features/insight";
import { Panel, SideDrawer } from "@/ui";
import type { BoardCard } from "./api";
import { questionOn, type BoardFilters } from "./cards";

interface CardDrawerProps {
  card: BoardCard | undefined;
  filters: BoardFilters;
  onSave: (card: BoardCard) => void;
  onClose: () => void;
}

/** What a card is called, how it shows its answer and how wide; with the card itself beneath, as it will be. */
export function CardDrawer({ card, onClose, ...rest }: CardDrawerProps) {
  const { t } = useTranslation("boards");
  return (
    <SideDrawer title={t("editCard")} isOpen={card !== undefined} onClose={onClose} width={640}>
      {card && <CardForm card={card} onClose={onClose} {...rest} />}
    </SideDrawer>
  );
}

const LONGEST = 200;

function CardForm({ card, filters, onSave, onClose }: CardDrawerProps & { card: BoardCard }) {
  const { t } = useTranslation("boards");
  const [draft, setDraft] = useState(card);
  const said = useQuestionTitle(draft.kind, draft.question);
  const views = VIEWS_OF[draft.kind];
  return (
    <Form
      layout="vertical"
      className="h-board-form"
      onFinish={() => {
        onSave({ ...draft, title: draft.title.trim() });
        onClose();
      }}
    >
      <Form.Item label={t("cardTitle")} extra={t("cardTitleHelp")}>
        <Input autoFocus maxLength={LONGEST} autoComplete="off" aria-label={t("cardTitle")} placeholder={said} value={draft.title} onChange={(event) => setDraft({ ...draft, title: event.target.value })} />
      </Form.Item>
      <Form.Item label={t("view")}>
        <Segmented<View> aria-label={t("view")} value={draft.view} options={views.map((value) => ({ value, label: t(`views.${value}`) }))} onChange={(view) => setDraft({ ...draft, view })} />
      </Form.Item>
      <Form.Item label={t("width")}>
        <Segmented<1 | 2>
          aria-label={t("width")}
          value={draft.width}
          options={[{ value: 1, label: t("half") }, { value: 2, label: t("whole") }]}
          onChange={(width) => setDraft({ ...draft, width })}
        />
      </Form.Item>
      <Panel>
        <QuestionCard kind={draft.kind} question={questionOn(draft.question, filters)} view={draft.view} title={draft.title} />
      </Panel>
      <Button type="primary" htmlType="submit" block>{t("ui:save")}</Button>
    </Form>
  );
}
