import { SendOutlined } from "@ant-design/icons";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { MemberPicker } from "@/features/members";
import { useNames, useTopicName } from "@/lib/names";
import { DataTable, Empty, FilterBar, Pill, Time, useUrlDrawer, type Column } from "@/ui";
import { STATES, useDeliveries, type Delivery, type DeliveryFilters } from "./api";
import { useChoices } from "./choices";
import { DeliveryDrawer } from "./DeliveryDrawer";
import { DeliveriesFrame } from "./DeliveriesFrame";
import { Named } from "./Named";
import { REASONS, useReasonName, useStateName } from "./names";
import { Recipient } from "./Recipient";
import { since, SPANS } from "./spans";
import { toneOf } from "./words";

/** Every message that was to be sent, and what became of it. */
export function DeliveriesPage() {
  const { t } = useTranslation("deliveries");
  // Words of what stands in the page are read before it is shown: a drawer that is hidden again while it opens never ends opening.
  useTranslation(["members"]);
  const search: DeliveryFilters & { since?: string } = useSearch({ from: "/shell/deliveries" });
  const navigate = useNavigate({ from: "/deliveries" });
  const drawer = useUrlDrawer();
  const choices = useChoices(["channels", "journeys", "templates"]).data ?? {};
  const stateName = useStateName();
  const reasonName = useReasonName();
  const topicName = useTopicName();
  const { member, journey, channel, state, reason, template, topic } = search;
  const filters = { member, journey, channel, state, reason, template, topic };
  const list = useDeliveries({ ...filters, from: since(search.since) });
  const names = useNames(useMemo(() => list.items.flatMap(idsOf), [list.items]));
  const nameOf = (id: string | null | undefined) => (id ? (names.get(id)?.name ?? id) : "");
  const named = (items: { id: string; name: string }[] | null | undefined) => (items ?? []).map((item) => ({ value: item.id, label: item.name }));

  const columns: Column<Delivery>[] = [
    { key: "member", title: t("member"), isFixed: true, render: (row) => <Recipient member={row.member} address={row.address} />, text: (row) => nameOf(row.member) },
    {
      key: "state",
      title: t("stateTitle"),
      isFixed: true,
      render: (row) => <Pill tone={toneOf(row.state)}>{stateName(row.state)}</Pill>,
      text: (row) => stateName(row.state),
    },
    { key: "reason", title: t("reasonTitle"), render: (row) => (row.reason ? reasonName(row.reason) : <span className="h-quiet">–</span>), text: (row) => (row.reason ? reasonName(row.reason) : "") },
    { key: "template", title: t("template"), render: (row) => <Named id={row.template} />, text: (row) => nameOf(row.template) },
    { key: "journey", title: t("journey"), render: (row) => <Named id={row.journey} />, text: (row) => nameOf(row.journey) },
    { key: "step", title: t("step"), isHidden: true, render: (row) => row.step, text: (row) => row.step },
    { key: "channel", title: t("channel"), render: (row) => <Named id={row.channel} />, text: (row) => nameOf(row.channel) },
    { key: "address", title: t("address"), isHidden: true, render: (row) => row.address, text: (row) => row.address },
    { key: "topic", title: t("topic"), isHidden: true, render: (row) => topicName(row.topic), text: (row) => topicName(row.topic) },
    { key: "attempts", title: t("attempts"), isHidden: true, isNumber: true, render: (row) => row.attempts, text: (row) => row.attempts },
    { key: "opened", title: t("opened"), isHidden: true, render: (row) => <Time at={row.opened_at} />, text: (row) => row.opened_at },
    { key: "clicked", title: t("clicked"), isHidden: true, render: (row) => <Time at={row.clicked_at} />, text: (row) => row.clicked_at },
    { key: "queued", title: t("queuedAt"), render: (row) => <Time at={row.queued_at} />, text: (row) => row.queued_at },
  ];
  const isFiltered = Object.values(search).some(Boolean);
  return (
    <DeliveriesFrame description={t("description")}>
      <DataTable
        name="deliveries"
        label={t("title")}
        list={list}
        columns={columns}
        rowKey={(row) => row.id}
        onOpen={(row) => drawer.open(row.id)}
        filters={
          <FilterBar
            value={{ ...filters, since: search.since }}
            onChange={(next) => void navigate({ search: next, replace: true })}
            filters={[
              { name: "state", label: t("stateTitle"), options: STATES.map((value) => ({ value, label: stateName(value) })) },
              { name: "reason", label: t("reasonTitle"), options: REASONS.map((value) => ({ value, label: reasonName(value) })) },
              { name: "journey", label: t("journey"), options: named(choices.journeys) },
              { name: "template", label: t("template"), options: named(choices.templates) },
              ...(choices.channels ? [{ name: "channel", label: t("channel"), options: named(choices.channels) }] : []),
              { name: "since", label: t("since"), options: SPANS.map((value) => ({ value, label: t(`span.${value}`) })) },
            ]}
          >
            <MemberPicker aria-label={t("member")} placeholder={t("anyMember")} value={member} onChange={(next) => void navigate({ search: { ...search, member: next }, replace: true })} />
          </FilterBar>
        }
        empty={
          isFiltered ? (
            <Empty icon={<SendOutlined />} title={t("noneMatch")}>{t("noneMatchHelp")}</Empty>
          ) : (
            <Empty icon={<SendOutlined />} title={t("empty.title")} example={t("empty.example")}>{t("empty.help")}</Empty>
          )
        }
      />
      <DeliveryDrawer id={drawer.value} onClose={drawer.close} />
    </DeliveriesFrame>
  );
}

const idsOf = (row: Delivery) => [row.member, row.template, row.journey, row.channel].filter((id): id is string => Boolean(id));
