import { CloseOutlined, MoreOutlined } from "@ant-design/icons";
import { Button, Dropdown, type MenuProps } from "antd";
import type { KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import { duplicateNode, hasBeen, isInsideBeen, moveNode, parentOf, unwrapNode, wrapInBeen, wrapNode } from "../model/edit";
import type { RuleNode } from "../model/tree";
import { useEditor } from "./editor";

/** The cross and the menu at the end of a line. */
export function NodeTools({ node, title }: { node: RuleNode; title: string }) {
  const { t } = useTranslation("rules");
  const { root, edit, put, copy, paste, remove } = useEditor();
  const isGroup = node.kind === "all" || node.kind === "any" || node.kind === "been";
  const canBeBeen = !hasBeen(node) && !isInsideBeen(root, node.id);
  const canMove = parentOf(root, node.id)?.kind !== "been";
  const acts: Record<string, () => void> = {
    negate: () => put({ ...node, isNegated: !node.isNegated }),
    duplicate: () => edit((now) => duplicateNode(now, node.id).root),
    copy: () => copy(node),
    paste: () => paste({ afterId: node.id }),
    up: () => edit((now) => moveNode(now, node.id, -1)),
    down: () => edit((now) => moveNode(now, node.id, 1)),
    wrapAll: () => edit((now) => wrapNode(now, node.id, "all")),
    wrapAny: () => edit((now) => wrapNode(now, node.id, "any")),
    been: () => edit((now) => wrapInBeen(now, node.id)),
    unwrap: () => edit((now) => unwrapNode(now, node.id)),
    remove: () => remove(node.id),
  };
  const item = (key: string, keys?: string) => ({
    key,
    label: (
      <span className="h-chip-option">
        <span>{t(`act.${key}`)}</span>
        {keys && <kbd className="h-quiet">{keys}</kbd>}
      </span>
    ),
    danger: key === "remove",
  });
  const items: MenuProps["items"] = [
    item("negate", "N"),
    item("duplicate", "D"),
    item("copy", "C"),
    item("paste", "V"),
    { type: "divider" },
    ...(canMove ? [item("up", "Alt ↑"), item("down", "Alt ↓")] : []),
    item("wrapAny"),
    item("wrapAll"),
    ...(canBeBeen ? [item("been")] : []),
    ...(isGroup ? [item("unwrap")] : []),
    { type: "divider" },
    item("remove", "⌫"),
  ];
  return (
    <div className="h-rule-node-tools">
      <Dropdown trigger={["click"]} menu={{ items, onClick: ({ key }) => acts[key]?.() }}>
        <Button size="small" type="text" icon={<MoreOutlined />} aria-label={t("more", { title })} />
      </Dropdown>
      <Button size="small" type="text" icon={<CloseOutlined />} aria-label={t("remove.condition", { title })} onClick={() => remove(node.id)} />
    </div>
  );
}

/** The keys of a line that has the focus itself. */
export function useNodeKeys(node: RuleNode): (event: KeyboardEvent<HTMLElement>) => void {
  const { edit, put, copy, paste, remove } = useEditor();
  return (event) => {
    if (event.target !== event.currentTarget) return;
    const key = event.key.toLowerCase();
    const isMod = event.metaKey || event.ctrlKey;
    const neighbours = () => [...(event.currentTarget.closest(".h-rule")?.querySelectorAll<HTMLElement>("[data-node]") ?? [])];
    const focus = (by: number) => {
      const all = neighbours();
      all[all.indexOf(event.currentTarget) + by]?.focus();
    };
    if (event.altKey && key === "arrowup") edit((now) => moveNode(now, node.id, -1));
    else if (event.altKey && key === "arrowdown") edit((now) => moveNode(now, node.id, 1));
    else if (key === "arrowup") focus(-1);
    else if (key === "arrowdown") focus(1);
    else if (key === "delete" || key === "backspace") {
      focus(neighbours().indexOf(event.currentTarget) > 0 ? -1 : 1);
      remove(node.id);
    } else if (isMod && key === "x") {
      copy(node);
      remove(node.id);
    } else if ((isMod && key === "c") || (!isMod && key === "c")) copy(node);
    else if (key === "v" && !isMod) paste({ afterId: node.id });
    else if (key === "d") edit((now) => duplicateNode(now, node.id).root);
    else if (key === "n" && !isMod) put({ ...node, isNegated: !node.isNegated });
    else if (key === "enter") event.currentTarget.querySelector<HTMLElement>("input, button")?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
}
