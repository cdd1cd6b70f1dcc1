import { useParams, useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useCan } from "@/lib/session";
import { LinkTabs, NoPermission, Page, type LinkTab } from "@/ui";
import { KINDS, type Kind } from "./api/types";
import { EmptyQuestion } from "./EmptyQuestion";
import { searchOf, type PageQuestion } from "./question/address";
import { useQuestion } from "./question/useQuestion";
import { QuestionView } from "./QuestionView";
import "./insight.css";
import "./question.css";

/** One page for each kind of question: the question, and its answer. */
export function InsightPage() {
  const { kind: asked } = useParams({ strict: false }) as { kind?: string };
  const kind = KINDS.find((one) => one === asked) ?? "funnel";
  // Each kind has a state of its own, so that no answer of one is shown as that of another.
  return <KindPage key={kind} kind={kind} />;
}

function KindPage<K extends Kind>({ kind }: { kind: K }) {
  const { t } = useTranslation("insight");
  const mayRead = useCan("people", "read");
  const navigate = useNavigate();
  const { question, change } = useQuestion(kind);
  return (
    <Page title={t(`kinds.${kind}.title`)} description={t(`kinds.${kind}.help`)} crumbs={[{ title: t("pageTitle") }]}>
      <LinkTabs label={t("pageTitle")} tabs={KINDS.map((one) => ({ to: `/insight/${one}` as LinkTab["to"], label: t(`kinds.${one}.title`) }))} />
      {!mayRead ? (
        <NoPermission />
      ) : question ? (
        <QuestionView kind={kind} question={question} change={change} />
      ) : (
        <EmptyQuestion kind={kind} onTake={(next) => void navigate({ to: ".", search: (before: Record<string, unknown>) => searchOf(next as PageQuestion, before) })} />
      )}
    </Page>
  );
}
