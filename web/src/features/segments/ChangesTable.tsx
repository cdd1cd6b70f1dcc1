import { Segmented, Tag } from "antd";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useFormats } from "@/lib/format";
import { useNames } from "@/lib/names";
import { MemberChip } from "@/features/members";
import { DataTable, Empty, Pill, Time, type Column } from "@/ui";
import { useChanges, type Change } from "./api";

/** Who came into a segment, and who left it, the latest first. */
export function ChangesTable({ id }: { id: string }) {
  const { t } = useTranslation("segments");
  const formats = useFormats();
  const navigate = useNavigate();
  const { what, from, to } = useSearch({ strict: false }) as { what?: string; from?: string; to?: string };
  const entered = what === "entered" ? true : what === "left" ? false : undefined;
  const list = useChanges(id, { entered, from, to });
  const go = (next: { what?: string; from?: string; to?: string }) =>
    void navigate({ to: ".", search: (before: Record<string, unknown>) => ({ ...before, ...next }), replace: true, resetScroll: false });
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
      filters={
        <>
          <Segmented
            aria-label={t("what")}
            value={what === "entered" || what === "left" ? what : "all"}
            options={[{ value: "all", label: t("everything") }, { value: "entered", label: t("entered") }, { value: "left", label: t("left") }]}
            onChange={(next) => go({ what: next === "all" ? undefined : next })}
          />
          {from && to && (
            <Tag closable className="h-segment-span" onClose={() => go({ from: undefined, to: undefined })}>
              {t("span", { from: formats.time(from), to: formats.time(to) })}
            </Tag>
          )}
        </>
      }
      rowKey={(change) => `${change.member_id}${change.at}${change.entered}`}
      empty={<Empty title={t("noChanges.title")}>{t("noChanges.help")}</Empty>}
    />
  );
}
