import { Alert, Button, type FormInstance } from "antd";
import { useBlocker } from "@tanstack/react-router";
import { useCallback, useEffect, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { asProblem, type Problem } from "@/lib/api";
import { useFieldWords, useProblemWords } from "./problems";
import "./forms.css";

/** `rule.all[2].within` as the form knows it: `["rule", "all", 2, "within"]`. */
export function fieldName(path: string): (string | number)[] {
  return path
    .split(/[.[\]]+/)
    .filter(Boolean)
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

interface FormProblem {
  /** What belongs to no field of the form. */
  problem: Problem | null;
  /** Puts a problem at the fields that it names. Gives false when something is left for the top of the form. */
  show: (error: unknown) => void;
  clear: () => void;
}

/** Takes the API's problem apart: each part to its field, the rest above the form. */
export function useFormProblem(form: FormInstance): FormProblem {
  const [problem, setProblem] = useState<Problem | null>(null);
  const { t } = useTranslation("ui");
  const fieldWords = useFieldWords();
  const show = useCallback(
    (error: unknown) => {
      const found = asProblem(error);
      const unplaced = found.fields.filter((field) => {
        const name = fieldName(field.path);
        const top = name[0];
        if (top === undefined || !form.getFieldInstance(name.length > 1 ? name : top)) return true;
        const message = t("fieldProblem", { message: fieldWords(field) });
        form.setFields([{ name: name.length > 1 ? name : top, errors: [message] }]);
        form.scrollToField(name, { block: "center" });
        return false;
      });
      setProblem(found.fields.length > 0 && unplaced.length === 0 ? null : found);
    },
    [form, t, fieldWords],
  );
  const clear = useCallback(() => setProblem(null), []);
  return { problem, show, clear };
}

/** What the API has against the form as a whole. */
export function FormErrors({ problem }: { problem: Problem | null }) {
  const words = useProblemWords();
  const fieldWords = useFieldWords();
  if (!problem) return null;
  const { title, help } = words(problem);
  return (
    <Alert
      className="h-form-errors"
      type={problem.status === 409 ? "warning" : "error"}
      showIcon
      role="alert"
      title={title}
      description={
        <>
          {help}
          {problem.fields.map((field) => (
            <div key={`${field.path}${field.message}`} className="h-code">
              {field.path}: {fieldWords(field)}
            </div>
          ))}
        </>
      }
    />
  );
}

interface SaveBarProps {
  isDirty: boolean;
  isSaving: boolean;
  onSave: () => void;
  onDiscard: () => void;
  /** What is not saved, in words. */
  children?: ReactNode;
}

interface Address {
  pathname: string;
  search: object;
}

/** What stands in the address beside the page: an open drawer, or the member for whom something is previewed. */
const BESIDE = ["open", "member"];

/** Whether a form is left behind by going there, and not only something opened beside it. */
export function leavesForm(from: Address, to: Address): boolean {
  const page = ({ search }: Address) => JSON.stringify(Object.entries(search).filter(([name, value]) => !BESIDE.includes(name) && value !== undefined).sort());
  return from.pathname !== to.pathname || page(from) !== page(to);
}

/** Stands at the bottom while something is not saved, and asks before it is left behind. */
export function SaveBar({ isDirty, isSaving, onSave, onDiscard, children }: SaveBarProps) {
  const { t } = useTranslation("ui");
  const leave = useBlocker({
    shouldBlockFn: ({ current, next }) => isDirty && !isSaving && leavesForm(current, next),
    enableBeforeUnload: () => isDirty,
    withResolver: true,
  });
  useEffect(() => {
    if (!isDirty && leave.status === "blocked") leave.proceed();
  }, [isDirty, leave]);
  if (!isDirty) return null;
  return (
    <div className="h-save-bar" role="region" aria-label={t("unsaved.region")}>
      <span>{leave.status === "blocked" ? t("unsaved.leaving") : (children ?? t("unsaved.region"))}</span>
      <div className="h-save-bar-buttons">
        {leave.status === "blocked" ? (
          <>
            <Button onClick={leave.reset}>{t("unsaved.stay")}</Button>
            <Button danger onClick={leave.proceed}>
              {t("unsaved.leave")}
            </Button>
          </>
        ) : (
          <Button onClick={onDiscard} disabled={isSaving}>
            {t("unsaved.discard")}
          </Button>
        )}
        <Button type="primary" onClick={onSave} loading={isSaving}>
          {t("save")}
        </Button>
      </div>
    </div>
  );
}
