import { json, jsonParseLinter } from "@codemirror/lang-json";
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { linter, lintGutter, type Diagnostic } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { drawSelection, EditorView, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useRef } from "react";
import { placeOf } from "./place";

interface JsonEditorProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** What is wrong, in words; it is shown at the field that it begins with. */
  problem: string | null;
  isReadOnly?: boolean;
}

const colours = HighlightStyle.define([
  { tag: tags.propertyName, color: "var(--moss-ink)" },
  { tag: tags.string, color: "var(--slate)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--amber-ink)" },
]);

/** JSON as text, with what is wrong shown at its place. */
export default function JsonEditor({ label, value, onChange, problem, isReadOnly = false }: JsonEditorProps) {
  const box = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const now = useRef({ onChange, problem, value });
  now.current = { onChange, problem, value };

  useEffect(() => {
    if (!box.current) return;
    const atField = (editor: EditorView): Diagnostic[] => {
      const place = now.current.problem === null ? null : placeOf(editor.state.doc.toString(), now.current.problem);
      return place ? [{ ...place, severity: "error", message: now.current.problem ?? "" }] : [];
    };
    const editor = new EditorView({
      parent: box.current,
      state: EditorState.create({
        doc: now.current.value,
        extensions: [
          lineNumbers(),
          drawSelection(),
          bracketMatching(),
          indentOnInput(),
          syntaxHighlighting(colours),
          json(),
          lintGutter(),
          linter((shown) => [...jsonParseLinter()(shown), ...atField(shown)], { delay: 300 }),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ "aria-label": label }),
          EditorState.readOnly.of(isReadOnly),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) now.current.onChange(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = editor;
    return () => editor.destroy();
  }, [label, isReadOnly]);

  // A problem that came later is looked for anew.
  useEffect(() => {
    const editor = view.current;
    if (!editor) return;
    void import("@codemirror/lint").then(({ forceLinting }) => forceLinting(editor));
  }, [problem]);

  return <div ref={box} className="h-json-editor" />;
}
