//! Tasks as they are shown.

use base::{
    Time,
    ids::{JourneyId, MemberId, RunId, TaskId, UserId, WorkspaceId},
};
use sea_orm::{DbErr, FromQueryResult};
use serde::Serialize;
use store::{Sql, Tx};
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
    /// For whoever has one of these names, in lower case.
    pub(super) mine: Option<Vec<String>>,
    /// Those due before this moment.
    pub(super) due_before: Option<Time>,
}

/// Where a page of tasks begins, and in which order they are.
#[derive(Clone, Copy, Debug)]
pub(super) enum Start {
    /// The newest first, those before this id.
    Newest(i64),
    /// What is due first comes first, those behind this moment and id; what is never due comes last.
    Due(i64, i64),
}

/// What is never due, in the order of what is.
pub(super) const NEVER: i64 = i64::MAX;

impl TaskRow {
    /// Its place in the order of what is due.
    pub(super) fn place(&self) -> (i64, i64) {
        (self.due_at.unwrap_or(NEVER), self.id)
    }
}

/// Tasks of a workspace.
pub(super) async fn list(
    db: &impl Sql,
    workspace: WorkspaceId,
    filter: &TaskFilter<'_>,
    from: Start,
    limit: u64,
) -> Result<Vec<TaskRow>, DbErr> {
    let mut values: Vec<store::Value> = vec![workspace.0.into(), (limit as i64).into()];
    let mut only = String::new();
    if let Some(names) = &filter.mine {
        let first = values.len();
        values.extend(names.iter().map(|name| name.as_str().into()));
        let places: Vec<String> = (first + 1..=values.len()).map(|place| format!("${place}")).collect();
        only = format!(" AND LOWER(assignee) IN ({})", places.join(", "));
    }
    let mut also = |condition: &str, value: store::Value| {
        values.push(value);
        only.push_str(&format!(" AND {}", condition.replace('?', &format!("${}", values.len()))));
    };
    if let Some(state) = filter.state {
        also("state = ?", state.into());
    }
    if let Some(journey) = filter.journey {
        also("journey_id = ?", journey.0.into());
    }
    if let Some(member) = filter.member {
        also("member_id = ?", member.0.into());
    }
    if let Some(assignee) = filter.assignee {
        also("assignee = ?", assignee.into());
    }
    if let Some(before) = filter.due_before {
        also("due_at < ?", before.millis().into());
    }
    let order = match from {
        Start::Newest(before) => {
            also("id < ?", before.into());
            "id DESC"
        }
        Start::Due(at, id) => {
            also(&format!("COALESCE(due_at, {NEVER}) >= ?"), at.into());
            let place = format!("(COALESCE(due_at, {NEVER}) > {at} OR id > ?)");
            also(&place, id.into());
            "due_at NULLS LAST, id"
        }
    };
    let sql = format!("SELECT {COLUMNS} FROM journey_tasks WHERE workspace_id = $1{only} ORDER BY {order} LIMIT $2");
    db.all(&sql, values).await
}

/// How many tasks wait for somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct TaskCounts {
    /// Open ones.
    pub open: i64,
    /// Of these, those for the caller.
    pub mine: i64,
    /// Of the open ones, those for nobody in particular.
    pub unassigned: i64,
    /// Of the open ones, those whose time is over.
    pub overdue: i64,
    /// Of the open ones, those due within a day from now.
    pub due_today: i64,
}

#[derive(FromQueryResult)]
struct CountRow {
    assignee: String,
    number: i64,
    overdue: i64,
    due_soon: i64,
}

const DAY: i64 = 86_400_000;

/// Counts what waits for somebody; `mine` are the names of the caller.
pub(super) async fn counts(
    db: &impl Sql,
    workspace: WorkspaceId,
    mine: &[String],
    now: Time,
) -> Result<TaskCounts, DbErr> {
    let rows: Vec<CountRow> = db
        .all(
            "SELECT assignee, COUNT(*) AS number, COUNT(CASE WHEN due_at < $2 THEN 1 END) AS overdue,
               COUNT(CASE WHEN due_at >= $2 AND due_at < $3 THEN 1 END) AS due_soon
             FROM journey_tasks WHERE workspace_id = $1 AND state = 'open' GROUP BY assignee",
            vec![workspace.0.into(), now.millis().into(), (now.millis() + DAY).into()],
        )
        .await?;
    let mut counts = TaskCounts::default();
    for row in rows {
        counts.open += row.number;
        counts.overdue += row.overdue;
        counts.due_today += row.due_soon;
        if row.assignee.is_empty() {
            counts.unassigned += row.number;
        }
        if mine.contains(&row.assignee.to_lowercase()) {
            counts.mine += row.number;
        }
    }
    Ok(counts)
}

/// By which names tasks can be for this user, in lower case: his id, his address and what he is called. Empty when the
/// workspace has no such user.
pub(super) async fn names_of(db: &impl Sql, workspace: WorkspaceId, user: UserId) -> Result<Vec<String>, DbErr> {
    #[derive(FromQueryResult)]
    struct UserRow {
        email: String,
        name: String,
    }
    let row: Option<UserRow> = db
        .one(
            "SELECT u.email, u.name FROM user_roles r JOIN users u ON u.id = r.user_id
             WHERE r.user_id = $1 AND r.workspace_id = $2",
            vec![user.0.into(), workspace.0.into()],
        )
        .await?;
    let Some(UserRow { email, name }) = row else { return Ok(Vec::new()) };
    let mut names = vec![user.to_string(), format!("user:{user}"), email, name];
    names.retain(|name| !name.is_empty());
    Ok(names.into_iter().map(|name| name.to_lowercase()).collect())
}

/// Gives an open task to somebody; false when it is closed.
pub(super) async fn assign(tx: &Tx, id: TaskId, assignee: &str) -> Result<bool, DbErr> {
    let changed = tx
        .run(
            "UPDATE journey_tasks SET assignee = $2 WHERE id = $1 AND state = 'open'",
            vec![id.0.into(), assignee.into()],
        )
        .await?;
    Ok(changed > 0)
}

/// One task.
pub(super) async fn get(db: &impl Sql, workspace: WorkspaceId, id: TaskId) -> Result<Option<TaskDto>, DbErr> {
    let sql = format!("SELECT {COLUMNS} FROM journey_tasks WHERE workspace_id = $1 AND id = $2");
    let row: Option<TaskRow> = db.one(&sql, vec![workspace.0.into(), id.0.into()]).await?;
    Ok(row.map(TaskDto::from))
}
