/** Gathers what is asked for within a moment into one request, and hands each asker his part. */
export class Batch<K, V> {
  private waiting = new Map<K, { promise: Promise<V | null>; settle: (value: V | null) => void; fail: (error: unknown) => void }>();
  private timer: ReturnType<typeof setTimeout> | null = null;

  constructor(
    private readonly load: (keys: K[]) => Promise<ReadonlyMap<K, V>>,
    private readonly most: number,
    private readonly pause: number,
  ) {}

  /** The value for this key; null when there is none. */
  get(key: K): Promise<V | null> {
    const asked = this.waiting.get(key);
    if (asked) return asked.promise;
    let settle: (value: V | null) => void = () => undefined;
    let fail: (error: unknown) => void = () => undefined;
    const promise = new Promise<V | null>((resolve, reject) => {
      settle = resolve;
      fail = reject;
    });
    this.waiting.set(key, { promise, settle, fail });
    if (this.waiting.size >= this.most) this.send();
    else this.timer ??= setTimeout(() => this.send(), this.pause);
    return promise;
  }

  private send(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    const asked = this.waiting;
    this.waiting = new Map();
    this.load([...asked.keys()]).then(
      (found) => asked.forEach((one, key) => one.settle(found.get(key) ?? null)),
      (error: unknown) => asked.forEach((one) => one.fail(error)),
    );
  }
}
