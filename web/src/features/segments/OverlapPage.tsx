import { Select } from "antd";
import { useQueries } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { api, got } from "@/lib/api";
import { useFormats } from "@/lib/format";
import { useCan } from "@/lib/session";
import { Empty, ErrorState, Loading, NoPermission, Page, Panel } from "@/ui";
import { useSegments, type Overlap, type Segment } from "./api";
import "./segments.css";

const MOST = 5;

/** How far up to five segments have the same members. */
export function OverlapPage() {
  const { t } = useTranslation("segments");
  const navigate = useNavigate();
  const mayRead = useCan("segments", "read");
  const { ids = "" } = useSearch({ strict: false }) as { ids?: string };
  const all = useSegments();
  const chosen = useMemo(
    () => ids.split(",").flatMap((id) => all.items.find((segment) => segment.id === id) ?? []).slice(0, MOST),
    [ids, all.items],
  );
  return (
    <Page title={t("overlap.title")} description={t("overlap.help")} crumbs={[{ title: t("title"), to: "/segments" }, { title: t("overlap.title") }]}>
      {!mayRead ? (
        <NoPermission />
      ) : all.isLoading ? (
        <Loading rows={6} />
      ) : all.error ? (
        <ErrorState error={all.error} retry={all.retry} />
      ) : (
        <>
          <Select
            className="h-overlap-choice"
            mode="multiple"
            maxCount={MOST}
            aria-label={t("overlap.choose")}
            placeholder={t("overlap.choose")}
            value={chosen.map((segment) => segment.id)}
            options={all.items.map((segment) => ({ value: segment.id, label: segment.name }))}
            showSearch={{ optionFilterProp: "label" }}
            onChange={(next: string[]) => void navigate({ to: ".", search: { ids: next.join(",") || undefined }, replace: true })}
          />
          {chosen.length < 2 ? <Empty title={t("overlap.few")}>{t("overlap.fewHelp")}</Empty> : <Matrix segments={chosen} />}
        </>
      )}
    </Page>
  );
}

/** Rows are wholes: "of those in the row, so many are in the column, too". */
function Matrix({ segments }: { segments: Segment[] }) {
  const { t } = useTranslation("segments");
  const formats = useFormats();
  const pairs = segments.flatMap((one, place) => segments.slice(place + 1).map((other) => [one.id, other.id] as const));
  const overlaps = useQueries({
    queries: pairs.map(([one, other]) => ({
      queryKey: ["segments", "overlap", one, other],
      staleTime: 60_000,
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        got<Overlap>(api.GET("/api/v1/segments/{id}/overlap", { params: { path: { id: one }, query: { with: other } }, signal })),
    })),
  });
  const failed = overlaps.find((overlap) => overlap.error);
  const bothOf = (one: string, other: string) => overlaps[pairs.findIndex(([a, b]) => (a === one && b === other) || (a === other && b === one))]?.data?.both;
  if (failed) return <ErrorState error={failed.error} retry={() => overlaps.forEach((overlap) => void overlap.refetch())} />;
  return (
    <Panel>
      <div className="h-overlap-scroll" role="region" tabIndex={0} aria-label={t("overlap.title")}>
        <table className="h-overlap">
          <thead>
            <tr>
              <td />
              {segments.map((segment) => <th key={segment.id} scope="col">{segment.name}</th>)}
            </tr>
          </thead>
          <tbody>
            {segments.map((row) => (
              <tr key={row.id}>
                <th scope="row">
                  {row.name}
                  <span className="h-quiet">{t("live.exact", { number: formats.number(row.size), count: row.size })}</span>
                </th>
                {segments.map((column) => {
                  if (row.id === column.id) return <td key={column.id} className="is-self" aria-label={t("overlap.itself")}>–</td>;
                  const both = bothOf(row.id, column.id);
                  if (both === undefined) return <td key={column.id} aria-busy><span className="h-quiet">…</span></td>;
                  const share = row.size === 0 ? 0 : Math.min(both / row.size, 1);
                  return (
                    <td key={column.id} style={{ backgroundColor: `color-mix(in srgb, var(--ember) ${Math.round(share * 36)}%, transparent)` }}>
                      <strong>{formats.percent(share)}</strong>
                      <span>{t("live.exact", { number: formats.number(both), count: both })}</span>
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="h-overlap-reading h-quiet">{t("overlap.reading")}</p>
    </Panel>
  );
}
