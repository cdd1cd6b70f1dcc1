import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Alert, Select } from "antd";
import { MemberChip } from "@/features/members";
import { useFormats } from "@/lib/format";
import { useServerWords } from "@/lib/i18n/server-words";
import { Chart, Num, Panel, Time } from "@/ui";
import { JourneyCanvas } from "../canvas/JourneyCanvas";
import { useChoices } from "../choices";
import type { StepFigures } from "../document/figures";
import type { JourneyDocument } from "../document/types";
import { Numbers } from "../publish/Numbers";
import { Walk } from "../runs/Walk";
import { walkOf } from "../runs/walk-of";
import { useStepWords } from "../words";
import type { MessagesOutcome, Simulation, SimulationResult } from "./api";
import { ComparedTable } from "./ComparedTable";
import { ReasonCounts } from "./ReasonCounts";
import "../publish/publish.css";
import "../report/report.css";
import "../runs/runs.css";

const NOBODY: ReadonlySet<string> = new Set();

interface SimulationResultProps {
  simulation: Simulation;
  result: SimulationResult;
  document: JourneyDocument;
  /** Whether the document is the one that was simulated. */
  isOfNow: boolean;
}

export function SimulationResultView({ simulation, result, document, isOfNow }: SimulationResultProps) {
  const { t } = useTranslation("journeys");
  const formats = useFormats();
  const words = useServerWords();
  const choices = useChoices();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(NOBODY);
  const [run, setRun] = useState<number | null>(null);
  const [upTo, setUpTo] = useState<number | null>(null);
  const figures = useMemo<ReadonlyMap<string, StepFigures>>(
    () => new Map(Object.entries(result.steps).map(([name, step]) => [name, { entered: step.reached, waiting: step.waiting_at_end, ways: step.ways }])),
    [result],
  );
  const sample = run === null ? undefined : result.sample_runs[run];
  const trail = useMemo(() => sample?.trail ?? [], [sample]);
  const walk = useMemo(() => (sample ? walkOf(upTo === null ? trail : trail.slice(0, upTo + 1)) : undefined), [sample, trail, upTo]);
  const queued = result.messages.reduce((sum, one) => sum + one.count, 0);
  const sent = result.messages.reduce((sum, one) => sum + one.sent, 0);
  return (
    <div className="j-results">
      <p className="j-simulated h-quiet">
        {t("simulate.over", { from: formats.date(simulation.from), to: formats.date(simulation.to), members: formats.number(result.members.sampled), of: formats.number(result.members.of) })}
      </p>
      <Numbers
        items={[
          { label: t("simulate.entered"), value: result.entered },
          { label: t("results.heldOut"), value: result.held_out },
          { label: t("simulate.queued"), value: queued },
          { label: t("simulate.sent"), value: sent },
          { label: t("simulate.goal"), value: document.settings.goal ? result.goal.reached : null },
        ]}
      />
      {!isOfNow && <Alert type="info" showIcon title={t("simulate.older")} />}
      <section className="j-simulated-canvas" aria-label={t("simulate.onCanvas")}>
        <JourneyCanvas label={t("simulate.onCanvas")} document={document} choices={choices} figures={walk ? undefined : figures} entered={result.entered} walk={walk} chosen={chosen} chosenWay={null} onChoose={(names) => setChosen(new Set(names))} />
        {sample && <Walk key={run} length={trail.length} at={upTo} onAt={setUpTo} timeOf={(index) => trail[index]?.at} />}
      </section>
      {result.sample_runs.length > 0 && (
        <div className="j-row j-sample">
          <label htmlFor="sample-run">{t("simulate.sample")}</label>
          <Select
            id="sample-run"
            className="j-sample-choice"
            allowClear
            placeholder={t("simulate.allNumbers")}
            value={run}
            options={result.sample_runs.map((one, index) => ({ value: index, label: <><MemberChip id={one.member} isPlain /> · {t(`runState.${one.state}`)}</> }))}
            onChange={(next?: number) => {
              setRun(next ?? null);
              setUpTo(null);
            }}
          />
          {sample && <span className="h-quiet">{t("runs.since")} <Time at={sample.entered_at} absolute /></span>}
        </div>
      )}
      <Panel title={t("simulate.messages")}>
        <Messages messages={result.messages} document={document} />
      </Panel>
      <Panel>
        <ByDay messages={result.messages} />
      </Panel>
      {result.compared && <ComparedTable result={result} compared={result.compared} document={document} />}
      {result.not_known.length > 0 && (
        <Panel title={t("simulate.notKnown")}>
          <ul className="j-not-known">{result.not_known.map((one) => <li key={one.code}>{words({ en: one.en, zh: one.zh })}</li>)}</ul>
        </Panel>
      )}
    </div>
  );
}

function Messages({ messages, document }: { messages: MessagesOutcome[]; document: JourneyDocument }) {
  const { t } = useTranslation("journeys");
  const words = useStepWords(useChoices());
  if (messages.length === 0) return <p className="h-quiet">{t("simulate.noMessages")}</p>;
  return (
    <div className="j-scroll" tabIndex={0} role="region" aria-label={t("simulate.messages")}>
      <table className="j-arms">
        <thead>
          <tr>
            <th scope="col">{t("runs.step")}</th>
            <th scope="col" className="is-number">{t("simulate.queued")}</th>
            <th scope="col" className="is-number">{t("simulate.sent")}</th>
            <th scope="col">{t("simulate.putOff")}</th>
            <th scope="col">{t("simulate.refused")}</th>
            <th scope="col" className="is-number">{t("simulate.waiting")}</th>
          </tr>
        </thead>
        <tbody>
          {messages.map((one) => (
            <tr key={`${one.step}.${one.channel}.${one.template}`}>
              <th scope="row">{words.title(one.step, document.steps[one.step])}</th>
              <td className="is-number"><Num value={one.count} /></td>
              <td className="is-number"><Num value={one.sent} /></td>
              <td><ReasonCounts counts={one.put_off} /></td>
              <td><ReasonCounts counts={one.would_be_refused} /></td>
              <td className="is-number"><Num value={one.waiting_at_end} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ByDay({ messages }: { messages: MessagesOutcome[] }) {
  const { t } = useTranslation("journeys");
  const formats = useFormats();
  const days = useMemo(() => {
    const sums = new Map<string, { count: number; sent: number }>();
    for (const { by_day } of messages) {
      for (const { day, count, sent } of by_day) {
        const before = sums.get(day) ?? { count: 0, sent: 0 };
        sums.set(day, { count: before.count + count, sent: before.sent + sent });
      }
    }
    return [...sums].sort(([a], [b]) => a.localeCompare(b));
  }, [messages]);
  const option = useMemo(
    () => ({
      tooltip: { trigger: "axis" },
      legend: { bottom: 0 },
      grid: { left: 8, right: 8, top: 12, bottom: 36, containLabel: true },
      xAxis: { type: "category", data: days.map(([day]) => day.slice(5)) },
      yAxis: { type: "value", minInterval: 1 },
      series: [
        { type: "bar", name: t("simulate.queued"), data: days.map(([, one]) => one.count) },
        { type: "bar", name: t("simulate.sent"), data: days.map(([, one]) => one.sent) },
      ],
    }),
    [days, t],
  );
  return (
    <Chart
      question={t("simulate.byDay")}
      value={formats.number(days.reduce((sum, [, one]) => sum + one.sent, 0))}
      why={t("simulate.byDayWhy")}
      option={option}
      table={{ head: [t("results.day"), t("simulate.queued"), t("simulate.sent")], rows: days.map(([day, one]) => [day, one.count, one.sent]) }}
      empty={t("simulate.noMessages")}
    />
  );
}
