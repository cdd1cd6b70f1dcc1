// @messages rules
import type { RuleJson } from "../model/grammar";
import { childrenOf } from "../model/edit";
import { readRoot, type GroupNode } from "../model/tree";
import { clausesPhrase } from "./clauses";
import { fill, textOf, typeset, type Phrase } from "./pattern";
import { patternOf, type Words } from "./words";

/** A rule as a sentence: "Members in 上海 who ordered at least 2 times in the last 30 days". */
export function sentenceOf(words: Words, rule: RuleJson | null | undefined): Phrase {
  const root = readRoot(rule);
  if (root.rules.length === 0) return fill(patternOf(words, "sentence.empty"), {});
  const conditions = clausesPhrase(words, root.kind, root.rules);
  return typeset(fill(patternOf(words, isShort(root) ? "sentence.short" : "sentence.long"), { conditions }));
}

/** The conditions alone, as they stand on a branch: "ordered in the last 7 days". */
export function conditionsOf(words: Words, rule: RuleJson | null | undefined): Phrase {
  const root = readRoot(rule);
  return typeset(clausesPhrase(words, root.kind, root.rules));
}

export function ruleToText(rule: RuleJson | null | undefined, words: Words): string {
  return textOf(sentenceOf(words, rule));
}

/** Few conditions, none of them nested, fit before a noun in Chinese. */
function isShort(root: GroupNode): boolean {
  return root.rules.length <= 3 && root.rules.every((rule) => childrenOf(rule).length === 0);
}
