import { CloseOutlined, CopyOutlined, DeleteOutlined } from "@ant-design/icons";
import { Button, Form, Input } from "antd";
import type { ComponentType } from "react";
import { useTranslation } from "react-i18next";
import type { Choices } from "../choices";
import type { Trouble } from "../document/check";
import { changeStep, connect, removeSteps, setFields } from "../document/edit";
import { textOf, type Step } from "../document/types";
import type { Editor } from "../editor";
import { StepIcon } from "../icons";
import { useTroubleWords } from "../troubles";
import { useStepWords } from "../words";
import { BranchForm } from "./BranchForm";
import { HoldoutForm, SplitForm } from "./ChanceForms";
import { Field } from "./Field";
import type { FormProps } from "./form";
import { SetForm, TagForm } from "./MemberForms";
import { SendForm } from "./SendForm";
import { WaitForm } from "./WaitForm";
import { WaysFields } from "./WaysFields";
import { TaskForm, WebhookForm } from "./WorkForms";

const FORMS: Record<string, ComponentType<FormProps>> = {
  wait: WaitForm,
  branch: BranchForm,
  split: SplitForm,
  holdout: HoldoutForm,
  send: SendForm,
  tag: TagForm,
  set: SetForm,
  webhook: WebhookForm,
  task: TaskForm,
};

interface StepPanelProps {
  editor: Editor;
  name: string;
  step: Step;
  troubles: readonly Trouble[];
  choices: Choices;
  isEditing: boolean;
  onDuplicate: () => void;
  onClose: () => void;
}

/** The form of one step. */
export function StepPanel({ editor, name, step, troubles, choices, isEditing, onDuplicate, onClose }: StepPanelProps) {
  const { t } = useTranslation("journeys");
  const words = useStepWords(choices);
  const troubleWords = useTroubleWords();
  const { document, apply } = editor;
  const change = (next: Step, about?: string) => apply(changeStep(document, name, next), { about: about && `${name}.${about}` });
  const set: FormProps["set"] = (fields) => change(setFields(step, fields), Object.keys(fields).join());
  const Body = FORMS[step.type];
  const ofStep = troubles.filter((one) => one.field === "" || one.field === "type");
  return (
    <div className="j-panel-body">
      <header className="j-panel-head">
        <span className={`j-node-icon is-${step.type}`} aria-hidden><StepIcon type={step.type} /></span>
        <h3>{t(`stepType.${step.type in FORMS || step.type === "exit" ? step.type : "unknown"}`)}</h3>
        <Button type="text" icon={<CloseOutlined />} aria-label={t("panel.close")} onClick={onClose} />
      </header>
      {ofStep.map((one) => (
        <p key={one.code ?? one.words?.en} role="alert" className={one.level === "error" ? "j-bad" : "j-warning"}>{troubleWords(one)}</p>
      ))}
      <Form layout="vertical" component="div" disabled={!isEditing}>
        <Field label={t("panel.title")} name="title" troubles={troubles} isOptional>
          {(id) => <Input id={id} maxLength={60} placeholder={words.title(name, { ...step, title: "" })} value={textOf(step.title)} onChange={(event) => set({ title: event.target.value || undefined })} />}
        </Field>
        {Body ? <Body key={name} step={step} onChange={change} set={set} troubles={troubles} choices={choices} isDisabled={!isEditing} /> : <p className="h-quiet">{step.type === "exit" ? t("stepHelp.exit") : t("panel.unknown")}</p>}
        <WaysFields document={document} step={step} words={words} troubles={troubles} onConnect={(way, target) => apply(connect(document, { step: name, way }, target))} />
        <Field label={t("panel.comment")} name="comment" troubles={troubles} isOptional>
          {(id) => <Input.TextArea id={id} autoSize={{ minRows: 1, maxRows: 6 }} maxLength={330} placeholder={t("panel.commentHelp")} value={textOf(step.comment)} onChange={(event) => set({ comment: event.target.value || undefined })} />}
        </Field>
      </Form>
      <p className="h-quiet j-name">{t("panel.name")} <code className="h-code">{name}</code></p>
      {isEditing && (
        <footer className="j-row">
          <Button icon={<CopyOutlined />} onClick={onDuplicate}>{t("panel.duplicate")}</Button>
          <Button danger icon={<DeleteOutlined />} onClick={() => apply(removeSteps(document, new Set([name])), { chosen: [] })}>{t("panel.delete")}</Button>
        </footer>
      )}
    </div>
  );
}
