import { BranchesOutlined, MailOutlined, PieChartOutlined } from "@ant-design/icons";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useName } from "@/lib/names";

const ICONS: Record<string, ReactNode> = { seg_: <PieChartOutlined />, jrn_: <BranchesOutlined />, tpl_: <MailOutlined /> };

/** Where the pages of things are, by the beginning of their ids. */
const PLACES: Record<string, string> = { seg_: "/segments/", jrn_: "/journeys/", tpl_: "/templates/" };

/** Something with an id, by its name, and the way to its page where it has one. */
export function Thing({ id, name, hasIcon = false }: { id: string; name?: string; hasIcon?: boolean }) {
  const found = useName(name === undefined ? id : null);
  const shown = name ?? found?.name ?? id;
  const place = PLACES[id.slice(0, 4)];
  if (!place || found?.gone) return <span>{shown}</span>;
  return (
    <Link to={`${place}${id}` as string} preload={false}>
      {hasIcon && <span aria-hidden>{ICONS[id.slice(0, 4)]} </span>}
      {shown}
    </Link>
  );
}

/** Sources that Hearth itself is, with the words `members:sources.*`. */
const OWN = ["hearth", "outbox", "expiry", "snapshot", "import", "preferences"];

/** Who said or did something: a user, a key, a journey, an import, or the house itself. */
export function Source({ source }: { source: string }) {
  const { t } = useTranslation("members");
  // Events say the key by its id alone, commands say who acted: `user:usr_…`, `key:key_…`, `journey:jrn_…`.
  const [word, rest] = source.split(/:(.*)/s);
  const kind = source.startsWith("key_") ? "key" : word;
  const asked = kind === "user" || kind === "key" ? source : kind === "journey" && rest ? rest : null;
  const found = useName(asked);
  if (OWN.includes(source)) return <span>{t(`sources.${source}`)}</span>;
  if (kind === "journey" && rest) {
    return (
      <span>
        {t("sources.journey")} <Thing id={rest} />
      </span>
    );
  }
  if (kind === "user") return <span>{found?.name ?? t("sources.user")}</span>;
  if (kind === "key") return <span>{found ? t("sources.keyNamed", { name: found.name }) : t("sources.key")}</span>;
  return <span>{source}</span>;
}
