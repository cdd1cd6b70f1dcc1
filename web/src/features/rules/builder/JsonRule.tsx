import { json, jsonParseLinter } from "@codemirror/lang-json";
import { bracketMatching, HighlightStyle, syntaxHighlighting, syntaxTree } from "@codemirror/language";
import { lintGutter, linter, setDiagnostics, type Diagnostic } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { drawSelection, EditorView, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { FieldProblem } from "@/lib/api";
import { useServerWords } from "@/lib/i18n/server-words";
import type { RuleJson } from "../model/grammar";
import { segmentsOf } from "../model/places";
import { UNFINISHED } from "../model/unfinished";
import { useEditor } from "./editor";
import { problemText } from "./problem-words";

interface JsonRuleProps {
  value: RuleJson | null;
  problems: readonly FieldProblem[];
  base: string;
  onChange: (value: RuleJson | null) => void;
  onUndo: () => void;
  onRedo: () => void;
}

const colours = HighlightStyle.define([
  { tag: tags.propertyName, color: "var(--moss-ink)" },
  { tag: tags.string, color: "var(--slate)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--amber-ink)" },
]);

/** The rule as text, for those who think in JSON, with the same problems at the same places. */
export default function JsonRule({ value, problems, base, onChange, onUndo, onRedo }: JsonRuleProps) {
  const { t } = useTranslation("rules");
  const { words } = useEditor();
  const serverWords = useServerWords();
  const box = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const now = useRef({ onChange, onUndo, onRedo });
  now.current = { onChange, onUndo, onRedo };
  /** Whether the next value comes from "undo", and is shown even while somebody types. */
  const isTakenBack = useRef(false);
  const text = value === null ? "" : JSON.stringify(value, null, 2);
  const first = useRef(text);
  const label = t("tools.text");

  useEffect(() => {
    if (!box.current) return;
    function takeBack(act: () => void): boolean {
      isTakenBack.current = true;
      act();
      return true;
    }
    const editor = new EditorView({
      parent: box.current,
      state: EditorState.create({
        doc: first.current,
        extensions: [
          lineNumbers(),
          drawSelection(),
          bracketMatching(),
          syntaxHighlighting(colours),
          json(),
          keymap.of([
            { key: "Mod-z", run: () => takeBack(now.current.onUndo), preventDefault: true },
            { key: "Mod-y", run: () => takeBack(now.current.onRedo), preventDefault: true },
            { key: "Mod-Shift-z", run: () => takeBack(now.current.onRedo), preventDefault: true },
          ]),
          lintGutter(),
          linter(jsonParseLinter(), { delay: 400 }),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ "aria-label": label }),
          EditorView.updateListener.of((update) => {
            if (!update.docChanged) return;
            const read = parsed(update.state.doc.toString());
            if (read !== undefined && !isTakenBack.current) now.current.onChange(read);
          }),
        ],
      }),
    });
    view.current = editor;
    return () => editor.destroy();
  }, [label]);

  // A change that came from elsewhere, such as "undo". What is being typed is left as it is laid out.
  useEffect(() => {
    const editor = view.current;
    if (!editor) return;
    const shown = parsed(editor.state.doc.toString());
    const isSame = shown !== undefined && JSON.stringify(shown) === JSON.stringify(value);
    if (!isSame && (isTakenBack.current || !editor.hasFocus)) {
      isTakenBack.current = true;
      editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: text } });
    }
    isTakenBack.current = false;
  }, [value, text]);

  useEffect(() => {
    const editor = view.current;
    if (!editor) return;
    const found = problems
      .filter((problem) => problem.path === base || problem.path.startsWith(base))
      .map((problem): Diagnostic => {
        const { from, to } = rangeOf(editor.state, segmentsOf(problem.path.slice(base.length)));
        const message = problem.code === UNFINISHED ? words.t("problem.missing") : problemText(words.t, problem, serverWords);
        return { from, to, severity: "error", message };
      });
    editor.dispatch(setDiagnostics(editor.state, found));
  }, [problems, base, text, words, serverWords]);

  return (
    <>
      <p className="h-quiet h-rule-text-help">{t("tools.textHelp")}</p>
      <div ref={box} className="h-rule-text" />
    </>
  );
}

/** The rule in a text; null where there is none, undefined while it is not well formed. */
function parsed(text: string): RuleJson | null | undefined {
  if (!text.trim()) return null;
  try {
    const read: unknown = JSON.parse(text);
    return typeof read === "object" && read !== null && !Array.isArray(read) ? (read as RuleJson) : undefined;
  } catch {
    return undefined;
  }
}

/** Where in the text a path leads; as far as it can be followed. */
export function rangeOf(state: EditorState, path: (string | number)[]): { from: number; to: number } {
  let node: JsonNode | null = syntaxTree(state).topNode.firstChild;
  for (const segment of path) {
    const next: JsonNode | null = node && (typeof segment === "number" ? elementOf(node, segment) : propertyOf(state, node, segment));
    if (!next) break;
    node = next;
  }
  return node ? { from: node.from, to: node.to } : { from: 0, to: 0 };
}

type JsonNode = NonNullable<ReturnType<typeof syntaxTree>["topNode"]["firstChild"]>;
const VALUES = ["Object", "Array", "String", "Number", "True", "False", "Null"];

function elementOf(node: JsonNode, index: number): JsonNode | null {
  let at = 0;
  for (let child = node.firstChild; child; child = child.nextSibling) {
    if (!VALUES.includes(child.name)) continue;
    if (at === index) return child;
    at += 1;
  }
  return null;
}

function propertyOf(state: EditorState, node: JsonNode, name: string): JsonNode | null {
  for (const property of node.getChildren("Property")) {
    const key = property.getChild("PropertyName");
    if (key && state.sliceDoc(key.from, key.to) === JSON.stringify(name)) return property.lastChild;
  }
  return null;
}
