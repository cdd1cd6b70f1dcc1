import { PieChartOutlined, PlusOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useLive } from "@/lib/live";
import { useCan } from "@/lib/session";
import { RuleSentence, useRuleToText } from "@/features/rules";
import { DataTable, Empty, FilterBar, NoPermission, Num, Page, Time, type Column } from "@/ui";
import { isBuilding, useManySizes, useSegments, type Segment } from "./api";
import { SegmentState } from "./SegmentState";
import { Sparkline } from "./Sparkline";
import { StarterGallery } from "./StarterGallery";
import { lastDays } from "./time";
import { UsageCell } from "./UsageList";
import "./segments.css";

/** All segments, with their size and how it moved. */
export function SegmentsPage() {
  const { t } = useTranslation("segments");
  const mayRead = useCan("segments", "read");
  const mayWrite = useCan("segments", "write");
  return (
    <Page
      title={t("title")}
      description={t("description")}
      actions={
        mayWrite && (
          <Link to="/segments/new">
            <Button type="primary" icon={<PlusOutlined />} tabIndex={-1}>{t("create")}</Button>
          </Link>
        )
      }
    >
      {mayRead ? <SegmentsTable mayWrite={mayWrite} /> : <NoPermission />}
    </Page>
  );
}

function SegmentsTable({ mayWrite }: { mayWrite: boolean }) {
  const { t } = useTranslation("segments");
  const navigate = useNavigate();
  const asked = useSearch({ strict: false }) as { search?: string; state?: string };
  const all = useSegments();
  useLive(["segments"], { keys: [["segments", "list"]], moves: all.items.some(isBuilding) });
  const days = useMemo(() => lastDays(new Date(), 30), []);
  const sizes = useManySizes(all.items.map((segment) => segment.id), days.from, days.to);
  const ruleText = useRuleToText(all.items.map((segment) => segment.rule));
  const list = useMemo(() => {
    const wanted = (asked.search ?? "").toLowerCase();
    const fits = (segment: Segment) => {
      if (asked.state === "building" && !isBuilding(segment)) return false;
      if (asked.state === "live" && (isBuilding(segment) || segment.snapshot_of)) return false;
      if (asked.state === "snapshot" && !segment.snapshot_of) return false;
      return segment.name.toLowerCase().includes(wanted);
    };
    return { ...all, items: all.items.filter(fits) };
  }, [all, asked]);
  const columns: Column<Segment>[] = [
    {
      key: "name", title: t("name"), isFixed: true, width: 260, text: (segment) => segment.name,
      render: (segment) => <Link className="h-segment-name" to="/segments/$id" params={{ id: segment.id }}>{segment.name}</Link>,
    },
    { key: "size", title: t("size"), isNumber: true, width: 96, render: (segment) => <Num value={segment.size} />, text: (segment) => segment.size },
    { key: "trend", title: t("trend"), width: 140, render: (segment) => <Sparkline sizes={sizes.data?.get(segment.id)} name={segment.name} /> },
    { key: "rule", title: t("rule"), render: (segment) => <span className="h-segment-rule"><RuleSentence rule={segment.rule} lines={2} /></span>, text: (segment) => ruleText(segment.rule) },
    { key: "state", title: t("state"), width: 130, render: (segment) => <SegmentState segment={segment} />, text: (segment) => t(isBuilding(segment) ? "states.building" : segment.snapshot_of ? "states.snapshot" : "states.live") },
    { key: "usage", title: t("usage.title"), width: 120, render: (segment) => <UsageCell id={segment.id} /> },
    { key: "updated", title: t("updated"), width: 130, render: (segment) => <Time at={segment.updated_at} />, text: (segment) => segment.updated_at },
    { key: "created", title: t("created"), isHidden: true, render: (segment) => <Time at={segment.created_at} />, text: (segment) => segment.created_at },
    { key: "id", title: t("id"), isHidden: true, render: (segment) => <code className="h-code">{segment.id}</code>, text: (segment) => segment.id },
  ];
  const isFiltered = Boolean(asked.search ?? asked.state);
  return (
    <DataTable
      name="segments"
      label={t("title")}
      list={list}
      columns={columns}
      rowKey={(segment) => segment.id}
      onOpen={(segment) => void navigate({ to: "/segments/$id", params: { id: segment.id } })}
      filters={
        (all.items.length > 0 || isFiltered) && (
          <FilterBar
            value={{ ...asked }}
            onChange={(search) => void navigate({ to: ".", search, replace: true })}
            searchLabel={t("search")}
            filters={[{ name: "state", label: t("state"), options: (["live", "building", "snapshot"] as const).map((state) => ({ value: state, label: t(`states.${state}`) })) }]}
          >
            {all.items.length > 1 && <Link to="/segments/overlap">{t("overlap.open")}</Link>}
          </FilterBar>
        )
      }
      empty={
        isFiltered && all.items.length > 0 ? (
          <Empty title={t("noneFits")} />
        ) : (
          <>
            <Empty
              icon={<PieChartOutlined />}
              title={t("empty.title")}
              action={mayWrite && <Link to="/segments/new"><Button type="primary" tabIndex={-1}>{t("create")}</Button></Link>}
              example={t("empty.example")}
            >
              {t("empty.help")}
            </Empty>
            {mayWrite && <StarterGallery />}
          </>
        )
      }
    />
  );
}
