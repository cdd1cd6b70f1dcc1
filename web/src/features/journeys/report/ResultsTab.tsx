import { BarChartOutlined } from "@ant-design/icons";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "@/lib/format";
import { Chart, Empty, Loaded, Panel } from "@/ui";
import { useReport, type Journey, type Report } from "../api";
import { useChoices } from "../choices";
import { parseDocument } from "../document/wire";
import { Numbers } from "../publish/Numbers";
import { useStepWords } from "../words";
import { LiftPanel } from "./LiftPanel";
import { MessagesTable } from "./MessagesTable";
import "../publish/publish.css";
import "./report.css";

/** What the journey has done: who came in, what was sent, and whether it made a difference. */
export function ResultsTab({ journey }: { journey: Journey }) {
  const { t } = useTranslation("journeys");
  const hasRun = journey.published_version !== null && journey.published_version !== undefined;
  const report = useReport(journey.id, { messages: true, isWanted: hasRun });
  if (!hasRun) {
    return (
      <div className="j-tab">
        <Empty icon={<BarChartOutlined />} title={t("results.empty")}>{t("results.emptyHelp")}</Empty>
      </div>
    );
  }
  return (
    <div className="j-tab">
      <Loaded query={report} rows={8}>{(found) => <Results journey={journey} report={found} />}</Loaded>
    </div>
  );
}

function Results({ journey, report }: { journey: Journey; report: Report }) {
  const { t } = useTranslation("journeys");
  const document = useMemo(() => parseDocument(journey.document), [journey.document]);
  const words = useStepWords(useChoices());
  return (
    <div className="j-results">
      <Numbers
        items={[
          { label: t("results.entered"), value: report.entered },
          { label: t("results.underWay"), value: report.runs.active ?? 0 },
          { label: t("results.completed"), value: report.runs.completed ?? 0 },
          { label: t("results.exited"), value: report.runs.exited ?? 0 },
          { label: t("results.heldOut"), value: report.runs.held_out ?? 0 },
          { label: t("results.goals"), value: report.goals },
        ]}
      />
      <Panel title={t("results.lift")}>
        <LiftPanel lift={report.lift} byVersion={report.lift_by_version} />
      </Panel>
      <Panel>
        <Entries report={report} />
      </Panel>
      <Panel title={t("results.messages")}>
        <MessagesTable report={report} titleOf={(name) => words.title(name, document.steps[name])} />
      </Panel>
    </div>
  );
}

function Entries({ report }: { report: Report }) {
  const { t } = useTranslation("journeys");
  const formats = useFormats();
  const option = useMemo(
    () => ({
      tooltip: { trigger: "axis" },
      legend: { bottom: 0 },
      grid: { left: 8, right: 8, top: 12, bottom: 36, containLabel: true },
      xAxis: { type: "category", data: report.entries.map((one) => one.day.slice(5)) },
      yAxis: { type: "value", minInterval: 1 },
      series: [
        { type: "bar", stack: "all", name: t("results.treated"), data: report.entries.map((one) => one.treated) },
        { type: "bar", stack: "all", name: t("results.heldOut"), data: report.entries.map((one) => one.held_out) },
      ],
    }),
    [report.entries, t],
  );
  return (
    <Chart
      question={t("results.entriesQuestion")}
      value={formats.number(report.entries.reduce((sum, one) => sum + one.treated + one.held_out, 0))}
      why={t("results.entriesWhy")}
      option={option}
      table={{ head: [t("results.day"), t("results.treated"), t("results.heldOut")], rows: report.entries.map((one) => [one.day, one.treated, one.held_out]) }}
      empty={t("results.noEntries")}
    />
  );
}
