import { DeleteOutlined, DownloadOutlined, MergeCellsOutlined, MoreOutlined } from "@ant-design/icons";
import { Alert, Button, Dropdown, Tabs } from "antd";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { MergeDrawer, MergesOfMember } from "@/features/merges";
import { asProblem } from "@/lib/api";
import { saveAs } from "@/lib/export";
import { memberName } from "@/lib/names";
import { useCan } from "@/lib/session";
import { Empty, Loaded, Loading, Page, Panel, useUrlDrawer } from "@/ui";
import { Timeline } from "../timeline/Timeline";
import { useMember, useSuggestionsOf, type Member } from "./api";
import { EraseDrawer } from "./EraseDrawer";
import { IdentitiesPanel } from "./IdentitiesPanel";
import { SegmentsPanel } from "./SegmentsPanel";
import { SummaryPanel } from "./SummaryPanel";
import { TagsPanel } from "./TagsPanel";
import { TraitsPanel } from "./TraitsPanel";
import "./profile.css";

const ConsentTab = lazy(() => import("./ConsentTab").then((module) => ({ default: module.ConsentTab })));
const DeliveriesTab = lazy(() => import("./DeliveriesTab").then((module) => ({ default: module.DeliveriesTab })));
const JourneysTab = lazy(() => import("./JourneysTab").then((module) => ({ default: module.JourneysTab })));

/** Everything about one member. */
export function MemberPage() {
  const { t } = useTranslation("members");
  const { memberId } = useParams({ strict: false }) as { memberId: string };
  const member = useMember(memberId);
  const isNobody = [400, 404, 422].includes(member.error ? asProblem(member.error).status : 0);
  if (!member.data && member.error && isNobody) {
    return (
      <Page title={t("nobody.title")} crumbs={[{ title: t("title"), to: "/members" }, { title: t("nobody.title") }]}>
        <Empty title={t("nobody.title")} action={<Link to="/members">{t("nobody.back")}</Link>}>
          {t("nobody.help")}
        </Empty>
      </Page>
    );
  }
  return (
    <Loaded query={member} rows={12}>
      {(shown) => <MemberStory key={shown.id} member={shown} askedFor={memberId} />}
    </Loaded>
  );
}

function MemberStory({ member, askedFor }: { member: Member; askedFor: string }) {
  const { t, i18n } = useTranslation("members");
  const drawer = useUrlDrawer();
  const mayChange = useCan("people", "write");
  const mayErase = useCan("settings", "write") && mayChange;
  const { name, hint } = memberName(member);
  const suggestions = useSuggestionsOf(member.id).data?.length ?? 0;

  return (
    <Page
      title={name}
      description={hint}
      crumbs={[{ title: t("title"), to: "/members" }, { title: name }]}
      actions={
        mayChange && (
          <>
            <Button icon={<MergeCellsOutlined />} onClick={() => drawer.open("merge")}>
              {t("profile.merge")}
            </Button>
            <Dropdown
              trigger={["click"]}
              placement="bottomRight"
              menu={{
                items: [
                  { key: "json", icon: <DownloadOutlined />, label: t("profile.exportJson"), onClick: () => saveAs(`/api/v1/members/${member.id}/export`, `${member.id}.json`) },
                  { key: "html", icon: <DownloadOutlined />, label: t("profile.exportHtml"), onClick: () => saveAs(`/api/v1/members/${member.id}/export.html?lang=${i18n.language.startsWith("zh") ? "zh" : "en"}`, `${member.id}.html`) },
                  ...(mayErase
                    ? [{ type: "divider" as const }, { key: "erase", danger: true, icon: <DeleteOutlined />, label: t("profile.erase"), onClick: () => drawer.open("erase") }]
                    : []),
                ],
              }}
            >
              <Button icon={<MoreOutlined />} aria-label={t("profile.more")} />
            </Dropdown>
          </>
        )
      }
    >
      {askedFor !== member.id && <Alert type="info" showIcon title={t("profile.wasMerged")} />}
      {suggestions > 0 && (
        <Alert
          type="warning"
          showIcon
          title={t("profile.maybeSame", { count: suggestions })}
          action={
            <Link to="/members/merges" search={{ member: member.id }}>
              {t("profile.look")}
            </Link>
          }
        />
      )}
      <div className="h-profile">
        <div className="h-profile-side">
          <SummaryPanel member={member} />
          <TagsPanel member={member} />
        </div>
        <Story member={member} />
        <div className="h-profile-side is-more">
          <IdentitiesPanel member={member} />
          <TraitsPanel member={member} />
          <SegmentsPanel member={member} />
        </div>
      </div>
      <MergeDrawer member={member} isOpen={drawer.value === "merge"} onClose={drawer.close} />
      <EraseDrawer key={`${member.id}${drawer.value}`} member={member} isOpen={drawer.value === "erase"} onClose={drawer.close} />
    </Page>
  );
}

const TABS = ["timeline", "deliveries", "journeys", "consent", "merges"] as const;

function Story({ member }: { member: Member }) {
  const { t } = useTranslation("members");
  const navigate = useNavigate();
  const { tab } = useSearch({ strict: false }) as { tab?: string };
  const maySeeOutreach = useCan("outreach", "read");
  const content = {
    timeline: <Timeline member={member.id} />,
    deliveries: <DeliveriesTab member={member.id} />,
    journeys: <JourneysTab member={member.id} />,
    consent: <ConsentTab member={member.id} />,
    merges: <MergesOfMember member={member.id} />,
  };
  const shown = TABS.filter((one) => maySeeOutreach || (one !== "deliveries" && one !== "journeys"));
  return (
    <Panel className="h-profile-story">
      <Tabs
        activeKey={shown.find((one) => one === tab) ?? "timeline"}
        onChange={(next) =>
          void navigate({ to: ".", search: (before: Record<string, unknown>) => ({ ...before, tab: next === "timeline" ? undefined : next }), replace: true, resetScroll: false })
        }
        destroyOnHidden
        items={shown.map((one) => ({ key: one, label: t(`tabs.${one}`), children: <Suspense fallback={<Loading />}>{content[one]}</Suspense> }))}
      />
    </Panel>
  );
}
