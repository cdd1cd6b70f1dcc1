//! `/api/v1/segments`.

use std::{sync::Arc, time::Duration};

use api::{ApiResult, Area, Caller, Json, Page, PageQuery, Path, ProblemBody, Query, Verb};
use axum::{extract::State, http::StatusCode};
use base::{Code, Problem, ids::SegmentId, rule::Rule};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{Sql, Tx};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    making::insert,
    preview::{Number, PATIENCE, PartSize, Wish, estimate},
    references::{Asker, Reference, check_references, rebuild_dependents, users_of},
    service::{self, SegmentDto},
    snapshot::awaited,
};
use crate::{
    PeopleState,
    members::{MemberDto, MemberFilter, MemberList, list_members, show_members},
};

const SAMPLE: usize = 10;

/// The routes of this feature.
pub fn routes(state: Arc<PeopleState>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list_segments, create_segment))
        .routes(routes!(preview_segment))
        .routes(routes!(get_segment, update_segment, delete_segment))
        .routes(routes!(list_segment_members))
        .with_state(state.clone())
        .merge(super::snapshot::routes(state.clone()))
        .merge(super::usage::routes(state.clone()))
        .merge(super::sizes::routes(state.clone()))
        .merge(super::history::routes(state))
}

/// A segment to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewSegment {
    /// Its name, 1 to 200 characters.
    name: String,
    /// Its rule.
    #[schema(value_type = Object)]
    rule: Value,
}

/// What to change about a segment.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SegmentChange {
    /// A new name.
    name: Option<String>,
    /// A new rule.
    #[schema(value_type = Option<Object>)]
    rule: Option<Value>,
}

/// A rule to try.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PreviewRequest {
    /// The rule.
    #[schema(value_type = Object)]
    rule: Value,
    /// For how many milliseconds to count at most, 50 to 30,000: then the answer is the best estimate so far. Without it the
    /// number is exact, or the answer is `timeout` after 30 seconds.
    patience_ms: Option<u64>,
    /// Whether to count each of the uppermost conditions by itself as well.
    #[serde(default)]
    parts: bool,
}

/// What a rule would give now.
#[derive(Serialize, ToSchema)]
struct PreviewDto {
    /// How many members it holds for, or the best estimate of that.
    size: i64,
    /// Whether that is exact.
    exact: bool,
    /// It is not less than this, with 95 per cent confidence.
    low: i64,
    /// It is not more than this, with 95 per cent confidence.
    high: i64,
    /// Of those of whom it takes their events to say, so many were asked.
    checked: i64,
    /// So many there are of them; the others are known exactly.
    of: i64,
    /// Whether nothing is known yet, since everybody is being read for the first time: the numbers say nothing then, and
    /// whoever asks again soon is answered.
    pending: bool,
    /// Ten of them, the newest that were found.
    sample: Vec<MemberDto>,
    /// The uppermost conditions of the rule by themselves, where they were asked for.
    parts: Vec<PartSize>,
}

/// Segments, newest first.
#[utoipa::path(get, path = "/api/v1/segments", tag = "segments", params(PageQuery),
    responses((status = 200, body = Page<SegmentDto>), (status = "4XX", body = ProblemBody)))]
async fn list_segments(
    State(state): State<Arc<PeopleState>>,
    caller: Caller,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<Page<SegmentDto>>> {
    caller.require(Area::Segments, Verb::Read)?;
    let limit = page.limit();
    let rows = service::list(state.db.read(), caller.workspace, page.position(i64::MAX)?, limit + 1).await?;
    Ok(Json(Page::from_rows(rows, limit, |row| row.id, SegmentDto::from)))
}

/// Makes a segment. It is evaluated over history at once and live from then on.
#[utoipa::path(post, path = "/api/v1/segments", tag = "segments", request_body = NewSegment,
    responses((status = 201, body = SegmentDto), (status = "4XX", body = ProblemBody)))]
async fn create_segment(
    State(state): State<Arc<PeopleState>>,
    caller: Caller,
    Json(new): Json<NewSegment>,
) -> ApiResult<(StatusCode, Json<SegmentDto>)> {
    caller.require(Area::Segments, Verb::Write)?;
    let name = check_name(&new.name)?;
    let rule = Rule::parse_new(&new.rule)?;
    let id = state.ids.next(SegmentId);
    let now = state.clock.now();
    let tx = begin_change(&state, &caller).await?;
    check_references(&tx, caller.workspace, Asker::Segment(id), &rule, "rule").await?;
    insert(&tx, (caller.workspace, id), &name, &rule, (&caller.actor, now)).await?;
    finish_change(&state, tx, &caller, "segment.created", id, json!({"name": name, "rule": rule.to_json()})).await?;
    let segment = service::get(state.db.read(), caller.workspace, id).await?.ok_or(Problem::new(Code::NotFound))?;
    Ok((StatusCode::CREATED, Json(segment)))
}

/// Counts the members for whom a rule holds now, without saving anything. Since it shows some of them, it
/// needs the right to look at people as well.
#[utoipa::path(post, path = "/api/v1/segments/preview", tag = "segments", request_body = PreviewRequest,
    responses((status = 200, body = PreviewDto), (status = "4XX", body = ProblemBody)))]
async fn preview_segment(
    State(state): State<Arc<PeopleState>>,
    caller: Caller,
    Json(request): Json<PreviewRequest>,
) -> ApiResult<Json<PreviewDto>> {
    caller.require(Area::Segments, Verb::Read)?;
    caller.require(Area::People, Verb::Read)?;
    let rule = Rule::parse_new(&request.rule)?;
    check_references(state.db.read(), caller.workspace, Asker::Preview, &rule, "rule").await?;
    let patience = request.patience_ms.map(|millis| Duration::from_millis(millis.clamp(50, 30_000)));
    let wish = Wish { patience: patience.unwrap_or(PATIENCE), sample: SAMPLE, parts: request.parts };
    let found = estimate(&state.db, &state.clock, &state.columns, caller.workspace, &rule, wish).await?;
    if patience.is_none() && !found.number.exact {
        return Err(Problem::with(Code::Timeout, "the preview took more than 30 seconds").into());
    }
    let mut sample = show_members(state.db.read(), caller.workspace, &found.sample, state.clock.now()).await?;
    sample.sort_by_key(|member| std::cmp::Reverse(member.id));
    let Number { size, exact, low, high } = found.number;
    let (checked, of, pending, parts) = (found.checked, found.open, found.is_pending, found.parts);
    Ok(Json(PreviewDto { size, exact, low, high, checked, of, pending, sample, parts }))
}

/// One segment, with its present size.
#[utoipa::path(get, path = "/api/v1/segments/{id}", tag = "segments", params(("id" = String, Path,)),
    responses((status = 200, body = SegmentDto), (status = "4XX", body = ProblemBody)))]
async fn get_segment(
    State(state): State<Arc<PeopleState>>,
    caller: Caller,
    Path(id): Path<SegmentId>,
) -> ApiResult<Json<SegmentDto>> {
    caller.require(Area::Segments, Verb::Read)?;
    let segment = service::get(state.db.read(), caller.workspace, id).await?;
    Ok(Json(segment.ok_or(Problem::new(Code::NotFound))?))
}

/// Changes the name or the rule. A new rule is evaluated over history, with progress, while the old one goes on; then it
/// takes the old one's place at one moment. Who enters by that starts no journeys; whoever waits for it in one goes on.
#[utoipa::path(patch, path = "/api/v1/segments/{id}", tag = "segments", params(("id" = String, Path,)),
    request_body = SegmentChange,
    responses((status = 200, body = SegmentDto), (status = "4XX", body = ProblemBody)))]
async fn update_segment(
    State(state): State<Arc<PeopleState>>,
    caller: Caller,
    Path(id): Path<SegmentId>,
    Json(change): Json<SegmentChange>,
) -> ApiResult<Json<SegmentDto>> {
    caller.require(Area::Segments, Verb::Write)?;
    let name = change.name.as_deref().map(check_name).transpose()?;
    let mut rule = change.rule.as_ref().map(Rule::parse_new).transpose()?;
    let tx = begin_change(&state, &caller).await?;
    let before = service::get(&tx, caller.workspace, id).await?.ok_or(Problem::new(Code::NotFound))?;
    if before.snapshot_of.is_some() && rule.take().is_some_and(|rule| rule.to_json() != before.rule) {
        return Err(Problem::at(Code::InvalidBody, "rule", "the rule of a snapshot does not change").into());
    }
    let now = state.clock.now();
    if let Some(name) = &name {
        let values = vec![id.0.into(), name.clone().into(), now.millis().into()];
        tx.run("UPDATE segments SET name = $2, updated_at = $3 WHERE id = $1", values).await?;
    }
    if let Some(rule) = &rule {
        check_references(&tx, caller.workspace, Asker::Segment(id), rule, "rule").await?;
        service::change_rule(&tx, &state.ids, id, rule, (&caller.actor, now)).await?;
        rebuild_dependents(&tx, &state.ids, caller.workspace, &[Reference::Segment(id)], (&caller.actor, now)).await?;
    }
    let detail = json!({"name": name, "rule": rule.as_ref().map(Rule::to_json)});
    finish_change(&state, tx, &caller, "segment.updated", id, detail).await?;
    let segment = service::get(state.db.read(), caller.workspace, id).await?;
    Ok(Json(segment.ok_or(Problem::new(Code::NotFound))?))
}

/// Deletes a segment. Refused while another segment or a running journey refers to it, and while a snapshot of it is
/// still to be made.
#[utoipa::path(delete, path = "/api/v1/segments/{id}", tag = "segments", params(("id" = String, Path,)),
    responses((status = 204), (status = "4XX", body = ProblemBody)))]
async fn delete_segment(
    State(state): State<Arc<PeopleState>>,
    caller: Caller,
    Path(id): Path<SegmentId>,
) -> ApiResult<StatusCode> {
    caller.require(Area::Segments, Verb::Write)?;
    let tx = begin_change(&state, &caller).await?;
    service::get(&tx, caller.workspace, id).await?.ok_or(Problem::new(Code::NotFound))?;
    let users = users_of(&state, &tx, caller.workspace, Reference::Segment(id)).await?;
    if let Some(user) = users.first() {
        return Err(Problem::with(Code::InUse, format!("{user} refers to it")).into());
    }
    if let Some(snapshot) = awaited(&tx, caller.workspace, id).await? {
        return Err(Problem::with(Code::InUse, format!("the snapshot {snapshot} of it is not made yet")).into());
    }
    service::delete(&tx, id, state.clock.now()).await?;
    finish_change(&state, tx, &caller, "segment.deleted", id, json!({})).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The members of a segment, newest first.
#[utoipa::path(get, path = "/api/v1/segments/{id}/members", tag = "segments",
    params(("id" = String, Path,), PageQuery),
    responses((status = 200, body = MemberList), (status = "4XX", body = ProblemBody)))]
async fn list_segment_members(
    State(state): State<Arc<PeopleState>>,
    caller: Caller,
    Path(id): Path<SegmentId>,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<MemberList>> {
    caller.require(Area::People, Verb::Read)?;
    service::get(state.db.read(), caller.workspace, id).await?.ok_or(Problem::new(Code::NotFound))?;
    let filter = MemberFilter { segment: Some(id), ..Default::default() };
    Ok(Json(list_members(&state.db, &*state.clock, caller.workspace, &filter, &page).await?))
}

/// Begins to change rules. The version is counted first: the pipeline and others who change rules then wait,
/// always in this order.
pub(crate) async fn begin_change(state: &PeopleState, caller: &Caller) -> Result<Tx, store::DbErr> {
    let tx = state.db.begin().await?;
    tx.run("UPDATE workspaces SET rules_version = rules_version + 1 WHERE id = $1", vec![caller.workspace.0.into()])
        .await?;
    Ok(tx)
}

pub(crate) async fn finish_change(
    state: &PeopleState,
    tx: Tx,
    caller: &Caller,
    action: &str,
    target: impl ToString,
    detail: Value,
) -> Result<(), store::DbErr> {
    let now = state.clock.now();
    store::audit::record(&tx, &state.ids, now, caller.workspace, &caller.actor, action, &target.to_string(), detail)
        .await?;
    tx.commit().await?;
    state.rules_changed.notify_one();
    Ok(())
}

/// The name of a segment without blanks around it: 1 to 200 characters, none of them a control character.
pub fn check_name(name: &str) -> Result<String, Problem> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 200 || name.contains(char::is_control) {
        return Err(Problem::at(Code::InvalidBody, "name", "must have 1 to 200 characters"));
    }
    Ok(name.to_owned())
}
