import { useTranslation } from "react-i18next";
import { MemberChip, useTraitTitle } from "@/features/members";
import type { Schemas } from "@/lib/api";
import { Label, Num } from "@/ui";

/** A value of a profile in one line. */
function lineOf(value: unknown): string {
  if (value === null || value === undefined) return "–";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** The one member that there would be, and the traits of which the two say different things. */
export function Preview({ preview, member, other }: { preview: Schemas["MergePreview"]; member: string; other: string }) {
  const { t } = useTranslation("merges");
  const traitTitle = useTraitTitle();
  const one = preview.member;
  return (
    <section className="h-merge-preview" aria-label={t("preview.title")}>
      <h3>{t("preview.title")}</h3>
      <dl className="h-merge-numbers">
        <div>
          <dt>{t("side.identities")}</dt>
          <dd>
            <Num value={one.identities.length} />
          </dd>
        </div>
        <div>
          <dt>{t("preview.traits")}</dt>
          <dd>
            <Num value={Object.keys(one.traits).length} />
          </dd>
        </div>
        <div>
          <dt>{t("side.tags")}</dt>
          <dd>
            <Num value={one.tags.length} />
          </dd>
        </div>
        <div>
          <dt>{t("preview.conflicts")}</dt>
          <dd>
            <Num value={preview.conflicts.length} />
          </dd>
        </div>
      </dl>
      <ul className="h-merge-identities">
        {one.identities.map((identity) => (
          <li key={identity.id}>
            <Label>{identity.value}</Label>
          </li>
        ))}
      </ul>
      <h3>{t("preview.conflicts")}</h3>
      {preview.conflicts.length === 0 ? (
        <p className="h-quiet">{t("preview.noConflicts")}</p>
      ) : (
        <div className="h-merge-scroll" role="region" tabIndex={0} aria-label={t("preview.conflicts")}>
          <table className="h-merge-conflicts">
            <thead>
              <tr>
                <th scope="col">{t("preview.trait")}</th>
                <th scope="col">
                  <MemberChip id={member} isPlain />
                </th>
                <th scope="col">
                  <MemberChip id={other} isPlain />
                </th>
                <th scope="col">{t("preview.stays")}</th>
              </tr>
            </thead>
            <tbody>
              {preview.conflicts.map((conflict) => {
                const values = conflict.values as Record<string, unknown>;
                return (
                  <tr key={conflict.name}>
                    <th scope="row">{traitTitle(conflict.name)}</th>
                    <td>{lineOf(values[member])}</td>
                    <td>{lineOf(values[other])}</td>
                    <td>
                      <strong>{lineOf(conflict.stays)}</strong>
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
