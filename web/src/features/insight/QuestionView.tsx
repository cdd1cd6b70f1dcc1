import { ReloadOutlined } from "@ant-design/icons";
import { Button, Tooltip } from "antd";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { asProblem } from "@/lib/api";
import { useCan } from "@/lib/session";
import { ErrorState, Loading, Panel, Time, useFieldWords } from "@/ui";
import { AnswerView } from "./answer/AnswerView";
import { answerKey, useAnswer } from "./api/ask";
import type { Asked, Kind, Point } from "./api/types";
import { QuestionBuilder } from "./builder/QuestionBuilder";
import { MembersDrawer } from "./drill/MembersDrawer";
import type { PageQuestion } from "./question/address";
import { useBodyBefore } from "./question/before";
import { pathInQuestion } from "./question/places";
import { useQuestionTitle } from "./question/title";
import { useAskedBody } from "./question/useQuestion";
import { SaveToBoard } from "./save/SaveToBoard";
import { Waiting } from "./Waiting";

interface QuestionViewProps<K extends Kind> {
  kind: K;
  question: PageQuestion<K>;
  change: (next: PageQuestion<K>, field?: string) => void;
}

const NO_PROBLEMS: never[] = [];

/** The question above, its answer below; the answer follows whatever is changed above. */
export function QuestionView<K extends Kind>({ kind, question, change }: QuestionViewProps<K>) {
  const { t } = useTranslation("insight");
  const queries = useQueryClient();
  const { body, isSettled, missing } = useAskedBody(kind, question);
  const asked = useAnswer(kind, body);
  const bodyBefore = useBodyBefore(kind, body, question.compare);
  const before = useAnswer(kind, bodyBefore);
  const { error } = asked;
  const problem = useMemo(() => (error ? asProblem(error) : null), [error]);
  const problems = useMemo(() => problem?.fields.map((field) => ({ ...field, path: pathInQuestion(question, field.path) })) ?? NO_PROBLEMS, [problem, question]);
  const isAsking = asked.fetchStatus === "fetching" || !isSettled;
  const isCancelled = body !== null && isSettled && asked.fetchStatus === "idle" && (asked.isPending || asked.isPlaceholderData);
  const isOld = asked.isPlaceholderData || !isSettled || missing.length > 0;
  const drill = usePoint();

  return (
    <>
      <Panel className="h-question-panel">
        <QuestionBuilder kind={kind} question={question} change={change} problems={problems} />
      </Panel>
      <Panel className="h-answer-panel">
        <Waiting isAsking={isAsking && missing.length === 0} onCancel={() => void queries.cancelQueries({ queryKey: answerKey(kind, body) })} />
        {missing.length > 0 && <p className="h-answer-hint" role="status">{t("hint.missing")}</p>}
        {isCancelled && (
          <p className="h-answer-hint" role="status">
            {t("hint.cancelled")} <Button type="link" onClick={() => void asked.refetch()}>{t("hint.askAgain")}</Button>
          </p>
        )}
        {asked.data ? (
          <div className={`h-answer-kept ${isOld ? "is-waiting" : ""}`} aria-busy={isAsking}>
            <Answered
              kind={kind}
              asked={asked.data}
              before={question.compare && before.data && !before.isPlaceholderData ? before.data : undefined}
              question={question}
              isOld={isOld}
              onPoint={isOld ? undefined : drill.open}
              onAgain={() => void asked.refetch()}
            />
          </div>
        ) : problem ? (
          <Refused error={problem} retry={() => void asked.refetch()} />
        ) : (
          missing.length === 0 && !isCancelled && <Loading rows={8} />
        )}
      </Panel>
      <MembersDrawer kind={kind} asked={isOld ? undefined : asked.data} point={drill.point} onClose={drill.close} />
    </>
  );
}

interface AnsweredProps<K extends Kind> {
  kind: K;
  asked: Asked<K>;
  before: Asked<K> | undefined;
  question: PageQuestion<K>;
  /** Whether it answers an earlier question than the one that stands above. */
  isOld: boolean;
  onPoint: ((point: Point) => void) | undefined;
  onAgain: () => void;
}

function Answered<K extends Kind>({ kind, asked, before, question, isOld, onPoint, onAgain }: AnsweredProps<K>) {
  const { t } = useTranslation("insight");
  const title = useQuestionTitle(kind, asked.question);
  const maySave = useCan("segments", "write");
  return (
    <>
      <AnswerView kind={kind} asked={asked} before={before} title={title} level={2} onPoint={onPoint} tools={maySave && <SaveToBoard kind={kind} question={question} title={title} isDisabled={isOld} />} />
      <p className="h-quiet h-answer-foot">
        <span>{t("asOf")} <Time at={asked.answer.as_of} /></span>
        <Tooltip title={t("hint.askAgain")}>
          <Button size="small" type="text" icon={<ReloadOutlined />} aria-label={t("hint.askAgain")} onClick={onAgain} />
        </Tooltip>
      </p>
    </>
  );
}

/** A question that cannot be asked so: what is wrong stands at its field above, and here, since not everything has a field. */
function Refused({ error, retry }: { error: ReturnType<typeof asProblem>; retry: () => void }) {
  const { t } = useTranslation("insight");
  const fieldWords = useFieldWords();
  if (error.fields.length === 0) return <ErrorState error={error} retry={retry} />;
  return (
    <div className="h-answer-hint" role="alert">
      {t("hint.wrong")}
      <ul>
        {error.fields.map((field) => (
          <li key={field.path}><code className="h-code">{field.path}</code> {fieldWords(field)}</li>
        ))}
      </ul>
    </div>
  );
}

/** The number that somebody looks behind stands in the address, so that "back" closes the drawer. */
function usePoint(): { point: Point | null; open: (point: Point) => void; close: () => void } {
  const { point } = useSearch({ strict: false }) as { point?: unknown };
  const navigate = useNavigate();
  return useMemo(() => {
    const go = (next: Point | undefined) => void navigate({ to: ".", search: (before: Record<string, unknown>) => ({ ...before, point: next }), resetScroll: false });
    return { point: typeof point === "object" && point !== null ? (point as Point) : null, open: go, close: () => go(undefined) };
  }, [point, navigate]);
}
