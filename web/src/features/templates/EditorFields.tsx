import { Collapse, Input, Segmented, Select, Switch, type InputRef } from "antd";
import { lazy, Suspense, useEffect, useImperativeHandle, useMemo, useRef, useState, type Ref } from "react";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { useKindName } from "@/features/deliveries";
import { useServerWords } from "@/lib/i18n/server-words";
import { Loading, useUndoToast } from "@/ui";
import type { CodeHandle } from "./CodeEditor";
import { LANGUAGES, partsOf, pathOf, withPart, type Draft, type PartName, type Parts, type Variant } from "./draft";
import { marksIn, type Warning } from "./lint";
import { RulesPanel } from "./RulesPanel";
import { VariablePicker, type Piece } from "./VariablePicker";
import { inserted, type Form } from "./variables";

const CodeEditor = lazy(() => import("./CodeEditor").then((module) => ({ default: module.CodeEditor })));

export interface FieldsHandle {
  goTo: (place: { variant: Variant; part: PartName }, line?: number, column?: number) => void;
}

interface EditorFieldsProps {
  id: string | undefined;
  draft: Draft;
  variant: Variant;
  warnings: readonly Warning[];
  isReadOnly: boolean;
  onVariant: (variant: Variant) => void;
  onChange: (draft: Draft) => void;
  ref?: Ref<FieldsHandle>;
}

type Body = "mjml" | "html" | "text";

/** The fields of a template in one of its languages. */
export function EditorFields({ id, draft, variant, warnings, isReadOnly, onVariant, onChange, ref }: EditorFieldsProps) {
  const { t } = useTranslation("templates");
  const kindName = useKindName();
  const toast = useUndoToast();
  const say = useServerWords();
  const isMail = draft.channel_kind === "email";
  const parts = partsOf(draft, variant);
  const [body, setBody] = useState<Body>(() => (!isMail ? "text" : draft.parts.html ? "html" : draft.parts.mjml || !draft.parts.text ? "mjml" : "text"));
  const shown: Body = isMail ? body : "text";
  const code = useRef<CodeHandle>(null);
  const inputs = { subject: useRef<InputRef>(null), preheader: useRef<InputRef>(null) };
  /** Where the cursor was last: there the picker puts things in. */
  const [last, setLast] = useState<PartName>(shown);
  const [goal, setGoal] = useState<{ part: Body; line?: number; column?: number } | null>(null);

  /** A mail's body is MJML or HTML, never both: whoever begins the one puts the other away, and can have it back. */
  function set(part: PartName, value: string) {
    const changed = withPart(draft, variant, part, value);
    const other = part === "html" ? "mjml" : part === "mjml" ? "html" : null;
    if (!other || !value || !parts[other]) return onChange(changed);
    const before = draft;
    onChange(withPart(changed, variant, other, ""));
    toast(t("bodyReplaced", { other: t(`part.${other}`) }), async () => onChange(before));
  }
  const marks = useMemo(
    () => marksIn(parts[shown], pathOf(variant, shown), warnings).map((mark) => ({ ...mark, message: say(mark.warning) })),
    [parts, shown, variant, warnings, say],
  );
  const warned = (part: PartName) => warnings.find((warning) => warning.path === pathOf(variant, part) && warning.severity !== "hint");

  useImperativeHandle(ref, () => ({
    goTo: ({ part }, line, column) => {
      if (part === "subject" || part === "preheader") inputs[part].current?.focus();
      else {
        setBody(part);
        setGoal({ part, line, column });
      }
    },
  }));

  // The editor of the other kind is made first, and then goes to the line.
  useEffect(() => {
    if (!goal || goal.part !== shown) return;
    const timer = setTimeout(() => {
      code.current?.goTo(goal.line ?? 1, goal.column);
      setGoal(null);
    });
    return () => clearTimeout(timer);
  }, [goal, shown, variant]);

  function insert(piece: Piece) {
    if (last !== "subject" && last !== "preheader") return code.current?.insert(piece);
    const input = inputs[last].current?.input;
    const value = parts[last];
    const [from, to] = [input?.selectionStart ?? value.length, input?.selectionEnd ?? value.length];
    const { text, cursor } = inserted(value, from, to, typeof piece === "string" ? piece : piece(value.slice(from, to)));
    set(last, text);
    requestAnimationFrame(() => {
      input?.focus();
      input?.setSelectionRange(cursor, cursor);
    });
  }

  const form: Form = last === "subject" || last === "preheader" ? "text" : !isMail ? "json" : shown;
  const line = (part: "subject" | "preheader") => {
    const found = warned(part);
    return (
      <label className="h-field">
        <span>{t(`part.${part}`)}</span>
        <Input
          ref={inputs[part]}
          value={parts[part]}
          placeholder={variant === "all" ? t(`hint.${part}`) : draft.parts[part]}
          onChange={(event) => set(part, event.target.value)}
          onFocus={() => setLast(part)}
          readOnly={isReadOnly}
          status={found ? (found.severity === "error" ? "error" : "warning") : undefined}
        />
        {found && <span className="h-field-warning">{say(found)}</span>}
      </label>
    );
  };

  return (
    <>
      <div className="h-template-top">
        <label className="h-field is-wide">
          <span>{t("name")}</span>
          <Input value={draft.name} maxLength={200} onChange={(event) => onChange({ ...draft, name: event.target.value })} readOnly={isReadOnly} />
        </label>
        <label className="h-field">
          <span>{t("kind")}</span>
          <Select value={draft.channel_kind} disabled={isReadOnly || id !== undefined} options={["email", "webhook"].map((value) => ({ value, label: kindName(value) }))} onChange={(channel_kind: string) => onChange({ ...draft, channel_kind })} />
        </label>
      </div>
      {isMail && (
        <>
          <Segmented
            aria-label={t("language")}
            className="h-variants"
            value={variant}
            onChange={(next: Variant) => onVariant(next)}
            options={(["all", ...LANGUAGES] as const).map((value) => ({ value, label: t(`variant.${value}`) }))}
          />
          {variant !== "all" && <p className="h-quiet h-variant-note">{t("variantHelp")}</p>}
          {line("subject")}
          {line("preheader")}
        </>
      )}
      <div className="h-body-tools">
        {isMail && (
          <Segmented
            aria-label={t("body")}
            value={shown}
            onChange={(next: Body) => {
              setBody(next);
              setLast(next);
            }}
            options={(["mjml", "html", "text"] as const).map((value) => ({ value, label: t(`part.${value}`) }))}
          />
        )}
        {!isReadOnly && <VariablePicker template={id} form={form} rules={Object.keys(draft.rules)} onInsert={insert} />}
      </div>
      <Suspense fallback={<Loading rows={10} />}>
        <CodeEditor
          key={`${variant}${shown}`}
          ref={code}
          mode={!isMail ? "json" : shown}
          value={parts[shown]}
          onChange={(value) => set(shown, value)}
          label={`${t(`variant.${variant}`)} · ${t(`part.${shown}`)}`}
          marks={marks}
          hint={hintOf(shown, parts, isMail, t)}
          isReadOnly={isReadOnly}
          onFocus={() => setLast(shown)}
        />
      </Suspense>
      <Collapse
        ghost
        items={[
          { key: "rules", label: t("rules.title", { count: Object.keys(draft.rules).length }), children: <RulesPanel rules={draft.rules} onChange={(rules) => onChange({ ...draft, rules })} /> },
          {
            key: "strict",
            label: t("strict.title"),
            children: (
              <label className="h-strict">
                <Switch checked={draft.strict} disabled={isReadOnly} onChange={(strict) => onChange({ ...draft, strict })} />
                <span>{t("strict.help")}</span>
              </label>
            ),
          },
        ]}
      />
    </>
  );
}

/** What an empty editor says. */
function hintOf(shown: Body, parts: Parts, isMail: boolean, t: TFunction<"templates">): string | undefined {
  if (!isMail) return undefined;
  if (shown === "text") return t("hint.text");
  const other = shown === "html" ? "mjml" : "html";
  return parts[other] ? t("hint.other", { other: t(`part.${other}`) }) : undefined;
}
