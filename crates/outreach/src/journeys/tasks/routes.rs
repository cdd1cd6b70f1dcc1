//! `/api/v1/tasks`.

use api::{ApiResult, Area, Caller, Json, Page, PageQuery, Path, ProblemBody, Query, Verb};
use axum::extract::State;
use base::{
    Code, EventKind, Problem, Time,
    ids::{JourneyId, MemberId, TaskId, UserId},
};
use people::commands::Command;
use serde::Deserialize;
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    TASK_COMPLETED,
    list::{self, Start, TaskCounts, TaskDto, TaskFilter, TaskRow},
};
use crate::journeys::enter_route::CommandState;

/// The routes of tasks.
pub(in crate::journeys) fn routes() -> OpenApiRouter<CommandState> {
    OpenApiRouter::new()
        .routes(routes!(list_tasks))
        .routes(routes!(count_tasks))
        .routes(routes!(get_task, assign_task))
        .routes(routes!(complete_task))
}

/// Which tasks are asked for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct TasksQuery {
    /// Only those that are `open`, `done`, `expired` or `cancelled`.
    state: Option<String>,
    /// Only those of this journey.
    #[param(value_type = Option<String>)]
    journey: Option<JourneyId>,
    /// Only those about this member.
    #[param(value_type = Option<String>)]
    member: Option<MemberId>,
    /// Only those for this user, as the journey names him.
    assignee: Option<String>,
    /// Only those for the caller, whichever of his names the journey has: id, e-mail address or name.
    mine: Option<bool>,
    /// Only those due before this moment.
    #[param(value_type = Option<String>, format = DateTime)]
    due_before: Option<Time>,
    /// `newest` (the default), or `due`: what is due first comes first, what is never due last. Unless another `state` is
    /// given, those are the open ones.
    order: Option<String>,
    /// How many items at most (1 to 500, default 50).
    limit: Option<u64>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

/// How a task was done.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TaskCompletion {
    /// What came of it; one of the task's outcomes if it has any.
    outcome: Option<String>,
    /// What there is to say about it, at most 4,000 bytes.
    note: Option<String>,
}

/// To whom a task is given.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TaskAssignment {
    /// The id or the e-mail address of a user, `me` for the caller, or an empty text for whoever comes first.
    assignee: String,
}

/// Tasks, newest first or in the order in which they are due.
#[utoipa::path(get, path = "/api/v1/tasks", tag = "journeys", params(TasksQuery),
    responses((status = 200, body = Page<TaskDto>), (status = "4XX", body = ProblemBody)))]
async fn list_tasks(
    State(state): State<CommandState>,
    caller: Caller,
    Query(query): Query<TasksQuery>,
) -> ApiResult<Json<Page<TaskDto>>> {
    caller.require(Area::Outreach, Verb::Read)?;
    if let Some(word) = query.state.as_deref()
        && !matches!(word, "open" | "done" | "expired" | "cancelled")
    {
        return Err(Problem::at(Code::InvalidField, "state", "is not open, done, expired or cancelled").into());
    }
    let is_by_due = match query.order.as_deref() {
        None | Some("newest") => false,
        Some("due") => true,
        Some(_) => return Err(Problem::at(Code::InvalidQuery, "order", "is not newest or due").into()),
    };
    if query.assignee.as_deref().is_some_and(|name| name.contains('\0')) {
        return Err(Problem::at(Code::InvalidQuery, "assignee", "contains the NUL character").into());
    }
    let db = state.outreach.db.read();
    let mine = match query.mine {
        Some(true) => Some(state.names_of(&caller).await?),
        _ => None,
    };
    if mine.as_ref().is_some_and(Vec::is_empty) {
        return Ok(Json(Page { items: Vec::new(), next: None }));
    }
    let page = PageQuery { limit: query.limit, cursor: query.cursor };
    let limit = page.limit();
    let filter = TaskFilter {
        state: query.state.as_deref().or(is_by_due.then_some("open")),
        journey: query.journey,
        member: query.member,
        assignee: query.assignee.as_deref(),
        mine,
        due_before: query.due_before,
    };
    if is_by_due {
        let (at, id) = page.moment((i64::MIN, 0))?;
        let rows = list::list(db, caller.workspace, &filter, Start::Due(at, id), limit + 1).await?;
        return Ok(Json(Page::by_moment(rows, limit, TaskRow::place, TaskDto::from)));
    }
    let from = Start::Newest(page.position(i64::MAX)?);
    let rows = list::list(db, caller.workspace, &filter, from, limit + 1).await?;
    Ok(Json(Page::from_rows(rows, limit, |row| row.id, TaskDto::from)))
}

/// How many tasks wait for somebody, and how many of them for the caller.
#[utoipa::path(get, path = "/api/v1/tasks/counts", tag = "journeys",
    responses((status = 200, body = TaskCounts), (status = "4XX", body = ProblemBody)))]
async fn count_tasks(State(state): State<CommandState>, caller: Caller) -> ApiResult<Json<TaskCounts>> {
    caller.require(Area::Outreach, Verb::Read)?;
    let names = state.names_of(&caller).await?;
    let now = state.outreach.clock.now();
    Ok(Json(list::counts(state.outreach.db.read(), caller.workspace, &names, now).await?))
}

/// Gives an open task to somebody. Where the run goes on is not touched.
#[utoipa::path(patch, path = "/api/v1/tasks/{id}", tag = "journeys", params(("id" = String, Path,)),
    request_body = TaskAssignment,
    responses((status = 200, body = TaskDto), (status = "4XX", body = ProblemBody)))]
async fn assign_task(
    State(state): State<CommandState>,
    caller: Caller,
    Path(id): Path<TaskId>,
    Json(TaskAssignment { assignee }): Json<TaskAssignment>,
) -> ApiResult<Json<TaskDto>> {
    caller.require(Area::Outreach, Verb::Write)?;
    let task = state.task(&caller, id).await?;
    let assignee = match assignee.trim() {
        "me" => state.names_of(&caller).await?.into_iter().next().unwrap_or_default(),
        name if name.len() > 200 || name.contains(char::is_control) => {
            return Err(Problem::at(Code::InvalidField, "assignee", "must be a text of at most 200 bytes").into());
        }
        name => name.to_owned(),
    };
    if let Ok(user) = assignee.parse::<UserId>()
        && list::names_of(state.outreach.db.read(), caller.workspace, user).await?.is_empty()
    {
        let message = format!("there is no user {user} in this workspace");
        return Err(Problem::at(Code::UnknownReference, "assignee", message).into());
    }
    let tx = state.outreach.db.begin().await?;
    if !list::assign(&tx, id, &assignee).await? {
        return Err(Problem::with(Code::TaskClosed, format!("the task is {}", task.state)).into());
    }
    state.outreach.audit(&tx, &caller, "task.assigned", id, json!({"assignee": assignee})).await?;
    tx.commit().await?;
    Ok(Json(state.task(&caller, id).await?))
}

/// One task.
#[utoipa::path(get, path = "/api/v1/tasks/{id}", tag = "journeys", params(("id" = String, Path,)),
    responses((status = 200, body = TaskDto), (status = "4XX", body = ProblemBody)))]
async fn get_task(
    State(state): State<CommandState>,
    caller: Caller,
    Path(id): Path<TaskId>,
) -> ApiResult<Json<TaskDto>> {
    caller.require(Area::Outreach, Verb::Read)?;
    Ok(Json(state.task(&caller, id).await?))
}

/// Says that a task is done: the member goes on in the journey, the way of the outcome.
#[utoipa::path(post, path = "/api/v1/tasks/{id}/complete", tag = "journeys", params(("id" = String, Path,)),
    request_body = TaskCompletion,
    responses((status = 200, body = TaskDto), (status = "4XX", body = ProblemBody)))]
async fn complete_task(
    State(state): State<CommandState>,
    caller: Caller,
    Path(id): Path<TaskId>,
    Json(completion): Json<TaskCompletion>,
) -> ApiResult<Json<TaskDto>> {
    caller.require(Area::Outreach, Verb::Write)?;
    let task = state.task(&caller, id).await?;
    if task.state != "open" {
        return Err(Problem::with(Code::TaskClosed, format!("the task is {}", task.state)).into());
    }
    if let Some(outcome) = &completion.outcome {
        let is_asked_for = task.outcomes.is_empty() || task.outcomes.contains(outcome);
        if !is_asked_for || outcome.is_empty() || outcome.len() > 100 || outcome.contains('\0') {
            let text = match task.outcomes.is_empty() {
                true => "must have 1 to 100 bytes".to_owned(),
                false => format!("is not one of {}", task.outcomes.join(", ")),
            };
            return Err(Problem::at(Code::InvalidField, "outcome", text).into());
        }
    }
    if completion.note.as_ref().is_some_and(|note| note.len() > 4_000 || note.contains('\0')) {
        return Err(Problem::at(Code::InvalidField, "note", "must be a text of at most 4,000 bytes").into());
    }
    let command = Command {
        workspace: caller.workspace,
        member: task.member,
        kind: EventKind::Command,
        name: TASK_COMPLETED,
        properties: json!({"task": id, "journey": task.journey, "title": task.title, "outcome": completion.outcome,
            "note": completion.note}),
        actor: &caller.actor,
    };
    state.commands.carry_out(command).await?;
    let tx = state.outreach.db.begin().await?;
    state.outreach.audit(&tx, &caller, "task.completed", id, json!({"outcome": completion.outcome})).await?;
    tx.commit().await?;
    Ok(Json(state.task(&caller, id).await?))
}

impl CommandState {
    /// By which names tasks can be for the caller; none for a key.
    async fn names_of(&self, caller: &Caller) -> ApiResult<Vec<String>> {
        let user = caller.actor.strip_prefix("user:").and_then(|id| id.parse::<UserId>().ok());
        match user {
            Some(user) => Ok(list::names_of(self.outreach.db.read(), caller.workspace, user).await?),
            None => Ok(Vec::new()),
        }
    }

    async fn task(&self, caller: &Caller, id: TaskId) -> ApiResult<TaskDto> {
        let task = list::get(self.outreach.db.read(), caller.workspace, id).await?;
        Ok(task.ok_or(Problem::new(Code::NotFound))?)
    }
}
