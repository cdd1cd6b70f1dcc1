import { useTranslation } from "react-i18next";

/** Why a record was refused, in a few words; the code of a reason that we do not know. */
export function useCodeName(): (code: string) => string {
  const { t, i18n } = useTranslation("health");
  return (code) => (i18n.exists(`health:code.${code}`) ? t(`code.${code}`) : code);
}

/** What a reason means and what to do about it, for people; nothing for one that we do not know. */
export function useCodeHelp(): (code: string) => string | null {
  const { t, i18n } = useTranslation("health");
  return (code) => (i18n.exists(`health:codeHelp.${code}`) ? t(`codeHelp.${code}`) : null);
}

/** Bytes as people read them. */
export function sizeOf(bytes: number, language: string): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
  let at = 0;
  let value = bytes;
  while (value >= 1000 && at < units.length - 1) {
    value /= 1000;
    at += 1;
  }
  return new Intl.NumberFormat(language, { style: "unit", unit: units[at], unitDisplay: at === 0 ? "long" : "short", maximumFractionDigits: value < 10 && at > 0 ? 1 : 0 }).format(value);
}
