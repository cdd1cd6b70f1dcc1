import { useTranslation } from "react-i18next";
import type { Suggestion } from "./api";
import { reasonKey, witnessesOf } from "./evidence";

// @messages merges

/** Why two members became one, in words. */
export function MergeReason({ reason }: { reason: string }) {
  const { t } = useTranslation("merges");
  const key = reasonKey(reason);
  return <span>{key ? t(`reasons.${key}`) : reason}</span>;
}

/** Why two members may be one person, in words, and the identities that say so. */
export function Evidence({ suggestion }: { suggestion: Suggestion }) {
  const { t, i18n } = useTranslation(["merges", "members"]);
  const key = reasonKey(suggestion.reason);
  const witnesses = witnessesOf(suggestion.evidence);
  const values = [...new Map(witnesses.map((one) => [`${one.kind} ${one.value}`, one])).values()];
  return (
    <div className="h-evidence">
      <p>{key ? t(`reasons.${key}`) : suggestion.reason}</p>
      <ul>
        {values.map((one) => (
          <li key={`${one.kind} ${one.value}`}>
            <span className="h-quiet">{i18n.exists(`members:kinds.${one.kind}`) ? t(`members:kinds.${one.kind}`) : one.kind.replace(/^external:/, "")}</span>{" "}
            <strong>{one.value}</strong>
            {one.verified && <span className="h-evidence-verified"> {t("members:profile.verified")}</span>}
          </li>
        ))}
      </ul>
    </div>
  );
}
