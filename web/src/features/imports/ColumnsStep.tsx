import { Alert, Button, Radio } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { asProblem, type Problem } from "@/lib/api";
import { useServerWords } from "@/lib/i18n/server-words";
import { useCan } from "@/lib/session";
import { FormErrors, Panel } from "@/ui";
import { usePreview, type Import } from "./api";
import { ConsentPanel } from "./ConsentPanel";
import { ExtrasPanel } from "./ExtrasPanel";
import { FirstRows } from "./FirstRows";
import { faultsOf, ofKind, readMapping, type Draft, type ImportKind } from "./mapping";
import { MappingTable } from "./MappingTable";
import { isOpen } from "./questions";
import { ReadingPanel } from "./ReadingPanel";
import { SavedMappings } from "./SavedMappings";

interface ColumnsStepProps {
  one: Import;
  onTried: () => void;
}

/** What the file is and what its columns mean; the suggestion is there already, questions are answered where they arise. */
export function ColumnsStep({ one, onTried }: ColumnsStepProps) {
  const { t, i18n } = useTranslation("imports");
  const say = useServerWords();
  const [draft, setDraft] = useState<Draft>(() => readMapping((one.mapping as Record<string, unknown> | null) ?? one.suggested_mapping.mapping));
  const [problem, setProblem] = useState<Problem | null>(null);
  const mayWrite = useCan("ingest", "write");
  const preview = usePreview();
  const { detected, suggested_mapping: suggestion } = one;
  const column = (name: string | null | undefined) => detected.columns.find((candidate) => candidate.name === name);
  const faults = faultsOf(draft);
  const open = suggestion.questions.filter((question) => isOpen(question, column(question.column), draft));
  const isBlocked = faults.length > 0 || open.length > 0;

  function tryOut() {
    setProblem(null);
    preview.mutate(
      { id: one.id, draft, language: i18n.language === "en" ? "en" : "zh" },
      { onSuccess: onTried, onError: (error) => setProblem(asProblem(error)) },
    );
  }

  return (
    <>
      {one.state === "preview_failed" && (
        <Alert type="error" showIcon title={t("previewFailed")} description={one.why ? say(one.why) : one.error} />
      )}
      <div className="h-import-top">
        <ReadingPanel
          one={one}
          draft={draft}
          onDraft={setDraft}
          onRead={(read) => setDraft(readMapping({ ...read.suggested_mapping.mapping, ...readingOf(draft) }))}
        />
        <SavedMappings one={one} draft={draft} onUse={setDraft} />
      </div>
      <FirstRows one={one} />
      <Panel title={t("columns.title")}>
        <p className="h-quiet h-import-lead">{t("columns.help")}</p>
        <div className="h-import-kind">
          <span id="import-kind">{t("columns.kind")}</span>
          <Radio.Group
            aria-labelledby="import-kind"
            optionType="button"
            value={draft.kind}
            onChange={(event) => setDraft(ofKind(draft, event.target.value as ImportKind))}
            options={(["members", "events"] as const).map((kind) => ({ value: kind, label: t(`kind.${kind}`) }))}
          />
          <span className="h-quiet">{t(`kindHelp.${draft.kind}`)}</span>
        </div>
        <MappingTable columns={detected.columns} questions={suggestion.questions} draft={draft} faults={faults} onChange={setDraft} />
      </Panel>
      <ConsentPanel draft={draft} columns={detected.columns.map((one) => one.name)} onChange={setDraft} />
      <ExtrasPanel draft={draft} onChange={setDraft} />
      <FormErrors problem={problem} />
      <div className="h-wizard-foot">
        {isBlocked && (
          <ul className="h-import-faults" aria-live="polite">
            {faults.map((fault, index) => (
              <li key={`${fault.code}${index}`}>{t(`fault.${fault.code}`, { column: fault.column ?? "" })}</li>
            ))}
            {open.map((question) => (
              <li key={`${question.code}${question.column ?? ""}`}>{t("fault.open", { column: question.column ?? "" })}</li>
            ))}
          </ul>
        )}
        <Button type="primary" size="large" disabled={isBlocked || !mayWrite} loading={preview.isPending} onClick={tryOut}>
          {t("tryOut")}
        </Button>
      </div>
    </>
  );
}

const READING = ["encoding", "delimiter", "has_headers", "sheet"];

/** How the operator wants the file to be read, which outlives that its columns are found anew. */
function readingOf(draft: Draft): Record<string, string> {
  return Object.fromEntries(Object.entries(draft.rest).filter(([name]) => READING.includes(name)));
}
