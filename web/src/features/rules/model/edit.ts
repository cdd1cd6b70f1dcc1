import { copyOf } from "./new-nodes";
import { freshId, type GroupNode, type RuleNode } from "./tree";

/** The rules right inside a node. */
export function childrenOf(node: RuleNode): RuleNode[] {
  if (node.kind === "all" || node.kind === "any") return node.rules;
  return node.kind === "been" ? [node.rule] : [];
}

export function findNode(root: RuleNode, id: string): RuleNode | null {
  if (root.id === id) return root;
  for (const child of childrenOf(root)) {
    const found = findNode(child, id);
    if (found) return found;
  }
  return null;
}

export function parentOf(root: RuleNode, id: string): RuleNode | null {
  for (const child of childrenOf(root)) {
    if (child.id === id) return root;
    const found = parentOf(child, id);
    if (found) return found;
  }
  return null;
}

/** How many conditions the server would count. */
export function countConditions(node: RuleNode): number {
  const own = node.kind === "sequence" ? 1 + node.steps.length : 1;
  return childrenOf(node).reduce((sum, child) => sum + countConditions(child), own + (node.isNegated ? 1 : 0));
}

/** Puts what `change` gives in the place of a node; `null` takes it away, and with it whatever is then left empty. */
export function replaceNode<N extends RuleNode>(root: N, id: string, change: (node: RuleNode) => RuleNode | null): N {
  return (replaceIn(root, id, change) ?? root) as N;
}

function replaceIn(node: RuleNode, id: string, change: (node: RuleNode) => RuleNode | null): RuleNode | null {
  if (node.id === id) return change(node);
  if (node.kind === "been") {
    const rule = replaceIn(node.rule, id, change);
    if (rule === node.rule) return node;
    return rule && { ...node, rule };
  }
  if (node.kind !== "all" && node.kind !== "any") return node;
  const rules = node.rules.map((rule) => replaceIn(rule, id, change));
  if (rules.every((rule, index) => rule === node.rules[index])) return node;
  return { ...node, rules: rules.filter((rule) => rule !== null) };
}

/** Takes a node away. Groups that it leaves empty go with it, but not the outermost. */
export function removeNode(root: GroupNode, id: string): GroupNode {
  const parent = parentOf(root, id);
  if (!parent) return root;
  const isLast = childrenOf(parent).length === 1;
  if (isLast && parent.id !== root.id) return removeNode(root, parent.id);
  return replaceNode(root, id, () => null);
}

/** Adds to the end of a group, or after one of its rules. */
export function addNode(root: GroupNode, groupId: string, added: RuleNode, afterId?: string): GroupNode {
  return replaceNode(root, groupId, (group) => {
    if (group.kind !== "all" && group.kind !== "any") return group;
    const at = afterId ? group.rules.findIndex((rule) => rule.id === afterId) + 1 : group.rules.length;
    return { ...group, rules: group.rules.toSpliced(at, 0, added) };
  });
}

/** Adds beside a node; inside "has been so" there is room for one, so both then stand in a group. */
export function addAfter(root: GroupNode, id: string, added: RuleNode): GroupNode {
  const parent = parentOf(root, id);
  if (!parent) return addNode(root, root.id, added);
  if (parent.kind !== "been") return addNode(root, parent.id, added, id);
  return replaceNode(root, id, (node) => ({ id: freshId(), isNegated: false, kind: "all", rules: [node, added] }));
}

export function duplicateNode(root: GroupNode, id: string): { root: GroupNode; id: string } {
  const node = findNode(root, id);
  if (!node) return { root, id };
  const copy = copyOf(node);
  return { root: addAfter(root, id, copy), id: copy.id };
}

/** Moves a rule up or down among its neighbours, and past the end of its group out of it. */
export function moveNode(root: GroupNode, id: string, by: 1 | -1): GroupNode {
  const parent = parentOf(root, id);
  if (!parent || (parent.kind !== "all" && parent.kind !== "any")) return root;
  const at = parent.rules.findIndex((rule) => rule.id === id);
  const to = at + by;
  const moved = parent.rules[at];
  if (!moved) return root;
  if (to >= 0 && to < parent.rules.length) {
    return replaceNode(root, parent.id, () => ({ ...parent, rules: parent.rules.toSpliced(at, 1).toSpliced(to, 0, moved) }));
  }
  const outer = parentOf(root, parent.id);
  if (!outer || (outer.kind !== "all" && outer.kind !== "any")) return root;
  const place = outer.rules.findIndex((rule) => rule.id === parent.id) + (by > 0 ? 1 : 0);
  const withIt = replaceNode(root, outer.id, () => ({ ...outer, rules: outer.rules.toSpliced(place, 0, moved) }));
  // The moved one stands twice now: the first found inside its old group goes.
  return replaceNode(withIt, parent.id, (group) => {
    if (group.kind !== "all" && group.kind !== "any") return group;
    const rules = group.rules.filter((rule) => rule.id !== id);
    return rules.length === 0 ? null : { ...group, rules };
  });
}

/** Puts a group around a rule, to which more can be added. */
export function wrapNode(root: GroupNode, id: string, kind: "all" | "any"): GroupNode {
  return replaceNode(root, id, (node) => ({ id: freshId(), isNegated: false, kind, rules: [node] }));
}

/** Puts "has been so for some time" around a rule. */
export function wrapInBeen(root: GroupNode, id: string): GroupNode {
  return replaceNode(root, id, (node) => ({ id: freshId(), isNegated: false, kind: "been", rule: node, period: "P3D" }));
}

/** Takes a group apart: its rules stand where it stood. */
export function unwrapNode(root: GroupNode, id: string): GroupNode {
  const node = findNode(root, id);
  const parent = parentOf(root, id);
  if (!node || !parent) return root;
  const inner = childrenOf(node);
  const [only] = inner;
  if (parent.kind === "been") {
    return only && inner.length === 1 ? replaceNode(root, id, () => only) : root;
  }
  if (parent.kind !== "all" && parent.kind !== "any") return root;
  const at = parent.rules.indexOf(node);
  return replaceNode(root, parent.id, () => ({ ...parent, rules: parent.rules.toSpliced(at, 1, ...inner) }));
}

/** Whether a node stands inside "has been so", where there may not be another. */
export function isInsideBeen(root: RuleNode, id: string): boolean {
  const parent = parentOf(root, id);
  return parent !== null && (parent.kind === "been" || isInsideBeen(root, parent.id));
}

/** Whether there is a "has been so" in it. */
export function hasBeen(node: RuleNode): boolean {
  return node.kind === "been" || childrenOf(node).some(hasBeen);
}
