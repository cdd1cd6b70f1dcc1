import { CheckOutlined, MoonOutlined, NodeIndexOutlined, TeamOutlined } from "@ant-design/icons";
import { Link, type LinkProps } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "@/lib/format";
import { useFirstPlace, usePlaces } from "@/lib/places";
import { Empty, Panel, Pill } from "@/ui";
import type { GroupInNeed, Need, NightWork, RunningJourney } from "./api";

const SHOWN = 6;

/** A name that leads to its page, where there is one. */
function Way({ to, children }: { to: string | undefined; children: ReactNode }) {
  return to ? <Link to={to as LinkProps["to"]} className="h-cut">{children}</Link> : <span className="h-cut">{children}</span>;
}

/** What waits for a person, the most urgent first as the server says. */
export function NeedsPanel({ needs }: { needs: readonly Need[] }) {
  const { t, i18n } = useTranslation("home");
  const places = usePlaces();
  const first = useFirstPlace();
  const ways: Record<string, string | undefined> = {
    dead_letters: first("/settings/health?tab=letters"),
    tasks: first("/tasks"),
    suggestions: first("/merges/suggestions", "/members/merges", "/merges", "/members"),
    jobs: "?jobs=open",
    imports: first("/imports"),
  };
  const shown = needs.filter((need) => i18n.exists(`home:needs.${need.kind}_other`));
  return (
    <Panel className="h-home-needs" title={t("needs.title")}>
      {shown.length === 0 ? (
        <Empty icon={<CheckOutlined />} title={t("needs.empty")}>{t("needs.emptyHelp")}</Empty>
      ) : (
        <ul className="h-home-list">
          {shown.map((need) => (
            <li key={`${need.kind}${need.id ?? ""}`}>
              <span className="h-home-need">
                <Way to={(need.id ? places(need.id) : undefined) ?? ways[need.kind]}>
                  {need.kind === "channel" && need.name ? t("needs.channelNamed", { name: need.name }) : t(`needs.${need.kind}`, { count: need.count ?? 1 })}
                </Way>
                {need.said && <span className="h-quiet h-home-said">{need.said}</span>}
              </span>
              {need.overdue ? <Pill tone="bad">{t("needs.overdue", { count: need.overdue })}</Pill> : need.kind === "channel" ? <Pill tone="attention">{t("needs.stopped")}</Pill> : null}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

export function JourneysPanel({ journeys }: { journeys: readonly RunningJourney[] }) {
  const { t } = useTranslation("home");
  const formats = useFormats();
  const places = usePlaces();
  const first = useFirstPlace();
  const list = first("/journeys");
  return (
    <Panel title={t("journeys.title")}>
      {journeys.length === 0 ? (
        <Empty icon={<NodeIndexOutlined />} title={t("journeys.empty")} action={list && <Link to={list as LinkProps["to"]}>{t("journeys.begin")}</Link>}>
          {t("journeys.emptyHelp")}
        </Empty>
      ) : (
        <ul className="h-home-list">
          {journeys.slice(0, SHOWN).map((journey) => (
            <li key={journey.id}>
              <Way to={places(journey.id)}>{journey.name}</Way>
              <span className="h-home-numbers h-quiet">
                {journey.state === "paused" && <Pill tone="waiting">{t("journeys.paused")}</Pill>}
                {typeof journey.under_way === "number" ? t("journeys.underWay", { count: journey.under_way, formatted: formats.number(journey.under_way) }) : <Pill tone="ember">{t("journeys.live")}</Pill>}
                {journey.entered_today ? <span>{t("journeys.entered", { number: formats.number(journey.entered_today) })}</span> : null}
                {journey.goals_today ? <span>{t("journeys.goals", { number: formats.number(journey.goals_today) })}</span> : null}
              </span>
            </li>
          ))}
          {journeys.length > SHOWN && <li className="h-quiet"><Way to={list}>{t("journeys.more", { count: journeys.length - SHOWN })}</Way></li>}
        </ul>
      )}
    </Panel>
  );
}

/** What was done while nobody worked. */
export function NightPanel({ night }: { night: readonly NightWork[] }) {
  const { t, i18n } = useTranslation("home");
  const first = useFirstPlace();
  const ways: Record<string, string | undefined> = {
    deliveries: first("/deliveries"),
    refused: first("/deliveries"),
    merges: first("/members/merges?tab=done"),
    tasks_opened: first("/tasks"),
    segment_entries: first("/segments"),
  };
  const done = night.filter((work) => work.count > 0 && i18n.exists(`home:night.${work.kind}_other`));
  return (
    <Panel title={t("night.title")}>
      {done.length === 0 ? (
        <Empty icon={<MoonOutlined />} title={t("night.empty")}>{t("night.emptyHelp")}</Empty>
      ) : (
        <ul className="h-home-list">
          {done.map((work) => (
            <li key={work.kind}>
              <Way to={ways[work.kind]}>{t(`night.${work.kind}`, { count: work.count })}</Way>
              <Reasons reasons={work.reasons} />
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

/** Why messages were held back, the most usual reasons first. */
function Reasons({ reasons }: { reasons: Record<string, number> | null | undefined }) {
  const { t, i18n } = useTranslation("home");
  const formats = useFormats();
  const found = Object.entries(reasons ?? {}).sort((one, other) => other[1] - one[1]).slice(0, 2);
  if (found.length === 0) return null;
  return (
    <span className="h-quiet h-home-reasons">
      {found.map(([reason, count]) => `${i18n.exists(`home:reason.${reason}`) ? t(`reason.${reason}`) : reason} ${formats.number(count)}`).join(" · ")}
    </span>
  );
}

export function GroupsPanel({ groups }: { groups: readonly GroupInNeed[] }) {
  const { t, i18n } = useTranslation("home");
  const formats = useFormats();
  return (
    <Panel title={t("groups.title")}>
      {groups.length === 0 ? (
        <Empty icon={<TeamOutlined />} title={t("groups.empty")}>{t("groups.emptyHelp")}</Empty>
      ) : (
        <ul className="h-home-list">
          {groups.slice(0, SHOWN).map((group) => (
            <li key={group.id}>
              <span className="h-cut">{group.name ?? group.id}</span>
              <span className="h-home-numbers h-quiet">
                {typeof group.members === "number" && t("groups.members", { count: group.members, formatted: formats.number(group.members) })}
                {group.why === "quiet" && typeof group.active_7d === "number" && <span>{t("groups.active", { number: formats.number(group.active_7d) })}</span>}
                {group.why === "leaving" && typeof group.left_7d === "number" && <span>{t("groups.left", { number: formats.number(group.left_7d) })}</span>}
                {group.why && i18n.exists(`home:groups.why.${group.why}`) && <Pill tone="attention">{t(`groups.why.${group.why}`)}</Pill>}
              </span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
