//! Tasks: what a journey gives people of the team to do. The run waits until it is done or its time is over.

mod list;
mod routes;

use base::{Event, Time, ids::TaskId};
use people::pipeline::{Poison, Turn};
use sea_orm::DbErr;
use serde_json::{Value, json};
use store::{Sql, Tx};

use super::{
    document::TaskStep,
    runs::{Changed, ClosedTask, NewTask, Pending, Run},
    stage::Walk,
    steps::Flow,
};

pub(super) use routes::routes;

/// The command that ends a task: `{"task", "outcome", "note"}`; its source says who did it.
pub const TASK_COMPLETED: &str = "Task Completed";

/// The task that a command is about.
pub(super) fn task_of(event: &Event) -> Option<TaskId> {
    event.properties_value().get("task")?.as_str()?.parse().ok()
}

impl Run {
    /// Whether the run stands at this task.
    pub(super) fn waits_for_task(&self, task: TaskId) -> bool {
        self.is_active() && !self.arriving && self.wait == Some(Pending::Task { task })
    }
}

impl Walk<'_> {
    pub(super) fn open_task(
        &mut self,
        turn: &mut Turn<'_>,
        index: usize,
        name: &str,
        step: &TaskStep,
    ) -> Result<Flow, Poison> {
        let (now, member) = (turn.now, turn.member);
        let zone = turn.member()?.time_zone(turn.book);
        let task = turn.ids.next(TaskId);
        self.change(member, index, |run, changed| {
            let due_at = step.due.as_ref().map(|due| due.timeout.after(run.step_at, &zone));
            changed.tasks.push(NewTask {
                id: task,
                workspace: run.workspace,
                member,
                journey: run.journey,
                run: run.id,
                step: name.to_owned(),
                title: step.title.clone(),
                note: step.note.clone(),
                assignee: step.assignee.clone(),
                outcomes: step.outcomes.keys().cloned().collect(),
                opened_at: now,
                due_at,
            });
            changed.note(run, now, name, "task_opened", json!({"task": task}));
        });
        self.wait_for(turn, index, name, Pending::Task { task }, step.due.as_ref(), Value::Null)
    }

    /// Somebody has done a task: its run goes the way of the outcome.
    pub(super) fn complete_task(&mut self, turn: &mut Turn<'_>, event: &Event) -> Result<(), Poison> {
        let (now, member) = (turn.now, turn.member);
        let Some(task) = task_of(event) else { return Ok(()) };
        let Some(index) = self.runs(member).iter().position(|run| run.waits_for_task(task)) else { return Ok(()) };
        let told = event.properties_value();
        let text = |field: &str| told.get(field).and_then(Value::as_str).map(str::to_owned);
        let (outcome, remark) = (text("outcome"), text("note"));
        let run = &self.runs(member)[index];
        let name = run.step.clone().unwrap_or_default();
        let next = match (self.action_of(run), &outcome) {
            (Some(super::StepAction::Task(step)), Some(word)) => step.outcomes.get(word).cloned(),
            _ => None,
        };
        self.change(member, index, |run, changed| {
            run.wait = None;
            changed.note(run, now, &name, "task_done", json!({"task": task, "outcome": outcome, "by": event.source}));
            let by = Some(event.source.clone());
            changed.closed_tasks.insert(task, ClosedTask { state: "done", at: now, outcome, by, remark });
        });
        self.leave_step(turn, index, &name, next)
    }
}

/// The time of a task is over.
pub(super) fn expire(run: &mut Run, changed: &mut Changed, now: Time, step: &str) {
    let Some(Pending::Task { task }) = run.wait.take() else { return };
    changed.note(run, now, step, "task_expired", json!({"task": task}));
    let expired = ClosedTask { state: "expired", at: now, outcome: None, by: None, remark: None };
    changed.closed_tasks.insert(task, expired);
}

/// Writes the tasks that a batch has opened and closed.
pub(super) async fn flush(tx: &Tx, changed: &Changed) -> Result<(), DbErr> {
    let rows: Vec<Vec<Value>> = changed
        .tasks
        .iter()
        .map(|task| {
            vec![
                task.id.0.into(),
                task.workspace.0.into(),
                task.member.0.into(),
                task.journey.0.into(),
                task.run.0.into(),
                task.step.as_str().into(),
                task.title.as_str().into(),
                task.note.as_str().into(),
                task.assignee.as_str().into(),
                json!(task.outcomes).to_string().into(),
                task.opened_at.millis().into(),
                task.due_at.map(Time::millis).into(),
            ]
        })
        .collect();
    tx.run_rows(
        "INSERT INTO journey_tasks (id, workspace_id, member_id, journey_id, run_id, step, title, note, assignee,
            outcomes_json, state, opened_at, due_at)
         SELECT CAST(r.value->>0 AS BIGINT), CAST(r.value->>1 AS BIGINT), CAST(r.value->>2 AS BIGINT),
            CAST(r.value->>3 AS BIGINT), CAST(r.value->>4 AS BIGINT), r.value->>5, r.value->>6, r.value->>7,
            r.value->>8, r.value->>9, 'open', CAST(r.value->>10 AS BIGINT), CAST(r.value->>11 AS BIGINT)
         FROM {rows}",
        &rows,
    )
    .await?;
    let rows: Vec<Vec<Value>> = changed
        .closed_tasks
        .iter()
        .map(|(id, closed)| {
            vec![
                id.0.into(),
                closed.state.into(),
                closed.at.millis().into(),
                closed.by.clone().into(),
                closed.outcome.clone().into(),
                closed.remark.clone().into(),
            ]
        })
        .collect();
    tx.run_rows(
        "UPDATE journey_tasks SET state = x.state, closed_at = x.at, closed_by = x.who, outcome = x.outcome,
           remark = x.remark
         FROM (SELECT CAST(r.value->>0 AS BIGINT) AS id, r.value->>1 AS state, CAST(r.value->>2 AS BIGINT) AS at,
                 r.value->>3 AS who, r.value->>4 AS outcome, r.value->>5 AS remark FROM {rows}) AS x
         WHERE journey_tasks.id = x.id AND journey_tasks.state = 'open'",
        &rows,
    )
    .await?;
    Ok(())
}
