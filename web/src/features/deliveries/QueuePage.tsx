import { ClockCircleOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { MemberChip, MemberPicker } from "@/features/members";
import { useFormats } from "@/lib/format";
import { useServerWords } from "@/lib/i18n/server-words";
import { useTopicName } from "@/lib/names";
import { useCan } from "@/lib/session";
import { DataTable, Empty, FilterBar, Loaded, Num, Panel, Pill, Time, useConfirm, useTellProblem, useUndoToast, type Column } from "@/ui";
import { countCancelled, useCancelMany, useOutbox, useQueue, type Queued } from "./api";
import { useChoices } from "./choices";
import { DeliveriesFrame } from "./DeliveriesFrame";
import { Named } from "./Named";
import { useReasonName } from "./names";
import { PolicySummary } from "./PolicySummary";

/** What waits to be sent, why each message waits, and until when. */
export function QueuePage() {
  const { t } = useTranslation("deliveries");
  // Words of what stands in the page are read before it is shown: a drawer that is hidden again while it opens never ends opening.
  useTranslation(["members"]);
  const search = useSearch({ from: "/shell/deliveries/queue" });
  const navigate = useNavigate({ from: "/deliveries/queue" });
  const choices = useChoices(["channels", "journeys"]).data ?? {};
  const list = useQueue(search);
  const say = useServerWords();
  const topicName = useTopicName();
  const named = (items: { id: string; name: string }[] | null | undefined) => (items ?? []).map((item) => ({ value: item.id, label: item.name }));

  const columns: Column<Queued>[] = [
    { key: "member", title: t("member"), isFixed: true, render: (row) => <MemberChip id={row.member} />, text: (row) => row.member },
    { key: "why", title: t("whyWaits"), isFixed: true, render: (row) => say(row.why), text: (row) => say(row.why) },
    { key: "until", title: t("notBefore"), render: (row) => <Time at={row.not_before} absolute />, text: (row) => row.not_before },
    { key: "template", title: t("template"), render: (row) => <Named id={row.template} />, text: (row) => row.template },
    { key: "journey", title: t("journey"), render: (row) => <Named id={row.journey} />, text: (row) => row.journey },
    { key: "channel", title: t("channel"), render: (row) => <Named id={row.channel} />, text: (row) => row.channel },
    { key: "priority", title: t("priority"), isNumber: true, isHidden: true, render: (row) => row.priority, text: (row) => row.priority },
    { key: "topic", title: t("topic"), isHidden: true, render: (row) => topicName(row.topic), text: (row) => topicName(row.topic) },
    { key: "expires", title: t("expiresAt"), isHidden: true, render: (row) => <Time at={row.expires_at} absolute />, text: (row) => row.expires_at },
    { key: "queued", title: t("queuedAt"), render: (row) => <Time at={row.queued_at} />, text: (row) => row.queued_at },
  ];
  return (
    <DeliveriesFrame description={t("queue.description")} actions={<CancelWaiting filters={search} />}>
      <div className="h-queue-head">
        <ChannelQueues />
        <PolicySummary />
      </div>
      <DataTable
        name="queue"
        label={t("tab.queue")}
        list={list}
        columns={columns}
        rowKey={(row) => row.id}
        onOpen={(row) => void navigate({ to: "/deliveries", search: { open: row.id } as never })}
        filters={
          <FilterBar
            value={{ ...search }}
            onChange={(next) => void navigate({ search: next, replace: true })}
            filters={[
              { name: "journey", label: t("journey"), options: named(choices.journeys) },
              ...(choices.channels ? [{ name: "channel", label: t("channel"), options: named(choices.channels) }] : []),
            ]}
          >
            <MemberPicker aria-label={t("member")} placeholder={t("anyMember")} value={search.member} onChange={(member) => void navigate({ search: { ...search, member }, replace: true })} />
          </FilterBar>
        }
        empty={<Empty icon={<ClockCircleOutlined />} title={t("queue.empty")} example={t("queue.emptyExample")}>{t("queue.emptyHelp")}</Empty>}
      />
    </DeliveriesFrame>
  );
}

/** Each channel's queue: how long it is, what it waits for, when it will be empty. */
function ChannelQueues() {
  const { t } = useTranslation("deliveries");
  const outbox = useOutbox();
  const reasonName = useReasonName();
  const formats = useFormats();
  return (
    <Panel title={t("queue.channels")}>
      <Loaded query={outbox} rows={2}>
        {({ channels }) =>
          channels.length === 0 ? (
            <p className="h-quiet">{t("queue.noChannels")}</p>
          ) : (
            <ul className="h-queues">
              {channels.map((one) => (
                <li key={one.channel}>
                  <div className="h-queues-name">
                    <strong><Named id={one.channel} /></strong>
                    {one.problem ? (
                      <Pill tone="bad">{t("queue.problem")}</Pill>
                    ) : one.state === "paused" ? (
                      <Pill tone="attention">{t("queue.paused")}</Pill>
                    ) : (
                      <Pill tone="good">{t("queue.works")}</Pill>
                    )}
                  </div>
                  <p className="h-quiet">
                    {t("queue.numbers", { queued: formats.number(one.queued), due: formats.number(one.due), sending: formats.number(one.sending) })}
                    {one.due > 0 && typeof one.drained_in_seconds === "number" && one.drained_in_seconds > 0 && (
                      <> · {t("queue.drained", { count: Math.max(1, Math.round(one.drained_in_seconds / 60)) })}</>
                    )}
                  </p>
                  {one.problem && <p className="h-code h-queues-problem">{one.problem}</p>}
                  {Object.keys(one.waits_for).length > 0 && (
                    <p className="h-queues-waits">
                      {Object.entries(one.waits_for).map(([reason, number]) => (
                        <span key={reason} className="h-label">
                          {reasonName(reason)} <Num value={number} />
                        </span>
                      ))}
                    </p>
                  )}
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Panel>
  );
}

/** Takes back what the filters show. Without a filter nothing is taken back: nobody means that. */
function CancelWaiting({ filters }: { filters: { channel?: string; member?: string; journey?: string } }) {
  const { t } = useTranslation("deliveries");
  const mayWrite = useCan("outreach", "write");
  const ask = useConfirm();
  const tell = useTellProblem();
  const toast = useUndoToast();
  const cancel = useCancelMany();
  const isFiltered = Object.values(filters).some(Boolean);
  if (!mayWrite) return null;

  async function start() {
    const { matching } = await countCancelled(filters);
    if (matching === 0) return toast(t("cancel.none"));
    ask({
      title: t("cancel.many"),
      description: t("cancel.manyDescription"),
      consequences: [{ label: t("cancel.messages"), value: matching }],
      verb: t("cancel.verb"),
      isDestructive: true,
      act: async () => toast(t("cancel.done", { count: await cancel.mutateAsync(filters) })),
    });
  }

  return (
    <Button danger disabled={!isFiltered} title={isFiltered ? undefined : t("cancel.needsFilter")} onClick={() => void start().catch(tell)}>
      {t("cancel.manyVerb")}
    </Button>
  );
}
