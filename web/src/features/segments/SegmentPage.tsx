import { EditOutlined } from "@ant-design/icons";
import { Alert, Button, Tabs } from "antd";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useFormats } from "@/lib/format";
import { useLive } from "@/lib/live";
import { useCan } from "@/lib/session";
import { RuleSentence } from "@/features/rules";
import { Loaded, NoPermission, Num, Page, Panel, Time } from "@/ui";
import { isBuilding, useSegment, type Segment } from "./api";
import { ChangesTable } from "./ChangesTable";
import { MembersTable } from "./MembersTable";
import { SegmentActions } from "./SegmentActions";
import { SegmentState } from "./SegmentState";
import { SizeCharts } from "./SizeCharts";
import { UsageList } from "./UsageList";
import "./segments.css";

/** One segment: what it says, how it moved, who is in it, who uses it. */
export function SegmentPage() {
  const { t } = useTranslation("segments");
  const { id } = useParams({ strict: false }) as { id: string };
  const segment = useSegment(id);
  const moves = Boolean(segment.data && isBuilding(segment.data));
  useLive(["segments", `segment:${id}`], { keys: [["segments", "one", id]], moves });
  const mayRead = useCan("segments", "read");
  const mayWrite = useCan("segments", "write");
  if (!mayRead) return <Page title={t("title")}><NoPermission /></Page>;
  return (
    <Page
      title={segment.data?.name ?? t("title")}
      crumbs={[{ title: t("title"), to: "/segments" }, { title: segment.data?.name ?? id }]}
      aside={segment.data && <SegmentState segment={segment.data} />}
      actions={
        segment.data && (
          <>
            <SegmentActions segment={segment.data} />
            {mayWrite && (
              <Link to="/segments/$id/edit" params={{ id }}>
                <Button type="primary" icon={<EditOutlined />} tabIndex={-1}>{t("edit")}</Button>
              </Link>
            )}
          </>
        )
      }
    >
      <Loaded query={segment} rows={10}>{(data) => <Content segment={data} />}</Loaded>
    </Page>
  );
}

const TABS = ["overview", "members", "changes"] as const;

function Content({ segment }: { segment: Segment }) {
  const { t } = useTranslation("segments");
  const navigate = useNavigate();
  const mayReadPeople = useCan("people", "read");
  const { tab } = useSearch({ strict: false }) as { tab?: string };
  const shown = TABS.find((one) => one === tab) ?? "overview";
  const contents = {
    overview: <Overview segment={segment} />,
    members: mayReadPeople ? <MembersTable segment={segment} /> : <NoPermission />,
    changes: mayReadPeople ? <ChangesTable id={segment.id} /> : <NoPermission />,
  };
  return (
    <>
      <BuildingNote segment={segment} />
      <Panel className="h-segment-summary">
        <div className="h-segment-number">
          <strong><Num value={segment.size} /></strong>
          <span className="h-quiet">{t("membersNow", { count: segment.size })}</span>
        </div>
        <p className="h-segment-words"><RuleSentence rule={segment.rule} /></p>
      </Panel>
      <Tabs
        activeKey={shown}
        destroyOnHidden
        onChange={(key) => void navigate({ to: ".", search: (before: Record<string, unknown>) => ({ ...before, tab: key === "overview" ? undefined : key }), resetScroll: false })}
        items={TABS.map((key) => ({ key, label: t(`tabs.${key}`), children: contents[key] }))}
      />
    </>
  );
}

/** While a changed rule is worked out, the old one still counts: that has to be said. */
function BuildingNote({ segment }: { segment: Segment }) {
  const { t } = useTranslation("segments");
  const formats = useFormats();
  const { building } = segment;
  if (!building) return null;
  const progress = t("building", { done: formats.number(building.done), total: formats.number(building.total) });
  return (
    <Alert
      className="h-segment-note"
      type="info"
      showIcon
      role="status"
      title={building.rule ? t("buildingNew") : t("buildingFirst")}
      description={
        <>
          {building.rule && <p className="h-segment-next"><RuleSentence rule={building.rule} /></p>}
          <span className="h-quiet">{progress}</span>
        </>
      }
    />
  );
}

function Overview({ segment }: { segment: Segment }) {
  const { t } = useTranslation("segments");
  return (
    <div className="h-segment-overview">
      <SizeCharts id={segment.id} />
      <div className="h-segment-two">
        <Panel title={t("usage.title")}><UsageList id={segment.id} /></Panel>
        <Panel title={t("facts.title")}>
          <dl className="h-segment-facts">
            <div><dt>{t("created")}</dt><dd><Time at={segment.created_at} absolute /></dd></div>
            <div><dt>{t("updated")}</dt><dd><Time at={segment.updated_at} absolute /></dd></div>
            {segment.snapshot_of && (
              <div><dt>{t("snapshot.of")}</dt><dd><Link to="/segments/$id" params={{ id: segment.snapshot_of }}>{segment.snapshot_of}</Link></dd></div>
            )}
            <div><dt>{t("id")}</dt><dd><code className="h-code">{segment.id}</code></dd></div>
          </dl>
        </Panel>
      </div>
    </div>
  );
}
