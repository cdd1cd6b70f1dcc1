import { KINDS } from "../model/grammar";
import { readRule, writeRule, type RuleNode } from "../model/tree";

/** What was copied last here; browsers do not always let us read their clipboard. */
let kept: string | null = null;

export function copyNode(node: RuleNode): void {
  kept = JSON.stringify(writeRule(node), null, 2);
  navigator.clipboard?.writeText(kept).catch(() => undefined);
}

/** Reads a condition from text that was copied here or elsewhere. */
export function nodeFromText(text: string): RuleNode | null {
  try {
    const json: unknown = JSON.parse(text);
    const isRule = typeof json === "object" && json !== null && KINDS.some((kind) => kind in json);
    return isRule ? readRule(json) : null;
  } catch {
    return null;
  }
}

export async function nodeFromClipboard(): Promise<RuleNode | null> {
  const text = await Promise.resolve(navigator.clipboard?.readText?.()).catch(() => undefined);
  return (text ? nodeFromText(text) : null) ?? (kept ? nodeFromText(kept) : null);
}
