import { App, Button } from "antd";
import { useCallback, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Num } from "./values";
import { useTellProblem } from "./problems";
import "./confirm.css";

export interface Consequence {
  /** What is counted, such as "messages that will be cancelled". */
  label: string;
  value: number | string;
}

export interface Question {
  title: string;
  /** What will happen, in a sentence. */
  description?: ReactNode;
  /** The same in numbers, from a dry run where the API has one. */
  consequences?: Consequence[];
  /** The verb on the button: what it does, never "OK". */
  verb: string;
  isDestructive?: boolean;
  act: () => Promise<unknown>;
}

/** Asks before something is done, and says in numbers what it will do. */
export function useConfirm(): (question: Question) => void {
  const { modal } = App.useApp();
  const { t } = useTranslation("ui");
  const tell = useTellProblem();
  return useCallback(
    (question) => {
      modal.confirm({
        title: question.title,
        icon: null,
        centered: true,
        width: 480,
        okText: question.verb,
        cancelText: t("cancel"),
        okButtonProps: { danger: question.isDestructive },
        focusable: { autoFocusButton: question.isDestructive ? "cancel" : "ok" },
        content: (
          <div className="h-confirm">
            {question.description && <p>{question.description}</p>}
            {question.consequences && question.consequences.length > 0 && (
              <dl>
                {question.consequences.map((one) => (
                  <div key={one.label}>
                    <dt>{one.label}</dt>
                    <dd>{typeof one.value === "number" ? <Num value={one.value} /> : one.value}</dd>
                  </div>
                ))}
              </dl>
            )}
          </div>
        ),
        // The dialog stays open when it fails, so that it can be tried again.
        onOk: () =>
          question.act().catch((error: unknown) => {
            tell(error);
            throw error;
          }),
      });
    },
    [modal, t, tell],
  );
}

/** Says that something was done, with a way back. */
export function useUndoToast(): (text: string, undo?: () => Promise<unknown>) => void {
  const { notification } = App.useApp();
  const { t } = useTranslation("ui");
  const tell = useTellProblem();
  return useCallback(
    (text, undo) => {
      const key = `undo-${text}`;
      notification.success({
        key,
        title: text,
        placement: "bottom",
        role: "status",
        duration: undo ? 10 : 4,
        actions: undo && (
          <Button
            size="small"
            onClick={() => {
              notification.destroy(key);
              undo().catch(tell);
            }}
          >
            {t("undo")}
          </Button>
        ),
      });
    },
    [notification, t, tell],
  );
}
