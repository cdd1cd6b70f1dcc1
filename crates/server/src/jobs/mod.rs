//! Watching and stopping background work.

mod words;

use std::sync::Arc;

use api::{ApiResult, Area, Caller, ErrorWords, Json, Page, PageQuery, Path, ProblemWords, Query, Verb};
use axum::extract::State;
use base::{Code, Problem, Time, ids::JobId};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{
    audit,
    jobs::{self, JobFilter, JobRow},
};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::accounts::Accounts;
use words::JobTarget;

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
    /// The same for people.
    title: ProblemWords,
    /// What it is about, where it is about one thing.
    target: Option<JobTarget>,
    /// `queued`, `running`, `done`, `failed` or `cancelled`.
    state: String,
    /// Units done.
    done: i64,
    /// Units in all; 0 while unknown.
    total: i64,
    /// Units done in a second since it first ran, while it runs.
    rate_per_second: Option<f64>,
    /// How many seconds it will still take at that rate.
    seconds_left: Option<i64>,
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

/// Which jobs are asked for.
#[derive(Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct JobsQuery {
    /// Only one's own (`true`), which everybody may see; those of others are for administrators.
    mine: Option<bool>,
    /// Only those in this state: `queued`, `running`, `done`, `failed`, `cancelled`, or `open` for the first two.
    state: Option<String>,
    /// Only those of this kind.
    kind: Option<String>,
    /// `building`: also say what is being evaluated over history, which is no job.
    with: Option<String>,
    /// How many items at most (1 to 500, default 50).
    limit: Option<u64>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

/// One page of jobs.
#[derive(Serialize, ToSchema)]
struct JobsPage {
    /// The jobs.
    items: Vec<JobBody>,
    /// Pass as `cursor` to get the next page; `null` at the end.
    next: Option<String>,
    /// What is being evaluated over history, when it was asked for.
    building: Option<Vec<BuildingBody>>,
}

/// Something that is being evaluated over history.
#[derive(Serialize, ToSchema)]
struct BuildingBody {
    /// `segment`, `tag`, `stages` or `traits`.
    kind: String,
    /// The segment's id, or the tag.
    id: Option<String>,
    /// As people call it.
    name: Option<String>,
    /// Members evaluated.
    done: i64,
    /// Members in all, when it began.
    total: i64,
}

/// Lists jobs, newest first: all of them to administrators, with `mine=true` one's own to everybody.
#[utoipa::path(get, path = "/api/v1/jobs", tag = "jobs", params(JobsQuery),
    responses((status = 200, description = "One page of jobs", body = JobsPage)))]
async fn list_jobs(
    State(accounts): State<Arc<Accounts>>,
    caller: Caller,
    Query(query): Query<JobsQuery>,
) -> ApiResult<Json<JobsPage>> {
    let (db, workspace) = (accounts.db.read(), caller.workspace);
    let is_mine = query.mine.unwrap_or(false);
    if !is_mine {
        caller.require(Area::Settings, Verb::Read)?;
    }
    if query.kind.as_deref().is_some_and(|kind| kind.contains('\0')) {
        return Err(Problem::with(Code::InvalidQuery, "kind: contains the NUL character").into());
    }
    let page = PageQuery { limit: query.limit, cursor: query.cursor };
    let filter = JobFilter {
        created_by: is_mine.then_some(caller.actor.as_str()),
        states: states(query.state.as_deref())?,
        kind: query.kind.as_deref().filter(|kind| !kind.is_empty()),
    };
    let rows = jobs::find(db, workspace, &filter, page.position(i64::MAX)?, page.limit() + 1).await?;
    let now = accounts.clock.now();
    let page = Page::from_rows(rows, page.limit(), |row| row.id, |row| into_body(row, now));
    let building = match query.with.as_deref() {
        None => None,
        Some("building") if caller.require(Area::Segments, Verb::Read).is_ok() => {
            let all = people::directory::building(db, workspace).await?;
            Some(all.into_iter().map(BuildingBody::from).collect())
        }
        Some("building") => Some(Vec::new()),
        Some(_) => return Err(Problem::with(Code::InvalidQuery, "with: is not building").into()),
    };
    Ok(Json(JobsPage { items: page.items, next: page.next, building }))
}

/// The states that a word stands for; all of them when there is none.
fn states(word: Option<&str>) -> Result<&'static [&'static str], Problem> {
    Ok(match word {
        None | Some("") => &[],
        Some("open") => &["queued", "running"],
        Some("queued") => &["queued"],
        Some("running") => &["running"],
        Some("done") => &["done"],
        Some("failed") => &["failed"],
        Some("cancelled") => &["cancelled"],
        Some(_) => {
            let detail = "state: is not open, queued, running, done, failed or cancelled";
            return Err(Problem::with(Code::InvalidQuery, detail));
        }
    })
}

impl From<people::directory::Building> for BuildingBody {
    fn from(building: people::directory::Building) -> BuildingBody {
        BuildingBody {
            kind: building.kind.to_owned(),
            id: building.id,
            name: building.name,
            done: building.done,
            total: building.total,
        }
    }
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
    Ok(Json(into_body(his_own(job, &caller, Verb::Read)?, accounts.clock.now())))
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
    Ok(Json(into_body(job, now)))
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

fn into_body(job: JobRow, now: Time) -> JobBody {
    let rate = rate_of(&job, now);
    let left = rate.filter(|rate| *rate > 0.0 && job.total >= job.done);
    JobBody {
        id: JobId(job.id),
        title: words::title(&job.kind),
        target: words::target(&job.payload_json),
        rate_per_second: rate.map(|rate| (rate * 10.0).round() / 10.0),
        seconds_left: left.map(|rate| ((job.total - job.done) as f64 / rate).ceil() as i64),
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

/// Units done in a second, while a job runs and has got somewhere.
fn rate_of(job: &JobRow, now: Time) -> Option<f64> {
    let started = job.started_at.filter(|_| job.state == "running" && job.done > 0)?;
    let seconds = (now.millis() - started) as f64 / 1_000.0;
    (seconds >= 1.0).then(|| job.done as f64 / seconds)
}
