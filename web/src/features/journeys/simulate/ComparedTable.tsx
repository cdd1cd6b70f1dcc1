import { useTranslation } from "react-i18next";
import { useFormats } from "@/lib/format";
import { Num, Panel } from "@/ui";
import { useChoices } from "../choices";
import type { JourneyDocument } from "../document/types";
import { useStepWords } from "../words";
import type { Outcome, SimulationResult } from "./api";

/** By how much two versions differ over the same past. */
export function ComparedTable({ result, compared, document }: { result: SimulationResult; compared: NonNullable<SimulationResult["compared"]>; document: JourneyDocument }) {
  const { t } = useTranslation("journeys");
  const formats = useFormats();
  const words = useStepWords(useChoices());
  const sent = (outcome: Outcome) => outcome.messages.reduce((sum, one) => sum + one.sent, 0);
  const { differences } = compared;
  const name = typeof compared.with === "number" ? t("versions.number", { version: compared.with }) : t("simulate.otherVersion");
  const signed = (value: number) => formats.number(value, { signDisplay: "exceptZero" });
  const rows: [string, number, number][] = [
    [t("simulate.entered"), result.entered, compared.entered],
    [t("results.heldOut"), result.held_out, compared.held_out],
    [t("simulate.sent"), sent(result), sent(compared)],
    [t("simulate.goal"), result.goal.reached, compared.goal.reached],
    ...Object.keys(differences.steps).map((step): [string, number, number] => [words.title(step, document.steps[step]), result.steps[step]?.reached ?? 0, compared.steps[step]?.reached ?? 0]),
  ];
  return (
    <Panel title={t("simulate.compared", { name })}>
      <table className="j-arms">
        <thead>
          <tr>
            <th scope="col">{t("simulate.figure")}</th>
            <th scope="col" className="is-number">{t("versions.draft")}</th>
            <th scope="col" className="is-number">{name}</th>
            <th scope="col" className="is-number">{t("simulate.difference")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([label, now, other], index) => (
            <tr key={index}>
              <th scope="row">{label}</th>
              <td className="is-number"><Num value={now} /></td>
              <td className="is-number"><Num value={other} /></td>
              <td className="is-number">{signed(now - other)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}
