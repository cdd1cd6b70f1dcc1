import { NodeIndexOutlined, PlusOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useEventsInWords } from "@/features/rules";
import { useServerWords } from "@/lib/i18n/server-words";
import { useCan } from "@/lib/session";
import { DataTable, Empty, FilterBar, NoPermission, Num, Page, Pill, Time, useUrlDrawer, type Column } from "@/ui";
import { useAddress } from "./address";
import { useJourneys, type JourneyFilter, type JourneySummary } from "./api";
import { EntryIcon } from "./icons";
import { NewJourneyDialog } from "./NewJourneyDialog";
import { StarterGallery } from "./StarterGallery";
import { StatePill, STATES } from "./state";
import "./list.css";

/** All journeys with their numbers, and where to begin a new one. */
export function JourneysPage() {
  const { t } = useTranslation("journeys");
  const canRead = useCan("outreach", "read");
  const canWrite = useCan("outreach", "write");
  const drawer = useUrlDrawer();
  return (
    <Page
      title={t("title")}
      description={t("description")}
      actions={
        canWrite && (
          <Button type="primary" icon={<PlusOutlined />} onClick={() => drawer.open("new")}>
            {t("create")}
          </Button>
        )
      }
    >
      {canRead ? <Journeys canWrite={canWrite} onCreate={() => drawer.open("new")} /> : <NoPermission />}
      <NewJourneyDialog isOpen={drawer.value === "new" && canWrite} onClose={drawer.close} />
    </Page>
  );
}

function Journeys({ canWrite, onCreate }: { canWrite: boolean; onCreate: () => void }) {
  const { t } = useTranslation("journeys");
  const words = useServerWords();
  const withEvents = useEventsInWords();
  const entryOf = (one: JourneySummary) => capital(one.entry.kind === "event" ? withEvents(words(one.entry.words)) : words(one.entry.words));
  const navigate = useNavigate();
  const { at, go } = useAddress();
  const filter: JourneyFilter = { state: at.state, search: at.search };
  const isFiltered = Boolean(filter.state || filter.search);
  const list = useJourneys(filter);
  const columns: Column<JourneySummary>[] = [
    {
      key: "name",
      title: t("name"),
      isFixed: true,
      render: (one) => (
        <span className="j-list-name">
          <strong>{one.name}</strong>
          {one.has_problems && <Pill tone="attention">{t("list.problems")}</Pill>}
        </span>
      ),
      text: (one) => one.name,
    },
    { key: "state", title: t("list.state"), render: (one) => <StatePill state={one.state} />, text: (one) => t(`state.${one.state}`) },
    {
      key: "entry",
      title: t("list.entry"),
      render: (one) => (
        <span className="j-list-entry">
          <EntryIcon kind={one.entry.kind} /> {entryOf(one)}
        </span>
      ),
      text: (one) => entryOf(one),
    },
    { key: "steps", title: t("list.steps"), isNumber: true, isHidden: true, render: (one) => <Num value={one.steps} />, text: (one) => one.steps },
    { key: "under_way", title: t("list.underWay"), isNumber: true, render: (one) => <Num value={one.under_way} />, text: (one) => one.under_way },
    { key: "entered_7d", title: t("list.entered7"), isNumber: true, render: (one) => <Num value={one.entered_7d} />, text: (one) => one.entered_7d },
    { key: "goals_7d", title: t("list.goals7"), isNumber: true, render: (one) => <Num value={one.goals_7d} />, text: (one) => one.goals_7d },
    { key: "entered", title: t("list.entered"), isNumber: true, isHidden: true, render: (one) => <Num value={one.entered} />, text: (one) => one.entered },
    { key: "goals", title: t("list.goals"), isNumber: true, isHidden: true, render: (one) => <Num value={one.goals} />, text: (one) => one.goals },
    { key: "version", title: t("list.version"), isNumber: true, isHidden: true, render: (one) => <Num value={one.published_version} />, text: (one) => one.published_version },
    { key: "updated", title: t("list.updated"), render: (one) => <Time at={one.updated_at} />, text: (one) => one.updated_at },
  ];
  const filters = (
    <FilterBar
      value={{ ...filter }}
      searchLabel={t("list.search")}
      filters={[{ name: "state", label: t("list.state"), options: STATES.map((state) => ({ value: state, label: t(`state.${state}`) })) }]}
      onChange={go}
    />
  );
  return (
    <>
      <DataTable
        name="journeys"
        label={t("title")}
        list={list}
        columns={columns}
        rowKey={(one) => one.id}
        onOpen={(one) => void navigate({ to: "/journeys/$journeyId", params: { journeyId: one.id } })}
        filters={filters}
        empty={
          isFiltered ? (
            <Empty icon={<NodeIndexOutlined />} title={t("list.noneFound")} />
          ) : (
            <Empty icon={<NodeIndexOutlined />} title={t("empty.title")} action={canWrite && <Button type="primary" onClick={onCreate}>{t("create")}</Button>} example={t("empty.example")}>
              {t("empty.help")}
            </Empty>
          )
        }
      />
      {canWrite && !isFiltered && <StarterGallery />}
    </>
  );
}

/** A part of a sentence, standing by itself. */
function capital(text: string): string {
  return text.replace(/^./u, (first) => first.toUpperCase());
}
