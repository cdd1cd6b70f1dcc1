import { App } from "antd";
import { useCallback, useMemo, useRef, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Choices } from "../choices";
import type { Trouble } from "../document/check";
import { copySteps, pasteSteps } from "../document/clipboard";
import { addStep, connect, moveSteps, removeSteps, targetOf, type After } from "../document/edit";
import type { StepFigures } from "../document/figures";
import { freshStep } from "../document/fresh";
import { arrange, placesOf } from "../document/layout";
import { ENTRY, isStepType, type Place, type StepType } from "../document/types";
import { waysOf } from "../document/ways";
import type { Editor } from "../editor";
import { CanvasTools } from "./CanvasTools";
import { copied, keepCopied } from "./clipboard";
import { fitting, JourneyCanvas, type Editing, type Flow } from "./JourneyCanvas";
import { wayOfEdge } from "./model";
import { Palette } from "./Palette";
import { StepMenu } from "./StepMenu";
import { focusNode, useCanvasKeys, useKeptFocus, type CanvasVerbs } from "./useCanvasKeys";
import { sourcesOf } from "./walking";

interface CanvasEditorProps {
  label: string;
  editor: Editor;
  choices: Choices;
  isEditing: boolean;
  troubles: ReadonlyMap<string | null, readonly Trouble[]>;
  figures?: ReadonlyMap<string, StepFigures>;
  entered?: number;
  onStanding?: (step: string) => void;
  /** Shows the form of a step, or the settings. */
  onOpen: (name: string) => void;
  children?: ReactNode;
}

interface Adding {
  after: After | null;
  at?: Place;
  beside: { left: number; top: number };
}

/** The canvas with everything that one can do to a draft, by mouse, finger and keyboard. */
export function CanvasEditor({ label, editor, choices, isEditing, troubles, figures, entered, onStanding, onOpen, children }: CanvasEditorProps) {
  const { t } = useTranslation("journeys");
  const { message } = App.useApp();
  const frame = useRef<HTMLDivElement>(null);
  const flow = useRef<Flow | null>(null);
  const [adding, setAdding] = useState<Adding | null>(null);
  const [chosenWay, setChosenWay] = useState<string | null>(null);
  const { document, apply, choose, chosen } = editor;
  const places = useMemo(() => placesOf(document), [document]);

  const focusSoon = useCallback((name: string) => requestAnimationFrame(() => focusNode(frame, name)), []);
  const choosing = useCallback(
    (names: string[]) => {
      setChosenWay(null);
      choose(names);
    },
    [choose],
  );

  const add = useCallback(
    (type: StepType, after: After | null, at?: Place) => {
      // What is put somewhere stays there, so everything else does, too.
      const settled = at ? moveSteps(document, places) : document;
      const added = addStep(settled, freshStep(type), { after: after ?? undefined, at });
      apply(added.document, { chosen: [added.name] });
      focusSoon(added.name);
    },
    [document, places, apply, focusSoon],
  );

  /** Behind what is chosen, else at the end of the longest way. */
  const addSomewhere = useCallback(
    (type: StepType) => {
      const name = [...chosen].find((one) => one === ENTRY || one in document.steps) ?? lastOf(document);
      add(type, afterOf(document, name));
    },
    [add, chosen, document],
  );

  const verbs = useMemo<CanvasVerbs>(
    () => ({
      addAfter: (after, name) => {
        const node = frame.current?.querySelector(`.react-flow__node[data-id="${CSS.escape(name)}"]`)?.getBoundingClientRect();
        setAdding({ after, beside: { left: node?.left ?? 100, top: (node?.bottom ?? 100) + 4 } });
      },
      remove: () => {
        if (chosenWay) {
          apply(connect(document, wayOfEdge(chosenWay), null));
          setChosenWay(null);
          return;
        }
        const names = new Set([...chosen].filter((name) => name in document.steps));
        if (names.size === 0) return;
        const before = [...names].flatMap((name) => sourcesOf(document, name)).find((name) => !names.has(name)) ?? ENTRY;
        apply(removeSteps(document, names), { chosen: [before] });
        focusSoon(before);
      },
      duplicate: () => {
        const text = copySteps({ ...document, layout: { ...places } }, chosen);
        const pasted = text ? pasteSteps(document, text) : null;
        if (pasted) apply(pasted.document, { chosen: pasted.names });
      },
      paste: (text) => {
        const pasted = [text, copied()].map((one) => one && pasteSteps(document, one)).find(Boolean);
        if (!pasted) return void message.info(t("canvas.nothingToPaste"));
        apply(pasted.document, { chosen: pasted.names });
        focusSoon(pasted.names[0] ?? ENTRY);
      },
      arrange: () => {
        apply(moveSteps(document, arrange(document)));
        requestAnimationFrame(() => void flow.current?.fitView({ ...fitting(isEditing), duration: 200 }));
      },
      fit: () => void flow.current?.fitView({ ...fitting(isEditing), duration: 200 }),
      zoom: (by) => void (by > 0 ? flow.current?.zoomIn({ duration: 150 }) : flow.current?.zoomOut({ duration: 150 })),
      open: onOpen,
    }),
    [apply, chosen, chosenWay, document, focusSoon, isEditing, message, onOpen, places, t],
  );

  const editing = useMemo<Editing | undefined>(
    () =>
      isEditing
        ? {
            onMove: (moved) => apply(moveSteps(document, moved)),
            onConnect: (after, target) => apply(connect(document, after, target)),
            onAdd: (after, beside, at) => setAdding({ after, beside, at }),
            onDropStep: (type, at, into) => {
              if (isStepType(type)) add(type, into, into ? undefined : at);
            },
            onChooseWay: setChosenWay,
          }
        : undefined,
    [isEditing, apply, document, add],
  );

  useKeptFocus(frame, document);
  const keys = useCanvasKeys(frame, editor, places, verbs, isEditing);
  const closeMenu = useCallback(() => {
    setAdding(null);
    const name = adding?.after?.step;
    if (name) focusSoon(name);
  }, [adding, focusSoon]);

  return (
    <div ref={frame} className="j-canvas" role="application" aria-label={label} aria-roledescription={t("canvas.role")} tabIndex={-1} {...keys}>
      <JourneyCanvas
        label={label}
        document={document}
        places={places}
        choices={choices}
        troubles={troubles}
        figures={figures}
        entered={entered}
        chosen={chosen}
        chosenWay={chosenWay}
        onChoose={choosing}
        onOpen={onOpen}
        onStanding={onStanding}
        editing={editing}
        onReady={(ready) => {
          flow.current = ready;
        }}
        hasMap
      />
      {children}
      {isEditing && <Palette onAdd={addSomewhere} />}
      <CanvasTools
        editor={editor}
        isEditing={isEditing}
        verbs={verbs}
        onCopy={() => {
          const text = copySteps({ ...document, layout: { ...places } }, chosen);
          if (!text) return;
          keepCopied(text);
          void message.success(t("canvas.copied", { count: [...chosen].filter((name) => name in document.steps).length }));
        }}
      />
      {adding && (
        <StepMenu
          beside={adding.beside}
          onClose={closeMenu}
          onChoose={(type) => {
            setAdding(null);
            add(type, adding.after, adding.at);
          }}
        />
      )}
    </div>
  );
}

/** The end of the way that a run takes first. */
function lastOf(document: Editor["document"]): string {
  let at = ENTRY;
  const seen = new Set<string>();
  for (;;) {
    seen.add(at);
    const after = afterOf(document, at);
    const next = after && targetOf(document, after);
    if (!next || seen.has(next)) return at;
    at = next;
  }
}

function afterOf(document: Editor["document"], name: string): After | null {
  if (name === ENTRY) return { step: ENTRY, way: "start" };
  const step = document.steps[name];
  const way = step && firstFree(step);
  return way ? { step: name, way } : null;
}

function firstFree(step: Editor["document"]["steps"][string]): string | undefined {
  const ways = waysOf(step);
  return (ways.find((way) => way.to === null) ?? ways[0])?.id;
}
