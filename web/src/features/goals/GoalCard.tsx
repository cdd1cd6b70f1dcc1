import { DeleteOutlined, EditOutlined, LineChartOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { useName } from "@/lib/names";
import { useFormats } from "@/lib/format";
import { Label, Panel, Pill, useTellProblem, useUndoToast, useUrlDrawer, type Tone } from "@/ui";
import { bodyOf, useDeleteGoal, useSaveGoal, type Goal, type State } from "./api";
import { marksOf } from "./course";
import { GoalChart } from "./GoalChart";
import { useGoalWords } from "./words";

const TONES: Record<State, Tone> = { ahead: "ember", on_track: "good", behind: "attention", reached: "good", missed: "bad", unknown: "neutral" };

/** One goal: how far, how far it should be, and where this leads. Its chart is opened beneath it, by the address. */
export function GoalCard({ goal, mayWrite, onEdit }: { goal: Goal; mayWrite: boolean; onEdit: () => void }) {
  const { t } = useTranslation("goals");
  const words = useGoalWords();
  const id = useId();
  const chart = useUrlDrawer("chart");
  const segment = useName(goal.segment);
  const isOpen = chart.value === goal.id;
  return (
    <Panel className="h-goal">
      <header className="h-goal-head">
        <div>
          <h2 id={id}>{goal.name}</h2>
          <p className="h-quiet">
            {words.metric(goal.metric)}
            {goal.segment && <Label>{segment?.name ?? goal.segment}</Label>}
            <span>{t("span", { from: words.day(goal.from), deadline: words.day(goal.deadline) })}</span>
          </p>
        </div>
        <Pill tone={TONES[goal.progress.state]}>{t(`state.${goal.progress.state}`)}</Pill>
      </header>
      <Bar goal={goal} labelledBy={id} />
      <p className="h-goal-course">{words.course(goal)}</p>
      <div className="h-goal-tools">
        <Button size="small" icon={<LineChartOutlined />} aria-expanded={isOpen} onClick={() => (isOpen ? chart.close() : chart.open(goal.id))}>
          {isOpen ? t("chart.hide") : t("chart.show")}
        </Button>
        {mayWrite && <Button size="small" icon={<EditOutlined />} onClick={onEdit}>{t("edit")}</Button>}
        {mayWrite && <RemoveButton goal={goal} />}
      </div>
      {isOpen && <GoalChart goal={goal} />}
    </Panel>
  );
}

function Bar({ goal, labelledBy }: { goal: Goal; labelledBy: string }) {
  const { t } = useTranslation("goals");
  const formats = useFormats();
  const words = useGoalWords();
  const { progress, target, metric } = goal;
  const marks = marksOf(progress, target);
  const percent = (share: number) => `${share * 100}%`;
  const expected = progress.expected_share === null ? null : progress.expected_share * target;
  const value = words.number(progress.value, metric);
  return (
    <div className="h-goal-progress">
      <div className="h-goal-numbers">
        <strong>{value}</strong>
        <span className="h-quiet">{t("ofTarget", { target: words.number(target, metric), percent: formats.percent(progress.share ?? 0) })}</span>
      </div>
      <div
        className="h-goal-bar"
        role="progressbar"
        aria-labelledby={labelledBy}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(Math.min(1, progress.share ?? 0) * 100)}
        aria-valuetext={t("valueText", { value, target: words.number(target, metric), state: t(`state.${progress.state}`) })}
      >
        {marks.range && <span className="h-goal-range" style={{ left: percent(marks.range.from), width: percent(Math.max(0.006, marks.range.to - marks.range.from)) }} />}
        <span className={`h-goal-fill is-${progress.state}`} style={{ width: percent(marks.value) }} />
        {marks.target < 0.995 && <span className="h-goal-target" style={{ left: percent(marks.target) }} />}
        {marks.expected !== null && <span className="h-goal-expected" style={{ left: percent(marks.expected) }} />}
      </div>
      <div className="h-goal-legend h-quiet">
        {marks.expected !== null && expected !== null && (
          <span>
            <span className="h-goal-key is-expected" aria-hidden /> {t("expected", { number: words.number(expected, metric) })}
          </span>
        )}
        {marks.range && (
          <span>
            <span className="h-goal-key is-range" aria-hidden /> {t("range", { low: words.number(progress.low, metric), high: words.number(progress.high, metric) })}
          </span>
        )}
      </div>
    </div>
  );
}

/** A goal is nothing but its own words, so it can be made anew just as it was. */
function RemoveButton({ goal }: { goal: Goal }) {
  const { t } = useTranslation("goals");
  const remove = useDeleteGoal();
  const save = useSaveGoal();
  const toast = useUndoToast();
  const tell = useTellProblem();
  return (
    <Button
      size="small"
      danger
      icon={<DeleteOutlined />}
      loading={remove.isPending}
      onClick={() =>
        remove.mutate(goal.id, {
          onSuccess: () => toast(t("deleted", { name: goal.name }), () => save.mutateAsync(bodyOf(goal))),
          onError: tell,
        })
      }
    >
      {t("delete")}
    </Button>
  );
}
