import { ApiOutlined, MailOutlined, MoreOutlined, PlusOutlined, SendOutlined } from "@ant-design/icons";
import { Button, Dropdown } from "antd";
import { useTranslation } from "react-i18next";
import { useLive } from "@/lib/live";
import { useCan } from "@/lib/session";
import { DataTable, Empty, NoPermission, Num, Page, Pill, Time, useConfirm, useTellProblem, useUndoToast, useUrlDrawer, type Column } from "@/ui";
import { useChannels, useDeleteChannel, usePauseChannel, useQueues, whatGoes, type Channel, type ChannelQueue } from "./api";
import { ChannelDrawer } from "./ChannelDrawer";
import "./channels.css";

/** Where messages leave the house: mail servers and webhooks. */
export function ChannelsPage() {
  const { t } = useTranslation("channels");
  const isAllowed = useCan("settings", "read");
  const drawer = useUrlDrawer();
  return (
    <Page
      title={t("title")}
      description={t("description")}
      actions={
        isAllowed && (
          <Button type="primary" icon={<PlusOutlined />} onClick={() => drawer.open("new")}>
            {t("add")}
          </Button>
        )
      }
    >
      {isAllowed ? <ChannelsTable open={drawer.value} onOpen={drawer.open} onClose={drawer.close} /> : <NoPermission />}
    </Page>
  );
}

function ChannelsTable({ open, onOpen, onClose }: { open: string | undefined; onOpen: (id: string) => void; onClose: () => void }) {
  const { t, i18n } = useTranslation("channels");
  const list = useChannels();
  const queues = useQueues();
  useLive(["deliveries"], { keys: [["outbox"], ["channels"]] });
  const queueOf = (channel: Channel) => queues.data?.find((one) => one.channel === channel.id);
  const kind = (channel: Channel) => (i18n.exists(`channels:kinds.${channel.kind}`) ? t(`kinds.${channel.kind}`) : channel.kind);
  const columns: Column<Channel>[] = [
    {
      key: "name",
      title: t("name"),
      isFixed: true,
      render: (channel) => (
        <span className="h-channel-name">
          <span aria-hidden>{channel.kind === "email" ? <MailOutlined /> : <ApiOutlined />}</span>
          <strong>{channel.name}</strong>
        </span>
      ),
      text: (channel) => channel.name,
    },
    { key: "state", title: t("state.title"), render: (channel) => <State channel={channel} queue={queueOf(channel)} />, text: (channel) => t(`state.${stateOf(channel, queueOf(channel))}`) },
    { key: "kind", title: t("kind"), render: kind, text: kind },
    { key: "place", title: t("place"), render: (channel) => <span className="h-channel-place">{placeOf(channel)}</span>, text: placeOf },
    { key: "queued", title: t("status.queued"), isNumber: true, render: (channel) => <Num value={queueOf(channel)?.queued} />, text: (channel) => queueOf(channel)?.queued },
    { key: "sending", title: t("status.sending"), isNumber: true, render: (channel) => <Num value={queueOf(channel)?.sending} />, text: (channel) => queueOf(channel)?.sending },
    { key: "updated", title: t("updated"), isHidden: true, render: (channel) => <Time at={channel.updated_at} />, text: (channel) => channel.updated_at },
    { key: "actions", title: "", isFixed: true, width: 56, render: (channel) => <Actions channel={channel} queue={queueOf(channel)} onOpen={() => onOpen(channel.id)} /> },
  ];
  const opened = list.items.find((channel) => channel.id === open);
  return (
    <>
      <DataTable
        name="channels"
        label={t("title")}
        list={list}
        columns={columns}
        rowKey={(channel) => channel.id}
        onOpen={(channel) => onOpen(channel.id)}
        empty={
          <Empty icon={<SendOutlined />} title={t("empty.title")} action={<Button type="primary" onClick={() => onOpen("new")}>{t("add")}</Button>} example={<span className="h-quiet">{t("empty.example")}</span>}>
            {t("empty.help")}
          </Empty>
        }
      />
      <ChannelDrawer key={open ?? "none"} channel={opened} isOpen={open === "new" || opened !== undefined} onClose={onClose} onMade={onOpen} />
    </>
  );
}

/** From which address, or to which one, without anything secret. */
function placeOf(channel: Channel): string {
  const from = channel.config.from as { email?: string } | undefined;
  return from?.email ?? String(channel.config.url ?? "");
}

function stateOf(channel: Channel, queue: ChannelQueue | undefined): "paused" | "broken" | "active" {
  if (channel.state === "paused") return "paused";
  return channel.health || queue?.problem ? "broken" : "active";
}

function State({ channel, queue }: { channel: Channel; queue: ChannelQueue | undefined }) {
  const { t } = useTranslation("channels");
  const state = stateOf(channel, queue);
  const tones = { paused: "waiting", broken: "bad", active: "good" } as const;
  return (
    <span title={channel.health?.problem ?? queue?.problem ?? undefined}>
      <Pill tone={tones[state]}>{t(`state.${state}`)}</Pill>
    </span>
  );
}

function Actions({ channel, queue, onOpen }: { channel: Channel; queue: ChannelQueue | undefined; onOpen: () => void }) {
  const { t } = useTranslation("channels");
  const ask = useConfirm();
  const toast = useUndoToast();
  const tell = useTellProblem();
  const pause = usePauseChannel();
  const remove = useDeleteChannel();
  const { id, name } = channel;
  const isPaused = channel.state === "paused";

  async function turn(next: boolean) {
    await pause.mutateAsync({ id, isPaused: next });
    const words = next ? t("pause.done", { name, count: queue?.queued ?? 0 }) : t("resume.done", { name });
    toast(words, () => pause.mutateAsync({ id, isPaused: !next }));
  }

  async function askToDelete() {
    const goes = await whatGoes(id);
    ask({
      title: t("delete.title", { name }),
      description: t("delete.description"),
      consequences: [
        { label: t("delete.queued"), value: goes.queued },
        { label: t("delete.sending"), value: goes.sending },
      ],
      verb: t("delete.verb"),
      isDestructive: true,
      act: async () => {
        await remove.mutateAsync(id);
        toast(t("delete.done", { name }));
      },
    });
  }

  return (
    <Dropdown
      trigger={["click"]}
      placement="bottomRight"
      menu={{
        items: [
          { key: "open", label: t("open"), onClick: onOpen },
          { key: "pause", label: isPaused ? t("resume.verb") : t("pause.verb"), onClick: () => void turn(!isPaused).catch(tell) },
          { type: "divider" },
          { key: "delete", label: t("delete.verb"), danger: true, onClick: () => void askToDelete().catch(tell) },
        ],
      }}
    >
      <Button type="text" size="small" icon={<MoreOutlined />} aria-label={t("actionsFor", { name })} />
    </Dropdown>
  );
}
