import { Alert, Button, DatePicker, Form, InputNumber, Select } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { asProblem, type Problem } from "@/lib/api";
import { useProblemWords } from "@/ui";
import { useVersions, type Journey } from "../api";
import { useChoices } from "../choices";
import { objectOf, type JourneyDocument } from "../document/types";
import { SegmentPicker } from "../panels/pickers";
import { troublesOfWire, useTroubleWords } from "../troubles";
import { useStepWords } from "../words";
import type { Wanted } from "./api";

interface SimulationFormProps {
  journey: Journey;
  document: JourneyDocument;
  isPending: boolean;
  onSimulate: (wanted: Omit<Wanted, "document">, onError: (error: unknown) => void) => void;
}

const MEMBERS = { most: 20_000, usual: 2_000 };

/** Over which time, with whom, and how tasks come out. */
export function SimulationForm({ journey, document, isPending, onSimulate }: SimulationFormProps) {
  const { t } = useTranslation("journeys");
  const choices = useChoices();
  const words = useStepWords(choices);
  const versions = useVersions(journey.id);
  const [from, setFrom] = useState<Dayjs>(() => dayjs().subtract(30, "day").startOf("day"));
  const [to, setTo] = useState<Dayjs>(() => dayjs());
  const [members, setMembers] = useState(MEMBERS.usual);
  const [segment, setSegment] = useState("");
  const [compare, setCompare] = useState("");
  const [tasks, setTasks] = useState<Record<string, string>>({});
  const [problem, setProblem] = useState<Problem | null>(null);
  const withOutcomes = Object.entries(document.steps).filter(([, step]) => step.type === "task" && Object.keys(objectOf(step.outcomes)).length > 0);

  function start() {
    setProblem(null);
    const now = dayjs();
    onSimulate(
      {
        from: from.toISOString(),
        to: (to.isAfter(now) ? now : to).toISOString(),
        members,
        segment: segment || undefined,
        compare_with: compare === "" ? undefined : Number(compare),
        tasks: Object.fromEntries(Object.entries(tasks).filter(([name, outcome]) => outcome && name in document.steps).map(([name, outcome]) => [name, { outcome, after: "PT2H" }])),
      },
      (error) => setProblem(asProblem(error)),
    );
  }

  return (
    <Form layout="vertical" component="div">
      {problem && <Refused problem={problem} document={document} />}
      <Form.Item label={t("simulate.from")} htmlFor="simulate-from">
        <DatePicker id="simulate-from" className="j-wide" allowClear={false} value={from} disabledDate={(day) => day.isAfter(to)} onChange={(day) => day && !Array.isArray(day) && setFrom(day.startOf("day"))} />
      </Form.Item>
      <Form.Item label={t("simulate.to")} htmlFor="simulate-to" extra={t("simulate.timeHelp")}>
        <DatePicker id="simulate-to" className="j-wide" allowClear={false} value={to} disabledDate={(day) => day.isAfter(dayjs()) || day.isBefore(from)} onChange={(day) => day && !Array.isArray(day) && setTo(day.endOf("day"))} />
      </Form.Item>
      <Form.Item label={t("simulate.members")} htmlFor="simulate-members" extra={t("simulate.membersHelp")}>
        <InputNumber id="simulate-members" className="j-wide" min={1} max={MEMBERS.most} precision={0} value={members} onChange={(value) => setMembers(value ?? MEMBERS.usual)} />
      </Form.Item>
      <Form.Item label={t("simulate.segment")} htmlFor="simulate-segment">
        <SegmentPicker id="simulate-segment" choices={choices} isOptional value={segment} onChange={setSegment} />
      </Form.Item>
      {versions.items.length > 0 && (
        <Form.Item label={t("simulate.compare")} htmlFor="simulate-compare">
          <Select
            id="simulate-compare"
            className="j-wide"
            value={compare}
            options={[{ value: "", label: t("simulate.noCompare") }, ...versions.items.map((one) => ({ value: String(one.version), label: t("versions.number", { version: one.version }) }))]}
            onChange={setCompare}
          />
        </Form.Item>
      )}
      {withOutcomes.map(([name, step]) => (
        <Form.Item key={name} label={t("simulate.task", { task: words.title(name, step) })} htmlFor={`simulate-task-${name}`}>
          <Select
            id={`simulate-task-${name}`}
            className="j-wide"
            value={tasks[name] ?? ""}
            options={[{ value: "", label: t("simulate.notDone") }, ...Object.keys(objectOf(step.outcomes)).map((outcome) => ({ value: outcome, label: outcome }))]}
            onChange={(outcome: string) => setTasks({ ...tasks, [name]: outcome })}
          />
        </Form.Item>
      ))}
      <Button type="primary" block loading={isPending} onClick={start}>{t("simulate.start")}</Button>
    </Form>
  );
}

function Refused({ problem, document }: { problem: Problem; document: JourneyDocument }) {
  const { t } = useTranslation("journeys");
  const problemWords = useProblemWords();
  const troubleWords = useTroubleWords();
  const words = useStepWords(useChoices());
  const { title, help } = problemWords(problem);
  const troubles = troublesOfWire(problem.fields, document);
  return (
    <Alert
      className="j-refused"
      type={problem.status === 429 ? "warning" : "error"}
      showIcon
      role="alert"
      title={title}
      description={troubles.length > 0 ? troubles.map((one, index) => <div key={index}>{one.step !== null && <strong>{words.title(one.step, document.steps[one.step])} </strong>}{troubleWords(one)}</div>) : problem.status === 429 ? t("simulate.tooMany") : help}
    />
  );
}
