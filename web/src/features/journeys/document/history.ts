/** What was before and what was taken back, each a whole state that is never changed. */
export interface History<T> {
  readonly past: readonly T[];
  readonly present: T;
  readonly future: readonly T[];
  /** What the last change was about: small changes of one thing are one step back, such as letters of a title. */
  readonly about: string | null;
}

const DEEPEST = 100;

export function begin<T>(present: T): History<T> {
  return { past: [], present, future: [], about: null };
}

export function change<T>(history: History<T>, next: T, about: string | null = null): History<T> {
  if (Object.is(next, history.present)) return history;
  const isMore = about !== null && about === history.about && history.past.length > 0;
  const past = isMore ? history.past : [...history.past, history.present].slice(-DEEPEST);
  return { past, present: next, future: [], about };
}

export function undo<T>(history: History<T>): History<T> {
  const before = history.past.at(-1);
  if (before === undefined) return history;
  return { past: history.past.slice(0, -1), present: before, future: [history.present, ...history.future], about: null };
}

export function redo<T>(history: History<T>): History<T> {
  const [after, ...future] = history.future;
  if (after === undefined) return history;
  return { past: [...history.past, history.present], present: after, future, about: null };
}
