import { ImportOutlined } from "@ant-design/icons";
import { Button, Progress } from "antd";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Named } from "@/features/deliveries";
import { useLive } from "@/lib/live";
import { useCan } from "@/lib/session";
import { DataTable, Empty, Num, Page, Pill, Time, type Column, type Tone } from "@/ui";
import { useImports, type Import } from "./api";
import { moves } from "./steps";
import "./imports.css";

export const TONES: Record<string, Tone> = {
  uploaded: "neutral", previewing: "ember", previewed: "waiting", preview_failed: "bad", queued: "waiting", running: "ember",
  done: "good", failed: "bad", cancelled: "neutral", expired: "neutral",
};

/** Files that were imported, or are about to be. */
export function ImportsPage() {
  const { t, i18n } = useTranslation("imports");
  useTranslation(["deliveries"]);
  const navigate = useNavigate();
  const mayWrite = useCan("ingest", "write");
  const list = useImports();
  useLive(["imports"], { keys: [["imports", "list"]], moves: list.items.some(moves) });
  const stateName = (state: string) => (i18n.exists(`imports:state.${state}`) ? t(`state.${state}`) : state);
  const start = mayWrite && (
    <Button type="primary" icon={<ImportOutlined />} onClick={() => void navigate({ to: "/imports/new" })}>
      {t("new")}
    </Button>
  );
  const columns: Column<Import>[] = [
    { key: "name", title: t("file"), isFixed: true, render: (row) => <strong className="h-import-name">{row.name}</strong>, text: (row) => row.name },
    {
      key: "state",
      title: t("stateTitle"),
      isFixed: true,
      render: (row) => (
        <span className="h-import-state">
          <Pill tone={TONES[row.state] ?? "neutral"}>{stateName(row.state)}</Pill>
          {moves(row) && row.progress && <Progress percent={Math.round(row.progress.percent)} size="small" className="h-import-bar" aria-label={stateName(row.state)} />}
        </span>
      ),
      text: (row) => stateName(row.state),
    },
    { key: "rows", title: t("rows"), isNumber: true, render: (row) => <Num value={row.preview?.rows ?? row.detected.rows_estimated} />, text: (row) => row.preview?.rows ?? row.detected.rows_estimated },
    { key: "imported", title: t("imported"), isNumber: true, render: (row) => <Num value={row.result?.imported} />, text: (row) => row.result?.imported },
    { key: "rejected", title: t("rejected"), isNumber: true, render: (row) => <Num value={row.result?.rejected} />, text: (row) => row.result?.rejected },
    { key: "by", title: t("by"), render: (row) => <Named id={row.created_by} />, text: (row) => row.created_by },
    { key: "at", title: t("at"), render: (row) => <Time at={row.created_at} />, text: (row) => row.created_at },
  ];
  return (
    <Page title={t("title")} description={t("description")} actions={start}>
      <DataTable
        name="imports"
        label={t("title")}
        list={list}
        columns={columns}
        rowKey={(row) => row.id}
        onOpen={(row) => void navigate({ to: "/imports/$importId", params: { importId: row.id } })}
        empty={
          <Empty icon={<ImportOutlined />} title={t("empty.title")} action={start} example={t("empty.example")}>
            {t("empty.help")}
          </Empty>
        }
      />
    </Page>
  );
}
