import { EditorSelection, type EditorState, type ChangeSpec, type StateCommand, type Text } from "@codemirror/state";

const STEP = "  ";

/** Whether something was chosen that goes over more than one line. */
function isOverLines(state: EditorState): boolean {
  const { from, to } = state.selection.main;
  return state.doc.lineAt(from).number !== state.doc.lineAt(to).number;
}

function* chosenLines(doc: Text, from: number, to: number) {
  for (let number = doc.lineAt(from).number; number <= doc.lines; number += 1) {
    const line = doc.line(number);
    // A line of which nothing but its very beginning is chosen stays as it is.
    if (line.from > to || (line.from === to && from !== to)) return;
    yield line;
  }
}

/** Tab: a step to the right where one writes; chosen lines move as a whole. */
export const indentMore: StateCommand = ({ state, dispatch }) => {
  if (state.readOnly) return false;
  const { from, to } = state.selection.main;
  if (!isOverLines(state)) {
    dispatch(state.update(state.replaceSelection(STEP), { scrollIntoView: true, userEvent: "input" }));
    return true;
  }
  const changes: ChangeSpec[] = [];
  for (const line of chosenLines(state.doc, from, to)) if (line.length > 0) changes.push({ from: line.from, insert: STEP });
  dispatch(state.update({ changes, userEvent: "input.indent" }));
  return true;
};

/** Shift and Tab: the lines go back by a step, as far as they can. */
export const indentLess: StateCommand = ({ state, dispatch }) => {
  if (state.readOnly) return false;
  const { from, to } = state.selection.main;
  const changes: ChangeSpec[] = [];
  for (const line of chosenLines(state.doc, from, to)) {
    const spaces = /^(?: {1,2}|\t)/.exec(line.text)?.[0].length ?? 0;
    if (spaces > 0) changes.push({ from: line.from, to: line.from + spaces });
  }
  dispatch(state.update({ changes, userEvent: "delete.dedent" }));
  return true;
};

/** Enter: the new line begins where the last one did. */
export const newLine: StateCommand = ({ state, dispatch }) => {
  if (state.readOnly) return false;
  const { from, to } = state.selection.main;
  const line = state.doc.lineAt(from);
  const spaces = /^[ \t]*/.exec(line.text.slice(0, from - line.from))?.[0] ?? "";
  const insert = `${state.lineBreak}${spaces}`;
  dispatch(state.update({ changes: { from, to, insert }, selection: EditorSelection.cursor(from + 1 + spaces.length), scrollIntoView: true, userEvent: "input" }));
  return true;
};

/** Ctrl or ⌘ and /: the chosen lines become comments, or are none any more. */
export const toggleComment: StateCommand = ({ state, dispatch }) => {
  if (state.readOnly) return false;
  const { from, to } = state.selection.main;
  const lines = [...chosenLines(state.doc, from, to)].filter((line) => line.text.trim() !== "");
  const areComments = lines.length > 0 && lines.every((line) => /^\s*--/.test(line.text));
  const changes: ChangeSpec[] = lines.map((line) => {
    const at = line.from + (/^\s*/.exec(line.text)?.[0].length ?? 0);
    if (!areComments) return { from: at, insert: "-- " };
    return { from: at, to: at + (/^\s*-- ?/.exec(line.text)?.[0].length ?? 0) - (at - line.from) };
  });
  dispatch(state.update({ changes, userEvent: "input" }));
  return true;
};
