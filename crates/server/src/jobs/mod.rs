//! Watching and stopping background work.

use std::sync::Arc;

use api::{ApiResult, Area, Caller, ErrorWords, Json, Page, PageQuery, Path, Query, Verb};
use axum::extract::State;
use base::{Code, Problem, Time, ids::JobId};
use serde::Serialize;
use serde_json::json;
use store::{
    audit,
    jobs::{self, JobRow},
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::accounts::Accounts;

pub(crate) fn routes(accounts: Arc<Accounts>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list_jobs))
        .routes(routes!(get_job))
        .routes(routes!(cancel_job))
        .with_state(accounts)
}

/// A durable piece of background work.
#[derive(Serialize, ToSchema)]
pub struct JobBody {
    /// `job_…`
    #[schema(value_type = String)]
    id: JobId,
    /// What it does.
    kind: String,
    /// `queued`, `running`, `done`, `failed` or `cancelled`.
    state: String,
    /// Units done.
    done: i64,
    /// Units in all; 0 while unknown.
    total: i64,
    /// Runs so far.
    attempts: i64,
    /// What came of it.
    #[schema(value_type = Option<Object>)]
    result: Option<serde_json::Value>,
    /// Why it failed, or why it is tried again: what was wrong this time, in English.
    error: Option<String>,
    /// The kind of error, with words for people.
    why: Option<ErrorWords>,
    /// Who asked for it.
    created_by: String,
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime)]
    created_at: Time,
    /// When it first ran.
    #[schema(value_type = Option<String>, format = DateTime)]
    started_at: Option<Time>,
    /// When it ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Time>,
}

/// Lists jobs, newest first.
#[utoipa::path(get, path = "/api/v1/jobs", tag = "jobs", params(PageQuery),
    responses((status = 200, description = "One page of jobs", body = Page<JobBody>)))]
async fn list_jobs(
    State(accounts): State<Arc<Accounts>>,
    caller: Caller,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<Page<JobBody>>> {
    caller.require(Area::Settings, Verb::Read)?;
    let before = page.position(i64::MAX)?;
    let rows = jobs::list(accounts.db.read(), caller.workspace, before, page.limit() + 1).await?;
    Ok(Json(Page::from_rows(rows, page.limit(), |row| row.id, into_body)))
}

/// Shows a job: to whoever asked for it, and to administrators.
#[utoipa::path(get, path = "/api/v1/jobs/{id}", tag = "jobs", params(("id" = String, Path, description = "`job_…`")),
    responses((status = 200, description = "The job", body = JobBody)))]
async fn get_job(
    State(accounts): State<Arc<Accounts>>,
    caller: Caller,
    Path(id): Path<JobId>,
) -> ApiResult<Json<JobBody>> {
    let job = jobs::get(accounts.db.read(), caller.workspace, id).await?;
    Ok(Json(into_body(his_own(job, &caller, Verb::Read)?)))
}

/// Asks a job to stop: one that waits ends at once, one that runs at its next checkpoint. Whoever asked for it may do
/// so, and administrators.
#[utoipa::path(post, path = "/api/v1/jobs/{id}/cancel", tag = "jobs",
    params(("id" = String, Path, description = "`job_…`")),
    responses((status = 200, description = "The job", body = JobBody)))]
async fn cancel_job(
    State(accounts): State<Arc<Accounts>>,
    caller: Caller,
    Path(id): Path<JobId>,
) -> ApiResult<Json<JobBody>> {
    let now = accounts.clock.now();
    let tx = accounts.db.begin().await?;
    let job = his_own(jobs::get(&tx, caller.workspace, id).await?, &caller, Verb::Write)?;
    if !jobs::cancel(&tx, caller.workspace, id, now).await? {
        return Err(Problem::with(Code::WrongState, format!("the job is {}", job.state)).into());
    }
    let detail = json!({ "kind": job.kind });
    let target = id.to_string();
    audit::record(&tx, &accounts.ids, now, caller.workspace, &caller.actor, "job.cancelled", &target, detail).await?;
    let job = jobs::get(&tx, caller.workspace, id).await?.ok_or(Problem::new(Code::NotFound))?;
    tx.commit().await?;
    accounts.db.job_ended().notify_waiters();
    Ok(Json(into_body(job)))
}

/// The job, if the caller asked for it or may see all of them; whoever may not learns nothing of which there are.
fn his_own(job: Option<JobRow>, caller: &Caller, verb: Verb) -> Result<JobRow, Problem> {
    match job {
        Some(job) if job.created_by == caller.actor => Ok(job),
        other => {
            caller.require(Area::Settings, verb)?;
            other.ok_or(Problem::new(Code::NotFound))
        }
    }
}

fn into_body(job: JobRow) -> JobBody {
    JobBody {
        id: JobId(job.id),
        kind: job.kind,
        state: job.state,
        done: job.done,
        total: job.total,
        attempts: job.attempts,
        result: job.result_json.and_then(|text| serde_json::from_str(&text).ok()),
        error: job.error,
        why: job.error_code.as_deref().map(ErrorWords::of),
        created_by: job.created_by,
        created_at: Time::from_millis(job.created_at),
        started_at: job.started_at.map(Time::from_millis),
        ended_at: job.ended_at.map(Time::from_millis),
    }
}
