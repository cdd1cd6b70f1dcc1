export const LANGUAGES = ["zh-CN", "zh-TW", "en"] as const;
export type Language = (typeof LANGUAGES)[number];

const TRADITIONAL = /^zh-(hant|tw|hk|mo)/i;

/** The first of these wishes that we speak, in the order of the browser. */
export function languageFor(wishes: readonly string[]): Language {
  for (const wish of wishes) {
    if (TRADITIONAL.test(wish)) return "zh-TW";
    if (/^zh/i.test(wish)) return "zh-CN";
    if (/^en/i.test(wish)) return "en";
  }
  return "en";
}
