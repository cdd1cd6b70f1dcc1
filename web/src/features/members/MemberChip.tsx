import { Tooltip } from "antd";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useIsUnknown, useName } from "@/lib/names";
import { useCan } from "@/lib/session";
import "./chip.css";

/** The first character of a name, as people are drawn. A name may begin with anything, so with a whole character. */
export function initialOf(name: string): string {
  return [...name.trim()].find((character) => /[\p{L}\p{N}]/u.test(character))?.toUpperCase() ?? "·";
}

interface MemberChipProps {
  /** `mem_…` */
  id: string;
  /** When it is known already; otherwise it is asked for, together with all others on the page. */
  name?: string;
  hint?: string | null;
  /** Shows the hint below the name instead of only on hover. */
  isTall?: boolean;
  /** Where there is no place to go to, such as in an option of a list. */
  isPlain?: boolean;
}

/** A member: initial and name, and the way to his page. */
export function MemberChip({ id, name, hint, isTall = false, isPlain = false }: MemberChipProps) {
  const { t } = useTranslation("members");
  const mayRead = useCan("people", "read");
  const found = useName(name === undefined ? id : null);
  // Whoever may see members and is told nothing of this one: he was erased, and his id says nothing to anybody.
  const isErased = useIsUnknown(name === undefined ? id : null) && mayRead;
  const shown = name ?? found?.name;
  const isAsking = name === undefined && found === undefined;
  const below = hint ?? found?.hint ?? null;
  const into = found?.into ? t("chip.into") : null;
  const inside = (
    <>
      <span className="h-member-initial" aria-hidden>{shown ? initialOf(shown) : "·"}</span>
      <span className="h-member-words">
        <span className="h-member-name">{shown ?? (isAsking ? <span className="h-member-wait" aria-label={t("ui:loading")} /> : <span className="h-code">{id}</span>)}</span>
        {isTall && (below || into) && <span className="h-member-hint">{into ?? below}</span>}
      </span>
    </>
  );
  if (isErased) {
    return (
      <span className="h-member is-erased" title={id}>
        <span className="h-member-initial" aria-hidden>·</span>
        <span className="h-member-words">{t("chip.erased")}</span>
      </span>
    );
  }
  if (isPlain) return <span className="h-member">{inside}</span>;
  const link = (
    <Link to="/members/$memberId" params={{ memberId: found?.into ?? id }} preload={false} className="h-member">
      {inside}
    </Link>
  );
  const more = [isTall ? null : below, into].filter(Boolean).join(" · ");
  return more ? <Tooltip title={more}>{link}</Tooltip> : link;
}
