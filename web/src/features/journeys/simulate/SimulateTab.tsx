import { ExperimentOutlined } from "@ant-design/icons";
import { Alert, Button, Progress } from "antd";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useServerWords } from "@/lib/i18n/server-words";
import { Empty, ErrorState, Loading, Num, Panel, Time, useTellProblem } from "@/ui";
import { useAddress } from "../address";
import type { Journey } from "../api";
import type { JourneyDocument } from "../document/types";
import { parseDocument, writeDocument } from "../document/wire";
import type { Editor } from "../editor";
import { useCancelSimulation, useSimulate, useSimulation, useSimulations, type Simulation } from "./api";
import { SimulationForm } from "./SimulationForm";
import { SimulationResultView } from "./SimulationResult";
import "./simulate.css";

interface SimulateTabProps {
  journey: Journey;
  editor: Editor;
  isEditing: boolean;
}

/** Plays the members' past with the draft, before anybody gets anything. */
export function SimulateTab({ journey, editor, isEditing }: SimulateTabProps) {
  const { t } = useTranslation("journeys");
  const { at, change } = useAddress();
  const past = useSimulations(journey.id);
  const simulate = useSimulate(journey.id);
  const chosen = at.simulation ?? past.items[0]?.id;
  const simulation = useSimulation(journey.id, chosen);
  // What was simulated from here; of older ones only the numbers are kept, and they are shown on the draft.
  const [documents, setDocuments] = useState<ReadonlyMap<string, JourneyDocument>>(new Map());
  const document = (chosen && documents.get(chosen)) || editor.document;
  const isKnown = chosen !== undefined && documents.has(chosen);
  return (
    <div className="j-tab j-simulate">
      <div className="j-simulate-side">
        {isEditing && (
          <Panel title={t("simulate.title")}>
            <SimulationForm
              journey={journey}
              document={editor.document}
              isPending={simulate.isPending}
              onSimulate={(wanted, onError) => {
                const wire = writeDocument(editor.document);
                simulate.mutate(
                  { ...wanted, document: wire },
                  {
                    onError,
                    onSuccess: (made) => {
                      setDocuments((before) => new Map(before).set(made.id, parseDocument(wire)));
                      change({ simulation: made.id });
                    },
                  },
                );
              }}
            />
          </Panel>
        )}
        {past.items.length > 0 && (
          <Panel title={t("simulate.past")}>
            <ul className="j-past">
              {past.items.map((one) => (
                <li key={one.id}>
                  <button type="button" className={one.id === chosen ? "is-chosen" : undefined} aria-pressed={one.id === chosen} onClick={() => change({ simulation: one.id })}>
                    <Time at={one.created_at} /> <span className="h-quiet">{t(`jobState.${one.state}`)}</span>
                  </button>
                </li>
              ))}
            </ul>
          </Panel>
        )}
      </div>
      <div className="j-simulate-main">
        {chosen === undefined && simulate.isPending && <Loading rows={6} />}
        {chosen === undefined && !past.isLoading && !simulate.isPending && <Empty icon={<ExperimentOutlined />} title={t("simulate.empty")}>{t("simulate.emptyHelp")}</Empty>}
        {chosen !== undefined && simulation.isPending && <Loading rows={6} />}
        {simulation.isError && !simulation.data && <ErrorState error={simulation.error} retry={() => void simulation.refetch()} />}
        {simulation.data && <Shown journey={journey.id} simulation={simulation.data} document={document} isOfNow={isKnown} />}
      </div>
    </div>
  );
}

function Shown({ journey, simulation, document, isOfNow }: { journey: string; simulation: Simulation; document: JourneyDocument; isOfNow: boolean }) {
  const { t } = useTranslation("journeys");
  const words = useServerWords();
  const tell = useTellProblem();
  const cancel = useCancelSimulation(journey);
  const share = useMemo(() => (simulation.total > 0 ? Math.floor((simulation.done / simulation.total) * 100) : 0), [simulation.done, simulation.total]);
  if (!simulation.ended_at) {
    return (
      <Panel title={t("simulate.running")}>
        <Progress percent={share} aria-label={t("simulate.running")} />
        <p className="h-quiet" aria-live="polite">{t("simulate.done")} <Num value={simulation.done} /> / <Num value={simulation.total} /></p>
        <Button loading={cancel.isPending} onClick={() => cancel.mutate(simulation.id, { onError: tell })}>{t("simulate.cancel")}</Button>
      </Panel>
    );
  }
  if (simulation.state === "cancelled") return <Empty icon={<ExperimentOutlined />} title={t("simulate.cancelled")} />;
  if (!simulation.result) return <Alert type="error" showIcon title={t("simulate.failed")} description={simulation.why ? words(simulation.why) : simulation.error} />;
  return <SimulationResultView simulation={simulation} result={simulation.result} document={document} isOfNow={isOfNow} />;
}
