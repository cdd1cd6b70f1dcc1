import { useTranslation } from "react-i18next";
import { memberName } from "@/lib/names";
import { MemberChip, useChoices } from "@/features/members";
import { DataTable, Empty, Label, Time, type Column } from "@/ui";
import { exportAddress, isBuilding, useSegmentMembers, type Member, type Segment } from "./api";

const SHOWN_TAGS = 3;

/** Who is in a segment now. */
export function MembersTable({ segment }: { segment: Segment }) {
  const { t } = useTranslation("segments");
  const list = useSegmentMembers(segment.id);
  const stages = useChoices("stages").data;
  const stageOf = (member: Member) => stages?.find((one) => one.value === member.stage)?.label ?? member.stage;
  const columns: Column<Member>[] = [
    {
      key: "member", title: t("member"), isFixed: true, text: (member) => memberName(member).name,
      render: (member) => <MemberChip id={member.id} {...memberName(member)} isTall />,
    },
    {
      key: "tags", title: t("tags"), text: (member) => member.tags.join(", "),
      render: (member) => (
        <span className="h-segment-tags">
          {member.tags.slice(0, SHOWN_TAGS).map((tag) => <Label key={tag}>{tag}</Label>)}
          {member.tags.length > SHOWN_TAGS && <span className="h-quiet">{t("moreTags", { count: member.tags.length - SHOWN_TAGS })}</span>}
        </span>
      ),
    },
    { key: "stage", title: t("stage"), width: 140, render: (member) => stageOf(member) ?? <span className="h-quiet">–</span>, text: stageOf },
    { key: "seen", title: t("lastSeen"), width: 140, render: (member) => <Time at={member.last_seen_at} />, text: (member) => member.last_seen_at },
    { key: "created", title: t("since"), width: 140, isHidden: true, render: (member) => <Time at={member.created_at} />, text: (member) => member.created_at },
    { key: "id", title: t("memberId"), isHidden: true, render: (member) => <code className="h-code">{member.id}</code>, text: (member) => member.id },
  ];
  return (
    <DataTable
      name="segment-members"
      label={t("tabs.members")}
      list={list}
      columns={columns}
      rowKey={(member) => member.id}
      serverExport={(format) => exportAddress(segment.id, format)}
      empty={<Empty title={isBuilding(segment) ? t("noMembers.building") : t("noMembers.title")}>{t("noMembers.help")}</Empty>}
    />
  );
}
