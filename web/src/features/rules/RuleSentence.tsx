import { useMemo } from "react";
import type { RuleJson } from "./model/grammar";
import type { Phrase } from "./sentence/pattern";
import { conditionsOf, ruleToText, sentenceOf } from "./sentence/sentence";
import { useWords } from "./useWords";
import "./rules.css";

interface RuleSentenceProps {
  rule: RuleJson | null | undefined;
  /** `conditions` leaves "members …" away, as on a branch. */
  form?: "sentence" | "conditions";
  /** Cut after so many lines. */
  lines?: number;
}

/** A rule as a sentence in the reader's language; what the rule names has weight. */
export function RuleSentence({ rule, form = "sentence", lines }: RuleSentenceProps) {
  const words = useWords([rule]);
  const phrase = useMemo(() => (form === "sentence" ? sentenceOf(words, rule) : conditionsOf(words, rule)), [words, rule, form]);
  return (
    <span
      className={`h-rule-sentence ${lines ? "is-cut" : ""}`}
      style={lines ? { WebkitLineClamp: lines } : undefined}
      title={lines ? phrase.map((piece) => piece.text).join("") : undefined}
    >
      <PhraseText phrase={phrase} />
    </span>
  );
}

export function PhraseText({ phrase }: { phrase: Phrase }) {
  // A phrase is remade as a whole, so places are keys enough.
  return phrase.map((piece, index) => (piece.isNamed ? <b key={index}>{piece.text}</b> : <span key={index}>{piece.text}</span>));
}

/** Sentences of several rules as plain text, for files, titles and the canvas. */
export function useRuleToText(rules: readonly (RuleJson | null | undefined)[]): (rule: RuleJson | null | undefined) => string {
  const words = useWords(rules);
  return (rule) => ruleToText(rule, words);
}
