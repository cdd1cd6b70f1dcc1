import type { Kind, Questions } from "../api/types";
import { EXAMPLES } from "./starts";

const FEW = 4;

/**
 * The example of a kind in the workspace's own events: one that nobody sends gives way to the most frequent that is left. Touches
 * that nothing tells apart, since no event has that property, are events.
 */
export function exampleFor<K extends Kind>(kind: K, events: readonly string[], properties: readonly string[] = []): Questions[K] {
  const example: Questions[K] = EXAMPLES[kind];
  if (events.length === 0) return example;
  const own = withEvents(example, substitutes(example, events));
  if (!("touch_by" in own) || properties.length === 0 || properties.includes(own.touch_by ?? "")) return own;
  const touches = events.filter((event) => event !== own.conversion.event).slice(0, FEW);
  return { ...own, touch_by: undefined, touches: touches.map((event) => ({ event })) };
}

/** By which event each that nobody sends is replaced. */
function substitutes(example: unknown, events: readonly string[]): Map<string, string> {
  const asked = new Set<string>();
  visitEvents(example, (event) => asked.add(event));
  const left = events.filter((event) => !asked.has(event));
  const instead = new Map<string, string>();
  for (const event of asked) {
    if (!events.includes(event)) instead.set(event, left.shift() ?? events[0] ?? event);
  }
  return instead;
}

function visitEvents(value: unknown, visit: (event: string) => void): void {
  if (typeof value !== "object" || value === null) return;
  for (const [name, inner] of Object.entries(value)) {
    if (name === "event" && typeof inner === "string") visit(inner);
    else visitEvents(inner, visit);
  }
}

function withEvents<T>(value: T, instead: ReadonlyMap<string, string>): T {
  return JSON.parse(JSON.stringify(value), (name, inner: unknown) => (name === "event" && typeof inner === "string" ? (instead.get(inner) ?? inner) : inner)) as T;
}
