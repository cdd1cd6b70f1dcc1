import { CameraOutlined, DeleteOutlined, DownloadOutlined, MoreOutlined } from "@ant-design/icons";
import { App, Button, Dropdown } from "antd";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, asProblem, got } from "@/lib/api";
import { saveAs } from "@/lib/export";
import { useCan } from "@/lib/session";
import { useConfirm, useUndoToast } from "@/ui";
import { exportAddress, useDeleteSegment, useUsage, type Segment } from "./api";
import { SnapshotDialog } from "./SnapshotDialog";
import { UsageRows } from "./UsageList";

/** What can be done with a segment besides editing: files, a snapshot, deleting. */
export function SegmentActions({ segment }: { segment: Segment }) {
  const { t } = useTranslation("segments");
  const mayWrite = useCan("segments", "write");
  const mayExport = useCan("people", "write");
  const [wantsSnapshot, setWantsSnapshot] = useState(false);
  const remove = useRemoval(segment);
  const download = (format: "csv" | "xlsx") => saveAs(exportAddress(segment.id, format), `${segment.name}.${format}`);
  return (
    <>
      {mayExport && (
        <Dropdown
          trigger={["click"]}
          menu={{ items: [{ key: "csv", label: t("ui:table.csv") }, { key: "xlsx", label: t("ui:table.xlsx") }], onClick: ({ key }) => download(key as "csv" | "xlsx") }}
        >
          <Button icon={<DownloadOutlined />}>{t("export")}</Button>
        </Dropdown>
      )}
      {mayWrite && (
        <Dropdown
          trigger={["click"]}
          menu={{
            items: [
              { key: "snapshot", icon: <CameraOutlined aria-hidden />, label: t("snapshot.make"), disabled: Boolean(segment.snapshot_of) },
              { key: "delete", icon: <DeleteOutlined aria-hidden />, label: t("delete.verb"), danger: true },
            ],
            onClick: ({ key }) => (key === "snapshot" ? setWantsSnapshot(true) : remove()),
          }}
        >
          <Button icon={<MoreOutlined />} aria-label={t("more")} />
        </Dropdown>
      )}
      {wantsSnapshot && <SnapshotDialog segment={segment} onClose={() => setWantsSnapshot(false)} />}
    </>
  );
}

/** Asks before a segment goes, and says who still needs it. */
function useRemoval(segment: Segment): () => void {
  const { t } = useTranslation("segments");
  const { modal } = App.useApp();
  const navigate = useNavigate();
  const ask = useConfirm();
  const toast = useUndoToast();
  const remove = useDeleteSegment();
  const usage = useUsage(segment.id);

  async function makeAgain() {
    const body = { name: segment.name, rule: segment.rule as Record<string, never> };
    const made = await got(api.POST("/api/v1/segments", { body }));
    await navigate({ to: "/segments/$id", params: { id: made.id } });
  }

  return () => {
    const users = usage.data ?? [];
    if (users.length > 0) {
      modal.info({
        title: t("delete.usedTitle", { name: segment.name }),
        icon: null,
        centered: true,
        width: 480,
        okText: t("delete.understood"),
        content: (
          <>
            <p>{t("delete.used", { count: users.length })}</p>
            <UsageRows usage={users} />
          </>
        ),
      });
      return;
    }
    ask({
      title: t("delete.title", { name: segment.name }),
      description: t("delete.help"),
      consequences: [{ label: t("delete.members"), value: segment.size }],
      verb: t("delete.verb"),
      isDestructive: true,
      act: async () => {
        try {
          await remove.mutateAsync(segment.id);
        } catch (error) {
          if (asProblem(error).code === "in_use") void usage.refetch();
          throw error;
        }
        await navigate({ to: "/segments" });
        toast(t("delete.done", { name: segment.name }), segment.snapshot_of ? undefined : makeAgain);
      },
    });
  };
}
