import type { Tone } from "@/ui";

/** How each state of the ledger looks. */
const TONES: Record<string, Tone> = {
  queued: "waiting",
  sending: "ember",
  accepted: "good",
  delivered: "good",
  bounced: "bad",
  failed: "bad",
  unknown: "attention",
  suppressed: "neutral",
  expired: "neutral",
  cancelled: "neutral",
};

export function toneOf(state: string): Tone {
  return TONES[state] ?? "neutral";
}

/** The sign beside a line of a story. */
export type Sign = "begin" | "wait" | "way" | "send" | "good" | "bad" | "seen" | "stop" | "task" | "mark" | "now" | "plain";

const SIGNS: Record<string, Sign> = {
  entered: "begin", moved: "way", branched: "way", split: "way", event: "way", met: "way",
  waiting: "wait", waited: "wait", timed_out: "wait", deferred: "wait", delayed: "wait", paused: "wait",
  queued: "send", sending: "send", accepted: "good", delivered: "good", goal: "good", completed: "good", confirmed: "good", task_done: "good",
  settled: "good", subscribed: "good",
  failed: "bad", bounced: "bad", complained: "bad", unknown: "bad",
  opened: "seen", clicked: "seen", scanner: "seen", answered: "seen", preferences: "seen",
  suppressed: "stop", expired: "stop", cancelled: "stop", unsubscribed: "stop", exited: "stop", held_out: "stop", not_entered: "stop", skipped: "stop",
  task_opened: "task", task_expired: "task",
  tagged: "mark", set: "mark",
  now: "now",
};

export function signOf(what: string): Sign {
  return SIGNS[what] ?? "plain";
}

/** Lines that stand together: those of one run, in their order; where there was only one, there is one group. */
export interface Chapter<T> {
  /** The run's id, when several are told of. */
  run: string | null;
  /** What tells this run from others, such as an order's number. */
  key: string | null;
  lines: T[];
}

export function chaptersOf<T extends { run?: string | null; key?: string | null }>(trail: readonly T[]): Chapter<T>[] {
  const chapters: Chapter<T>[] = [];
  for (const line of trail) {
    const run = line.run ?? null;
    const last = chapters.at(-1);
    if (last && last.run === run) {
      last.lines.push(line);
      last.key ??= line.key ?? null;
    } else {
      chapters.push({ run, key: line.key ?? null, lines: [line] });
    }
  }
  return chapters;
}

/** What stands in a line's particulars that the sentence does not say already, as pairs to be read. */
export function particulars(detail: unknown): [string, string][] {
  if (typeof detail !== "object" || detail === null) return [];
  return Object.entries(detail as Record<string, unknown>)
    .filter(([, value]) => value !== null && value !== "" && !(Array.isArray(value) && value.length === 0))
    .map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]);
}
