import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
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

const KINDS = ["journey", "segment", "template", "tag", "stage"];

export function UsageRows({ usage }: { usage: readonly Usage[] }) {
  const { t } = useTranslation("segments");
  const placeOf = usePlaces();
  return (
    <ul className="h-segment-usage">
      {usage.map((user) => {
        const place = user.id ? placeOf(user.id) : undefined;
        return (
          <li key={`${user.kind}${user.id}${user.name}`}>
            <Label>{KINDS.includes(user.kind) ? t(`usage.kinds.${user.kind}`) : user.kind}</Label>
            {place ? <Link to={place}>{user.name}</Link> : <span>{user.name}</span>}
          </li>
        );
      })}
    </ul>
  );
}
