//! Tasks as they are shown.

use base::{
    Time,
    ids::{JourneyId, MemberId, RunId, TaskId, WorkspaceId},
};
use sea_orm::{DbErr, FromQueryResult};
use serde::Serialize;
use store::Sql;
use utoipa::ToSchema;

/// Something that a journey gives people of the team to do.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TaskDto {
    /// `tsk_…`
    #[schema(value_type = String)]
    pub id: TaskId,
    /// `open`, `done`, `expired`, or `cancelled` when the member left the journey.
    pub state: String,
    /// What is to be done.
    pub title: String,
    /// More about it.
    pub note: String,
    /// For whom: the id or the e-mail address of a user; empty for whoever comes first.
    pub assignee: String,
    /// The outcomes that are asked for; any word will do when there are none.
    pub outcomes: Vec<String>,
    /// About whom.
    #[schema(value_type = String)]
    pub member: MemberId,
    /// `jrn_…`
    #[schema(value_type = String)]
    pub journey: JourneyId,
    /// `run_…`
    #[schema(value_type = String)]
    pub run: RunId,
    /// The step of the journey.
    pub step: String,
    /// Since when it is there.
    #[schema(value_type = String, format = DateTime)]
    pub opened_at: Time,
    /// Until when it is to be done.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub due_at: Option<Time>,
    /// When it was done, or was over otherwise.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub closed_at: Option<Time>,
    /// Who did it.
    pub closed_by: Option<String>,
    /// What came of it.
    pub outcome: Option<String>,
    /// What was said about it when it was done.
    pub remark: Option<String>,
}

/// A row of the table.
#[derive(FromQueryResult)]
pub(super) struct TaskRow {
    pub(super) id: i64,
    state: String,
    title: String,
    note: String,
    assignee: String,
    outcomes_json: String,
    member_id: i64,
    journey_id: i64,
    run_id: i64,
    step: String,
    opened_at: i64,
    due_at: Option<i64>,
    closed_at: Option<i64>,
    closed_by: Option<String>,
    outcome: Option<String>,
    remark: Option<String>,
}

const COLUMNS: &str = "id, state, title, note, assignee, outcomes_json, member_id, journey_id, run_id, step, opened_at,
    due_at, closed_at, closed_by, outcome, remark";

impl From<TaskRow> for TaskDto {
    fn from(row: TaskRow) -> TaskDto {
        TaskDto {
            id: TaskId(row.id),
            state: row.state,
            title: row.title,
            note: row.note,
            assignee: row.assignee,
            outcomes: serde_json::from_str(&row.outcomes_json).unwrap_or_default(),
            member: MemberId(row.member_id),
            journey: JourneyId(row.journey_id),
            run: RunId(row.run_id),
            step: row.step,
            opened_at: Time::from_millis(row.opened_at),
            due_at: row.due_at.map(Time::from_millis),
            closed_at: row.closed_at.map(Time::from_millis),
            closed_by: row.closed_by,
            outcome: row.outcome,
            remark: row.remark,
        }
    }
}

/// Which tasks are asked for.
#[derive(Debug, Default)]
pub(super) struct TaskFilter<'a> {
    pub(super) state: Option<&'a str>,
    pub(super) journey: Option<JourneyId>,
    pub(super) member: Option<MemberId>,
    pub(super) assignee: Option<&'a str>,
}

/// Tasks of a workspace, newest first, those before `before`.
pub(super) async fn list(
    db: &impl Sql,
    workspace: WorkspaceId,
    filter: &TaskFilter<'_>,
    before: i64,
    limit: u64,
) -> Result<Vec<TaskRow>, DbErr> {
    let mut values: Vec<store::Value> = vec![workspace.0.into(), before.into(), (limit as i64).into()];
    let mut only = String::new();
    let mut also = |column: &str, value: store::Value| {
        values.push(value);
        only.push_str(&format!(" AND {column} = ${}", values.len()));
    };
    if let Some(state) = filter.state {
        also("state", state.into());
    }
    if let Some(journey) = filter.journey {
        also("journey_id", journey.0.into());
    }
    if let Some(member) = filter.member {
        also("member_id", member.0.into());
    }
    if let Some(assignee) = filter.assignee {
        also("assignee", assignee.into());
    }
    let sql = format!(
        "SELECT {COLUMNS} FROM journey_tasks WHERE workspace_id = $1 AND id < $2{only} ORDER BY id DESC LIMIT $3"
    );
    db.all(&sql, values).await
}

/// One task.
pub(super) async fn get(db: &impl Sql, workspace: WorkspaceId, id: TaskId) -> Result<Option<TaskDto>, DbErr> {
    let sql = format!("SELECT {COLUMNS} FROM journey_tasks WHERE workspace_id = $1 AND id = $2");
    let row: Option<TaskRow> = db.one(&sql, vec![workspace.0.into(), id.0.into()]).await?;
    Ok(row.map(TaskDto::from))
}
