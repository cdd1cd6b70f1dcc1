import { ArrowsAltOutlined } from "@ant-design/icons";
import { Button, Tooltip } from "antd";
import { useMemo, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useTimeZone } from "@/lib/session";
import { ErrorState, Loading } from "@/ui";
import { AnswerView } from "./answer/AnswerView";
import { useAnswer } from "./api/ask";
import type { Kind, Point, Questions, View } from "./api/types";
import { MembersDrawer } from "./drill/MembersDrawer";
import { bodyOf } from "./question/body";
import { useQuestionTitle } from "./question/title";
import "./insight.css";

interface QuestionCardProps<K extends Kind> {
  kind: K;
  /** As the API takes it; with `period` in the place of dates it moves with the days. */
  question: Questions[K];
  view?: View;
  /** What somebody called it; otherwise what it asks. */
  title?: string;
  /** Leads to the page of the question. */
  onOpen?: () => void;
  /** The members behind a point; on a card that says nothing of it a drawer shows them. */
  onPoint?: (point: Point) => void;
  /** Beside its own tools, such as what can be done with the card. */
  tools?: ReactNode;
  /** Right beneath the title of a page a card is a second one. */
  level?: 2 | 3;
  height?: number;
}

/** Asks one question and shows its answer, as on a board. */
export function QuestionCard<K extends Kind>({ kind, question, view, title, onOpen, onPoint, tools, level = 3, height = 220 }: QuestionCardProps<K>) {
  const { t } = useTranslation("insight");
  const zone = useTimeZone();
  const said = useQuestionTitle(kind, question);
  const text = JSON.stringify(question);
  // Equal questions are one, whether or not somebody wrote them down anew.
  const body = useMemo(() => bodyOf(kind, JSON.parse(text) as Questions[K], zone, new Date()), [kind, text, zone]);
  const asked = useAnswer(kind, body);
  const [point, setPoint] = useState<Point | null>(null);
  const name = title || said;
  const Heading = `h${level}` as const;
  const buttons = (onOpen || tools) && (
    <span className="h-answer-tools">
      {onOpen && (
        <Tooltip title={t("card.open")}>
          <Button size="small" type="text" icon={<ArrowsAltOutlined />} aria-label={t("card.openNamed", { name })} onClick={onOpen} />
        </Tooltip>
      )}
      {tools}
    </span>
  );
  if (!asked.data) {
    return (
      <div className="h-answer">
        <div className="h-answer-head">
          <Heading className="h-answer-title">{name}</Heading>
          {buttons}
        </div>
        {asked.isPending ? <Loading rows={4} /> : <ErrorState error={asked.error} retry={() => void asked.refetch()} />}
      </div>
    );
  }
  return (
    <div className={`h-answer-kept ${asked.isPlaceholderData ? "is-waiting" : ""}`} aria-busy={asked.isFetching}>
      <AnswerView kind={kind} asked={asked.data} title={name} view={view} level={level} isCard tools={buttons} onPoint={onPoint ?? setPoint} height={height} />
      <MembersDrawer kind={kind} asked={asked.data} point={point} onClose={() => setPoint(null)} />
    </div>
  );
}
