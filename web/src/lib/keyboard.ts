import { useEffect } from "react";

/** Whether this machine says ⌘ instead of Ctrl. */
export const isApple = /Mac|iPhone|iPad/.test(navigator.userAgent);

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName);
}

/** Calls back for one key: `mod+k`, or a plain character, which counts only while nobody types. */
export function useShortcut(keys: string, then: () => void): void {
  useEffect(() => {
    const withMod = keys.startsWith("mod+");
    const key = withMod ? keys.slice(4) : keys;
    function onKey(event: KeyboardEvent) {
      const mod = event.metaKey || event.ctrlKey;
      if (event.key.toLowerCase() !== key || mod !== withMod || event.altKey) return;
      if (!withMod && (isTyping(event.target) || document.querySelector('[aria-modal="true"]'))) return;
      event.preventDefault();
      then();
    }
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [keys, then]);
}
