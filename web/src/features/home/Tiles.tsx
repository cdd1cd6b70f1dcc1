import { Tooltip } from "antd";
import { Link, type LinkProps } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "@/lib/format";
import { useFirstPlace } from "@/lib/places";
import { Change, Num } from "@/ui";
import type { DayNumbers, Home } from "./api";

/** Numbers of today beside those of yesterday at the same hour; what nobody counts has no tile. */
export function Tiles({ home }: { home: Home }) {
  const { t } = useTranslation("home");
  const place = useFirstPlace();
  const formats = useFormats();
  const { today } = home;
  const before = home.before ?? {};
  return (
    <ul className="h-tiles" aria-label={t("tiles.title")}>
      <Tile
        name="newMembers"
        now={today.new_members}
        before={before.new_members}
        to={place("/members")}
        aside={typeof home.members === "number" && t("tiles.ofMembers", { count: home.members, formatted: formats.number(home.members) })}
      >
        <Num value={today.new_members} />
      </Tile>
      {today.active !== undefined && (
        <Tile
          name="active"
          now={today.active}
          before={before.active}
          aside={typeof today.active === "number" && home.members ? t("tiles.share", { share: formats.percent(Math.min(1, today.active / home.members)) }) : null}
        >
          <Num value={today.active} />
        </Tile>
      )}
      {today.messages_sent !== undefined && (
        <Tile name="messages" now={today.messages_sent} before={before.messages_sent} to={place("/deliveries")}>
          <Num value={today.messages_sent} />
        </Tile>
      )}
      {today.orders !== undefined && <SalesTile today={today} before={before} />}
    </ul>
  );
}

function SalesTile({ today, before }: { today: DayNumbers; before: DayNumbers }) {
  const { t } = useTranslation("home");
  const formats = useFormats();
  if (!today.sales?.currency) {
    return (
      <Tile name="orders" now={today.orders} before={before.orders}>
        <Num value={today.orders} />
      </Tile>
    );
  }
  const { currency } = today.sales;
  return (
    <Tile name="sales" now={today.sales.amount} before={before.sales?.amount} say={(amount) => formats.roundMoney(amount, currency)} aside={t("tiles.ofOrders", { count: today.orders ?? 0, formatted: formats.number(today.orders ?? 0) })}>
      <span className="h-num" title={formats.money(today.sales.amount, today.sales.currency)}>{formats.roundMoney(today.sales.amount, today.sales.currency)}</span>
    </Tile>
  );
}

interface TileProps {
  name: "newMembers" | "active" | "messages" | "orders" | "sales";
  now: number | null | undefined;
  before: number | null | undefined;
  to?: string;
  aside?: ReactNode;
  /** Writes the number to compare with, where it is no plain one. */
  say?: (number: number) => string;
  children: ReactNode;
}

function Tile({ name, now, before, to, aside, say, children }: TileProps) {
  const { t } = useTranslation("home");
  const formats = useFormats();
  const label = t(`tiles.${name}`);
  const isCompared = typeof now === "number" && typeof before === "number";
  return (
    <li className="h-panel h-tile">
      <span className="h-tile-head h-quiet">
        <Tooltip title={t(`tilesWhy.${name}`)}>
          <span>{to ? <Link to={to as LinkProps["to"]}>{label}</Link> : label}</span>
        </Tooltip>
        {aside && <span className="h-tile-aside">{aside}</span>}
      </span>
      <strong>{children}</strong>
      {isCompared && (
        <span className="h-tile-foot">
          {now === 0 && before === 0 ? <span className="h-quiet">{t("tiles.nothing")}</span> : <Change now={now} before={before} label={t("tiles.before", { number: (say ?? formats.number)(before) })} />}
        </span>
      )}
    </li>
  );
}
