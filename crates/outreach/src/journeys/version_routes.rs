//! `/api/v1/journeys/{id}/publish` and `/api/v1/journeys/{id}/versions`.

use api::{ApiError, ApiResult, Area, Caller, Json, Page, PageQuery, Path, ProblemBody, Query, Verb, unread_body};
use axum::{
    body::Bytes,
    extract::{State, rejection::BytesRejection},
};
use base::{
    Code, Problem,
    ids::{JobId, JourneyId},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Document,
    changes::Worked,
    comparison::{self, Comparison},
    preview::{self, Preview},
    references::check_references,
    routes::JourneysState,
    service::{self, JourneyDto},
    states::{self, Words},
    versions::{self, Publication, VersionDto},
};

/// The routes of versions.
pub(super) fn routes() -> OpenApiRouter<JourneysState> {
    OpenApiRouter::new()
        .routes(routes!(publish_journey))
        .routes(routes!(preview_publication))
        .routes(routes!(list_versions))
        .routes(routes!(compare_versions))
        .routes(routes!(get_version))
        .routes(routes!(restore_version))
}

/// A journey after a change, and what the change did.
#[derive(Serialize, ToSchema)]
pub(super) struct ChangedJourney {
    /// The journey.
    #[serde(flatten)]
    pub(super) journey: JourneyDto,
    /// Runs that go on elsewhere.
    moved: i64,
    /// Runs that were ended.
    ended: i64,
    /// Runs that stay on their version, though others were moved.
    left: i64,
    /// Messages that were cancelled.
    cancelled: i64,
    /// Messages that wait and will be sent.
    queued: i64,
    /// The job that does the rest, of a large journey (`job_…`).
    #[schema(value_type = Option<String>)]
    job: Option<JobId>,
    /// All this in words.
    words: Words,
}

impl JourneysState {
    /// The journey as it is now, with what was done.
    pub(super) async fn changed(
        &self,
        caller: &Caller,
        id: JourneyId,
        worked: Worked,
    ) -> ApiResult<Json<ChangedJourney>> {
        let journey = self.get(caller, id).await?;
        let (queued, words) = states::in_words(self.outreach.db.read(), &journey, &worked).await?;
        let Worked { moved, ended, left, cancelled, job } = worked;
        Ok(Json(ChangedJourney { journey, moved, ended, left, cancelled, queued, job, words }))
    }
}

/// A body that may be left out.
pub(super) fn optional<T: DeserializeOwned + Default>(body: Result<Bytes, BytesRejection>) -> Result<T, ApiError> {
    let body = body.map_err(unread_body)?;
    if body.trim_ascii().is_empty() {
        return Ok(T::default());
    }
    let value: Value =
        serde_json::from_slice(&body).map_err(|error| Problem::with(Code::MalformedJson, error.to_string()))?;
    if !matches!(value, Value::Object(_) | Value::Null) {
        return Err(Problem::with(Code::InvalidBody, "the body is not an object").into());
    }
    let value: Option<T> =
        serde_json::from_value(value).map_err(|error| Problem::with(Code::InvalidBody, error.to_string()))?;
    Ok(value.unwrap_or_default())
}

/// Makes the draft the next version and lets members in. Those under way stay on theirs, or are moved.
///
/// Of two who publish at once, one gets 409. With `{"running": {"move": {…}}}` every step at which somebody stands must be
/// named; `publish/preview` shows beforehand what would happen. In large journeys a job moves the runs; each stands on
/// its old version until it is moved.
#[utoipa::path(post, path = "/api/v1/journeys/{id}/publish", tag = "journeys", params(("id" = String, Path,)),
    request_body = Option<Publication>,
    responses((status = 200, body = ChangedJourney), (status = "4XX", body = ProblemBody)))]
async fn publish_journey(
    State(state): State<JourneysState>,
    caller: Caller,
    Path(id): Path<JourneyId>,
    body: Result<Bytes, BytesRejection>,
) -> ApiResult<Json<ChangedJourney>> {
    caller.require(Area::Outreach, Verb::Write)?;
    let mut publication: Publication = optional(body)?;
    let seen = state.get(&caller, id).await?;
    publication.revision.get_or_insert(seen.revision);
    let (tx, journey, now) = state.begin_change(&caller, id).await?;
    let outreach = &state.outreach;
    let (version, worked) =
        versions::publish(&tx, outreach, caller.workspace, &journey, &publication, &caller.actor, now).await?;
    let detail = json!({"version": version, "running": publication.running, "cancel_queued": publication.cancel_queued,
        "moved": worked.moved, "ended": worked.ended, "cancelled": worked.cancelled, "job": worked.job});
    state.finish(tx, &caller, "journey.published", id, detail).await?;
    state.changed(&caller, id, worked).await
}

/// What publishing would do to those under way, in numbers. Changes nothing.
#[utoipa::path(post, path = "/api/v1/journeys/{id}/publish/preview", tag = "journeys", params(("id" = String, Path,)),
    request_body = Option<Publication>,
    responses((status = 200, body = Preview), (status = "4XX", body = ProblemBody)))]
async fn preview_publication(
    State(state): State<JourneysState>,
    caller: Caller,
    Path(id): Path<JourneyId>,
    body: Result<Bytes, BytesRejection>,
) -> ApiResult<Json<Preview>> {
    caller.require(Area::Outreach, Verb::Read)?;
    let publication: Publication = optional(body)?;
    let tx = state.outreach.db.snapshot().await?;
    let journey = service::get(&tx, caller.workspace, id).await?.ok_or(Problem::new(Code::NotFound))?;
    service::check_revision(&journey, publication.revision)?;
    let document = Document::parse(&journey.document)?;
    check_references(&tx, caller.workspace, &document).await?;
    Ok(Json(preview::preview(&tx, &journey, &document, &publication).await?))
}

/// Versions, newest first, with how many runs are under way on each.
#[utoipa::path(get, path = "/api/v1/journeys/{id}/versions", tag = "journeys",
    params(("id" = String, Path,), PageQuery),
    responses((status = 200, body = Page<VersionDto>), (status = "4XX", body = ProblemBody)))]
async fn list_versions(
    State(state): State<JourneysState>,
    caller: Caller,
    Path(id): Path<JourneyId>,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<Page<VersionDto>>> {
    caller.require(Area::Outreach, Verb::Read)?;
    let journey = state.get(&caller, id).await?;
    let limit = page.limit();
    let db = state.outreach.db.read();
    let versions = versions::list(db, &journey, page.position(i64::MAX)?, limit + 1).await?;
    Ok(Json(Page::from_rows(versions, limit, |version| version.version, |version| version)))
}

/// One version with its document.
#[utoipa::path(get, path = "/api/v1/journeys/{id}/versions/{version}", tag = "journeys",
    params(("id" = String, Path,), ("version" = i64, Path,)),
    responses((status = 200, body = VersionDto), (status = "4XX", body = ProblemBody)))]
async fn get_version(
    State(state): State<JourneysState>,
    caller: Caller,
    Path((id, version)): Path<(JourneyId, i64)>,
) -> ApiResult<Json<VersionDto>> {
    caller.require(Area::Outreach, Verb::Read)?;
    let journey = state.get(&caller, id).await?;
    let version = versions::get(state.outreach.db.read(), &journey, version).await?;
    Ok(Json(version.ok_or(Problem::new(Code::NotFound))?))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct CompareQuery {
    /// A version's number, or `draft`.
    a: String,
    /// A version's number, or `draft`.
    b: String,
}

/// What is different between two versions, or between one and the draft.
#[utoipa::path(get, path = "/api/v1/journeys/{id}/versions/compare", tag = "journeys",
    params(("id" = String, Path,), CompareQuery),
    responses((status = 200, body = Comparison), (status = "4XX", body = ProblemBody)))]
async fn compare_versions(
    State(state): State<JourneysState>,
    caller: Caller,
    Path(id): Path<JourneyId>,
    Query(query): Query<CompareQuery>,
) -> ApiResult<Json<Comparison>> {
    caller.require(Area::Outreach, Verb::Read)?;
    let journey = state.get(&caller, id).await?;
    let (a, b) = (named("a", &query.a)?, named("b", &query.b)?);
    let numbers: Vec<i64> = a.iter().chain(&b).copied().collect();
    let found = versions::documents(state.outreach.db.read(), id, &numbers).await?;
    let document = |version: Option<i64>| match version {
        None => Ok(&journey.document),
        Some(version) => found.get(&version).ok_or(Problem::new(Code::NotFound)),
    };
    Ok(Json(comparison::compare(document(a)?, document(b)?)))
}

/// A version by its number; `None` for the draft.
fn named(field: &str, text: &str) -> Result<Option<i64>, Problem> {
    if text == "draft" {
        return Ok(None);
    }
    let number =
        text.parse().map_err(|_| Problem::at(Code::InvalidQuery, field, "is not a version's number or draft"))?;
    Ok(Some(number))
}

/// Which draft a version is to replace.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Restoration {
    /// The revision of the draft that is replaced. When left out, whichever is there.
    revision: Option<i64>,
}

/// Makes the document of a version the draft again. Members are not touched until it is published.
#[utoipa::path(post, path = "/api/v1/journeys/{id}/versions/{version}/restore", tag = "journeys",
    params(("id" = String, Path,), ("version" = i64, Path,)), request_body = Option<Restoration>,
    responses((status = 200, body = JourneyDto), (status = "4XX", body = ProblemBody)))]
async fn restore_version(
    State(state): State<JourneysState>,
    caller: Caller,
    Path((id, version)): Path<(JourneyId, i64)>,
    body: Result<Bytes, BytesRejection>,
) -> ApiResult<Json<JourneyDto>> {
    caller.require(Area::Outreach, Verb::Write)?;
    let restoration: Restoration = optional(body)?;
    let tx = state.outreach.db.begin().await?;
    let journey = service::get(&tx, caller.workspace, id).await?.ok_or(Problem::new(Code::NotFound))?;
    let now = state.outreach.clock.now();
    let restored = versions::restore(&tx, &journey, version, restoration.revision, now).await?;
    restored.ok_or(Problem::new(Code::NotFound))?;
    state.finish(tx, &caller, "journey.restored", id, json!({"version": version})).await?;
    Ok(Json(state.get_examined(&caller, id).await?))
}
