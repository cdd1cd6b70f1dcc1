import { createContext, useContext } from "react";
import type { PlacedProblem } from "../model/places";
import type { GroupNode, RuleNode } from "../model/tree";
import type { Words } from "../sentence/words";

/** What every chip may ask, also one that stands outside of a rule. */
export interface ChipSurroundings {
  words: Words;
  isDisabled: boolean;
  problemsAt: (id: string) => PlacedProblem[];
}

/** What every part of the builder may ask and do. */
export interface RuleEditor extends ChipSurroundings {
  root: GroupNode;
  isCompact: boolean;
  /** Which condition was just added: its first field gets the focus. */
  newest: string | null;
  /** A change that is one step of "undo"; changes of one `field` in a row are one step together. */
  edit: (change: (root: GroupNode) => GroupNode, field?: string) => void;
  /** Puts a changed node in the place of the one with its id. */
  put: (node: RuleNode, field?: string) => void;
  add: (node: RuleNode, groupId: string) => void;
  /** Puts in what is complete already. */
  insert: (node: RuleNode, where: { groupId: string } | { afterId: string }) => void;
  remove: (id: string) => void;
  copy: (node: RuleNode) => void;
  paste: (where: { groupId: string } | { afterId: string }) => void;
  /** The segment whose rule it is: it may not refer to itself. */
  ownSegment: string | undefined;
}

export const EditorContext = createContext<RuleEditor | null>(null);

export const ChipContext = createContext<ChipSurroundings | null>(null);

export function useChips(): ChipSurroundings {
  const surroundings = useContext(ChipContext);
  if (!surroundings) throw new Error("outside of a RuleBuilder and of a ChipFrame");
  return surroundings;
}

export function useEditor(): RuleEditor {
  const editor = useContext(EditorContext);
  if (!editor) throw new Error("outside of a RuleBuilder");
  return editor;
}

/** Whether something is wrong with a field (and what stands below it) of a node, filter or step. */
export function useFieldStatus(id: string, field: string): "error" | undefined {
  const problems = useChips().problemsAt(id);
  const isWrong = problems.some((problem) => problem.field === field || problem.field.startsWith(`${field}.`));
  return isWrong ? "error" : undefined;
}
