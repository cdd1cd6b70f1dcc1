import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { KNOWN_EVENTS } from "./known-events";
import { eventTitle, type Translate } from "./sentence/words";

/** What an event is called by itself, as on a label: "下单", "Ordered"; the name that it came in with where we have no words. */
export function useEventTitle(): (event: string) => string {
  const { t, i18n } = useTranslation("rules");
  return useMemo(() => {
    const words = { t: t as unknown as Translate, language: i18n.language, names: {} };
    return (event) => (Object.hasOwn(KNOWN_EVENTS, event) ? eventTitle(words, event).replace(/^./u, (first) => first.toUpperCase()) : event);
  }, [t, i18n.language]);
}

/** Puts our words for events in the place of their names, in a sentence of the server that quotes them. */
export function useEventsInWords(): (sentence: string) => string {
  const title = useEventTitle();
  return useMemo(() => (sentence) => sentence.replace(/“([^”]+)”/gu, (quoted, name: string) => (title(name) === name ? quoted : `“${title(name)}”`)), [title]);
}
