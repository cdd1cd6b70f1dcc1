import { Button } from "antd";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { MemberChip } from "@/features/members";
import { asProblem } from "@/lib/api";
import { memberName } from "@/lib/names";
import { useCan } from "@/lib/session";
import { Label, Loading, Time, useConfirm, useUndoToast } from "@/ui";
import { useDismiss, useOne, type Suggestion } from "./api";
import { Evidence } from "./Evidence";
import { isRatherASplit, witnessesOf } from "./evidence";

interface SuggestionCardProps {
  suggestion: Suggestion;
  onAccept: () => void;
}

/** Two members who may be one person, side by side, and what says so. */
export function SuggestionCard({ suggestion, onAccept }: SuggestionCardProps) {
  const { t } = useTranslation("merges");
  const mayChange = useCan("people", "write");
  const dismiss = useDismiss();
  const ask = useConfirm();
  const toast = useUndoToast();
  const shared = new Set(witnessesOf(suggestion.evidence).map((one) => one.value));
  const isSplit = isRatherASplit(suggestion.reason);

  function keepApart() {
    ask({
      title: t("dismiss.title"),
      description: t("dismiss.description"),
      verb: t("dismiss.verb"),
      act: async () => {
        await dismiss.mutateAsync(suggestion.id);
        toast(t("dismiss.done"));
      },
    });
  }

  return (
    <li className="h-suggestion">
      <Evidence suggestion={suggestion} />
      {isSplit && <p className="h-suggestion-advice">{t("splitAdvice")}</p>}
      <div className="h-suggestion-pair">
        <Side id={suggestion.one} shared={shared} />
        <Side id={suggestion.other} shared={shared} />
      </div>
      <footer>
        <span className="h-quiet">
          {t("noticed")} <Time at={suggestion.suggested_at} />
        </span>
        {mayChange && (
          <span className="h-page-actions">
            <Button onClick={keepApart}>{t("dismiss.verb")}</Button>
            {isSplit && (
              <Link to="/members/$memberId" params={{ memberId: suggestion.other }}>
                <Button type="primary">{t("toSplit")}</Button>
              </Link>
            )}
            <Button type={isSplit ? "default" : "primary"} onClick={onAccept}>
              {t("compare")}
            </Button>
          </span>
        )}
      </footer>
    </li>
  );
}

const SHOWN = 6;

function Side({ id, shared }: { id: string; shared: ReadonlySet<string> }) {
  const { t } = useTranslation("merges");
  const member = useOne(id);
  if (member.isPending) return <div className="h-suggestion-side"><Loading rows={3} /></div>;
  if (!member.data) {
    return <div className="h-suggestion-side">{asProblem(member.error).status === 404 ? t("gone") : <MemberChip id={id} />}</div>;
  }
  const { name, hint } = memberName(member.data);
  const { identities, tags, created_at, last_seen_at } = member.data;
  return (
    <div className="h-suggestion-side">
      <MemberChip id={id} name={name} hint={hint} isTall />
      <dl>
        <div>
          <dt>{t("side.identities")}</dt>
          <dd>
            {identities.slice(0, SHOWN).map((identity) => (
              <span key={identity.id} className={`h-suggestion-value ${shared.has(identity.value) ? "is-shared" : ""}`}>{identity.value}</span>
            ))}
            {identities.length > SHOWN && <span className="h-quiet">+{identities.length - SHOWN}</span>}
          </dd>
        </div>
        {tags.length > 0 && (
          <div>
            <dt>{t("side.tags")}</dt>
            <dd className="h-suggestion-tags">
              {tags.slice(0, SHOWN).map((tag) => (
                <Label key={tag}>{tag}</Label>
              ))}
            </dd>
          </div>
        )}
        <div>
          <dt>{t("side.first")}</dt>
          <dd>
            <Time at={created_at} />
          </dd>
        </div>
        <div>
          <dt>{t("side.last")}</dt>
          <dd>
            <Time at={last_seen_at} />
          </dd>
        </div>
      </dl>
    </div>
  );
}
