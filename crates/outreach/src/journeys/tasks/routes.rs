//! `/api/v1/tasks`.

use api::{ApiResult, Area, Caller, Json, Page, PageQuery, Path, ProblemBody, Query, Verb};
use axum::extract::State;
use base::{
    Code, EventKind, Problem,
    ids::{JourneyId, MemberId, TaskId},
};
use people::commands::Command;
use serde::Deserialize;
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    TASK_COMPLETED,
    list::{self, TaskDto, TaskFilter},
};
use crate::journeys::enter_route::CommandState;

/// The routes of tasks.
pub(in crate::journeys) fn routes() -> OpenApiRouter<CommandState> {
    OpenApiRouter::new().routes(routes!(list_tasks)).routes(routes!(get_task)).routes(routes!(complete_task))
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

/// Tasks, newest first.
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
    let page = PageQuery { limit: query.limit, cursor: query.cursor };
    let limit = page.limit();
    let filter = TaskFilter {
        state: query.state.as_deref(),
        journey: query.journey,
        member: query.member,
        assignee: query.assignee.as_deref(),
    };
    let db = state.outreach.db.read();
    let rows = list::list(db, caller.workspace, &filter, page.position(i64::MAX)?, limit + 1).await?;
    Ok(Json(Page::from_rows(rows, limit, |row| row.id, TaskDto::from)))
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
    async fn task(&self, caller: &Caller, id: TaskId) -> ApiResult<TaskDto> {
        let task = list::get(self.outreach.db.read(), caller.workspace, id).await?;
        Ok(task.ok_or(Problem::new(Code::NotFound))?)
    }
}
