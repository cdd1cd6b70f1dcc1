import { CloseOutlined, DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Form, Input, Radio, Switch } from "antd";
import { useTranslation } from "react-i18next";
import type { Choices } from "../choices";
import type { Trouble } from "../document/check";
import { connect, setSettings } from "../document/edit";
import { ENTRY, entryKind, isObject, listOf, numberOf, objectOf, textOf, type JsonObject } from "../document/types";
import type { Editor } from "../editor";
import { EntryIcon } from "../icons";
import { useStepWords } from "../words";
import { EntryForm } from "./EntryForm";
import { Field } from "./Field";
import { HappeningFields } from "./HappeningFields";
import { PeriodInput, ShareInput } from "./inputs";
import { TargetPicker } from "./WaysFields";

interface SettingsPanelProps {
  editor: Editor;
  troubles: readonly Trouble[];
  choices: Choices;
  isEditing: boolean;
  onClose: () => void;
}

const POLICIES = ["never", "after_exit", "always"] as const;
const MOST_HELD_OUT = 99;

/** Who comes in and how often, when the journey ends early, and what it is for. */
export function SettingsPanel({ editor, troubles, choices, isEditing, onClose }: SettingsPanelProps) {
  const { t } = useTranslation("journeys");
  const words = useStepWords(choices);
  const { document, apply } = editor;
  const { settings } = document;
  const set = (fields: Parameters<typeof setSettings>[1], about?: string) => apply(setSettings(document, fields), { about: about && `settings.${about}` });
  const reentry = objectOf(settings.reentry);
  const policy = textOf(reentry.policy) || "never";
  const goal = isObject(settings.goal) ? settings.goal : null;
  const exits = listOf(settings.exit).map(objectOf);
  const putExits = (next: JsonObject[]) => set({ exit: next.length > 0 ? next : undefined }, "exit");
  return (
    <div className="j-panel-body">
      <header className="j-panel-head">
        <span className="j-node-icon is-entry" aria-hidden><EntryIcon kind={entryKind(document)} /></span>
        <h3>{t("settings.title")}</h3>
        <Button type="text" icon={<CloseOutlined />} aria-label={t("panel.close")} onClick={onClose} />
      </header>
      <Form layout="vertical" component="div" disabled={!isEditing}>
        <h4>{t("settings.entry")}</h4>
        <EntryForm document={document} troubles={troubles} choices={choices} onChange={(entry) => set({ entry }, "entry")} />
        <Field label={t("settings.start")} name="start" troubles={troubles}>
          {(id) => <TargetPicker id={id} document={document} words={words} value={document.start} isRequired onChange={(target) => apply(connect(document, { step: ENTRY, way: "start" }, target))} />}
        </Field>

        <h4>{t("settings.again")}</h4>
        <Field label={t("settings.reentry")} name="reentry.policy" troubles={troubles}>
          {() => <Radio.Group vertical value={policy} options={POLICIES.map((one) => ({ value: one, label: t(`reentry.${one}`) }))} onChange={(event) => set({ reentry: { ...reentry, policy: event.target.value } })} />}
        </Field>
        {policy !== "never" && (
          <Field label={t("settings.cooldown")} name="reentry.cooldown" troubles={troubles} help={t("settings.cooldownHelp")} isOptional>
            {(id) => <PeriodInput id={id} isOptional value={textOf(reentry.cooldown)} onChange={(cooldown) => set({ reentry: cooldown === undefined ? { policy } : { policy, cooldown } }, "cooldown")} />}
          </Field>
        )}
        <Field label={t("settings.key")} name="key" troubles={troubles} help={t("settings.keyHelp")} isOptional>
          {(id) => <Input id={id} placeholder={t("settings.keyExample")} value={textOf(settings.key)} onChange={(event) => set({ key: event.target.value || undefined }, "key")} />}
        </Field>

        <h4>{t("settings.exits")}</h4>
        <p className="h-quiet">{t("settings.exitsHelp")}</p>
        {exits.map((exit, index) => (
          <section key={index} className="j-case" aria-label={t("settings.exit", { number: index + 1 })}>
            <header>
              <h5>{t("settings.exit", { number: index + 1 })}</h5>
              <Button size="small" type="text" icon={<DeleteOutlined />} aria-label={t("panel.removeRow")} onClick={() => putExits(exits.filter((_, at) => at !== index))} />
            </header>
            <HappeningFields value={exit} kinds={["event", "segment", "segment_left"]} name={`exit[${index}]`} troubles={troubles} choices={choices} onChange={(next) => putExits(exits.map((one, at) => (at === index ? next : one)))} />
          </section>
        ))}
        <Button icon={<PlusOutlined />} onClick={() => putExits([...exits, { event: "" }])}>{t("settings.addExit")}</Button>

        <h4>{t("settings.goal")}</h4>
        <Field label={t("settings.hasGoal")} name="goal" troubles={troubles.filter((one) => one.field === "goal")} help={t("settings.goalHelp")}>
          {(id) => <Switch id={id} checked={goal !== null} onChange={(isOn) => set({ goal: isOn ? { event: "", within: "P7D" } : undefined })} />}
        </Field>
        {goal && (
          <>
            <HappeningFields value={goal} kinds={["event", "segment"]} name="goal" troubles={troubles} choices={choices} onChange={(next) => set({ goal: next }, "goal")} />
            <Field label={t("settings.within")} name="goal.within" troubles={troubles} help={t("settings.withinHelp")} isOptional>
              {(id) => <PeriodInput id={id} isOptional value={textOf(goal.within)} onChange={(within) => set({ goal: within === undefined ? Object.fromEntries(Object.entries(goal).filter(([name]) => name !== "within")) : { ...goal, within } }, "within")} />}
            </Field>
          </>
        )}
        <Field label={t("settings.holdout")} name="holdout" troubles={troubles} help={t("settings.holdoutHelp")}>
          {(id) => <ShareInput id={id} most={MOST_HELD_OUT} value={numberOf(settings.holdout) ?? 0} onChange={(share) => set({ holdout: share > 0 ? share : undefined }, "holdout")} />}
        </Field>
      </Form>
    </div>
  );
}
