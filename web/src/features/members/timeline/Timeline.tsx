import { HistoryOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "@/lib/format";
import { Empty, ErrorState, Loading } from "@/ui";
import { useTimeline, entryKey, type Entry } from "./api";
import { EntryLine } from "./EntryLine";
import { timelineFilterOf, type TimelineFilter } from "./filters";
import { TimelineFilters } from "./TimelineFilters";
import "./timeline.css";

/** Everything that concerns a member, latest first; it goes on as one scrolls. */
export function Timeline({ member }: { member: string }) {
  const { t } = useTranslation("timeline");
  const formats = useFormats();
  const navigate = useNavigate();
  const address = useSearch({ strict: false }) as Record<string, unknown>;
  const text = JSON.stringify(timelineFilterOf(address));
  const filter = useMemo(() => JSON.parse(text) as TimelineFilter, [text]);
  const list = useTimeline(member, filter, formats.timeZone);
  const change = useCallback(
    (next: TimelineFilter) =>
      void navigate({
        to: ".",
        search: (before: Record<string, unknown>) => ({ ...before, groups: undefined, event: undefined, since: undefined, until: undefined, ...timelineFilterOf({ ...next }) }),
        replace: true,
        resetScroll: false,
      }),
    [navigate],
  );
  const days = useMemo(() => byDay(list.items, formats.date), [list.items, formats]);
  const isFiltered = text !== "{}";

  return (
    <div className="h-timeline">
      <TimelineFilters member={member} filter={filter} onChange={change} seen={list.items} />
      {list.isLoading && <Loading rows={8} />}
      {list.error && <ErrorState error={list.error} retry={list.retry} />}
      {!list.isLoading && !list.error && list.items.length === 0 && (
        <Empty
          icon={<HistoryOutlined />}
          title={isFiltered ? t("empty.noMatch") : t("empty.title")}
          action={isFiltered && <Button onClick={() => change({})}>{t("ui:clearFilters")}</Button>}
        >
          {isFiltered ? t("empty.noMatchHelp") : t("empty.help")}
        </Empty>
      )}
      {days.map(([day, entries]) => (
        <section key={day} className="h-timeline-day">
          <h3>{day}</h3>
          <ol>
            {entries.map((entry) => (
              <EntryLine key={entryKey(entry)} entry={entry} />
            ))}
          </ol>
        </section>
      ))}
      {list.items.length > 0 && <End hasMore={list.hasMore} isLoading={list.isLoadingMore} more={list.more} />}
    </div>
  );
}

/** Entries by the day of the workspace on which they happened, in their order. */
export function byDay(entries: readonly Entry[], dateOf: (moment: string) => string): [string, Entry[]][] {
  const days: [string, Entry[]][] = [];
  for (const entry of entries) {
    const day = dateOf(entry.timestamp);
    const last = days.at(-1);
    if (last && last[0] === day) last[1].push(entry);
    else days.push([day, [entry]]);
  }
  return days;
}

/** Reads on when it comes into sight; by its button, too, for those who do not scroll. */
function End({ hasMore, isLoading, more }: { hasMore: boolean; isLoading: boolean; more: () => void }) {
  const { t } = useTranslation("timeline");
  const mark = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!mark.current || !hasMore || isLoading || !("IntersectionObserver" in window)) return;
    const observer = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && more(), { rootMargin: "400px" });
    observer.observe(mark.current);
    return () => observer.disconnect();
  }, [hasMore, isLoading, more]);
  return (
    <div ref={mark} className="h-timeline-end">
      {hasMore ? (
        <Button loading={isLoading} onClick={more}>
          {t("ui:table.more")}
        </Button>
      ) : (
        <span className="h-quiet">{t("beginning")}</span>
      )}
    </div>
  );
}
