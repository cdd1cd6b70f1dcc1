// What was copied, also for the buttons and for browsers that do not let a page read the clipboard.
const KEPT = "hearth.journeys.copied";

export function keepCopied(text: string): void {
  try {
    sessionStorage.setItem(KEPT, text);
  } catch {
    // The clipboard of the system still has it.
  }
  void navigator.clipboard?.writeText(text).catch(() => undefined);
}

export function copied(): string | null {
  try {
    return sessionStorage.getItem(KEPT);
  } catch {
    return null;
  }
}
