import { ArrowLeftOutlined, TeamOutlined } from "@ant-design/icons";
import { Button, Select } from "antd";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { MemberChip, MemberPicker } from "@/features/members";
import { DataTable, Empty, Pill, Time, type Column, type Tone } from "@/ui";
import { useAddress } from "../address";
import { useRuns, type Journey, type Run } from "../api";
import { useChoices } from "../choices";
import type { Editor } from "../editor";
import { useStepWords } from "../words";
import { RunView } from "./RunView";
import "./runs.css";

const RUN_STATES = ["active", "completed", "exited", "held_out", "stopped", "failed"] as const;
const TONES: Record<string, Tone> = { active: "ember", completed: "good", exited: "neutral", held_out: "waiting", stopped: "neutral", failed: "bad" };

export function RunState({ state }: { state: string }) {
  const { t } = useTranslation("journeys");
  return <Pill tone={TONES[state] ?? "neutral"}>{t(`runState.${state}`)}</Pill>;
}

/** Who is or was on the way, and each one's story. */
export function RunsTab({ journey, editor }: { journey: Journey; editor: Editor }) {
  const { t } = useTranslation("journeys");
  const { at, change } = useAddress();
  if (at.run && at.member) {
    return (
      <div className="j-tab j-run-page">
        <Button className="j-back" type="link" icon={<ArrowLeftOutlined />} onClick={() => change({ run: undefined, member: at.only })}>
          {t("runs.back")}
        </Button>
        <RunView key={at.run} journey={journey} run={at.run} member={at.member} />
      </div>
    );
  }
  return <RunList journey={journey} editor={editor} />;
}

function RunList({ journey, editor }: { journey: Journey; editor: Editor }) {
  const { t } = useTranslation("journeys");
  const { at, change } = useAddress();
  const words = useStepWords(useChoices());
  const filter = useMemo(() => ({ member: at.member, state: at.state, step: at.step }), [at.member, at.state, at.step]);
  const list = useRuns(journey.id, filter);
  const { steps } = editor.document;
  const isFiltered = Object.values(filter).some(Boolean);
  const title = (name: string | null | undefined) => (name ? words.title(name, steps[name]) : "");
  const columns: Column<Run>[] = [
    { key: "member", title: t("runs.member"), isFixed: true, render: (run) => <MemberChip id={run.member} />, text: (run) => run.member },
    { key: "state", title: t("list.state"), render: (run) => <RunState state={run.state} />, text: (run) => t(`runState.${run.state}`) },
    { key: "step", title: t("runs.step"), render: (run) => (run.state === "active" && run.step ? title(run.step) : <span className="h-quiet">–</span>), text: (run) => (run.state === "active" ? title(run.step) : "") },
    { key: "entered", title: t("runs.entered"), render: (run) => <Time at={run.entered_at} />, text: (run) => run.entered_at },
    { key: "wake", title: t("runs.wake"), render: (run) => <Time at={run.wake_at} />, text: (run) => run.wake_at },
    { key: "ended", title: t("runs.ended"), isHidden: true, render: (run) => <Time at={run.ended_at} />, text: (run) => run.ended_at },
    { key: "goal", title: t("runs.goal"), render: (run) => <Time at={run.goal_at} />, text: (run) => run.goal_at },
    { key: "version", title: t("list.version"), isNumber: true, render: (run) => run.version, text: (run) => run.version },
    { key: "key", title: t("runs.key"), isHidden: true, render: (run) => run.key || "–", text: (run) => run.key },
  ];
  const filters = (
    <div className="j-run-filters">
      <Select
        allowClear
        aria-label={t("list.state")}
        placeholder={t("list.state")}
        value={at.state}
        options={RUN_STATES.map((state) => ({ value: state, label: t(`runState.${state}`) }))}
        onChange={(state?: string) => change({ state })}
      />
      <Select
        allowClear
        showSearch={{ optionFilterProp: "label" }}
        aria-label={t("runs.step")}
        placeholder={t("runs.step")}
        value={at.step}
        options={Object.entries(steps).map(([name, step]) => ({ value: name, label: words.title(name, step) }))}
        onChange={(step?: string) => change({ step, state: step ? "active" : at.state })}
      />
      <MemberPicker value={at.member ?? null} allowClear aria-label={t("runs.member")} placeholder={t("runs.member")} onChange={(member) => change({ member })} />
    </div>
  );
  return (
    <div className="j-tab">
      <DataTable
        name="journey-runs"
        label={t("tab.runs")}
        list={list}
        columns={columns}
        rowKey={(run) => run.id}
        onOpen={(run) => change({ run: run.id, member: run.member, only: at.member })}
        filters={filters}
        empty={
          <Empty icon={<TeamOutlined />} title={isFiltered ? t("runs.noneFound") : t("runs.empty")}>
            {isFiltered ? undefined : t("runs.emptyHelp")}
          </Empty>
        }
      />
    </div>
  );
}
