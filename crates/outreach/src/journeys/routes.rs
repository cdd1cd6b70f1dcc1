//! `/api/v1/journeys`; publishing, states, the holdout and explanations have files of their own.

use std::sync::Arc;

use api::{ApiError, ApiResult, Area, Caller, Json, Page, PageQuery, Path, ProblemBody, Query, Verb};
use axum::{extract::State, http::StatusCode};
use base::{
    Code, Problem,
    ids::{JourneyId, MemberId, RunId},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::Tx;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    changes::{self, Work},
    check_routes, checking, explain_routes,
    figures::{self, Asked, JourneyReport},
    holdout_routes, member_runs,
    overview::{self, JourneySummary},
    report::{self, RunDto, TraceDto},
    service::{self, JourneyDto, JourneyError},
    starters, state_routes,
    states::cannot,
    version_routes,
};
use crate::{Outreach, search};

/// What the routes work with.
#[derive(Clone)]
pub(super) struct JourneysState {
    pub(super) outreach: Arc<Outreach>,
}

impl From<JourneyError> for ApiError {
    fn from(error: JourneyError) -> ApiError {
        match error {
            JourneyError::Database(error) => error.into(),
            JourneyError::Refused(problem) => problem.into(),
        }
    }
}

/// The routes of this feature.
pub fn routes(outreach: Arc<Outreach>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list_journeys, create_journey))
        .merge(check_routes::routes())
        .merge(member_runs::routes())
        .merge(starters::routes())
        .routes(routes!(get_journey, update_journey, delete_journey))
        .routes(routes!(report_journey))
        .routes(routes!(list_runs))
        .routes(routes!(list_trace))
        .merge(version_routes::routes())
        .merge(state_routes::routes())
        .merge(holdout_routes::routes())
        .with_state(JourneysState { outreach: outreach.clone() })
        .merge(explain_routes::routes(outreach.clone()))
        .merge(super::simulation::routes(outreach))
}

/// A journey to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewJourney {
    /// Its name, 1 to 200 characters.
    name: String,
    /// The document. Where a date lets members in, `reentry` counts by occasion: with `never`, the default, and
    /// `"every": "year"` a member enters on each of his birthdays, once on each.
    #[schema(value_type = Object)]
    document: Value,
}

/// What to change about a draft.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct JourneyChange {
    /// A new name.
    name: Option<String>,
    /// A new draft.
    #[schema(value_type = Option<Object>)]
    document: Option<Value>,
    /// The revision that is changed. When left out, whichever is there.
    revision: Option<i64>,
}

/// Which journeys are asked for, and how much of each.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct JourneysQuery {
    /// `summary`: without their documents, and with numbers. At most 100 are told at once then.
    fields: Option<String>,
    /// Only those in one of these states, separated by commas: `draft`, `live`, `paused`, `finishing`, `stopped`.
    state: Option<String>,
    /// Only those that have this in their names.
    search: Option<String>,
    /// How many items at most (1 to 500, default 50).
    limit: Option<u64>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

/// A journey in a list: a summary where `fields=summary` was asked for.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
enum ListedJourney {
    Whole(JourneyDto),
    Summary(JourneySummary),
}

const STATES: [&str; 5] = ["draft", "live", "paused", "finishing", "stopped"];
/// Journeys whose documents are read for one page of summaries.
const MOST_SUMMARIES: u64 = 100;

/// Journeys, newest first.
#[utoipa::path(get, path = "/api/v1/journeys", tag = "journeys", params(JourneysQuery),
    responses((status = 200, body = Page<ListedJourney>), (status = "4XX", body = ProblemBody)))]
async fn list_journeys(
    State(state): State<JourneysState>,
    caller: Caller,
    Query(query): Query<JourneysQuery>,
) -> ApiResult<Json<Page<ListedJourney>>> {
    caller.require(Area::Outreach, Verb::Read)?;
    let is_summary = match query.fields.as_deref() {
        None => false,
        Some("summary") => true,
        Some(_) => return Err(Problem::at(Code::InvalidQuery, "fields", "is not summary").into()),
    };
    let states: Vec<&str> = query
        .state
        .iter()
        .flat_map(|states| states.split(','))
        .map(str::trim)
        .filter(|state| !state.is_empty())
        .collect();
    if !states.iter().all(|state| STATES.contains(state)) {
        let message = format!("is not one of {}", STATES.join(", "));
        return Err(Problem::at(Code::InvalidQuery, "state", message).into());
    }
    let wanted = service::Wanted { states, search: search::wanted(query.search.as_deref())? };
    let page = PageQuery { limit: query.limit, cursor: query.cursor };
    let limit = if is_summary { page.limit().min(MOST_SUMMARIES) } else { page.limit() };
    let db = state.outreach.db.read();
    let rows = service::list(db, caller.workspace, &wanted, page.position(i64::MAX)?, limit + 1).await?;
    let Page { items, next } = Page::from_rows(rows, limit, |row| row.id, JourneyDto::from);
    let items = match is_summary {
        false => items.into_iter().map(ListedJourney::Whole).collect(),
        true => {
            let summaries = overview::summaries(db, caller.workspace, items, state.outreach.clock.now()).await?;
            summaries.into_iter().map(ListedJourney::Summary).collect()
        }
    };
    Ok(Json(Page { items, next }))
}

/// Makes a draft, however unfinished. What keeps it from being published stands in `problems`.
#[utoipa::path(post, path = "/api/v1/journeys", tag = "journeys", request_body = NewJourney,
    responses((status = 201, body = JourneyDto), (status = "4XX", body = ProblemBody)))]
async fn create_journey(
    State(state): State<JourneysState>,
    caller: Caller,
    Json(new): Json<NewJourney>,
) -> ApiResult<(StatusCode, Json<JourneyDto>)> {
    caller.require(Area::Outreach, Verb::Write)?;
    let name = check_name(&new.name)?;
    let document = service::draft(&new.document)?;
    let id = state.outreach.ids.next(JourneyId);
    let now = state.outreach.clock.now();
    let tx = state.outreach.db.begin().await?;
    service::insert(&tx, (caller.workspace, id), &name, &document, &caller.actor, now).await?;
    state.finish(tx, &caller, "journey.created", id, json!({"name": name})).await?;
    Ok((StatusCode::CREATED, Json(state.get_examined(&caller, id).await?)))
}

/// One journey with its draft, and what keeps that from being published.
#[utoipa::path(get, path = "/api/v1/journeys/{id}", tag = "journeys", params(("id" = String, Path,)),
    responses((status = 200, body = JourneyDto), (status = "4XX", body = ProblemBody)))]
async fn get_journey(
    State(state): State<JourneysState>,
    caller: Caller,
    Path(id): Path<JourneyId>,
) -> ApiResult<Json<JourneyDto>> {
    caller.require(Area::Outreach, Verb::Read)?;
    Ok(Json(state.get_examined(&caller, id).await?))
}

/// Changes name or draft, which may be unfinished: what keeps it from being published stands in `problems`. Members under
/// way are not touched until it is published. With `revision`, of two who change the same draft at once, one gets 409.
#[utoipa::path(patch, path = "/api/v1/journeys/{id}", tag = "journeys", params(("id" = String, Path,)),
    request_body = JourneyChange,
    responses((status = 200, body = JourneyDto), (status = "4XX", body = ProblemBody)))]
async fn update_journey(
    State(state): State<JourneysState>,
    caller: Caller,
    Path(id): Path<JourneyId>,
    Json(change): Json<JourneyChange>,
) -> ApiResult<Json<JourneyDto>> {
    caller.require(Area::Outreach, Verb::Write)?;
    let name = change.name.as_deref().map(check_name).transpose()?;
    let document = change.document.as_ref().map(service::draft).transpose()?;
    let now = state.outreach.clock.now();
    let tx = state.outreach.db.begin().await?;
    let journey = service::get(&tx, caller.workspace, id).await?.ok_or(Problem::new(Code::NotFound))?;
    service::change_draft(&tx, &journey, change.revision, name.as_deref(), document.as_ref(), now).await?;
    state.finish(tx, &caller, "journey.updated", id, json!({"name": name})).await?;
    Ok(Json(state.get_examined(&caller, id).await?))
}

/// Deletes a journey that is a draft or stopped.
#[utoipa::path(delete, path = "/api/v1/journeys/{id}", tag = "journeys", params(("id" = String, Path,)),
    responses((status = 204), (status = "4XX", body = ProblemBody)))]
async fn delete_journey(
    State(state): State<JourneysState>,
    caller: Caller,
    Path(id): Path<JourneyId>,
) -> ApiResult<StatusCode> {
    caller.require(Area::Outreach, Verb::Write)?;
    let tx = state.outreach.begin_rules_change(caller.workspace).await?;
    let journey = service::get(&tx, caller.workspace, id).await?.ok_or(Problem::new(Code::NotFound))?;
    if !matches!(journey.state.as_str(), "draft" | "stopped") {
        return Err(Problem::with(Code::WrongState, cannot(&journey.state, "deleted")).into());
    }
    if changes::is_under_way(&tx, id).await? {
        return Err(Problem::with(Code::WrongState, "the runs of the journey are still being ended").into());
    }
    let now = state.outreach.clock.now();
    service::delete(&tx, id, now).await?;
    let left = Work { journey: id, course: None, wakes: false, drops_plans: true, cancelling: None };
    left.begin(&tx, &state.outreach, caller.workspace, &caller.actor, now).await?;
    state.finish(tx, &caller, "journey.deleted", id, json!({})).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ReportQuery {
    /// Only this version: runs that are on it now, and for lift and entries, those that began on it.
    version: Option<i64>,
    /// Whether messages are counted, too (the default). Without them the answer comes at once, however many runs there are.
    messages: Option<bool>,
}

/// What the journey has done so far, and what it brought about.
#[utoipa::path(get, path = "/api/v1/journeys/{id}/report", tag = "journeys",
    params(("id" = String, Path,), ReportQuery),
    responses((status = 200, body = JourneyReport), (status = "4XX", body = ProblemBody)))]
async fn report_journey(
    State(state): State<JourneysState>,
    caller: Caller,
    Path(id): Path<JourneyId>,
    Query(query): Query<ReportQuery>,
) -> ApiResult<Json<JourneyReport>> {
    caller.require(Area::Outreach, Verb::Read)?;
    let journey = state.get(&caller, id).await?;
    let now = state.outreach.clock.now();
    let db = state.outreach.db.read();
    let asked = Asked { version: query.version, messages: query.messages.unwrap_or(true) };
    Ok(Json(figures::report(db, caller.workspace, &journey, asked, now).await?))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RunsQuery {
    /// Only runs of this member (`mem_…`).
    #[param(value_type = Option<String>)]
    member: Option<MemberId>,
    /// Only those that are `active`, `completed`, `exited`, `held_out`, `failed` or `stopped`.
    state: Option<String>,
    /// Only those that stand at this step now.
    step: Option<String>,
    /// Only those on this version.
    version: Option<i64>,
    /// Whether the last lines of their traces are told (the default).
    trace: Option<bool>,
    /// How many items at most (1 to 500, default 50).
    limit: Option<u64>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

/// Runs, newest first, with the last lines of their traces unless `trace=false`.
#[utoipa::path(get, path = "/api/v1/journeys/{id}/runs", tag = "journeys", params(("id" = String, Path,), RunsQuery),
    responses((status = 200, body = Page<RunDto>), (status = "4XX", body = ProblemBody)))]
async fn list_runs(
    State(state): State<JourneysState>,
    caller: Caller,
    Path(id): Path<JourneyId>,
    Query(query): Query<RunsQuery>,
) -> ApiResult<Json<Page<RunDto>>> {
    caller.require(Area::Outreach, Verb::Read)?;
    state.get(&caller, id).await?;
    let of_state = query.state.as_deref().map(|asked| {
        let known = report::RUN_STATES.into_iter().find(|state| *state == asked);
        let message = format!("is not one of {}", report::RUN_STATES.join(", "));
        known.ok_or_else(|| Problem::at(Code::InvalidQuery, "state", message))
    });
    if query.step.as_deref().is_some_and(|step| step.contains('\0')) {
        return Err(Problem::at(Code::InvalidQuery, "step", "contains the NUL character").into());
    }
    let wanted = report::WantedRuns {
        member: query.member,
        state: of_state.transpose()?,
        step: query.step.as_deref(),
        version: query.version,
        trace: query.trace.unwrap_or(true),
    };
    let page = PageQuery { limit: query.limit, cursor: query.cursor };
    let limit = page.limit();
    let before = page.position(i64::MAX)?;
    let runs = report::runs(state.outreach.db.read(), id, &wanted, before, limit + 1).await?;
    Ok(Json(Page::from_rows(runs, limit, |run| run.id.0, |run| run)))
}

/// The trace of one run, in order from its beginning. Of what happens after the ten-thousandth line, only the goal and the
/// end are kept.
#[utoipa::path(get, path = "/api/v1/journeys/{id}/runs/{run}/trace", tag = "journeys",
    params(("id" = String, Path,), ("run" = String, Path,), PageQuery),
    responses((status = 200, body = Page<TraceDto>), (status = "4XX", body = ProblemBody)))]
async fn list_trace(
    State(state): State<JourneysState>,
    caller: Caller,
    Path((id, run)): Path<(JourneyId, RunId)>,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<Page<TraceDto>>> {
    caller.require(Area::Outreach, Verb::Read)?;
    state.get(&caller, id).await?;
    let limit = page.limit();
    let lines = report::trace(state.outreach.db.read(), id, run, page.position(-1)?, limit + 1).await?;
    let lines = lines.ok_or(Problem::new(Code::NotFound))?;
    Ok(Json(Page::from_rows(lines, limit, |line| line.seq, TraceDto::from)))
}

impl JourneysState {
    pub(super) async fn get(&self, caller: &Caller, id: JourneyId) -> Result<JourneyDto, api::ApiError> {
        let journey = service::get(self.outreach.db.read(), caller.workspace, id).await?;
        Ok(journey.ok_or(Problem::new(Code::NotFound))?)
    }

    /// The same with everything that is wrong with its draft.
    pub(super) async fn get_examined(&self, caller: &Caller, id: JourneyId) -> Result<JourneyDto, api::ApiError> {
        let mut journey = self.get(caller, id).await?;
        let problems = checking::examine(self.outreach.db.read(), caller.workspace, &journey.document).await?;
        journey.problems = Some(problems);
        Ok(journey)
    }

    pub(super) async fn finish(
        &self,
        tx: Tx,
        caller: &Caller,
        action: &str,
        id: JourneyId,
        detail: Value,
    ) -> Result<(), store::DbErr> {
        self.outreach.audit(&tx, caller, action, id, detail).await?;
        tx.commit().await?;
        self.outreach.rules_changed.notify_one();
        Ok(())
    }
}

pub(super) fn check_name(name: &str) -> Result<String, Problem> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 200 || name.contains(char::is_control) {
        return Err(Problem::at(Code::InvalidBody, "name", "must have 1 to 200 characters"));
    }
    Ok(name.to_owned())
}
