/**
 * What this browser remembers of choices such as theme, language and columns. Never anything about members, and never
 * a secret. A browser that keeps nothing (private windows, full disk) only forgets the choice.
 */
export function remembered<T>(name: string, otherwise: T): T {
  try {
    const text = localStorage.getItem(`hearth.${name}`);
    return text === null ? otherwise : (JSON.parse(text) as T);
  } catch {
    return otherwise;
  }
}

export function remember(name: string, value: unknown): void {
  try {
    localStorage.setItem(`hearth.${name}`, JSON.stringify(value));
  } catch {
    // The choice holds until the page is closed.
  }
}
