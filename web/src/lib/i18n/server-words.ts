import { useCallback, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";

/** What the server says in both of its languages. */
export interface ServerWords {
  en: string;
  zh: string;
}

type Convert = (text: string) => string;

let convert: Convert | null = null;
let isAsked = false;
const listeners = new Set<() => void>();

/** The table of characters and of Taiwan's words is large, so only those who read zh-TW load it, once. */
function load(): void {
  if (isAsked) return;
  isAsked = true;
  void import("opencc-js/cn2t").then(({ Converter }) => {
    convert = Converter({ from: "cn", to: "twp" });
    listeners.forEach((listener) => listener());
  });
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

const current = () => convert;

export function inLanguage(words: ServerWords, language: string, toTaiwan: Convert | null): string {
  if (language === "en") return words.en;
  return language === "zh-TW" && toTaiwan ? toTaiwan(words.zh) : words.zh;
}

/** Says a sentence of the server in the reader's language; the server itself speaks English and simplified Chinese. */
export function useServerWords(): (words: ServerWords) => string {
  const { i18n } = useTranslation();
  const language = i18n.language;
  if (language === "zh-TW") load();
  const toTaiwan = useSyncExternalStore(subscribe, current);
  return useCallback((words) => inLanguage(words, language, toTaiwan), [language, toTaiwan]);
}
