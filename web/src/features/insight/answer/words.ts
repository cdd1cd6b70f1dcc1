import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { TFunction } from "i18next";
import { useEventTitle, useRuleNames } from "@/features/rules";
import { useFormats } from "@/lib/format";
import { palettes, seriesColours, useTheme } from "@/ui";
import type { GroupKey, Unit } from "../api/types";

// @messages insight
export interface AnswerWords {
  t: TFunction<"insight">;
  number: (value: number | null | undefined, digits?: number) => string;
  percent: (share: number | null | undefined) => string;
  duration: (seconds: number | null | undefined) => string;
  /** A step of time, as the calendar of the zone has it. */
  moment: (at: string, unit: Unit, zone: string) => string;
  event: (name: string | null | undefined) => string;
  property: (name: string) => string;
  group: (group: GroupKey) => string;
  palette: (typeof palettes)["light"] | (typeof palettes)["dark"];
  /** Of the series of a plot, in their order. */
  colours: readonly string[];
}

const NONE = "–";

const PARTS: Record<Unit, Intl.DateTimeFormatOptions> = {
  hour: { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  day: { month: "numeric", day: "numeric" },
  week: { month: "numeric", day: "numeric" },
  month: { year: "numeric", month: "short" },
};

const LENGTHS = [["d", 86_400], ["h", 3600], ["m", 60], ["s", 1]] as const;

/** The two largest parts of a length of time: 1 day and 3 hours, not the minutes as well. */
export function partsOfLength(seconds: number): { unit: "d" | "h" | "m" | "s"; count: number }[] {
  const all: { unit: "d" | "h" | "m" | "s"; count: number }[] = [];
  let rest = Math.max(0, Math.round(seconds));
  for (const [unit, length] of LENGTHS) {
    const count = Math.floor(rest / length);
    rest -= count * length;
    if (count > 0 || all.length > 0) all.push({ unit, count });
  }
  if (all.length === 0) return [{ unit: "s", count: 0 }];
  return all.slice(0, 2).filter((part) => part.count > 0);
}

/** How everything in an answer is written in the reader's language. */
export function useAnswerWords(): AnswerWords {
  const { t, i18n } = useTranslation("insight");
  const formats = useFormats();
  const eventTitle = useEventTitle();
  const { property } = useRuleNames([]);
  const { mode } = useTheme();
  return useMemo(() => {
    const calendars = new Map<string, Intl.DateTimeFormat>();
    const calendar = (unit: Unit, zone: string) => {
      const name = `${unit} ${zone}`;
      const known = calendars.get(name) ?? new Intl.DateTimeFormat(i18n.language, { timeZone: zone, ...PARTS[unit] });
      calendars.set(name, known);
      return known;
    };
    return {
      t,
      number: (value, digits = 2) => (value === null || value === undefined ? NONE : formats.number(value, { maximumFractionDigits: digits })),
      percent: (share) => (share === null || share === undefined ? NONE : formats.percent(share)),
      duration: (seconds) => (seconds === null || seconds === undefined ? NONE : partsOfLength(seconds).map(({ unit, count }) => t(`length.${unit}`, { count })).join(" ")),
      moment: (at, unit, zone) => calendar(unit, zone).format(new Date(at)),
      event: (name) => (name === null || name === undefined ? t("anyEvent") : eventTitle(name)),
      property: (name) => property?.(name) ?? name,
      group: ({ key, rest }) => (rest ? t("group.rest") : key === null ? t("group.none") : key),
      palette: palettes[mode],
      colours: seriesColours[mode],
    };
  }, [t, i18n.language, formats, eventTitle, property, mode]);
}
