import { App } from "antd";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { FieldProblem } from "@/lib/api";
import { addAfter, addNode, hasBeen, isInsideBeen, removeNode, replaceNode } from "../model/edit";
import type { RuleJson } from "../model/grammar";
import { beginHistory, change, redo, undo, type History } from "../model/history";
import { placeProblems } from "../model/places";
import { isSameRule, readRoot, writeRoot, type GroupNode, type RuleNode } from "../model/tree";
import { useWords } from "../useWords";
import { copyNode, nodeFromClipboard } from "./clipboard";
import type { RuleEditor } from "./editor";

interface Wanted {
  value: RuleJson | null;
  onChange: (value: RuleJson | null) => void;
  problems: readonly FieldProblem[];
  base: string;
  compact: boolean;
  isDisabled: boolean;
  ownSegment?: string;
}

/** Keeps the tree behind a rule, with its history, in step with the value that is handed in. */
export function useRuleEditor({ value, onChange, problems, base, compact, isDisabled, ownSegment }: Wanted) {
  const { t } = useTranslation("rules");
  const { message } = App.useApp();
  const [history, setHistory] = useState<History>(() => beginHistory(readRoot(value)));
  const [newest, setNewest] = useState<string | null>(null);
  const latest = useRef(history);
  const tell = useRef(onChange);
  tell.current = onChange;

  const go = useCallback((next: History) => {
    if (next === latest.current) return;
    const isChanged = next.now !== latest.current.now;
    latest.current = next;
    setHistory(next);
    if (isChanged) tell.current(writeRoot(next.now));
  }, []);

  // A value from outside, such as one that was chosen from a gallery or loaded anew, is a step that can be undone.
  useEffect(() => {
    if (isSameRule(value, writeRoot(latest.current.now))) return;
    latest.current = change(latest.current, readRoot(value), null);
    setHistory(latest.current);
  }, [value]);

  const words = useWords([value]);
  const root = history.now;
  const placed = useMemo(() => placeProblems(root, problems, base), [root, problems, base]);

  const edit = useCallback(
    (by: (root: GroupNode) => GroupNode, field?: string) => go(change(latest.current, by(latest.current.now), field ?? null)),
    [go],
  );
  const insert = useCallback(
    (node: RuleNode, where: { groupId: string } | { afterId: string }) => {
      const at = "groupId" in where ? where.groupId : where.afterId;
      if (hasBeen(node) && isInsideBeen(latest.current.now, at)) {
        message.warning(t("problem.beenInside"));
        return;
      }
      edit((now) => ("groupId" in where ? addNode(now, where.groupId, node) : addAfter(now, where.afterId, node)));
    },
    [edit, message, t],
  );

  const editor = useMemo<RuleEditor>(
    () => ({
      root,
      words,
      isDisabled,
      isCompact: compact,
      newest,
      ownSegment,
      problemsAt: (id) => placed.at.get(id) ?? [],
      edit,
      put: (node, field) => edit((now) => replaceNode(now, node.id, () => node), field),
      add: (node, groupId) => {
        // What was just chosen from the menu is to be filled in; what was pasted is complete.
        setNewest(node.id);
        insert(node, { groupId });
      },
      insert,
      remove: (id) => edit((now) => removeNode(now, id)),
      copy: (node) => {
        copyNode(node);
        message.success(t("copied"));
      },
      paste: (where) =>
        void nodeFromClipboard().then((node) => {
          if (node) insert(node, where);
          else message.info(t("nothingToPaste"));
        }),
    }),
    [root, words, isDisabled, compact, newest, ownSegment, placed, edit, insert, message, t],
  );

  const onUndo = useCallback(() => go(undo(latest.current)), [go]);
  const onRedo = useCallback(() => go(redo(latest.current)), [go]);
  return { editor, placed, history, onUndo, onRedo };
}
