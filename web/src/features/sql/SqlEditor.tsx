import { bracketMatching, HighlightStyle, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, setDiagnostics } from "@codemirror/lint";
import { EditorState, Prec } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useImperativeHandle, useRef, type Ref } from "react";
import { history } from "@/ui/editor/history";
import { indentLess, indentMore, newLine, toggleComment } from "./indent";
import { sql } from "./language";
import { offsetOf, type Place } from "./place";
import "@/ui/editor/editor.css";

export interface EditorHandle {
  /** Puts a name in where the cursor is, with a space before it where one is missing. */
  insert: (name: string) => void;
  goTo: (place: Place) => void;
  focus: () => void;
}

interface SqlEditorProps {
  value: string;
  onChange: (value: string) => void;
  label: string;
  /** What the server has against the query, at its place. */
  fault: { place: Place; message: string } | null;
  ref?: Ref<EditorHandle>;
}

const colours = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--ember)", fontWeight: "600" },
  { tag: tags.string, color: "var(--moss-ink)" },
  { tag: tags.propertyName, color: "var(--slate)" },
  { tag: tags.typeName, color: "var(--slate)" },
  { tag: tags.number, color: "var(--amber-ink)" },
  { tag: tags.comment, color: "var(--quiet)", fontStyle: "italic" },
]);

/** The editor of queries. Tab indents; after Esc it leaves the editor, so that nobody who uses the keyboard is caught in it. */
export default function SqlEditor({ value, onChange, label, fault, ref }: SqlEditorProps) {
  const frame = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const now = useRef({ onChange, value });
  now.current = { onChange, value };

  useEffect(() => {
    if (!frame.current) return;
    const made = new EditorView({
      parent: frame.current,
      state: EditorState.create({
        doc: now.current.value,
        extensions: [
          lineNumbers(), lintGutter(), highlightActiveLine(), highlightActiveLineGutter(), drawSelection(), bracketMatching(), history(),
          EditorView.lineWrapping,
          indentUnit.of("  "),
          syntaxHighlighting(colours),
          sql,
          Prec.high(
            keymap.of([
              // The page runs the query, wherever one stands; here it only must not become a new line.
              { key: "Mod-Enter", run: () => true },
              { key: "Enter", run: newLine },
              { key: "Tab", run: indentMore, shift: indentLess },
              { key: "Mod-/", run: toggleComment },
            ]),
          ),
          EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false", autocapitalize: "off", autocorrect: "off" }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) now.current.onChange(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = made;
    return () => {
      view.current = null;
      made.destroy();
    };
  }, [label]);

  useEffect(() => {
    const shown = view.current;
    if (shown && shown.state.doc.toString() !== value) {
      shown.dispatch({ changes: { from: 0, to: shown.state.doc.length, insert: value }, selection: { anchor: value.length } });
    }
  }, [value]);

  useEffect(() => {
    const shown = view.current;
    if (!shown) return;
    const at = fault ? offsetOf(shown.state.doc.toString(), fault.place) : 0;
    const word = fault ? /^[\w."]*/.exec(shown.state.sliceDoc(at, at + 80))?.[0].length || 1 : 0;
    const to = Math.min(at + word, shown.state.doc.length);
    shown.dispatch(setDiagnostics(shown.state, fault ? [{ from: Math.min(at, to), to, severity: "error", message: fault.message }] : []));
  }, [fault]);

  useImperativeHandle(ref, () => ({
    insert: (name) => {
      const shown = view.current;
      if (!shown) return;
      const { from, to } = shown.state.selection.main;
      const before = shown.state.sliceDoc(Math.max(0, from - 1), from);
      const text = /^[\s(.,]?$/.test(before) ? name : ` ${name}`;
      shown.dispatch({ changes: { from, to, insert: text }, selection: { anchor: from + text.length }, userEvent: "input.paste", scrollIntoView: true });
      shown.focus();
    },
    goTo: (place) => {
      const shown = view.current;
      if (!shown) return;
      const at = offsetOf(shown.state.doc.toString(), place);
      shown.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: "center" }) });
      shown.focus();
    },
    focus: () => view.current?.focus(),
  }));

  return <div ref={frame} className="h-code-editor h-sql-editor" />;
}
