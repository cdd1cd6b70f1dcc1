import { MergeCellsOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { MemberChip } from "@/features/members";
import { useName, useNames } from "@/lib/names";
import { useCan } from "@/lib/session";
import { DataTable, Empty, Pill, Time, useConfirm, useTellProblem, useUndoToast, type Column, type Consequence } from "@/ui";
import { previewUndo, useMerges, useUndoMerge, type Merge, type UndoPreview } from "./api";
import { reasonKey } from "./evidence";

export function MergesTable({ member }: { member?: string }) {
  const { t } = useTranslation("merges");
  const list = useMerges(member);
  const mayChange = useCan("people", "write");
  const names = useNames(list.items.flatMap((merge) => [merge.kept, merge.absorbed]));
  const nameOf = (id: string) => names.get(id)?.name ?? id;
  const reason = (merge: Merge) => {
    const key = reasonKey(merge.reason);
    return key ? t(`reasons.${key}`) : merge.reason;
  };
  const columns: Column<Merge>[] = [
    { key: "kept", title: t("table.kept"), isFixed: true, render: (merge) => <MemberChip id={merge.kept} />, text: (merge) => nameOf(merge.kept) },
    { key: "absorbed", title: t("table.absorbed"), render: (merge) => <Absorbed merge={merge} />, text: (merge) => (merge.undone_at ? nameOf(merge.absorbed) : merge.identities.map((identity) => identity.value).join(" · ") || nameOf(merge.absorbed)) },
    { key: "reason", title: t("table.reason"), render: (merge) => <span className="h-merges-reason">{reason(merge)}</span>, text: reason },
    { key: "merged", title: t("table.merged"), render: (merge) => <Time at={merge.merged_at} />, text: (merge) => merge.merged_at },
    {
      key: "state",
      title: t("table.state"),
      render: (merge) => (merge.undone_at ? <Undone merge={merge} /> : <Pill tone="good">{t("table.holds")}</Pill>),
      text: (merge) => (merge.undone_at ? t("table.undone") : t("table.holds")),
    },
    ...(mayChange ? [{ key: "actions", title: "", isFixed: true, render: (merge: Merge) => (merge.undone_at ? null : <UndoButton merge={merge} />) }] : []),
  ];
  return (
    <DataTable<Merge>
      name={member ? "member-merges" : "merges"}
      label={t("tabs.done")}
      list={list}
      columns={columns}
      rowKey={(merge) => merge.id}
      empty={
        <Empty icon={<MergeCellsOutlined />} title={t("empty.done")}>
          {t("empty.doneHelp")}
        </Empty>
      }
    />
  );
}

/** Who was absorbed has no page of his own while the merge holds. */
function Absorbed({ merge }: { merge: Merge }) {
  const { t } = useTranslation("merges");
  const identities = merge.identities.map((identity) => identity.value);
  if (merge.undone_at) return <MemberChip id={merge.absorbed} />;
  if (identities.length === 0) return <span className="h-quiet">{t("table.joined")}</span>;
  return <span className="h-members-short" title={identities.join(" · ")}>{identities.join(" · ")}</span>;
}

function Undone({ merge }: { merge: Merge }) {
  const { t } = useTranslation("merges");
  const by = useName(merge.undone_by);
  return (
    <span>
      <Pill tone="neutral">{t("table.undone")}</Pill>{" "}
      <span className="h-quiet">
        {by?.name} <Time at={merge.undone_at} />
      </span>
    </span>
  );
}

function UndoButton({ merge }: { merge: Merge }) {
  const { t } = useTranslation("merges");
  const ask = useConfirm();
  const tell = useTellProblem();
  const undo = useUndoMerge();
  const toast = useUndoToast();
  const [isAsking, setIsAsking] = useState(false);

  /** What would leave the member who stays. */
  function consequences(preview: UndoPreview): Consequence[] {
    const parted = preview.members[1];
    if (!preview.possible || !parted) return [];
    return [
      { label: t("undo.identities"), value: parted.identities.length },
      { label: t("undo.events"), value: parted.events },
      { label: t("undo.traits"), value: parted.traits },
      { label: t("undo.tags"), value: parted.tags.length },
    ];
  }

  async function begin() {
    setIsAsking(true);
    try {
      const preview = await previewUndo(merge.id);
      ask({
        title: t("undo.title"),
        description: preview.possible ? t("undo.description") : t("undo.impossible"),
        consequences: consequences(preview),
        verb: t("undo.verb"),
        act: async () => {
          await undo.mutateAsync(merge.id);
          toast(t("undo.done"));
        },
      });
    } catch (error) {
      tell(error);
    } finally {
      setIsAsking(false);
    }
  }

  return (
    <Button size="small" loading={isAsking} onClick={() => void begin()}>
      {t("undo.button")}
    </Button>
  );
}
