import { html } from "@codemirror/lang-html";
import { json } from "@codemirror/lang-json";
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, nextDiagnostic, setDiagnostics } from "@codemirror/lint";
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import { Decoration, drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers, MatchDecorator, placeholder, ViewPlugin, type DecorationSet, type ViewUpdate } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useImperativeHandle, useRef, type Ref } from "react";
import { history } from "@/ui/editor/history";
import { offsetOf, type Mark } from "./lint";
import "@/ui/editor/editor.css";

export interface CodeHandle {
  /** Puts a piece in where the cursor is, in place of what is chosen; `wrap` is told what was chosen. */
  insert: (piece: string | ((chosen: string) => string)) => void;
  goTo: (line: number, column?: number) => void;
  focus: () => void;
}

interface CodeEditorProps {
  value: string;
  onChange: (value: string) => void;
  /** What is written here, for those who hear it. */
  label: string;
  mode: "mjml" | "html" | "text" | "json";
  marks?: readonly (Mark & { message: string })[];
  hint?: string;
  isReadOnly?: boolean;
  onFocus?: () => void;
  ref?: Ref<CodeHandle>;
}

const colours = HighlightStyle.define([
  { tag: [tags.tagName, tags.angleBracket], color: "var(--ember)" },
  { tag: [tags.attributeName, tags.propertyName], color: "var(--moss-ink)" },
  { tag: [tags.attributeValue, tags.string], color: "var(--slate)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--amber-ink)" },
  { tag: [tags.comment, tags.meta], color: "var(--quiet)", fontStyle: "italic" },
]);

/** `{{ … }}` and `{% … %}` stand out in every kind of text. */
const placeholders = new MatchDecorator({ regexp: /\{\{[^{}]*\}\}|\{%[^{}]*%\}/g, decoration: Decoration.mark({ class: "h-code-tag" }) });

const tagsOfEngine = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;
    constructor(view: EditorView) {
      this.decorations = placeholders.createDeco(view);
    }
    update(update: ViewUpdate) {
      this.decorations = placeholders.updateDeco(update, this.decorations);
    }
  },
  { decorations: (plugin) => plugin.decorations },
);

function language(mode: CodeEditorProps["mode"]): Extension {
  if (mode === "json") return json();
  return mode === "text" ? [] : html({ matchClosingTags: mode === "html", autoCloseTags: true });
}

/** The editor of texts with placeholders. Tab leaves it, so nobody who uses the keyboard is caught in it. */
export function CodeEditor({ value, onChange, label, mode, marks, hint, isReadOnly = false, onFocus, ref }: CodeEditorProps) {
  const frame = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const dynamic = useRef(new Compartment());
  const told = useRef({ onChange, onFocus });
  told.current = { onChange, onFocus };

  const attributes = (name: string, isFixed: boolean): Extension => [
    EditorView.contentAttributes.of({ "aria-label": name, tabindex: "0", spellcheck: "false", autocapitalize: "off", ...(isFixed ? { "aria-readonly": "true" } : {}) }),
    EditorState.readOnly.of(isFixed),
    EditorView.editable.of(!isFixed),
  ];

  useEffect(() => {
    if (!frame.current) return;
    const made = new EditorView({
      parent: frame.current,
      state: EditorState.create({
        doc: value,
        extensions: [
          lineNumbers(), lintGutter(), highlightActiveLine(), highlightActiveLineGutter(), drawSelection(), bracketMatching(), indentOnInput(), history(),
          EditorView.lineWrapping,
          syntaxHighlighting(colours),
          language(mode),
          tagsOfEngine,
          hint ? placeholder(hint) : [],
          keymap.of([{ key: "F8", run: nextDiagnostic }]),
          dynamic.current.of(attributes(label, isReadOnly)),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) told.current.onChange(update.state.doc.toString());
            if (update.focusChanged && update.view.hasFocus) told.current.onFocus?.();
          }),
        ],
      }),
    });
    view.current = made;
    return () => {
      view.current = null;
      made.destroy();
    };
    // The editor is made anew for another kind of text; everything else is told to the one that stands.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [mode]);

  useEffect(() => {
    const now = view.current;
    if (now && now.state.doc.toString() !== value) now.dispatch({ changes: { from: 0, to: now.state.doc.length, insert: value } });
  }, [value]);

  useEffect(() => {
    view.current?.dispatch({ effects: dynamic.current.reconfigure(attributes(label, isReadOnly)) });
  }, [label, isReadOnly]);

  useEffect(() => {
    const now = view.current;
    if (!now) return;
    const length = now.state.doc.length;
    const shown = (marks ?? []).map((mark) => ({ from: Math.min(mark.from, length), to: Math.min(mark.to, length), severity: mark.severity, message: mark.message }));
    now.dispatch(setDiagnostics(now.state, shown));
  }, [marks]);

  useImperativeHandle(ref, () => ({
    insert: (piece) => {
      const now = view.current;
      if (!now) return;
      const { from, to } = now.state.selection.main;
      const text = typeof piece === "string" ? piece : piece(now.state.sliceDoc(from, to));
      now.dispatch({ changes: { from, to, insert: text }, selection: { anchor: from + text.length }, userEvent: "input.paste", scrollIntoView: true });
      now.focus();
    },
    goTo: (line, column = 1) => {
      const now = view.current;
      if (!now) return;
      const at = offsetOf(now.state.doc.toString(), line, column);
      now.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: "center" }) });
      now.focus();
    },
    focus: () => view.current?.focus(),
  }));

  return <div ref={frame} className="h-code-editor" />;
}
