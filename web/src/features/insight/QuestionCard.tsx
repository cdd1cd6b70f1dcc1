import { ArrowsAltOutlined } from "@ant-design/icons";
import { Button, Tooltip } from "antd";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useTimeZone } from "@/lib/session";
import { ErrorState, Loading } from "@/ui";
import { AnswerView } from "./answer/AnswerView";
import { useAnswer } from "./api/ask";
import type { Kind, Point, Questions, View } from "./api/types";
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
  /** The members behind a point. */
  onPoint?: (point: Point) => void;
  height?: number;
}

/** Asks one question and shows its answer, as on a board. */
export function QuestionCard<K extends Kind>({ kind, question, view, title, onOpen, onPoint, height = 220 }: QuestionCardProps<K>) {
  const { t } = useTranslation("insight");
  const zone = useTimeZone();
  const said = useQuestionTitle(kind, question);
  const text = JSON.stringify(question);
  // Equal questions are one, whether or not somebody wrote them down anew.
  const body = useMemo(() => bodyOf(kind, JSON.parse(text) as Questions[K], zone, new Date()), [kind, text, zone]);
  const asked = useAnswer(kind, body);
  const name = title || said;
  const open = onOpen && (
    <Tooltip title={t("card.open")}>
      <Button size="small" type="text" icon={<ArrowsAltOutlined />} aria-label={t("card.openNamed", { name })} onClick={onOpen} />
    </Tooltip>
  );
  if (!asked.data) {
    return (
      <div className="h-answer">
        <div className="h-answer-head">
          <h3 className="h-answer-title">{name}</h3>
          {open}
        </div>
        {asked.isPending ? <Loading rows={4} /> : <ErrorState error={asked.error} retry={() => void asked.refetch()} />}
      </div>
    );
  }
  return (
    <div className={`h-answer-kept ${asked.isPlaceholderData ? "is-waiting" : ""}`} aria-busy={asked.isFetching}>
      <AnswerView kind={kind} asked={asked.data} title={name} view={view} isCard tools={open} onPoint={onPoint} height={height} />
    </div>
  );
}
