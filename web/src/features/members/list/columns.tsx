import type { TFunction } from "i18next";
import { memberName, strengthOf } from "@/lib/names";
import { Label, Time, type Column } from "@/ui";
import { MemberChip } from "../MemberChip";
import type { Member } from "../search";

/** Identities that have a column of their own. */
const OWN = ["email", "phone"] as const;
const SHOWN_TAGS = 3;

/** A trait or property in a line of text: lists and objects as JSON. */
export function plainValue(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function valuesOf(member: Member, kind: string): string[] {
  return (member.identities ?? []).filter((identity) => identity.kind === kind).map((identity) => identity.value);
}

function others(member: Member): string[] {
  return [...(member.identities ?? [])]
    .filter((identity) => !OWN.some((kind) => kind === identity.kind))
    .sort((one, other) => strengthOf(one.kind) - strengthOf(other.kind))
    .map((identity) => identity.value);
}

/** The first few of a list, and how many more there are. */
function Some({ texts, title }: { texts: readonly string[]; title: (rest: number) => string }) {
  const rest = texts.length - SHOWN_TAGS;
  return (
    <span className="h-members-some">
      {texts.slice(0, SHOWN_TAGS).map((text) => (
        <Label key={text}>{text}</Label>
      ))}
      {rest > 0 && <span className="h-quiet" title={texts.slice(SHOWN_TAGS).join(" · ")}>{title(rest)}</span>}
    </span>
  );
}

/** Traits that say what other columns show: names, and the addresses that are identities, too. */
const SHOWN_ELSEWHERE = ["name", ...OWN];

/** Names of traits that a column is offered for: those that are settled first, then those that were seen, each by name. */
export function traitNames(settled: readonly string[], members: readonly Member[]): string[] {
  const seen = new Set<string>();
  for (const member of members) Object.keys(member.traits ?? {}).forEach((name) => seen.add(name));
  [...settled, ...SHOWN_ELSEWHERE].forEach((name) => seen.delete(name));
  return [...settled, ...[...seen].sort((one, other) => one.localeCompare(other))];
}

// @messages members
interface ColumnsNeed {
  t: TFunction<"members">;
  stageNames: ReadonlyMap<string, string>;
  segmentNames: ReadonlyMap<string, string>;
  traits: readonly string[];
  traitTitle: (name: string) => string;
}

/** All columns that a list of members may have; the user chooses. */
export function memberColumns({ t, stageNames, segmentNames, traits, traitTitle }: ColumnsNeed): Column<Member>[] {
  const stage = (member: Member) => stageNames.get(member.stage) ?? member.stage;
  const segments = (member: Member) => (member.segments ?? []).map((id) => segmentNames.get(id) ?? id);
  const rest = (count: number) => t("list.moreOf", { count });
  return [
    {
      key: "name",
      title: t("columns.name"),
      isFixed: true,
      render: (member) => <MemberChip id={member.id} {...memberName(member)} isTall />,
      text: (member) => memberName(member).name,
    },
    ...OWN.map((kind) => ({
      key: kind,
      title: t(`kinds.${kind}`),
      isHidden: kind === "email",
      render: (member: Member) => <span className="h-nowrap">{valuesOf(member, kind).join(", ")}</span>,
      text: (member: Member) => valuesOf(member, kind).join(", "),
    })),
    {
      key: "identities",
      title: t("columns.identities"),
      isHidden: true,
      render: (member) => <span className="h-members-short h-code">{others(member).join(", ")}</span>,
      text: (member) => others(member).join(", "),
    },
    { key: "stage", title: t("columns.stage"), render: (member) => <span className="h-nowrap">{stage(member)}</span>, text: stage },
    {
      key: "tags",
      title: t("columns.tags"),
      render: (member) => <Some texts={member.tags ?? []} title={rest} />,
      text: (member) => (member.tags ?? []).join(", "),
    },
    {
      key: "segments",
      title: t("columns.segments"),
      isHidden: true,
      render: (member) => <Some texts={segments(member)} title={rest} />,
      text: (member) => segments(member).join(", "),
    },
    {
      key: "last_seen_at",
      title: t("columns.lastSeen"),
      render: (member) => <Time at={member.last_seen_at} />,
      text: (member) => member.last_seen_at,
    },
    {
      key: "created_at",
      title: t("columns.firstSeen"),
      render: (member) => <Time at={member.created_at} />,
      text: (member) => member.created_at,
    },
    { key: "id", title: t("columns.id"), isHidden: true, render: (member) => <span className="h-code">{member.id}</span>, text: (member) => member.id },
    ...traits.map((name) => ({
      key: `traits.${name}`,
      title: traitTitle(name),
      isHidden: true,
      render: (member: Member) => <span className="h-members-short">{plainValue((member.traits as Record<string, unknown>)?.[name])}</span>,
      text: (member: Member) => plainValue((member.traits as Record<string, unknown>)?.[name]),
    })),
  ];
}
