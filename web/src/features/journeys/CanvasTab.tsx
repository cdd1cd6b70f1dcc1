import { useCallback, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useAddress } from "./address";
import { useReport, type Journey } from "./api";
import type { Autosave } from "./autosave";
import { CanvasEditor } from "./canvas/CanvasEditor";
import { useChoices } from "./choices";
import { ConflictDialog } from "./versions/ConflictDialog";
import { copySteps, pasteSteps } from "./document/clipboard";
import { ENTRY } from "./document/types";
import type { Editor } from "./editor";
import { figuresOf } from "./figures";
import { SettingsPanel } from "./panels/SettingsPanel";
import { StepPanel } from "./panels/StepPanel";
import { TroubleList } from "./TroubleList";
import { useTroubles } from "./useTroubles";
import "./panels/panels.css";

interface CanvasTabProps {
  journey: Journey;
  editor: Editor;
  autosave: Autosave;
  isEditing: boolean;
}

/** The canvas with the form of what is chosen beside it. */
export function CanvasTab({ journey, editor, autosave, isEditing }: CanvasTabProps) {
  const { t } = useTranslation("journeys");
  const { go } = useAddress();
  const choices = useChoices();
  const troubles = useTroubles(journey.id, editor.document);
  const hasRun = journey.published_version !== null && journey.published_version !== undefined;
  const report = useReport(journey.id, { isWanted: hasRun });
  const panel = useRef<HTMLElement>(null);
  const { chosen, choose, document, apply } = editor;
  const only = chosen.size === 1 ? [...chosen][0] : undefined;
  const step = only === undefined ? undefined : document.steps[only];

  const open = useCallback(
    (name: string) => {
      choose([name]);
      requestAnimationFrame(() => panel.current?.querySelector<HTMLElement>("input, textarea, [role='combobox']")?.focus());
    },
    [choose],
  );
  const show = useCallback((name: string) => choose([name]), [choose]);

  return (
    <div className="j-work">
      <CanvasEditor
        label={t("canvas.label", { name: journey.name })}
        editor={editor}
        choices={choices}
        isEditing={isEditing}
        troubles={troubles}
        figures={figuresOf(report.data)}
        entered={report.data?.entered}
        onOpen={open}
        onStanding={hasRun ? (name) => go({ tab: "runs", step: name, state: "active" }) : undefined}
      >
        <TroubleList document={document} troubles={troubles} choices={choices} onShow={show} />
      </CanvasEditor>
      {only !== undefined && (only === ENTRY || step) && (
        <aside ref={panel} className="j-panel" aria-label={t("panel.label")}>
          {step ? (
            <StepPanel
              key={only}
              editor={editor}
              name={only}
              step={step}
              troubles={troubles.get(only) ?? []}
              choices={choices}
              isEditing={isEditing}
              onDuplicate={() => {
                const text = copySteps(document, new Set([only]));
                const pasted = text ? pasteSteps(document, text) : null;
                if (pasted) apply(pasted.document, { chosen: pasted.names });
              }}
              onClose={() => choose([])}
            />
          ) : (
            <SettingsPanel editor={editor} troubles={troubles.get(null) ?? []} choices={choices} isEditing={isEditing} onClose={() => choose([])} />
          )}
        </aside>
      )}
      <ConflictDialog document={document} autosave={autosave} choices={choices} />
    </div>
  );
}
