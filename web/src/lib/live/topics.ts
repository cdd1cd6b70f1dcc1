import type { QueryKey } from "@tanstack/react-query";

/** Which topic of the stream tells of what a page asks for. */
interface Source {
  topic: string;
  /** How long queries are left in peace after they were asked, in milliseconds. */
  pause?: number;
}

/** Words of pages that have no topic of their own. */
const SOURCES: Record<string, Source> = {
  home: { topic: "pipeline", pause: 30_000 },
  health: { topic: "pipeline", pause: 10_000 },
  members: { topic: "pipeline", pause: 10_000 },
  // Whoever has begun an import sits and waits for it.
  imports: { topic: "imports", pause: 1_000 },
};

export function sourceOf(word: string): Source {
  return SOURCES[word] ?? { topic: word };
}

/** The queries that a topic speaks of: `journey:jrn_…` of those about all journeys that name this one. */
export function keyOf(word: string): QueryKey {
  const [kind = word, id] = word.split(":");
  return id ? [`${kind}s`, id] : [kind];
}
