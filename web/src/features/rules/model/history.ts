import type { GroupNode } from "./tree";

/** What was edited, to go back and forth in. */
export interface History {
  past: GroupNode[];
  now: GroupNode;
  future: GroupNode[];
  /** Which field was changed last: keystrokes in one field are one step. */
  lastField: string | null;
}

const KEPT = 100;

export function beginHistory(root: GroupNode): History {
  return { past: [], now: root, future: [], lastField: null };
}

export function change(history: History, now: GroupNode, field: string | null): History {
  if (now === history.now) return history;
  if (field !== null && field === history.lastField) return { ...history, now, future: [] };
  return { past: [...history.past.slice(-KEPT + 1), history.now], now, future: [], lastField: field };
}

export function undo(history: History): History {
  const before = history.past.at(-1);
  if (!before) return history;
  return { past: history.past.slice(0, -1), now: before, future: [history.now, ...history.future], lastField: null };
}

export function redo(history: History): History {
  const [next, ...future] = history.future;
  if (!next) return history;
  return { past: [...history.past, history.now], now: next, future, lastField: null };
}
