import { openStream, type LiveKind, type StreamListener } from "./stream";

/** What tabs are told. */
export type ToTab =
  | { type: "message"; topic: string; data: unknown }
  | { type: "kind"; kind: LiveKind; since: number };

/** What tabs say: what they look at now; that they go; that somebody has signed in again. */
export type FromTab = { type: "topics"; topics: string[] } | { type: "bye" } | { type: "again" };

type Tab = (message: ToTab) => void;

const MOST_TOPICS = 20;
/** How long the union of all topics must rest before the stream is opened anew: pages come and go together. */
const SETTLING = 300;
/** A tab that has not spoken for so long is gone, though it could not say so. */
const FORGOTTEN = 4 * 60_000;

/**
 * One stream for many tabs: it has the topics of all of them, and hands each message to those who asked for it. Since messages are
 * states, whoever comes later is told the last one.
 */
export class Hub {
  private readonly tabs = new Map<Tab, { topics: Set<string>; heard: number }>();
  private readonly latest = new Map<string, ToTab>();
  private streamed: string[] = [];
  private close: (() => void) | null = null;
  private settling: ReturnType<typeof setTimeout> | undefined;
  private kind: LiveKind = "off";
  private since = Date.now();

  constructor(private readonly open: (topics: readonly string[], listener: StreamListener) => () => void = openStream) {}

  hear(tab: Tab, message: FromTab): void {
    if (message.type === "bye") this.tabs.delete(tab);
    else if (message.type === "again") this.reopen();
    else this.welcome(tab, new Set(message.topics));
    this.settle();
  }

  private welcome(tab: Tab, topics: Set<string>): void {
    const before = this.tabs.get(tab);
    this.tabs.set(tab, { topics, heard: Date.now() });
    if (!before) tab({ type: "kind", kind: this.kind, since: this.since });
    for (const topic of topics) {
      const latest = this.latest.get(topic);
      if (latest && !before?.topics.has(topic)) tab(latest);
    }
  }

  /** The topics of all tabs. Those of whole lists go first, should there be too many. */
  private union(): string[] {
    for (const [tab, { heard }] of this.tabs) if (Date.now() - heard > FORGOTTEN) this.tabs.delete(tab);
    const all = [...new Set([...this.tabs.values()].flatMap(({ topics }) => [...topics]))].sort();
    return [...all.filter((topic) => !topic.includes(":")), ...all.filter((topic) => topic.includes(":"))].slice(0, MOST_TOPICS);
  }

  private settle(): void {
    if (this.union().join() === this.streamed.join()) return;
    clearTimeout(this.settling);
    this.settling = setTimeout(() => {
      if (this.union().join() !== this.streamed.join()) this.reopen();
    }, SETTLING);
  }

  private reopen(): void {
    this.close?.();
    this.close = null;
    this.streamed = this.union();
    for (const topic of this.latest.keys()) if (!this.streamed.includes(topic)) this.latest.delete(topic);
    if (this.streamed.length === 0) return this.tell("off");
    this.close = this.open(this.streamed, {
      onKind: (kind) => this.tell(kind),
      onMessage: (topic, data) => this.hand(topic, data),
    });
  }

  private tell(kind: LiveKind): void {
    if (kind === this.kind) return;
    this.kind = kind;
    this.since = Date.now();
    for (const tab of this.tabs.keys()) tab({ type: "kind", kind, since: this.since });
  }

  private hand(topic: string, data: unknown): void {
    const message: ToTab = { type: "message", topic, data };
    this.latest.set(topic, message);
    for (const [tab, { topics }] of this.tabs) if (topics.has(topic)) tab(message);
  }
}
