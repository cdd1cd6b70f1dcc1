import type { BoardCard } from "./api";

export const STARTER_KEYS = ["growth", "retention", "sales", "community"] as const;
export type StarterKey = (typeof STARTER_KEYS)[number];

interface StarterCard extends Omit<BoardCard, "title"> {
  /** Under which the messages have its title. */
  key: string;
}

interface Starter {
  key: StarterKey;
  period: string;
  cards: StarterCard[];
}

const of = (event: string | null) => ({ event });
const ORDERED = "Order Completed";
const DAY = "day";
const WEEK = "week";
const MONTH = "month";

/** Boards to begin with, of events as shops and groups usually send them. Each card can be changed or taken away. */
export const STARTERS: readonly Starter[] = [
  {
    key: "growth",
    period: "P30D",
    cards: [
      { key: "newMembers", kind: "trend", view: "line", width: 1, question: { series: [{ name: "A", ...of("Signed Up"), measure: "members" }], unit: DAY } },
      { key: "joined", kind: "trend", view: "bar", width: 1, question: { series: [{ name: "A", ...of("Group Joined"), measure: "events" }, { name: "B", ...of("Group Left"), measure: "events" }], unit: DAY } },
      {
        key: "active", kind: "trend", view: "line", width: 2,
        question: { series: [{ name: "A", ...of(null), measure: "members" }, { name: "B", ...of(null), measure: "members_7d" }, { name: "C", ...of(null), measure: "members_30d" }], unit: DAY },
      },
      { key: "firstOrder", kind: "funnel", view: "funnel", width: 1, question: { steps: [of("Signed Up"), of("Product Viewed"), of(ORDERED)], within: "P30D" } },
      { key: "lifecycle", kind: "lifecycle", view: "bar", width: 1, question: { event: null, unit: WEEK } },
    ],
  },
  {
    key: "retention",
    period: "P90D",
    cards: [
      { key: "returning", kind: "retention", view: "heat", width: 2, question: { start: of("Signed Up"), return: of(null), unit: WEEK, periods: 8, cohorts: "first" } },
      { key: "repurchase", kind: "retention", view: "heat", width: 2, question: { start: of(ORDERED), return: of(ORDERED), unit: MONTH, periods: 6, cohorts: "first" } },
      { key: "betweenOrders", kind: "interval", view: "bar", width: 1, question: { first: of(ORDERED), then: of(ORDERED) } },
      { key: "frequency", kind: "trend", view: "line", width: 1, question: { series: [{ name: "A", ...of(null), measure: "per_member" }], unit: WEEK } },
      { key: "buyersLifecycle", kind: "lifecycle", view: "bar", width: 2, question: { event: ORDERED, unit: MONTH } },
    ],
  },
  {
    key: "sales",
    period: "P30D",
    cards: [
      { key: "revenue", kind: "trend", view: "line", width: 2, question: { series: [{ name: "A", ...of(ORDERED), measure: "sum", property: "revenue" }], unit: DAY, previous: "period" } },
      { key: "orders", kind: "trend", view: "number", width: 1, question: { series: [{ name: "A", ...of(ORDERED), measure: "events" }], unit: DAY, previous: "period" } },
      { key: "orderValue", kind: "trend", view: "number", width: 1, question: { series: [{ name: "A", ...of(ORDERED), measure: "avg", property: "revenue" }], unit: DAY, previous: "period" } },
      { key: "checkout", kind: "funnel", view: "funnel", width: 1, question: { steps: [of("Product Viewed"), of("Product Added"), of("Checkout Started"), of(ORDERED)], within: "P7D" } },
      { key: "sources", kind: "attribution", view: "table", width: 1, question: { conversion: { ...of(ORDERED), value: "revenue" }, touch_by: "utm_source", model: "last", within: "P30D" } },
      { key: "perBuyer", kind: "distribution", view: "bar", width: 2, question: { event: ORDERED, measure: "sum", property: "revenue" } },
    ],
  },
  {
    key: "community",
    period: "P30D",
    cards: [
      { key: "talking", kind: "trend", view: "line", width: 2, question: { series: [{ name: "A", ...of("Message Posted"), measure: "events" }, { name: "B", ...of("Message Posted"), measure: "members" }], unit: DAY } },
      { key: "daysTalking", kind: "distribution", view: "bar", width: 1, question: { event: "Message Posted", measure: "days" } },
      { key: "firstMessage", kind: "funnel", view: "funnel", width: 1, question: { steps: [of("Group Joined"), of("Message Posted")], within: "P7D" } },
      { key: "stay", kind: "retention", view: "heat", width: 2, question: { start: of("Group Joined"), return: of("Message Posted"), unit: WEEK, periods: 6, cohorts: "first" } },
      { key: "afterJoining", kind: "path", view: "sankey", width: 2, question: { anchor: { event: "Group Joined", side: "after" }, depth: 4, collapse: true } },
    ],
  },
];

/** The cards of a board to begin with, with titles in the reader's language. */
export function cardsOf(starter: Starter, title: (key: string) => string): BoardCard[] {
  return starter.cards.map(({ key, ...card }) => ({ title: title(key), ...card }));
}
