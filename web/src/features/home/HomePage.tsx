import { Link } from "@tanstack/react-router";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "@/lib/format";
import { useCan, useMe, useTimeZone } from "@/lib/session";
import { Empty, Loaded, Num, Page, Panel, Pill } from "@/ui";
import { lastDays, useMessages, useMinute, useMovement, useQueues, useRunningJourneys, useStages, useWaiting } from "./api";
import { Funnel } from "./Funnel";
import { newMembers } from "./movement";
import "./home.css";

/** Today at a glance. */
export function HomePage() {
  const { t } = useTranslation("home");
  const me = useMe();
  const formats = useFormats();
  const [opened] = useState(() => Date.now());
  const now = useMinute(opened);
  const timeZone = useTimeZone();
  const { yesterday, today } = lastDays(new Date(now), timeZone);
  const isAdmin = useCan("settings", "write");
  const stages = useStages();
  const movement = useMovement(yesterday, today);

  return (
    <Page
      title={t("title", { name: me?.user?.name ?? "" })}
      description={formats.date(now)}
    >
      <Tiles yesterday={yesterday} today={today} now={now} />
      <Panel title={t("funnel.title")}>
        <Loaded query={stages} rows={6}>
          {(ladder) =>
            ladder.stages.every((stage) => stage.members === 0) ? (
              <Empty title={t("funnel.empty")} action={isAdmin && <Link to="/settings/keys">{t("funnel.connect")}</Link>}>
                {t("funnel.emptyHelp")}
              </Empty>
            ) : (
              <Funnel stages={ladder.stages} transitions={movement.data?.transitions ?? []} />
            )
          }
        </Loaded>
      </Panel>
      <div className="h-home-two">
        <JourneysPanel />
        <WaitingPanel />
      </div>
    </Page>
  );
}

function Tiles({ yesterday, today, now }: { yesterday: string; today: string; now: string }) {
  const { t } = useTranslation("home");
  const stages = useStages();
  const before = useMovement(yesterday, today);
  const since = useMovement(today, now);
  const messages = useMessages();
  const queues = useQueues();
  const members = stages.data?.stages.reduce((sum, stage) => sum + stage.members, 0);
  const newToday = since.data && newMembers(since.data.transitions);
  const newYesterday = before.data && newMembers(before.data.transitions);
  const stuck = queues.data?.channels.filter((channel) => channel.problem || channel.state === "paused").length;
  return (
    <ul className="h-tiles">
      <Tile label={t("tiles.members")} value={members} isFailed={stages.isError} />
      <Tile label={t("tiles.newToday")} value={newToday} isFailed={since.isError}>
        {newYesterday !== undefined && <span className="h-quiet">{t("tiles.yesterday", { count: newYesterday })}</span>}
      </Tile>
      <Tile label={t("tiles.sent")} value={messages.data?.sent} isFailed={messages.isError}>
        {messages.data && <span className="h-quiet">{t("tiles.waiting", { count: messages.data.waiting })}</span>}
      </Tile>
      <Tile label={t("tiles.channels")} value={queues.data?.channels.length} isFailed={queues.isError}>
        {stuck !== undefined &&
          (stuck > 0 ? <Pill tone="attention">{t("tiles.stuck", { count: stuck })}</Pill> : queues.data?.channels.length ? <Pill tone="good">{t("tiles.allWell")}</Pill> : null)}
      </Tile>
    </ul>
  );
}

function Tile({ label, value, isFailed, children }: { label: string; value: number | undefined; isFailed: boolean; children?: ReactNode }) {
  const { t } = useTranslation("home");
  return (
    <li className="h-panel h-tile">
      <span className="h-quiet">{label}</span>
      <strong>{isFailed && value === undefined ? <span className="h-tile-failed">{t("tiles.failed")}</span> : <Num value={value} />}</strong>
      <span className="h-tile-foot">{children}</span>
    </li>
  );
}

function JourneysPanel() {
  const { t } = useTranslation("home");
  const journeys = useRunningJourneys();
  return (
    <Panel title={t("journeys.title")}>
      <Loaded query={journeys}>
        {({ shown, count }) =>
          count === 0 ? (
            <Empty title={t("journeys.empty")}>{t("journeys.emptyHelp")}</Empty>
          ) : (
            <ul className="h-home-list">
              {shown.map((journey) => (
                <li key={journey.id}>
                  <span className="h-cut">{journey.name}</span>
                  <Pill tone="ember">{t("journeys.live")}</Pill>
                </li>
              ))}
              {count > shown.length && <li className="h-quiet">{t("journeys.more", { count: count - shown.length })}</li>}
            </ul>
          )
        }
      </Loaded>
    </Panel>
  );
}

function WaitingPanel() {
  const { t } = useTranslation("home");
  const waiting = useWaiting();
  return (
    <Panel title={t("waiting.title")}>
      <Loaded query={waiting}>
        {({ tasks, merges }) =>
          tasks.count + merges.count === 0 ? (
            <Empty title={t("waiting.empty")}>{t("waiting.emptyHelp")}</Empty>
          ) : (
            <ul className="h-home-list">
              {tasks.count > 0 && <li>{tasks.hasMore ? t("waiting.manyTasks", { count: tasks.count }) : t("waiting.tasks", { count: tasks.count })}</li>}
              {merges.count > 0 && <li>{merges.hasMore ? t("waiting.manyMerges", { count: merges.count }) : t("waiting.merges", { count: merges.count })}</li>}
            </ul>
          )
        }
      </Loaded>
    </Panel>
  );
}
