import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Button, Select } from "antd";
import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { addDays, dayIn } from "@/features/insight";
import { useChoices } from "@/features/members";
import { api, got } from "@/lib/api";
import { useTimeZone } from "@/lib/session";
import { DateField } from "@/ui";
import type { BoardFilters } from "./cards";

// @messages boards
const PERIODS = ["P7D", "P14D", "P30D", "P90D", "P180D", "P365D"];
/** Each card keeps the dates that it was made with. */
const OWN = "own";
const CUSTOM = "custom";
const NARROWINGS = ["segment", "group", "channel"] as const;

export interface FiltersShown {
  /** What stands in the address. */
  asked: BoardFilters;
  set: (next: Partial<BoardFilters>) => void;
  isNarrowed: boolean;
}

/** What is asked of the whole board stands in the address; without dates there the board's own period holds. */
export function useBoardFilters(saved: string | null): FiltersShown {
  const search = useSearch({ strict: false }) as BoardFilters;
  const navigate = useNavigate();
  const { period, from, to, segment, group, channel } = search;
  const asked = useMemo((): BoardFilters => {
    if (from || to) return { from, to, segment, group, channel };
    return { period: period === OWN ? undefined : (period ?? saved ?? undefined), segment, group, channel };
  }, [period, from, to, segment, group, channel, saved]);
  const set = useCallback(
    (next: Partial<BoardFilters>) => void navigate({ to: ".", search: (before: Record<string, unknown>) => ({ ...before, ...next }), replace: true, resetScroll: false }),
    [navigate],
  );
  return { asked, set, isNarrowed: Boolean(period || from || to || segment || group || channel) };
}

interface FilterLineProps {
  filters: FiltersShown;
  /** The period that the board has for everybody. */
  saved: string | null;
  onKeep?: (period: string | null) => void;
}

/** Dates and filters for the whole board. They are this reader's, until the period is kept for everybody. */
export function FilterLine({ filters, saved, onKeep }: FilterLineProps) {
  const { t } = useTranslation("boards");
  const { asked, set, isNarrowed } = filters;
  const today = dayIn(useTimeZone(), new Date());
  const period = asked.from || asked.to ? CUSTOM : (asked.period ?? OWN);
  const known = PERIODS.includes(period) || [OWN, CUSTOM].includes(period) ? PERIODS : [...PERIODS, period];
  const last = (value: string) => {
    const days = /^P(\d+)D$/.exec(value)?.[1];
    return days ? t("filter.last", { count: Number(days) }) : value;
  };
  return (
    <div className="h-board-filters" role="search" aria-label={t("filter.label")}>
      <Select
        className="h-board-period"
        aria-label={t("filter.dates")}
        value={period}
        options={[{ value: OWN, label: t("filter.own") }, ...known.map((value) => ({ value, label: last(value) })), { value: CUSTOM, label: t("filter.custom") }]}
        onChange={(next) =>
          next === CUSTOM
            ? set({ period: undefined, from: addDays(today, -29), to: addDays(today, 1) })
            : set({ period: next === (saved ?? OWN) ? undefined : next, from: undefined, to: undefined })
        }
      />
      {period === CUSTOM && (
        <span className="h-board-dates">
          <DateField aria-label={t("filter.from")} allowClear={false} value={asked.from} max={asked.to && addDays(asked.to, -1)} onChange={(from) => set({ from })} />
          <span aria-hidden>–</span>
          <DateField aria-label={t("filter.to")} allowClear={false} value={asked.to && addDays(asked.to, -1)} min={asked.from} onChange={(day) => day && set({ to: addDays(day, 1) })} />
        </span>
      )}
      {NARROWINGS.map((of) => <Narrowing key={of} of={of} value={asked[of]} onChange={(id) => set({ [of]: id })} />)}
      {isNarrowed && (
        <Button type="link" onClick={() => set({ period: undefined, from: undefined, to: undefined, segment: undefined, group: undefined, channel: undefined })}>
          {t("ui:clearFilters")}
        </Button>
      )}
      {onKeep && period !== CUSTOM && (asked.period ?? null) !== saved && (
        <Button type="link" onClick={() => onKeep(asked.period ?? null)}>{t("filter.keep")}</Button>
      )}
    </div>
  );
}

function Narrowing({ of, value, onChange }: { of: (typeof NARROWINGS)[number]; value: string | undefined; onChange: (id: string | undefined) => void }) {
  const { t } = useTranslation("boards");
  const segments = useChoices("segments", of === "segment");
  const groups = useChoices("groups", of === "group");
  const channels = useChannels(of === "channel");
  const choices = { segment: segments, group: groups, channel: channels }[of];
  const options = choices.data ?? [];
  // Nothing is offered that there is nothing of; what the address asks for stays in sight.
  if (options.length === 0 && !value) return null;
  return (
    <Select
      className={`h-board-narrowing ${value ? "" : "is-unset"}`}
      allowClear
      showSearch={{ optionFilterProp: "label" }}
      aria-label={t(`filter.${of}`)}
      placeholder={t(`filter.${of}`)}
      value={value}
      options={value && !options.some((one) => one.value === value) ? [...options, { value, label: value }] : options}
      onChange={onChange}
    />
  );
}

function useChannels(isWanted: boolean) {
  return useQuery({
    queryKey: ["channels", "choices"],
    enabled: isWanted,
    staleTime: 60_000,
    retry: false,
    queryFn: ({ signal }) => got(api.GET("/api/v1/channels", { params: { query: { limit: 200 } }, signal })),
    select: (page) => page.items.map((one) => ({ value: one.id, label: one.name })),
  });
}
