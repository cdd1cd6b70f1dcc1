import { CodeOutlined, RedoOutlined, SnippetsOutlined, UndoOutlined } from "@ant-design/icons";
import { Button, Tooltip } from "antd";
import { lazy, Suspense, useMemo, useState, type ClipboardEvent, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import type { FieldProblem } from "@/lib/api";
import { useServerWords } from "@/lib/i18n/server-words";
import { Loading } from "@/ui";
import type { RuleJson } from "../model/grammar";
import { writeRoot } from "../model/tree";
import { sentenceOf } from "../sentence/sentence";
import { PhraseText } from "../RuleSentence";
import { nodeFromText } from "./clipboard";
import { ChipContext, EditorContext } from "./editor";
import { GroupEditor } from "./GroupEditor";
import { ProblemLines } from "./ProblemLines";
import { problemText } from "./problem-words";
import { useRuleEditor } from "./useRuleEditor";
import "../rules.css";

const JsonRule = lazy(() => import("./JsonRule"));

export interface RuleBuilderProps {
  /** The rule as the API has it; null while it has no condition. It may be unfinished. */
  value: RuleJson | null;
  onChange: (value: RuleJson | null) => void;
  /** What the server (or `unfinishedParts`) has against it, each with its path. */
  problems?: readonly FieldProblem[];
  /** Where the rule stands in the body of which the problems speak. */
  base?: string;
  /** For narrow places, such as the panel of a step: no text mode, less air. */
  compact?: boolean;
  isDisabled?: boolean;
  /** The segment whose rule it is: it is not offered as a condition of itself. */
  ownSegment?: string;
}

/** Edits a rule that reads as a sentence. What it holds at any time is `value`; nothing is saved here. */
export function RuleBuilder({ compact = false, isDisabled = false, base = "rule", problems = [], ...props }: RuleBuilderProps) {
  const { t } = useTranslation("rules");
  const { editor, placed, history, onUndo, onRedo } = useRuleEditor({ ...props, problems, base, compact, isDisabled });
  const serverWords = useServerWords();
  const [isText, setIsText] = useState(false);
  const rule = useMemo(() => writeRoot(editor.root), [editor.root]);
  const sentence = useMemo(() => sentenceOf(editor.words, rule), [editor.words, rule]);

  function onKeyDown(event: KeyboardEvent) {
    const isMod = event.metaKey || event.ctrlKey;
    const key = event.key.toLowerCase();
    const isInText = event.target instanceof HTMLElement && event.target.closest(".cm-editor");
    if (!isMod || isInText || (key !== "z" && key !== "y")) return;
    // A field with something typed in it undoes its own letters first.
    if (event.target instanceof HTMLInputElement && event.target.value && event.target.type === "search") return;
    event.preventDefault();
    if (key === "y" || event.shiftKey) onRedo();
    else onUndo();
  }

  function onPaste(event: ClipboardEvent) {
    if (isDisabled || event.target instanceof HTMLInputElement || isText) return;
    const node = nodeFromText(event.clipboardData.getData("text"));
    if (!node) return;
    event.preventDefault();
    const row = event.target instanceof HTMLElement ? event.target.closest<HTMLElement>("[data-node]")?.dataset.node : undefined;
    editor.insert(node, row ? { afterId: row } : { groupId: editor.root.id });
  }

  return (
    <EditorContext value={editor}>
      <ChipContext value={editor}>
        <div className={`h-rule ${compact ? "is-compact" : ""}`} role="group" aria-label={t("builder")} onKeyDown={onKeyDown} onPaste={onPaste}>
          <div className="h-rule-head">
            <p className="h-rule-sentence" aria-live="polite">
              <PhraseText phrase={sentence} />
            </p>
            {!isDisabled && (
              <div className="h-rule-tools">
                <Tooltip title={t("tools.undo")}>
                  <Button size="small" type="text" icon={<UndoOutlined />} aria-label={t("tools.undo")} disabled={history.past.length === 0} onClick={onUndo} />
                </Tooltip>
                <Tooltip title={t("tools.redo")}>
                  <Button size="small" type="text" icon={<RedoOutlined />} aria-label={t("tools.redo")} disabled={history.future.length === 0} onClick={onRedo} />
                </Tooltip>
                {!compact && (
                  <>
                    <Tooltip title={t("tools.paste")}>
                      <Button size="small" type="text" icon={<SnippetsOutlined />} aria-label={t("tools.paste")} onClick={() => editor.paste({ groupId: editor.root.id })} />
                    </Tooltip>
                    <Tooltip title={isText ? t("tools.sentence") : t("tools.text")}>
                      <Button
                        size="small"
                        type={isText ? "primary" : "text"}
                        icon={<CodeOutlined />}
                        aria-pressed={isText}
                        aria-label={t("tools.text")}
                        onClick={() => setIsText(!isText)}
                      />
                    </Tooltip>
                  </>
                )}
              </div>
            )}
          </div>
          {isText ? (
            <Suspense fallback={<Loading rows={6} />}>
              <JsonRule value={rule} problems={problems} base={base} onChange={props.onChange} onUndo={onUndo} onRedo={onRedo} />
            </Suspense>
          ) : (
            <GroupEditor group={editor.root} isRoot />
          )}
          {placed.unplaced.length > 0 && (
            <div className="h-rule-problems" role="alert">
              {placed.unplaced.map((problem) => (
                <span key={`${problem.path}${problem.message}`}>{problemText(editor.words.t, problem, serverWords)}</span>
              ))}
            </div>
          )}
          {!isText && <ProblemLines id={editor.root.id} />}
        </div>
      </ChipContext>
    </EditorContext>
  );
}
