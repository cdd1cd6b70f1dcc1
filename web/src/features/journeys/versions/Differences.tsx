import { useTranslation } from "react-i18next";
import type { Choices } from "../choices";
import type { Difference, DocumentDiff } from "../document/diff";
import type { JourneyDocument, Json } from "../document/types";
import { useStepWords } from "../words";
import "./versions.css";

interface DifferencesProps {
  found: DocumentDiff;
  a: JourneyDocument;
  b: JourneyDocument;
  choices: Choices;
  /** What the two sides are called. */
  labels: [string, string];
  onShow?: (step: string) => void;
}

/** What one document has otherwise than another, step by step. */
export function Differences({ found, a, b, choices, labels, onShow }: DifferencesProps) {
  const { t } = useTranslation("journeys");
  const words = useStepWords(choices);
  if (found.isSame) return <p className="h-quiet">{t("diff.same")}</p>;
  const title = (name: string, document: JourneyDocument) => {
    const text = words.title(name, document.steps[name]);
    return onShow ? <button type="button" className="j-link" onClick={() => onShow(name)}>{text}</button> : <strong>{text}</strong>;
  };
  return (
    <div className="j-differences">
      {found.settings.length > 0 && (
        <section>
          <h4>{t("settings.title")}</h4>
          <Rows differences={found.settings} labels={labels} />
        </section>
      )}
      {found.added.length > 0 && (
        <section>
          <h4>{t("diff.added", { count: found.added.length })}</h4>
          <ul>{found.added.map((name) => <li key={name}>{title(name, b)} <span className="h-quiet">{b.steps[name] && words.summary(b.steps[name])}</span></li>)}</ul>
        </section>
      )}
      {found.removed.length > 0 && (
        <section>
          <h4>{t("diff.removed", { count: found.removed.length })}</h4>
          <ul>{found.removed.map((name) => <li key={name}>{title(name, a)} <span className="h-quiet">{a.steps[name] && words.summary(a.steps[name])}</span></li>)}</ul>
        </section>
      )}
      {found.changed.size > 0 && (
        <section>
          <h4>{t("diff.changed", { count: found.changed.size })}</h4>
          {[...found.changed].map(([name, differences]) => (
            <div key={name} className="j-difference">
              {title(name, b)}
              <Rows differences={differences} labels={labels} />
            </div>
          ))}
        </section>
      )}
    </div>
  );
}

function Rows({ differences, labels }: { differences: Difference[]; labels: [string, string] }) {
  const { t } = useTranslation("journeys");
  return (
    <table className="j-diff-table">
      <thead>
        <tr>
          <th scope="col">{t("diff.field")}</th>
          <th scope="col">{labels[0]}</th>
          <th scope="col">{labels[1]}</th>
        </tr>
      </thead>
      <tbody>
        {differences.map((one) => (
          <tr key={one.field}>
            <td><code className="h-code">{one.field || "–"}</code></td>
            <td>{shown(one.a)}</td>
            <td>{shown(one.b)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function shown(value: Json | undefined): string {
  if (value === undefined || value === null) return "–";
  return typeof value === "string" ? value : JSON.stringify(value);
}
