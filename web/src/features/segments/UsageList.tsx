import { Popover } from "antd";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useName } from "@/lib/names";
import { usePlaces } from "@/lib/places";
import { ErrorState, Label, Loading } from "@/ui";
import { useUsage, type Usage } from "./api";

/** Who uses a segment, and would be left without it. */
export function UsageList({ id }: { id: string }) {
  const { t } = useTranslation("segments");
  const usage = useUsage(id);
  if (usage.isPending) return <Loading rows={2} />;
  if (usage.error) return <ErrorState error={usage.error} retry={() => void usage.refetch()} />;
  if (usage.data === null) return <p className="h-quiet">{t("usage.unknown")}</p>;
  if (!usage.data || usage.data.length === 0) return <p className="h-quiet">{t("usage.nobody")}</p>;
  return <UsageRows usage={usage.data} />;
}

const KINDS = ["journey", "segment", "template", "tag", "stage", "snapshot"];

export function UsageRows({ usage }: { usage: readonly Usage[] }) {
  return (
    <ul className="h-segment-usage">
      {usage.map((user) => <UsageRow key={`${user.kind}${user.id}`} user={user} />)}
    </ul>
  );
}

function UsageRow({ user }: { user: Usage }) {
  const { t } = useTranslation("segments");
  const placeOf = usePlaces();
  const isNamed = Boolean(user.name) || !user.id.includes("_");
  const named = useName(isNamed ? null : user.id);
  const name = user.name ?? named?.name ?? user.id;
  const place = placeOf(user.id);
  return (
    <li>
      <Label>{KINDS.includes(user.kind) ? t(`usage.kinds.${user.kind}`) : t("usage.kinds.other")}</Label>
      {place ? <Link to={place}>{name}</Link> : <span>{name}</span>}
    </li>
  );
}

/** How many use it, and on hover who they are. */
export function UsageCell({ id }: { id: string }) {
  const { t } = useTranslation("segments");
  const { data } = useUsage(id);
  if (!data || data.length === 0) return <span className="h-quiet">–</span>;
  return (
    <Popover content={<UsageRows usage={data} />} trigger={["hover", "focus", "click"]}>
      <button type="button" className="h-segment-users">{t("usage.count", { count: data.length })}</button>
    </Popover>
  );
}
