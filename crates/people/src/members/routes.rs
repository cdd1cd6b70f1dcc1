//! `/api/v1/members`.

use std::sync::Arc;

use api::{ApiResult, Area, Caller, Json, Page, PageQuery, Path, ProblemBody, Query, Verb};
use axum::extract::State;
use base::{
    Code, EventKind, Problem, Time,
    ids::{MemberId, WorkspaceId},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    facets::{TimelineFacets, facets},
    fields::Fields,
    filter::{Asked, FilterParams, MemberFilter},
    service::{self, MemberDto, MemberList},
    timeline::{TimelineEntry, TimelineFilter, timeline},
};
use crate::{PeopleState, commands::Command, traits::load_book};

/// The routes of this feature.
pub fn routes(state: Arc<PeopleState>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list_members))
        .routes(routes!(get_member, update_member))
        .routes(routes!(get_timeline))
        .routes(routes!(get_timeline_facets))
        .with_state(state)
}

/// How a page of the list is to be.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the parameters are read by hand, since some of the filter may be repeated")]
struct ListQuery {
    /// What to show of each member, between commas: `name` (the traits of which names are made), `identities`, a kind of
    /// identity such as `email`, `traits`, one of them as `traits.city`, `tags`, `segments`, `consent`. What is not named is
    /// left empty; id, stage and dates are always there. Everything when left out.
    fields: Option<String>,
    /// How many items at most (1 to 500, default 50).
    limit: Option<u64>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

/// Members, newest first. A text that is looked for first gives those whom it names: who has an identity that begins so.
#[utoipa::path(get, path = "/api/v1/members", tag = "members", params(FilterParams, ListQuery),
    responses((status = 200, body = MemberList), (status = "4XX", body = ProblemBody)))]
async fn list_members(
    State(state): State<Arc<PeopleState>>,
    caller: Caller,
    Query(query): Query<Vec<(String, String)>>,
) -> ApiResult<Json<MemberList>> {
    caller.require(Area::People, Verb::Read)?;
    let mut asked = Asked(query);
    let filter = MemberFilter::take(&mut asked)?;
    let fields = asked.text("fields")?.map(|text| Fields::read(&text));
    let page = PageQuery { limit: asked.read("limit", "must be a number")?, cursor: asked.text("cursor")? };
    let mut list = service::list_members(&state.db, &*state.clock, caller.workspace, &filter, &page).await?;
    if let Some(fields) = fields {
        list.items.iter_mut().for_each(|member| fields.cut(member));
    }
    Ok(Json(list))
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
    let member = service::show_member(state.db.read(), caller.workspace, id, state.clock.now()).await?;
    Ok(Json(member.ok_or(Problem::new(Code::NotFound))?))
}

/// What to change about a member.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
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
    let member = service::require_member(state.db.read(), caller.workspace, id).await?;
    check_definitions(&state, caller.workspace, &change.traits).await?;
    let names: Vec<&String> = change.traits.keys().collect();
    state.audit(&caller, "member.updated", &member.to_string(), json!({"traits": names})).await?;
    state
        .commands
        .carry_out(Command {
            workspace: caller.workspace,
            member,
            kind: EventKind::Identify,
            name: EventKind::Identify.default_name(),
            properties: Value::Object(change.traits),
            actor: &caller.actor,
        })
        .await?;
    let member = service::show_member(state.db.read(), caller.workspace, id, state.clock.now()).await?;
    Ok(Json(member.ok_or(Problem::new(Code::NotFound))?))
}

/// Refuses what no profile would take in: a value that is not of its trait's type, and whatever is computed.
async fn check_definitions(state: &PeopleState, workspace: WorkspaceId, traits: &Map<String, Value>) -> ApiResult<()> {
    let (computed, defined) = load_book(state.db.read(), workspace).await?;
    for (name, value) in traits {
        let message = match defined.get(name) {
            _ if computed.contains_key(name) => "is computed from events",
            Some(rule) if rule.value_type.read(value).is_none() => "is not of the type that its definition says",
            _ => continue,
        };
        return Err(Problem::at(Code::WrongTraitType, format!("traits.{name}"), message).into());
    }
    Ok(())
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
    /// Only entries of this name.
    event: Option<String>,
    /// Which kinds of entries, separated by commas: `track`, `identify`, `page`, `screen`, `group`, `alias`, `command`,
    /// `delivery`, which together are `event`; `tag`, `segment`, `stage`, `merge`, `consent`, `journey`. Everything
    /// when left out, or for `all`.
    kind: Option<String>,
    /// Only what happened at or after this moment.
    #[param(value_type = Option<String>)]
    from: Option<Time>,
    /// Only what happened before this moment.
    #[param(value_type = Option<String>)]
    to: Option<Time>,
    /// Only what came from this source, such as a key or an operator.
    source: Option<String>,
    /// How many items at most (1 to 500, default 50).
    limit: Option<u64>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

/// Everything that concerns a member, latest first.
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
    if [&query.event, &query.source].into_iter().flatten().any(|text| text.contains('\0')) {
        return Err(Code::NulCharacter.into());
    }
    let filter = TimelineFilter {
        name: query.event,
        kinds: TimelineFilter::read_kinds(query.kind.as_deref().unwrap_or("all"))?,
        from: query.from,
        to: query.to,
        source: query.source,
    };
    let member = service::require_member(state.db.read(), caller.workspace, id).await?;
    let page = PageQuery { limit: query.limit, cursor: query.cursor };
    let limit = page.limit();
    let before = page.moment((i64::MAX, i64::MAX))?;
    let rows = timeline(state.db.read(), member, &filter, &state.timeline, before, limit + 1).await?;
    Ok(Json(Page::by_moment(rows, limit, |row| (row.happened_at, row.id), |row| row.into_entry(member))))
}

/// What a member's timeline can be filtered by.
#[utoipa::path(get, path = "/api/v1/members/{id}/timeline/facets", tag = "members", params(("id" = String, Path,)),
    responses((status = 200, body = TimelineFacets), (status = "4XX", body = ProblemBody)))]
async fn get_timeline_facets(
    State(state): State<Arc<PeopleState>>,
    caller: Caller,
    Path(id): Path<MemberId>,
) -> ApiResult<Json<TimelineFacets>> {
    caller.require(Area::People, Verb::Read)?;
    let member = service::require_member(state.db.read(), caller.workspace, id).await?;
    Ok(Json(facets(state.db.read(), member, &state.timeline).await?))
}
