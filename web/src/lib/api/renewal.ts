/**
 * A session that ends while somebody works. Whoever asks for something then waits here until the person has signed in
 * again in a dialog; the request is then sent again, and nothing that was typed is lost.
 */
type Listener = (wanted: boolean) => void;

let signedIn = false;
let waiting: { promise: Promise<boolean>; end: (renewed: boolean) => void } | null = null;
const listeners = new Set<Listener>();

export const renewal = {
  /** Tells whether somebody is signed in: before that, 401 is an ordinary answer. */
  setSignedIn(value: boolean): void {
    signedIn = value;
  },
  isSignedIn: (): boolean => signedIn,
  isWanted: (): boolean => waiting !== null,
  /** Resolves to whether the person signed in again. */
  want(): Promise<boolean> {
    if (!waiting) {
      let end: (renewed: boolean) => void = () => undefined;
      const promise = new Promise<boolean>((resolve) => (end = resolve));
      waiting = { promise, end };
      listeners.forEach((listener) => listener(true));
    }
    return waiting.promise;
  },
  end(renewed: boolean): void {
    waiting?.end(renewed);
    waiting = null;
    listeners.forEach((listener) => listener(false));
  },
  subscribe(listener: Listener): () => void {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
};
