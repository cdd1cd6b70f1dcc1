import type { QueryClient, QueryKey } from "@tanstack/react-query";
import { renewal } from "@/lib/api";
import { connect as connectToHub, type Connect, type Connection } from "./connect";
import type { ToTab } from "./hub";
import type { LiveKind } from "./stream";
import { keyOf, sourceOf } from "./topics";

export interface LiveMessage {
  /** The topic: `jobs`, `segments`, `journey:jrn_…`. */
  topic: string;
  /** The state, whole: whoever missed some messages needs only the latest. */
  data: unknown;
}

export interface Interest {
  topics: readonly string[];
  /** Takes the state of a topic, mostly by `setQueryData`. Without it the queries of the topic are asked again. */
  on?: (message: LiveMessage) => void;
  /** The queries to ask again, where they are not those that begin with the topic's word. */
  keys?: readonly QueryKey[];
  /** Whether something moves that somebody waits for: it is asked once more at first, and more often of a server without a stream. */
  moves?: boolean;
}

export interface LiveState {
  kind: LiveKind;
  /** Since when, in milliseconds. */
  since: number;
}

/** Requests of many browsers are spread over so long. */
const JITTER = 2_000;
/** One topic asks its queries again at most so often. */
const PAUSE = 5_000;
const ASK_SLOWLY = 30_000;
const ASK_OFTEN = 3_000;
const SAY_AGAIN = 60_000;
/** What was read so lately is not asked again only because the first state of its topic has come. */
const FRESH = 5_000;

/** What the pages of this tab want to know, and how they hear it. */
export class Live {
  private readonly interests = new Set<Interest>();
  private readonly told = new Map<string, string>();
  private readonly askedAt = new Map<string, number>();
  /** How old what is shown must be to be asked again, by what waits to be asked: the strictest wish counts. */
  private readonly ages = new Map<string, number>();
  private readonly waiting = new Map<string, ReturnType<typeof setTimeout>>();
  private readonly listeners = new Set<() => void>();
  private connection: Connection | null = null;
  private queries: QueryClient | null = null;
  private state: LiveState = { kind: "off", since: 0 };
  private slowly: ReturnType<typeof setTimeout> | undefined;
  private saying: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly connect: Connect = connectToHub) {}

  readonly getState = (): LiveState => this.state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };

  /** Begins to listen, for as long as somebody is signed in. */
  start(queries: QueryClient): () => void {
    this.queries = queries;
    this.connection = this.connect((message) => this.hear(message));
    this.sayTopics();
    const again = setInterval(() => this.sayTopics(), SAY_AGAIN);
    const bye = () => this.connection?.say({ type: "bye" });
    const back = () => {
      if (document.hidden) return;
      this.sayTopics();
      if (this.state.kind === "absent") this.askSlowly();
    };
    window.addEventListener("pagehide", bye);
    window.addEventListener("pageshow", back);
    document.addEventListener("visibilitychange", back);
    return () => {
      clearInterval(again);
      clearTimeout(this.slowly);
      clearTimeout(this.saying);
      this.waiting.forEach((timer) => clearTimeout(timer));
      this.waiting.clear();
      this.ages.clear();
      this.told.clear();
      window.removeEventListener("pagehide", bye);
      window.removeEventListener("pageshow", back);
      document.removeEventListener("visibilitychange", back);
      this.connection?.close();
      this.connection = null;
      this.setState({ kind: "off", since: Date.now() });
    };
  }

  add(interest: Interest): () => void {
    this.interests.add(interest);
    this.saySoon();
    // Its end may have been told before anybody waited for it.
    if (interest.moves && !interest.on) for (const word of interest.topics) this.ask(interest.keys ?? [keyOf(word)], 0, sourceOf(word).pause);
    return () => {
      this.interests.delete(interest);
      this.saySoon();
    };
  }

  /** Several components come and go together. */
  private saySoon(): void {
    clearTimeout(this.saying);
    this.saying = setTimeout(() => this.sayTopics(), 0);
    if (this.state.kind === "absent") this.askSlowly();
  }

  private sayTopics(): void {
    const topics = [...new Set([...this.interests].flatMap((interest) => interest.topics.map((word) => sourceOf(word).topic)))].sort();
    this.connection?.say({ type: "topics", topics });
  }

  private hear(message: ToTab): void {
    if (message.type === "kind") return this.hearKind(message);
    const words = new Set([...this.interests].flatMap(({ topics }) => topics).filter((word) => sourceOf(word).topic === message.topic));
    for (const word of words) this.hearOf(word, message.data);
  }

  private hearOf(word: string, data: unknown): void {
    const { pause } = sourceOf(word);
    const text = JSON.stringify(data);
    const before = this.told.get(word);
    this.told.set(word, text);
    if (before === text) return;
    const olderThan = before === undefined ? FRESH : 0;
    for (const interest of this.interests) {
      if (!interest.topics.includes(word)) continue;
      if (interest.on) interest.on({ topic: word, data });
      // What moves may have ended between the reading and the first state.
      else this.ask(interest.keys ?? [keyOf(word)], interest.moves ? 0 : olderThan, pause);
    }
  }

  private hearKind({ kind, since }: { kind: LiveKind; since: number }): void {
    const before = this.state.kind;
    this.setState({ kind, since });
    clearTimeout(this.slowly);
    if (kind === "live" && before === "lost") this.askEverything();
    if (kind === "absent") this.askSlowly();
    if (kind === "signed_out" && renewal.isSignedIn()) {
      void renewal.want().then((isRenewed) => isRenewed && this.connection?.say({ type: "again" }));
    }
  }

  private askEverything(): void {
    this.later("*", PAUSE, () => void this.queries?.invalidateQueries({ type: "active" }));
  }

  /** Has what is shown of these queries asked again, soon but not all at once. */
  private ask(keys: readonly QueryKey[], olderThan: number, pause = PAUSE): void {
    for (const key of keys) {
      const name = JSON.stringify(key);
      this.ages.set(name, Math.min(this.ages.get(name) ?? olderThan, olderThan));
      this.later(name, pause, () => {
        const [word, ...rest] = key;
        const age = this.ages.get(name) ?? 0;
        this.ages.delete(name);
        void this.queries?.invalidateQueries({
          predicate: ({ queryKey, state }) =>
            queryKey[0] === word &&
            rest.every((part) => queryKey.includes(part)) &&
            (age === 0 || Date.now() - state.dataUpdatedAt > age),
        });
      });
    }
  }

  private later(name: string, pause: number, act: () => void): void {
    if (this.waiting.has(name)) return;
    const rested = Date.now() - (this.askedAt.get(name) ?? 0);
    const run = () => {
      // A tab that nobody sees asks when it is looked at again.
      if (document.hidden) return void document.addEventListener("visibilitychange", run, { once: true });
      this.waiting.delete(name);
      this.askedAt.set(name, Date.now());
      act();
    };
    this.waiting.set(name, setTimeout(run, Math.max(0, pause - rested) + Math.random() * JITTER));
  }

  /** For servers without a stream. */
  private askSlowly(): void {
    clearTimeout(this.slowly);
    const isMoving = [...this.interests].some((interest) => interest.moves);
    this.slowly = setTimeout(() => {
      if (document.hidden) return;
      for (const interest of this.interests) {
        if (isMoving && !interest.moves) continue;
        for (const topic of interest.topics) this.askNow(interest.keys ?? [keyOf(topic)]);
      }
      this.askSlowly();
    }, isMoving ? ASK_OFTEN : ASK_SLOWLY);
  }

  private askNow(keys: readonly QueryKey[]): void {
    for (const key of keys) void this.queries?.invalidateQueries({ queryKey: key, type: "active" });
  }

  private setState(state: LiveState): void {
    this.state = state;
    this.listeners.forEach((listener) => listener());
  }
}
