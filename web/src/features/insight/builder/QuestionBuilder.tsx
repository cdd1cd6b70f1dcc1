import type { ComponentType } from "react";
import { useTranslation } from "react-i18next";
import { ChipFrame } from "@/features/rules";
import type { FieldProblem } from "@/lib/api";
import type { Kind } from "../api/types";
import type { PageQuestion } from "../question/address";
import { AttributionForm } from "./forms/AttributionForm";
import { DistributionForm, IntervalForm, LifecycleForm } from "./forms/CountForms";
import type { FormProps } from "./forms/form";
import { FunnelForm } from "./forms/FunnelForm";
import { PathForm } from "./forms/PathForm";
import { RetentionForm } from "./forms/RetentionForm";
import { TrendForm } from "./forms/TrendForm";
import { ScopeLines } from "./ScopeLines";

/** THE list of forms: what each kind of question asks for. */
const FORMS: { [K in Kind]: ComponentType<FormProps<K>> } = {
  funnel: FunnelForm, retention: RetentionForm, trend: TrendForm, path: PathForm, distribution: DistributionForm, interval: IntervalForm,
  lifecycle: LifecycleForm, attribution: AttributionForm,
};

interface QuestionBuilderProps<K extends Kind> {
  kind: K;
  question: PageQuestion<K>;
  change: (next: PageQuestion<K>, field?: string) => void;
  /** What the server has against it, by field. */
  problems: readonly FieldProblem[];
}

/** The question as a sentence whose words can be exchanged. */
export function QuestionBuilder<K extends Kind>({ kind, question, change, problems }: QuestionBuilderProps<K>) {
  const { t } = useTranslation("insight");
  const Form = FORMS[kind] as ComponentType<FormProps<K>>;
  return (
    <ChipFrame label={t("label.question")} className="h-question" problems={problems}>
      <Form question={question} change={change} />
      <ScopeLines kind={kind} question={question as PageQuestion} change={change as (next: PageQuestion, field?: string) => void} problems={problems} />
    </ChipFrame>
  );
}
