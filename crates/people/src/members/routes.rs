//! `/api/v1/members`.

use std::sync::Arc;

use api::{ApiResult, Area, Caller, Json, Page, PageQuery, Path, ProblemBody, Query, Verb};
use axum::extract::State;
use base::{Code, EventKind, Problem, ids::MemberId, ids::SegmentId};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::service::{self, MemberDto, MemberFilter, TimelineEntry};
use crate::PeopleState;
use crate::commands::Command;

/// The routes of this feature.
pub fn routes(state: Arc<PeopleState>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list_members))
        .routes(routes!(get_member, update_member))
        .routes(routes!(get_timeline))
        .with_state(state)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// The beginning of an identity, or any part of the traits.
    search: Option<String>,
    /// Only members with this tag.
    tag: Option<String>,
    /// Only members in this segment (`seg_…`).
    #[param(value_type = Option<String>)]
    segment: Option<SegmentId>,
    /// How many items at most (1 to 500, default 50).
    limit: Option<u64>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

/// Members, newest first.
#[utoipa::path(get, path = "/api/v1/members", tag = "members", params(ListQuery),
    responses((status = 200, body = Page<MemberDto>), (status = "4XX", body = ProblemBody)))]
async fn list_members(
    State(state): State<Arc<PeopleState>>,
    caller: Caller,
    Query(query): Query<ListQuery>,
) -> ApiResult<Json<Page<MemberDto>>> {
    caller.require(Area::People, Verb::Read)?;
    let page = PageQuery { limit: query.limit, cursor: query.cursor };
    let filter = MemberFilter { search: query.search.as_deref(), tag: query.tag.as_deref(), segment: query.segment };
    let no_nul = [query.search.as_deref(), query.tag.as_deref()];
    if no_nul.into_iter().flatten().any(|text| text.contains('\0')) {
        return Err(Code::NulCharacter.into());
    }
    let limit = page.limit();
    let members =
        service::find_members(state.db.read(), caller.workspace, &filter, page.position(i64::MAX)?, limit + 1).await?;
    Ok(Json(Page::from_rows(members, limit, |member| member.id.0, |member| member)))
}

/// One member.
#[utoipa::path(get, path = "/api/v1/members/{id}", tag = "members", params(("id" = String, Path,)),
    responses((status = 200, body = MemberDto), (status = "4XX", body = ProblemBody)))]
async fn get_member(
    State(state): State<Arc<PeopleState>>,
    caller: Caller,
    Path(id): Path<MemberId>,
) -> ApiResult<Json<MemberDto>> {
    caller.require(Area::People, Verb::Read)?;
    let member = service::show_member(state.db.read(), caller.workspace, id).await?;
    Ok(Json(member.ok_or(Problem::new(Code::NotFound))?))
}

/// What to change about a member.
#[derive(Deserialize, ToSchema)]
struct MemberChange {
    /// Traits to set; `null` removes one.
    #[schema(value_type = Object)]
    traits: Map<String, Value>,
}

/// Sets traits of a member.
#[utoipa::path(patch, path = "/api/v1/members/{id}", tag = "members", params(("id" = String, Path,)),
    request_body = MemberChange,
    responses((status = 200, body = MemberDto), (status = "4XX", body = ProblemBody)))]
async fn update_member(
    State(state): State<Arc<PeopleState>>,
    caller: Caller,
    Path(id): Path<MemberId>,
    Json(change): Json<MemberChange>,
) -> ApiResult<Json<MemberDto>> {
    caller.require(Area::People, Verb::Write)?;
    check_storable(&Value::Object(change.traits.clone()))?;
    let member = service::show_member(state.db.read(), caller.workspace, id).await?;
    let member = member.ok_or(Problem::new(Code::NotFound))?;
    let names: Vec<&String> = change.traits.keys().collect();
    state.audit(&caller, "member.updated", &member.id.to_string(), json!({"traits": names})).await?;
    state
        .commands
        .carry_out(Command {
            workspace: caller.workspace,
            member: member.id,
            kind: EventKind::Identify,
            name: EventKind::Identify.default_name(),
            properties: Value::Object(change.traits),
            actor: &caller.actor,
        })
        .await?;
    let member = service::show_member(state.db.read(), caller.workspace, id).await?;
    Ok(Json(member.ok_or(Problem::new(Code::NotFound))?))
}

/// Refuses what no database can hold: NUL in a text.
pub fn check_storable(value: &Value) -> Result<(), Problem> {
    if value.to_string().len() > 32 * 1024 {
        return Err(Problem::new(Code::EventTooLarge));
    }
    let has_nul = match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(list) => return list.iter().try_for_each(check_storable),
        Value::Object(map) => {
            map.values().try_for_each(check_storable)?;
            map.keys().any(|key| key.contains('\0'))
        }
        _ => false,
    };
    if has_nul { Err(Code::NulCharacter.into()) } else { Ok(()) }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct TimelineQuery {
    /// Only events of this name.
    event: Option<String>,
    /// How many items at most (1 to 500, default 50).
    limit: Option<u64>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

/// What happened to a member, latest first.
#[utoipa::path(get, path = "/api/v1/members/{id}/timeline", tag = "members",
    params(("id" = String, Path,), TimelineQuery),
    responses((status = 200, body = Page<TimelineEntry>), (status = "4XX", body = ProblemBody)))]
async fn get_timeline(
    State(state): State<Arc<PeopleState>>,
    caller: Caller,
    Path(id): Path<MemberId>,
    Query(query): Query<TimelineQuery>,
) -> ApiResult<Json<Page<TimelineEntry>>> {
    caller.require(Area::People, Verb::Read)?;
    if query.event.as_deref().is_some_and(|name| name.contains('\0')) {
        return Err(Code::NulCharacter.into());
    }
    let member = service::show_member(state.db.read(), caller.workspace, id).await?;
    let member = member.ok_or(Problem::new(Code::NotFound))?;
    let page = PageQuery { limit: query.limit, cursor: query.cursor };
    let limit = page.limit();
    let before = page.moment((i64::MAX, i64::MAX))?;
    let rows = service::timeline(state.db.read(), member.id, query.event.as_deref(), before, limit + 1).await?;
    Ok(Json(Page::by_moment(rows, limit, |row| (row.happened_at, row.id), TimelineEntry::from)))
}
