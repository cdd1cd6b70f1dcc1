import type { Kind, Questions } from "@/features/insight";
import type { Board, BoardBody, BoardCard } from "./api";

/** A card has no id of its own: this one holds as long as the page is open, so that a card keeps its place on the screen. */
export interface PlacedCard {
  key: string;
  card: BoardCard;
}

let made = 0;

export function placed(card: BoardCard): PlacedCard {
  made += 1;
  return { key: `card-${made}`, card };
}

const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

/** The cards of another version of the board: those that are the same keep their keys. */
export function keyed(cards: readonly BoardCard[], before: readonly PlacedCard[]): PlacedCard[] {
  const left = [...before];
  return cards.map((card) => {
    const at = left.findIndex((one) => same(one.card, card));
    const kept = at < 0 ? undefined : left.splice(at, 1)[0];
    return kept ?? placed(card);
  });
}

/** The list with one item at another place; `to` counts the places of the list as it becomes. */
export function movedTo<T>(items: readonly T[], from: number, to: number): T[] {
  const next = [...items];
  const [item] = next.splice(from, 1);
  if (item === undefined) return [...items];
  next.splice(Math.max(0, Math.min(next.length, to)), 0, item);
  return next;
}

/** Into which place a card comes that is let go before or behind another one. */
export function placeAfterDrop(from: number, over: number, isBehind: boolean): number {
  const to = isBehind ? over + 1 : over;
  return to > from ? to - 1 : to;
}

/** What is asked of the whole board, instead of what its cards say. */
export interface BoardFilters {
  period?: string;
  from?: string;
  /** The day after the last one. */
  to?: string;
  segment?: string;
  channel?: string;
  group?: string;
}

/** The question of a card as this board asks it. Dates of the board take the place of all dates of the card. */
export function questionOn<K extends Kind>(question: Questions[K], { period, from, to, segment, channel, group }: BoardFilters): Questions[K] {
  const asked = { ...question };
  if (period || from || to) Object.assign(asked, { period: from || to ? undefined : period, from, to });
  if (segment) asked.segment = segment;
  if (channel) asked.channel = channel;
  if (group) asked.group = group;
  return JSON.parse(JSON.stringify(asked)) as Questions[K];
}

export interface Differences {
  /** Cards that only one of the two has. */
  mine: BoardCard[];
  theirs: BoardCard[];
  isRenamed: boolean;
  /** The same cards in another order. */
  isReordered: boolean;
}

/** In what two versions of a board differ. A changed card stands on both sides. */
export function differences(mine: BoardBody, theirs: BoardBody): Differences {
  const left = [...theirs.cards];
  const onlyMine = mine.cards.filter((card) => {
    const at = left.findIndex((one) => same(one, card));
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  return {
    mine: onlyMine,
    theirs: left,
    isRenamed: mine.name !== theirs.name,
    isReordered: onlyMine.length === 0 && left.length === 0 && !same(mine.cards, theirs.cards),
  };
}

/** Their board with the cards that only mine has at its end. */
export function both(mine: BoardBody, theirs: Board): BoardBody {
  return { name: theirs.name, period: theirs.period, cards: [...theirs.cards, ...differences(mine, theirs).mine] };
}

const WEEK = "week";

/** A question as its page and the builder have it: they say of each kind with what it is compared, the API of trends only. */
export function asBuilt(kind: Kind, question: Questions[Kind]): Questions[Kind] & { compare?: "period" | "year" } {
  if (kind !== "trend") return question;
  const { previous, ...rest } = question as Questions["trend"];
  return previous ? { ...rest, compare: previous } : rest;
}

/** The page of a question. Three kinds say by a field that would otherwise be left out that they ask at all. */
export function addressOf(kind: Kind, question: Questions[Kind]): { to: string; search: object } {
  const marks: Partial<Record<Kind, object>> = { path: { depth: 5 }, distribution: { measure: "count" }, lifecycle: { unit: WEEK } };
  return { to: `/insight/${kind}`, search: { ...marks[kind], ...asBuilt(kind, question) } };
}
