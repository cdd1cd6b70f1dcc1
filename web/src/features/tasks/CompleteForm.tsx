import { Button, Input } from "antd";
import { useEffect, useRef, useState, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import { asProblem, type Problem } from "@/lib/api";
import { isApple } from "@/lib/keyboard";
import { FormErrors, useUndoToast } from "@/ui";
import { useComplete, type Task } from "./api";

/** Done by keyboard: a number chooses the outcome, Ctrl or ⌘ with Enter completes and leads to the next task. */
export function CompleteForm({ task, onDone }: { task: Task; onDone: () => void }) {
  const { t } = useTranslation("tasks");
  const [outcome, setOutcome] = useState<string>();
  const [note, setNote] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const complete = useComplete();
  const toast = useUndoToast();
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => frame.current?.focus(), []);
  const mustChoose = task.outcomes.length > 0 && outcome === undefined;

  function finish() {
    if (mustChoose || complete.isPending) return;
    setProblem(null);
    complete.mutate(
      { id: task.id, outcome, note: note.trim() || undefined },
      {
        onSuccess: () => {
          toast(t("completed", { title: task.title }));
          onDone();
        },
        onError: (error) => setProblem(asProblem(error)),
      },
    );
  }

  function onKey(event: KeyboardEvent) {
    if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) {
      event.preventDefault();
      return finish();
    }
    const isTyping = event.target instanceof HTMLElement && /^(input|textarea)$/i.test(event.target.tagName) && (event.target as HTMLInputElement).type !== "radio";
    const chosen = task.outcomes[Number(event.key) - 1];
    if (!isTyping && !event.metaKey && !event.ctrlKey && chosen !== undefined) {
      event.preventDefault();
      setOutcome(chosen);
    }
  }

  return (
    <div className="h-task-complete" ref={frame} tabIndex={-1} role="group" aria-label={t("complete")} onKeyDown={onKey}>
      <FormErrors problem={problem} />
      {task.outcomes.length > 0 && (
        <fieldset className="h-task-outcomes">
          <legend>{t("howWasIt")}</legend>
          {task.outcomes.map((word, index) => (
            <label key={word} className={outcome === word ? "is-chosen" : undefined}>
              <input type="radio" name="outcome" value={word} checked={outcome === word} onChange={() => setOutcome(word)} />
              <span>{word}</span>
              {index < 9 && <kbd aria-hidden>{index + 1}</kbd>}
            </label>
          ))}
        </fieldset>
      )}
      <label className="h-task-remark">
        <span>{t("note")}</span>
        <Input.TextArea value={note} onChange={(event) => setNote(event.target.value)} autoSize={{ minRows: 3, maxRows: 10 }} maxLength={1300} placeholder={t("noteExample")} />
      </label>
      <div className="h-task-buttons">
        <Button type="primary" onClick={finish} disabled={mustChoose} loading={complete.isPending}>
          {t("complete")}
        </Button>
        <span className="h-quiet">{mustChoose ? t("chooseFirst") : t("byKeys", { keys: isApple ? "⌘ ↵" : "Ctrl + Enter" })}</span>
      </div>
    </div>
  );
}
