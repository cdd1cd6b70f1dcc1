import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "@/lib/format";
import { useTopicName } from "@/lib/names";
import type { Choices } from "../choices";
import type { DocumentDiff } from "../document/diff";
import type { JourneyDocument } from "../document/types";
import { showValue } from "../panels/inputs";
import { useStepWords, type StepWords } from "../words";
import { changedFacts, factsOfSettings, factsOfStep, type Changed, type FactWords } from "./facts";
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

function useFactWords(words: StepWords): FactWords {
  const { t } = useTranslation("journeys");
  const { percent } = useFormats();
  const topic = useTopicName();
  return useMemo(() => ({ t, words, percent, topic, value: showValue }), [t, words, percent, topic]);
}

/** What one document says otherwise than another, step by step, by the labels of the forms. */
export function Differences({ found, a, b, choices, labels, onShow }: DifferencesProps) {
  const { t } = useTranslation("journeys");
  const [wordsOfA, wordsOfB] = [useStepWords(choices, a), useStepWords(choices, b)];
  const [inA, inB] = [useFactWords(wordsOfA), useFactWords(wordsOfB)];
  if (found.isSame) return <p className="h-quiet">{t("diff.same")}</p>;
  const title = (name: string, document: JourneyDocument) => {
    const text = wordsOfB.title(name, document.steps[name]);
    return onShow ? <button type="button" className="j-link" onClick={() => onShow(name)}>{text}</button> : <strong>{text}</strong>;
  };
  /** What a step does, where its title does not say it. */
  const more = (name: string, document: JourneyDocument) => {
    const step = document.steps[name];
    const summary = step ? wordsOfB.summary(step) : "";
    return wordsOfB.title(name, step).includes(summary) ? "" : summary;
  };
  const changesOf = (name: string): Changed[] => {
    const [before, after] = [a.steps[name], b.steps[name]];
    return before && after ? changedFacts(factsOfStep(before, a, inA), factsOfStep(after, b, inB)) : [];
  };
  return (
    <div className="j-differences">
      {found.settings.length > 0 && (
        <section>
          <h4>{t("settings.title")}</h4>
          <Rows changes={changedFacts(factsOfSettings(a, inA), factsOfSettings(b, inB))} labels={labels} />
        </section>
      )}
      {found.added.length > 0 && (
        <section>
          <h4>{t("diff.added", { count: found.added.length })}</h4>
          <ul>{found.added.map((name) => <li key={name}>{title(name, b)} <span className="h-quiet">{more(name, b)}</span></li>)}</ul>
        </section>
      )}
      {found.removed.length > 0 && (
        <section>
          <h4>{t("diff.removed", { count: found.removed.length })}</h4>
          <ul>{found.removed.map((name) => <li key={name}>{title(name, a)} <span className="h-quiet">{more(name, a)}</span></li>)}</ul>
        </section>
      )}
      {found.changed.size > 0 && (
        <section>
          <h4>{t("diff.changed", { count: found.changed.size })}</h4>
          {[...found.changed.keys()].map((name) => (
            <div key={name} className="j-difference">
              {title(name, b)}
              <Rows changes={changesOf(name)} labels={labels} />
            </div>
          ))}
        </section>
      )}
    </div>
  );
}

function Rows({ changes, labels }: { changes: Changed[]; labels: [string, string] }) {
  const { t } = useTranslation("journeys");
  if (changes.length === 0) return <p className="h-quiet">{t("diff.sameMeaning")}</p>;
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
        {changes.map((one) => (
          <tr key={one.key}>
            <th scope="row">{one.label}</th>
            <td>{one.before ?? <span className="h-quiet">–</span>}</td>
            <td>{one.after ?? <span className="h-quiet">–</span>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
