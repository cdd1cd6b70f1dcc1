import { Annotation, StateField, Transaction, type ChangeSet, type EditorSelection, type Extension, type StateCommand } from "@codemirror/state";
import { keymap } from "@codemirror/view";

/** What brings the text back to how it was, and the selection of then. */
interface Way {
  changes: ChangeSet;
  selection: EditorSelection;
}

interface Past {
  done: Way[];
  undone: Way[];
  lastAt: number;
  lastKind: string;
}

const MOST = 200;
/** What is typed within so many milliseconds is taken back together. */
const BREATH = 600;
const goes = Annotation.define<"back" | "forth">();

function kindOf(transaction: Transaction): string {
  if (transaction.isUserEvent("input.type")) return "type";
  return transaction.isUserEvent("delete") ? "delete" : "";
}

const past = StateField.define<Past>({
  create: () => ({ done: [], undone: [], lastAt: 0, lastKind: "" }),
  update(value, transaction) {
    if (!transaction.docChanged) return transaction.selection ? { ...value, lastKind: "" } : value;
    const way: Way = { changes: transaction.changes.invert(transaction.startState.doc), selection: transaction.startState.selection };
    const direction = transaction.annotation(goes);
    if (direction === "back") return { ...value, done: value.done.slice(0, -1), undone: [...value.undone, way], lastKind: "" };
    if (direction === "forth") return { ...value, done: [...value.done, way], undone: value.undone.slice(0, -1), lastKind: "" };
    const at = transaction.annotation(Transaction.time) ?? 0;
    const kind = kindOf(transaction);
    const last = value.done.at(-1);
    const isOne = last && kind !== "" && kind === value.lastKind && at - value.lastAt < BREATH;
    const done = isOne ? [...value.done.slice(0, -1), { changes: way.changes.compose(last.changes), selection: last.selection }] : [...value.done, way];
    return { done: done.slice(-MOST), undone: [], lastAt: at, lastKind: kind };
  },
});

function step(from: "done" | "undone", direction: "back" | "forth"): StateCommand {
  return ({ state, dispatch }) => {
    const way = state.field(past)[from].at(-1);
    if (!way || state.readOnly) return false;
    dispatch(state.update({ changes: way.changes, selection: way.selection, annotations: goes.of(direction), scrollIntoView: true, userEvent: direction === "back" ? "undo" : "redo" }));
    return true;
  };
}

export const undo = step("done", "back");
export const redo = step("undone", "forth");

/** Undo and redo of the editor: what was typed in one go is one step. */
export function history(): Extension {
  return [
    past,
    keymap.of([
      { key: "Mod-z", run: undo, preventDefault: true },
      { key: "Mod-Shift-z", run: redo, preventDefault: true },
      { key: "Mod-y", run: redo, preventDefault: true },
    ]),
  ];
}
