/** A stretch of a sentence. What is not plain words is a part that the rule names, and is shown with weight. */
export interface Piece {
  text: string;
  isNamed?: boolean;
}

export type Phrase = Piece[];

export function plain(text: string): Phrase {
  return text ? [{ text }] : [];
}

export function named(text: string): Phrase {
  return text ? [{ text, isNamed: true }] : [];
}

const SLOT = /\{\{\s*(\w+)[^}]*\}\}/;

/**
 * Fills a pattern of a language: `{{event}}[ {{within}}]`. Each language has its slots in its own order; what stands in
 * brackets is left out when a slot in it is empty.
 */
export function fill(pattern: string, slots: Record<string, Phrase>): Phrase {
  const whole: Phrase = [];
  for (const part of pattern.split(/(\[[^\]]*\])/)) {
    const isOptional = part.startsWith("[") && part.endsWith("]");
    const filled = fillAll(isOptional ? part.slice(1, -1) : part, slots);
    if (!isOptional || filled.isComplete) whole.push(...filled.phrase);
  }
  return whole;
}

function fillAll(pattern: string, slots: Record<string, Phrase>): { phrase: Phrase; isComplete: boolean } {
  const phrase: Phrase = [];
  let isComplete = true;
  let rest = pattern;
  for (let found = SLOT.exec(rest); found; found = SLOT.exec(rest)) {
    phrase.push(...plain(rest.slice(0, found.index)));
    const slot = slots[found[1] ?? ""] ?? [];
    if (slot.length === 0) isComplete = false;
    phrase.push(...slot);
    rest = rest.slice(found.index + found[0].length);
  }
  phrase.push(...plain(rest));
  return { phrase, isComplete };
}

/** The names of the slots in a pattern, and the words between them, in the order of the language. */
export function partsOf(pattern: string): ({ slot: string } | { words: string })[] {
  return pattern
    .split(/(\{\{[^}]*\}\})/)
    .filter(Boolean)
    .map((part) => {
      const slot = SLOT.exec(part)?.[1];
      return slot ? { slot } : { words: part.replaceAll(/[[\]]/g, "") };
    });
}

const HAN_END = /[\p{Script=Han}]$/u;
const HAN_START = /^[\p{Script=Han}]/u;
const WESTERN_END = /[A-Za-z0-9%]$/;
const WESTERN_START = /^[A-Za-z0-9]/;

/** Puts the space between Chinese and western letters or digits that good typesetting has, and drops doubled ones. */
export function typeset(phrase: Phrase): Phrase {
  const set: Phrase = [];
  for (const piece of phrase) {
    const before = set.at(-1);
    if (!before) {
      set.push(piece);
      continue;
    }
    const meets =
      (HAN_END.test(before.text) && WESTERN_START.test(piece.text)) || (WESTERN_END.test(before.text) && HAN_START.test(piece.text));
    const text = before.text.endsWith(" ") ? piece.text.trimStart() : piece.text;
    const spaced = meets ? ` ${text}` : text;
    if (spaced) set.push({ ...piece, text: spaced });
  }
  return set;
}

export function textOf(phrase: Phrase): string {
  return phrase.map((piece) => piece.text).join("");
}
