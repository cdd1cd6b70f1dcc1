import { UsergroupAddOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { MemberChip, useChoices } from "@/features/members";
import { memberName } from "@/lib/names";
import { useCan } from "@/lib/session";
import { DataTable, Empty, ErrorState, NoPermission, SideDrawer, Time, type Column } from "@/ui";
import type { Asked, DrilledKind, Kind, Point, Points } from "../api/types";
import { useAnswerWords } from "../answer/words";
import { useDrilledMembers, type Drilled, type Member } from "./api";
import { describePoint } from "./describe";
import { SaveSegment } from "./SaveSegment";

interface MembersDrawerProps<K extends Kind> {
  kind: K;
  asked: Asked<K> | undefined;
  point: Point | null;
  onClose: () => void;
}

const DRILLED: Record<DrilledKind, true> = { funnel: true, retention: true, trend: true, lifecycle: true, distribution: true, path: true, interval: true, attribution: true };

/** The members behind a number of an answer. */
export function MembersDrawer<K extends Kind>({ kind, asked, point, onClose }: MembersDrawerProps<K>) {
  const { t } = useTranslation("insight");
  const words = useAnswerWords();
  const mayRead = useCan("people", "read");
  const isOpen = point !== null && asked !== undefined && kind in DRILLED;
  const [side, setSide] = useState<"with" | "without">("with");
  const shown = isOpen ? sideOf(kind, point, side) : null;
  return (
    <SideDrawer
      width={720}
      isOpen={isOpen}
      title={isOpen && shown ? describePoint(kind, asked, shown, words) : t("drill.title")}
      onClose={() => {
        setSide("with");
        onClose();
      }}
    >
      {!mayRead && <NoPermission />}
      {mayRead && isOpen && shown && (
        <>
          {hasOtherSide(kind, point) && (
            <Button type="link" className="h-drill-side" onClick={() => setSide(side === "with" ? "without" : "with")}>
              {t(`drill.${kind === "funnel" ? "funnel" : "retention"}.${hasCome(kind, shown) ? "without" : "with"}`)}
            </Button>
          )}
          <MembersList drilled={{ kind: kind as DrilledKind, question: asked.question as Drilled["question"], point: shown }} name={describePoint(kind, asked, shown, words)} />
        </>
      )}
    </SideDrawer>
  );
}

/** Of these numbers there is another side: who did not come this far. */
function hasOtherSide(kind: Kind, point: Point): boolean {
  if (kind === "funnel") return (point as Points["funnel"]).step > 1;
  return kind === "retention" && (point as Points["retention"]).returned !== undefined;
}

/** Whether those who are shown came this far. */
function hasCome(kind: Kind, point: Point): boolean {
  return kind === "funnel" ? (point as Points["funnel"]).reached : (point as Points["retention"]).returned !== false;
}

function sideOf(kind: Kind, point: Point, side: "with" | "without"): Point {
  if (side === "with") return point;
  if (kind === "funnel") return { ...(point as Points["funnel"]), reached: !(point as Points["funnel"]).reached };
  if (kind === "retention") return { ...(point as Points["retention"]), returned: !(point as Points["retention"]).returned };
  return point;
}

function MembersList({ drilled, name }: { drilled: Drilled; name: string }) {
  const { t } = useTranslation("insight");
  const { list, total } = useDrilledMembers(drilled);
  const stages = useChoices("stages").data;
  const stageName = (stage: string) => stages?.find((one) => one.value === stage)?.label ?? stage;
  const maySave = useCan("segments", "write");
  const [isSaving, setIsSaving] = useState(false);
  const columns: Column<Member>[] = [
    { key: "member", title: t("drill.member"), isFixed: true, render: (member) => <MemberChip id={member.id} {...memberName(member)} isTall />, text: (member) => memberName(member).name },
    { key: "stage", title: t("drill.stage"), render: (member) => <span className="h-nowrap">{stageName(member.stage)}</span>, text: (member) => stageName(member.stage) },
    { key: "seen", title: t("drill.seen"), render: (member) => <Time at={member.last_seen_at} />, text: (member) => member.last_seen_at },
    { key: "id", title: t("drill.id"), isHidden: true, render: (member) => <code className="h-code">{member.id}</code>, text: (member) => member.id },
  ];
  if (list.error) return <ErrorState error={list.error} retry={list.retry} />;
  return (
    <div className="h-drill">
      <div className="h-drill-head">
        <strong>{total === null ? " " : t("drill.total", { count: total })}</strong>
        {maySave && !isSaving && Boolean(total) && (
          <Button icon={<UsergroupAddOutlined />} onClick={() => setIsSaving(true)}>{t("saveSegment.verb")}</Button>
        )}
      </div>
      {isSaving && total !== null && <SaveSegment drilled={drilled} name={name} members={total} onClose={() => setIsSaving(false)} />}
      <DataTable name="insight-members" label={t("drill.title")} list={list} columns={columns} rowKey={(member) => member.id} rowHeight={57} empty={<Empty title={t("drill.nobody")}>{t("drill.nobodyHelp")}</Empty>} />
    </div>
  );
}
