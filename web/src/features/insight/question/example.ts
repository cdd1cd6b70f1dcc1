import type { Kind, Questions } from "../api/types";
import { EXAMPLES } from "./starts";

/** The example of a kind in the workspace's own events: one that nobody sends gives way to the most frequent that is left. */
export function exampleFor<K extends Kind>(kind: K, events: readonly string[]): Questions[K] {
  const example = EXAMPLES[kind];
  if (events.length === 0) return example;
  const asked = new Set<string>();
  visitEvents(example, (event) => asked.add(event));
  const left = events.filter((event) => !asked.has(event));
  const instead = new Map<string, string>();
  for (const event of asked) {
    if (!events.includes(event)) instead.set(event, left.shift() ?? events[0] ?? event);
  }
  return withEvents(example, instead);
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
