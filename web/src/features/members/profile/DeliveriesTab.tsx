import { MailOutlined } from "@ant-design/icons";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/lib/api";
import { DataTable, Empty, Pill, Time, type Column, type Tone } from "@/ui";
import { Thing } from "../Thing";
import { useDeliveries } from "./api";
import { useChannelName } from "./ConsentTab";

type Delivery = Schemas["Delivery"];

const TONES: Record<string, Tone> = {
  queued: "waiting", sending: "ember", accepted: "good", delivered: "good", bounced: "bad", failed: "bad", unknown: "attention",
  suppressed: "neutral", expired: "neutral", cancelled: "neutral",
};

/** Every message that was meant for the member, what became of it, and why. */
export function DeliveriesTab({ member }: { member: string }) {
  const { t, i18n } = useTranslation("members");
  const navigate = useNavigate();
  const list = useDeliveries(member);
  const channelName = useChannelName();
  const stateOf = (one: Delivery) => (i18n.exists(`members:deliveries.states.${one.state}`) ? t(`deliveries.states.${one.state}`) : one.state);
  const reasonOf = (one: Delivery) => {
    if (!one.reason) return one.error ?? "";
    return i18n.exists(`members:deliveries.reasons.${one.reason}`) ? t(`deliveries.reasons.${one.reason}`) : one.reason;
  };
  const columns: Column<Delivery>[] = [
    { key: "queued", title: t("deliveries.queued"), isFixed: true, render: (one) => <Time at={one.queued_at} />, text: (one) => one.queued_at },
    { key: "template", title: t("deliveries.template"), render: (one) => (one.template ? <Thing id={one.template} /> : "–"), text: (one) => one.template },
    {
      key: "state",
      title: t("deliveries.state"),
      render: (one) => (
        <span className="h-delivery-state">
          <Pill tone={TONES[one.state] ?? "neutral"}>{stateOf(one)}</Pill>
          {reasonOf(one) && <span className="h-quiet">{reasonOf(one)}</span>}
        </span>
      ),
      text: (one) => [stateOf(one), reasonOf(one)].filter(Boolean).join(": "),
    },
    { key: "journey", title: t("deliveries.journey"), render: (one) => (one.journey ? <Thing id={one.journey} /> : "–"), text: (one) => one.journey },
    { key: "channel", title: t("deliveries.channel"), isHidden: true, render: (one) => channelName(one.channel_kind), text: (one) => one.channel_kind },
    { key: "address", title: t("deliveries.address"), isHidden: true, render: (one) => one.address, text: (one) => one.address },
    { key: "opened", title: t("deliveries.opened"), render: (one) => <Time at={one.opened_at} />, text: (one) => one.opened_at },
    { key: "clicked", title: t("deliveries.clicked"), render: (one) => <Time at={one.clicked_at} />, text: (one) => one.clicked_at },
    { key: "attempts", title: t("deliveries.attempts"), isHidden: true, isNumber: true, render: (one) => one.attempts, text: (one) => one.attempts },
  ];
  return (
    <DataTable<Delivery>
      name="member-deliveries"
      label={t("tabs.deliveries")}
      list={list}
      columns={columns}
      rowKey={(one) => one.id}
      onOpen={(one) => void navigate({ to: "/deliveries" as string, search: { open: one.id } as never })}
      empty={
        <Empty icon={<MailOutlined />} title={t("deliveries.none")}>
          {t("deliveries.noneHelp")}
        </Empty>
      }
    />
  );
}
