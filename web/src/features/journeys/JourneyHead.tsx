import { CloudSyncOutlined, EditOutlined, WarningOutlined } from "@ant-design/icons";
import { Breadcrumb, Button, Input, Spin } from "antd";
import { Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useProblemWords, useTellProblem } from "@/ui";
import { useSaveDraft, type Journey } from "./api";
import type { Autosave } from "./autosave";
import type { Editor } from "./editor";
import { JourneyActions } from "./publish/JourneyActions";
import { StatePill } from "./state";

interface JourneyHeadProps {
  journey: Journey;
  editor: Editor;
  autosave: Autosave;
  isEditing: boolean;
}

/** Name, state, whether everything is saved, and what can be done with the journey as a whole. */
export function JourneyHead({ journey, editor, autosave, isEditing }: JourneyHeadProps) {
  const { t } = useTranslation("journeys");
  useEffect(() => {
    document.title = `${journey.name} · Hearth`;
  }, [journey.name]);
  return (
    <header className="j-head">
      <div className="j-head-words">
        <Breadcrumb items={[{ title: <Link to="/journeys">{t("title")}</Link> }, { title: journey.name }]} />
        <div className="j-head-title">
          <Name key={journey.name} journey={journey} isEditing={isEditing} />
          <StatePill state={journey.state} />
          {isEditing && <Saved autosave={autosave} />}
        </div>
      </div>
      <JourneyActions journey={journey} editor={editor} autosave={autosave} />
    </header>
  );
}

function Name({ journey, isEditing }: { journey: Journey; isEditing: boolean }) {
  const { t } = useTranslation("journeys");
  const save = useSaveDraft(journey.id);
  const tell = useTellProblem();
  const [text, setText] = useState<string | null>(null);
  function finish() {
    const name = (text ?? "").trim();
    if (text === null || name === "" || name === journey.name) return setText(null);
    save.mutate({ name }, { onSuccess: () => setText(null), onError: tell });
  }
  if (text !== null) {
    return (
      <Input
        autoFocus
        className="j-head-name"
        aria-label={t("name")}
        maxLength={200}
        value={text}
        disabled={save.isPending}
        onChange={(event) => setText(event.target.value)}
        onPressEnter={finish}
        onBlur={finish}
        onKeyDown={(event) => event.key === "Escape" && setText(null)}
      />
    );
  }
  return (
    <>
      <h1>{journey.name}</h1>
      {isEditing && <Button type="text" size="small" icon={<EditOutlined />} aria-label={t("rename")} onClick={() => setText(journey.name)} />}
    </>
  );
}

function Saved({ autosave }: { autosave: Autosave }) {
  const { t } = useTranslation("journeys");
  const words = useProblemWords();
  const { state } = autosave;
  return (
    <span className={`j-saved is-${state.kind}`} role="status">
      {(state.kind === "saving" || state.kind === "unsaved") && <Spin size="small" />}
      {state.kind === "saved" && <CloudSyncOutlined aria-hidden />}
      {(state.kind === "failed" || state.kind === "refused" || state.kind === "conflict") && <WarningOutlined aria-hidden />}
      {t(`save.${state.kind}`)}
      {(state.kind === "failed" || state.kind === "refused") && (
        <>
          <span>{words(state.problem).title}</span>
          <Button size="small" type="link" onClick={() => void autosave.flush()}>{t("save.again")}</Button>
        </>
      )}
    </span>
  );
}
