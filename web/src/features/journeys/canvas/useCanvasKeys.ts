import { useCallback, useEffect, type ClipboardEvent, type KeyboardEvent, type RefObject } from "react";
import { copySteps } from "../document/clipboard";
import { moveSteps } from "../document/edit";
import { ENTRY, type JourneyDocument, type Place } from "../document/types";
import { waysOf } from "../document/ways";
import type { After } from "../document/edit";
import type { Editor } from "../editor";
import { keepCopied } from "./clipboard";
import { neighbour, type Direction } from "./walking";

const ARROWS: Record<string, Direction> = { ArrowDown: "down", ArrowUp: "up", ArrowLeft: "left", ArrowRight: "right" };
const STRIDE = 24;

export interface CanvasVerbs {
  addAfter: (after: After, name: string) => void;
  remove: () => void;
  duplicate: () => void;
  paste: (text: string | null) => void;
  arrange: () => void;
  fit: () => void;
  zoom: (by: 1 | -1) => void;
  open: (name: string) => void;
}

export function focusNode(frame: RefObject<HTMLElement | null>, name: string): void {
  frame.current?.querySelector<HTMLElement>(`.react-flow__node[data-id="${CSS.escape(name)}"]`)?.focus();
}

function isTyping(target: EventTarget): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName));
}

/** When what has the focus goes, such as a step that is undone or a tool with nothing left to do, the canvas has it: else the next key would be lost. */
export function useKeptFocus(frame: RefObject<HTMLElement | null>, document: JourneyDocument): void {
  useEffect(() => {
    const active = window.document.activeElement;
    if (!active || !frame.current?.contains(active)) return;
    const name = active.closest(".react-flow__node")?.getAttribute("data-id") ?? ENTRY;
    const isGone = name !== ENTRY && !(name in document.steps);
    if (isGone || active.matches(":disabled")) frame.current.focus({ preventScroll: true });
  }, [frame, document]);
}

/** Everything on the canvas by keyboard: walking along edges, adding, removing, copying, undoing. */
export function useCanvasKeys(frame: RefObject<HTMLElement | null>, editor: Editor, places: Readonly<Record<string, Place>>, verbs: CanvasVerbs, isEditing: boolean) {
  const { document, chosen } = editor;

  const onKeyDown = useCallback(
    (event: KeyboardEvent) => {
      if (isTyping(event.target)) return;
      const focused = (event.target as Element).closest(".react-flow__node")?.getAttribute("data-id") ?? null;
      const at = focused ?? [...chosen][0] ?? null;
      const mod = event.metaKey || event.ctrlKey;
      const direction = ARROWS[event.key];
      const key = event.key.toLowerCase();

      if (direction && event.altKey && isEditing) nudge(direction);
      else if (direction && !mod) walk(direction);
      else if (mod && key === "z" && isEditing) (event.shiftKey ? editor.redo : editor.undo)();
      else if (mod && key === "y" && isEditing) editor.redo();
      else if (mod && key === "a") editor.choose(Object.keys(document.steps));
      else if (mod && key === "d" && isEditing) verbs.duplicate();
      else if (mod || event.altKey) return;
      else if ((key === "delete" || key === "backspace") && isEditing) verbs.remove();
      else if (key === "enter" && at) verbs.open(at);
      else if (key === " " && focused) editor.choose(chosen.has(focused) ? [...chosen].filter((name) => name !== focused) : [...chosen, focused]);
      else if (key === "a" && at && isEditing) addAfter(at);
      else if (key === "l" && isEditing) verbs.arrange();
      else if (key === "f") verbs.fit();
      else if (key === "+" || key === "=") verbs.zoom(1);
      else if (key === "-") verbs.zoom(-1);
      else if (key === "escape") editor.choose([]);
      else return;
      event.preventDefault();
      event.stopPropagation();

      function walk(towards: Direction) {
        const next = at === null ? ENTRY : neighbour(document, places, at, towards);
        if (next === null) return;
        editor.choose([next]);
        focusNode(frame, next);
      }

      function nudge(towards: Direction) {
        const by = { down: [0, STRIDE], up: [0, -STRIDE], left: [-STRIDE, 0], right: [STRIDE, 0] }[towards];
        const names = chosen.size > 0 ? [...chosen] : at ? [at] : [];
        const moved = Object.fromEntries(names.flatMap((name) => (places[name] ? [[name, { x: places[name].x + (by[0] ?? 0), y: places[name].y + (by[1] ?? 0) }]] : [])));
        editor.apply(moveSteps(document, { ...places, ...moved }), { about: `nudge.${names.join()}` });
      }

      function addAfter(name: string) {
        const step = document.steps[name];
        const ways = step ? waysOf(step) : [];
        // The first way that leads nowhere yet; else between this step and the next one.
        const way = name === ENTRY ? "start" : (ways.find((one) => one.to === null) ?? ways[0])?.id;
        if (way) verbs.addAfter({ step: name, way }, name);
      }
    },
    [frame, editor, document, chosen, places, verbs, isEditing],
  );

  const onCopy = useCallback(
    (event: ClipboardEvent) => {
      if (isTyping(event.target)) return;
      const text = copySteps(document, chosen);
      if (text === null) return;
      event.preventDefault();
      event.clipboardData.setData("text/plain", text);
      keepCopied(text);
      if (event.type === "cut" && isEditing) verbs.remove();
    },
    [document, chosen, verbs, isEditing],
  );

  const onPaste = useCallback(
    (event: ClipboardEvent) => {
      if (isTyping(event.target) || !isEditing) return;
      event.preventDefault();
      verbs.paste(event.clipboardData.getData("text/plain") || null);
    },
    [verbs, isEditing],
  );

  return { onKeyDown, onCopy, onCut: onCopy, onPaste };
}
