import { useTranslation } from "react-i18next";
import { useNames } from "@/lib/names";
import { MemberChip } from "@/features/members";
import { DataTable, Empty, Pill, Time, type Column } from "@/ui";
import { useChanges, type Change } from "./api";

/** Who came into a segment, and who left it, the latest first. */
export function ChangesTable({ id }: { id: string }) {
  const { t } = useTranslation("segments");
  const list = useChanges(id);
  const names = useNames(list.items.map((change) => change.member_id));
  const columns: Column<Change>[] = [
    {
      key: "member", title: t("member"), isFixed: true, text: (change) => names.get(change.member_id)?.name ?? change.member_id,
      render: (change) => <MemberChip id={change.member_id} />,
    },
    {
      key: "what", title: t("what"), width: 160, text: (change) => (change.entered ? t("entered") : t("left")),
      render: (change) => <Pill tone={change.entered ? "good" : "neutral"}>{change.entered ? t("entered") : t("left")}</Pill>,
    },
    { key: "at", title: t("when"), width: 200, render: (change) => <Time at={change.at} />, text: (change) => change.at },
    { key: "id", title: t("memberId"), isHidden: true, render: (change) => <code className="h-code">{change.member_id}</code>, text: (change) => change.member_id },
  ];
  return (
    <DataTable
      name="segment-changes"
      label={t("tabs.changes")}
      list={list}
      columns={columns}
      rowKey={(change) => `${change.member_id}${change.at}${change.entered}`}
      empty={<Empty title={t("noChanges.title")}>{t("noChanges.help")}</Empty>}
    />
  );
}
