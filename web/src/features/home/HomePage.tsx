import { useTranslation } from "react-i18next";
import { useFormats } from "@/lib/format";
import { useMe, useTimeZone } from "@/lib/session";
import { Loaded, Page } from "@/ui";
import { useHome, type Home } from "./api";
import { Beginning } from "./Beginning";
import { partOfDay } from "./days";
import { FunnelPanel } from "./Funnel";
import { GroupsPanel, JourneysPanel, NeedsPanel, NightPanel } from "./panels";
import { Tiles } from "./Tiles";
import "./home.css";

/** Today at a glance. */
export function HomePage() {
  const { t } = useTranslation("home");
  const me = useMe();
  const formats = useFormats();
  const timeZone = useTimeZone();
  const home = useHome();
  const now = new Date();
  const name = me?.user?.name;
  const part = partOfDay(now, timeZone);
  return (
    <Page
      title={name ? t(`greeting.${part}`, { name }) : t("greeting.plain")}
      description={
        <>
          {t("today", { date: formats.day(now) })}
          {home.data?.events_per_second ? ` · ${t("pace", { rate: formats.number(home.data.events_per_second, { maximumFractionDigits: 1 }) })}` : null}
        </>
      }
    >
      <Loaded query={home} rows={10}>
        {(data) => <Glance home={data} />}
      </Loaded>
    </Page>
  );
}

function Glance({ home }: { home: Home }) {
  const isEmpty = home.members === 0;
  return (
    <>
      <Beginning members={home.members ?? null} />
      {!isEmpty && (
        <>
          <Tiles home={home} />
          <div className="h-home-main">
            {home.funnel && (
              <FunnelPanel stages={home.funnel} />
            )}
            <NeedsPanel needs={home.needs ?? []} />
          </div>
          <div className="h-home-row">
            {home.journeys && <JourneysPanel journeys={home.journeys} />}
            {home.night && <NightPanel night={home.night} />}
            {home.groups && <GroupsPanel groups={home.groups} />}
          </div>
        </>
      )}
    </>
  );
}
