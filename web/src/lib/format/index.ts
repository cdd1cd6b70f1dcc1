import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useTimeZone } from "@/lib/session";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 365 * DAY],
  ["month", 30 * DAY],
  ["day", DAY],
  ["hour", HOUR],
  ["minute", MINUTE],
];

/** "3 hours ago", with "now" for anything under a minute. */
export function relativeTime(moment: Date, now: Date, language: string): string {
  const format = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  const away = moment.getTime() - now.getTime();
  for (const [unit, length] of STEPS) {
    if (Math.abs(away) >= length) return format.format(Math.trunc(away / length), unit);
  }
  return format.format(0, "second");
}

export function absoluteTime(moment: Date, language: string, timeZone: string): string {
  return new Intl.DateTimeFormat(language, {
    timeZone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  }).format(moment);
}

export interface Formats {
  number: (value: number, options?: Intl.NumberFormatOptions) => string;
  percent: (share: number) => string;
  /** `amount` in the currency's whole units, such as yuan. */
  money: (amount: number, currency: string) => string;
  /** The same at a glance: without decimals from a thousand on, shortened from a million on. */
  roundMoney: (amount: number, currency: string) => string;
  time: (moment: string | Date) => string;
  date: (moment: string | Date) => string;
  /** A day with its weekday, for headings. */
  day: (moment: string | Date) => string;
  /** Hours and minutes of the workspace's day. */
  clock: (moment: string | Date) => string;
  relative: (moment: string | Date) => string;
  timeZone: string;
}

/** Numbers, money and moments as the reader's language and the workspace's time zone write them. */
export function useFormats(): Formats {
  const { i18n } = useTranslation();
  const timeZone = useTimeZone();
  const language = i18n.language;
  return useMemo(
    () => ({
      number: (value, options) => new Intl.NumberFormat(language, options).format(value),
      percent: (share) =>
        new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 }).format(share),
      money: (amount, currency) =>
        new Intl.NumberFormat(language, { style: "currency", currency, currencyDisplay: "narrowSymbol" }).format(amount),
      roundMoney: (amount, currency) => {
        const size = Math.abs(amount);
        return new Intl.NumberFormat(language, {
          style: "currency",
          currency,
          currencyDisplay: "narrowSymbol",
          ...(size >= 1_000_000 ? { notation: "compact", maximumFractionDigits: 1 } : size >= 1000 ? { maximumFractionDigits: 0 } : {}),
        }).format(amount);
      },
      time: (moment) => absoluteTime(new Date(moment), language, timeZone),
      date: (moment) =>
        new Intl.DateTimeFormat(language, { timeZone, dateStyle: "medium" }).format(new Date(moment)),
      day: (moment) =>
        new Intl.DateTimeFormat(language, { timeZone, year: "numeric", month: "long", day: "numeric", weekday: "long" }).format(new Date(moment)),
      clock: (moment) =>
        new Intl.DateTimeFormat(language, { timeZone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(new Date(moment)),
      relative: (moment) => relativeTime(new Date(moment), new Date(), language),
      timeZone,
    }),
    [language, timeZone],
  );
}
