//! `/api/v1/groups`.

use std::sync::Arc;

use api::{ApiResult, Area, Caller, Json, Page, PageQuery, Path, ProblemBody, Query, Verb};
use axum::extract::State;
use base::{Code, Problem, Time, ids::GroupId};
use sea_orm::FromQueryResult;
use serde::Serialize;
use serde_json::{Map, Value};
use store::Sql;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{about::About, members_sql};
use crate::{
    PeopleState,
    members::{MemberFilter, MemberList, list_members},
};

/// The routes of this feature.
pub fn routes(state: Arc<PeopleState>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list_groups))
        .routes(routes!(get_group))
        .routes(routes!(list_group_members))
        .with_state(state)
}

/// A group.
#[derive(Serialize, ToSchema)]
struct GroupDto {
    /// `grp_…`, for rules.
    #[schema(value_type = String)]
    id: GroupId,
    /// The id that its senders give it.
    key: String,
    /// What is known of it.
    #[schema(value_type = Object)]
    traits: Map<String, Value>,
    /// How many members belong to it.
    members: i64,
    /// When it was first named.
    #[schema(value_type = String, format = DateTime)]
    created_at: Time,
}

#[derive(FromQueryResult)]
struct GroupRow {
    id: i64,
    group_key: String,
    about_json: String,
    members: i64,
    created_at: i64,
}

impl From<GroupRow> for GroupDto {
    fn from(row: GroupRow) -> Self {
        GroupDto {
            id: GroupId(row.id),
            key: row.group_key,
            traits: About::read(&row.about_json).into_traits(),
            members: row.members,
            created_at: Time::from_millis(row.created_at),
        }
    }
}

fn select() -> String {
    let members = members_sql("g.id");
    format!(
        "SELECT g.id, g.group_key, g.about_json, g.created_at, (SELECT COUNT(*) FROM ({members}) AS y) AS members
         FROM groups g WHERE g.workspace_id = $1"
    )
}

/// Groups that members belong to, newest first.
#[utoipa::path(get, path = "/api/v1/groups", tag = "groups", params(PageQuery),
    responses((status = 200, body = Page<GroupDto>), (status = "4XX", body = ProblemBody)))]
async fn list_groups(
    State(state): State<Arc<PeopleState>>,
    caller: Caller,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<Page<GroupDto>>> {
    caller.require(Area::People, Verb::Read)?;
    let limit = page.limit();
    let values = vec![caller.workspace.0.into(), page.position(i64::MAX)?.into(), (limit as i64 + 1).into()];
    let sql = format!("{} AND g.id < $2 ORDER BY g.id DESC LIMIT $3", select());
    let rows: Vec<GroupRow> = state.db.read().all(&sql, values).await?;
    Ok(Json(Page::from_rows(rows, limit, |row| row.id, GroupDto::from)))
}

/// One group.
#[utoipa::path(get, path = "/api/v1/groups/{id}", tag = "groups", params(("id" = String, Path,)),
    responses((status = 200, body = GroupDto), (status = "4XX", body = ProblemBody)))]
async fn get_group(
    State(state): State<Arc<PeopleState>>,
    caller: Caller,
    Path(id): Path<GroupId>,
) -> ApiResult<Json<GroupDto>> {
    caller.require(Area::People, Verb::Read)?;
    let values = vec![caller.workspace.0.into(), id.0.into()];
    let row: Option<GroupRow> = state.db.read().one(&format!("{} AND g.id = $2", select()), values).await?;
    Ok(Json(row.ok_or(Problem::new(Code::NotFound))?.into()))
}

/// The members of a group, newest first.
#[utoipa::path(get, path = "/api/v1/groups/{id}/members", tag = "groups", params(("id" = String, Path,), PageQuery),
    responses((status = 200, body = MemberList), (status = "4XX", body = ProblemBody)))]
async fn list_group_members(
    State(state): State<Arc<PeopleState>>,
    caller: Caller,
    Path(id): Path<GroupId>,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<MemberList>> {
    caller.require(Area::People, Verb::Read)?;
    let values = vec![caller.workspace.0.into(), id.0.into()];
    let known: Option<i64> =
        state.db.read().scalar("SELECT id FROM groups WHERE workspace_id = $1 AND id = $2", values).await?;
    known.ok_or(Code::NotFound)?;
    let filter = MemberFilter { group: Some(id), ..MemberFilter::default() };
    Ok(Json(list_members(&state.db, &*state.clock, caller.workspace, &filter, &page).await?))
}
