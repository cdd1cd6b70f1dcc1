import { useTranslation } from "react-i18next";
import { Num, Panel } from "@/ui";
import type { Counts, Import } from "./api";
import { RejectsLink } from "./PreviewStep";

/** Why rows are left out: how many for each reason, and the first of them. */
export function Reasons({ one, counts }: { one: Import; counts: Counts }) {
  const { t, i18n } = useTranslation("imports");
  const nameOf = (code: string) =>
    i18n.exists(`imports:rejectCode.${code}`) ? t(`rejectCode.${code}`) : (counts.rejects.find((reject) => reject.code === code)?.message ?? code);
  const reasons = Object.entries(counts.reasons).sort(([, a], [, b]) => b - a);
  return (
    <Panel title={t("rejects.title")} actions={<RejectsLink one={one} count={counts.reject} />}>
      <p className="h-quiet h-import-lead">{t("rejects.help")}</p>
      <ul className="h-reasons">
        {reasons.map(([code, number]) => (
          <li key={code}>
            <span>{nameOf(code)}</span>
            <Num value={number} />
          </li>
        ))}
      </ul>
      {counts.rejects.length > 0 && (
        <div className="h-grid-scroll" role="region" aria-label={t("rejects.first")} tabIndex={0}>
          <table className="h-grid">
            <thead>
              <tr>
                <th scope="col">{t("rejects.line")}</th>
                <th scope="col">{t("rejects.why")}</th>
              </tr>
            </thead>
            <tbody>
              {counts.rejects.map((reject, index) => (
                <tr key={index}>
                  <td><Num value={reject.line} /></td>
                  <td className="is-long">{reject.message}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}
