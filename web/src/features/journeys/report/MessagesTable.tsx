import { useTranslation } from "react-i18next";
import { Num, Percent } from "@/ui";
import type { Report } from "../api";

/** What became of the messages of each step. */
export function MessagesTable({ report, titleOf }: { report: Report; titleOf: (step: string) => string }) {
  const { t } = useTranslation("journeys");
  const rows = Object.entries(report.steps).flatMap(([step, { messages }]) => (messages ? [{ step, messages }] : []));
  if (rows.length === 0) return <p className="h-quiet">{t("results.noMessages")}</p>;
  return (
    <div className="j-scroll" tabIndex={0} role="region" aria-label={t("results.messages")}>
      <table className="j-arms">
        <thead>
          <tr>
            <th scope="col">{t("runs.step")}</th>
            <th scope="col" className="is-number">{t("results.queued")}</th>
            <th scope="col" className="is-number">{t("results.accepted")}</th>
            <th scope="col" className="is-number">{t("results.delivered")}</th>
            <th scope="col" className="is-number">{t("results.opened")}</th>
            <th scope="col" className="is-number">{t("results.clicked")}</th>
            <th scope="col" className="is-number">{t("results.clickRate")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ step, messages }) => (
            <tr key={step}>
              <th scope="row">{titleOf(step)}</th>
              <td className="is-number"><Num value={messages.queued} /></td>
              <td className="is-number"><Num value={messages.accepted} /></td>
              <td className="is-number"><Num value={messages.delivered} /></td>
              <td className="is-number"><Num value={messages.opened} /></td>
              <td className="is-number"><Num value={messages.clicked} /></td>
              <td className="is-number"><Percent share={messages.accepted > 0 ? messages.clicked / messages.accepted : null} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
