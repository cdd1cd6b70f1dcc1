import { Button, Form, Input, Segmented } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { cardQuestion, QuestionBuilder, QuestionCard, useAnswer, useAskedBody, useQuestionTitle, VIEWS_OF, type View } from "@/features/insight";
import { asProblem } from "@/lib/api";
import { Panel, SideDrawer } from "@/ui";
import type { BoardCard } from "./api";
import { asBuilt, questionOn, type BoardFilters } from "./cards";

interface CardDrawerProps {
  card: BoardCard | undefined;
  title: string;
  filters: BoardFilters;
  onSave: (card: BoardCard) => void;
  onClose: () => void;
}

/** What a card asks, what it is called, how it shows its answer and how wide; with the card itself beneath, as it will be. */
export function CardDrawer({ card, title, onClose, ...rest }: CardDrawerProps) {
  return (
    <SideDrawer title={title} isOpen={card !== undefined} onClose={onClose} width={820}>
      {card && <CardForm card={card} onClose={onClose} {...rest} />}
    </SideDrawer>
  );
}

const LONGEST = 200;
const NO_PROBLEMS: never[] = [];

function CardForm({ card, filters, onSave, onClose }: Omit<CardDrawerProps, "title"> & { card: BoardCard }) {
  const { t } = useTranslation("boards");
  const [draft, setDraft] = useState(card);
  const [built, setBuilt] = useState(() => asBuilt(card.kind, card.question));
  const { kind } = draft;
  const question = cardQuestion(built);
  const said = useQuestionTitle(kind, question);
  const { body, missing } = useAskedBody(kind, questionOn(question, filters));
  const asked = useAnswer(kind, body);
  const problems = asked.error ? asProblem(asked.error).fields : NO_PROBLEMS;
  return (
    // No form of the browser: Enter within the question is part of the question, and saves nothing.
    <Form layout="vertical" component={false}>
      <div className="h-board-form">
        <Panel>
          <QuestionBuilder kind={kind} question={built} change={setBuilt} problems={problems} />
          {(filters.period || filters.from) && <p className="h-quiet h-board-hint">{t("datesOfBoard")}</p>}
        </Panel>
        <Form.Item label={t("cardTitle")} extra={t("cardTitleHelp")}>
          <Input maxLength={LONGEST} autoComplete="off" aria-label={t("cardTitle")} placeholder={said} value={draft.title} onChange={(event) => setDraft({ ...draft, title: event.target.value })} />
        </Form.Item>
        <Form.Item label={t("view")}>
          <Segmented<View> aria-label={t("view")} value={draft.view} options={VIEWS_OF[kind].map((value) => ({ value, label: t(`views.${value}`) }))} onChange={(view) => setDraft({ ...draft, view })} />
        </Form.Item>
        <Form.Item label={t("width")}>
          <Segmented<1 | 2>
            aria-label={t("width")}
            value={draft.width}
            options={[{ value: 1, label: t("half") }, { value: 2, label: t("whole") }]}
            onChange={(width) => setDraft({ ...draft, width })}
          />
        </Form.Item>
        <Panel>{body ? <QuestionCard kind={kind} question={body} view={draft.view} title={draft.title} /> : <p className="h-quiet">{t("notWhole")}</p>}</Panel>
        <Button
          type="primary"
          block
          disabled={missing.length > 0}
          onClick={() => {
            onSave({ ...draft, question, title: draft.title.trim() });
            onClose();
          }}
        >
          {t("ui:save")}
        </Button>
      </div>
    </Form>
  );
}
