import i18next, { type BackendModule } from "i18next";
import { initReactI18next } from "react-i18next";
import { remember, remembered } from "@/lib/storage";
import { LANGUAGES, languageFor, type Language } from "./languages";

export { LANGUAGES, type Language } from "./languages";

type Messages = { default: Record<string, unknown> };
const files = import.meta.glob<Messages>("../../messages/*/*.json");

/** Reads the messages of one feature when its first page asks for them. */
const backend: BackendModule = {
  type: "backend",
  init: () => undefined,
  read(language, namespace, callback) {
    const load = files[`../../messages/${language}/${namespace}.json`];
    if (!load) return callback(new Error(`no messages ${language}/${namespace}`), false);
    load().then(
      (messages) => callback(null, messages.default),
      (error: Error) => callback(error, false),
    );
  },
};

export function chosenLanguage(): Language {
  const choice = remembered<Language | null>("language", null);
  if (choice && LANGUAGES.includes(choice)) return choice;
  return languageFor(navigator.languages);
}

export async function startLanguages(): Promise<void> {
  const language = chosenLanguage();
  document.documentElement.lang = language;
  await i18next
    .use(backend)
    .use(initReactI18next)
    .init({
      lng: language,
      fallbackLng: false,
      ns: ["ui", "problems"],
      defaultNS: "ui",
      supportedLngs: [...LANGUAGES],
      load: "currentOnly",
      interpolation: { escapeValue: false },
      react: { useSuspense: true },
    });
}

export async function chooseLanguage(language: Language): Promise<void> {
  remember("language", language);
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}
