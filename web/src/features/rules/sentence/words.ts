// @messages rules
import { KNOWN_EVENTS } from "../known-events";
import { periodParts } from "../model/period";
import { fill, named, plain, textOf, type Phrase } from "./pattern";

export type Translate = (key: string, options?: Record<string, unknown>) => string;

/** How things are called that a rule names by an id, a key or a technical name. */
export interface RuleNames {
  segment?: (id: string) => string | undefined;
  group?: (id: string) => string | undefined;
  stage?: (key: string) => string | undefined;
  trait?: (name: string) => string | undefined;
  property?: (name: string) => string | undefined;
}

/** What a sentence needs: the words of a language, and what things are called. */
export interface Words {
  t: Translate;
  language: string;
  names: RuleNames;
}

const MISSING = "…";
const SHOWN_VALUES = 5;

/** A pattern as the message file has it, its slots unfilled. */
export function patternOf({ t }: Words, key: string, count?: number): string {
  return t(`say.${key}`, { skipInterpolation: true, ...(count === undefined ? {} : { count }) });
}

export function propertyPhrase({ names }: Words, name: string): Phrase {
  return nameOr(names.property?.(name) ?? name);
}

export function nameOr(text: string | undefined): Phrase {
  return text ? named(text) : plain(MISSING);
}

/** What members do (`verb`), have done (`done`), and what that gives (`noun`). */
export function eventWord(words: Words, event: string, form: "verb" | "done" | "noun"): Phrase {
  const { t } = words;
  if (!event) return plain(MISSING);
  const known = Object.hasOwn(KNOWN_EVENTS, event) ? KNOWN_EVENTS[event] : undefined;
  if (known) return named(t(`events.${known}.${form}`));
  return fill(t(`events.other.${form}`, { skipInterpolation: true }), { name: named(event) });
}

/** The name of an event for lists: in words where we have them. */
export function eventTitle(words: Words, event: string): string {
  return textOf(eventWord(words, event, "verb"));
}

export function periodText({ t }: Words, period: string): string {
  const parts = periodParts(period);
  if (parts.length === 0) return period || MISSING;
  return parts.map(({ count, unit }) => t(`period.${unit}`, { count })).join(" ");
}

export function withinPhrase(words: Words, within: string | null): Phrase {
  return within === null ? [] : fill(patternOf(words, "within"), { period: named(periodText(words, within)) });
}

/** One value, as people write it. */
export function valueText({ t, language }: Words, value: unknown): string {
  if (value === true) return t("value.yes");
  if (value === false) return t("value.no");
  if (typeof value === "number") return new Intl.NumberFormat(language, { maximumFractionDigits: 20 }).format(value);
  if (typeof value === "string") return value;
  return value === undefined || value === null ? "" : JSON.stringify(value);
}

/** One value, or the first few of several: "上海、杭州或北京". */
export function valuePhrase(words: Words, value: unknown): Phrase {
  if (!Array.isArray(value)) return nameOr(valueText(words, value));
  if (value.length === 0) return plain(MISSING);
  const isCut = value.length > SHOWN_VALUES + 1;
  const shown = (isCut ? value.slice(0, SHOWN_VALUES) : value).map((one) => nameOr(valueText(words, one)));
  if (!isCut) return joined(words, shown, "list.middle", "list.last");
  const slots = { values: joined(words, shown, "list.middle", "list.middle"), total: plain(String(value.length)) };
  return fill(patternOf(words, "list.more"), slots);
}

/** Several phrases in a row, by the patterns for the ones in the middle and for the last. */
export function joined(words: Words, phrases: Phrase[], middle: string, last: string): Phrase {
  return phrases.reduce((a, b, index) => {
    if (index === 0) return b;
    return fill(patternOf(words, index === phrases.length - 1 ? last : middle), { a, b });
  }, []);
}
