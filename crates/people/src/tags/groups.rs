//! Groups that tags stand in.

use std::sync::Arc;

use api::{ApiResult, Area, Caller, Json, Page, PageQuery, Path, ProblemBody, Query, Verb};
use axum::{extract::State, http::StatusCode};
use base::{Code, Problem, ids::TagGroupId};
use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{Sql, Tx};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{TagKind, definitions::tags_changed, routes::check_tag};
use crate::{
    PeopleState,
    segments::{begin_change, finish_change},
};

/// The routes of this part.
pub(super) fn routes(state: Arc<PeopleState>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list_tag_groups, create_tag_group))
        .routes(routes!(update_tag_group, delete_tag_group))
        .with_state(state)
}

/// A group of tags.
#[derive(Serialize, ToSchema, FromQueryResult)]
struct TagGroupRow {
    id: i64,
    name: String,
    exclusive: i64,
}

/// A group of tags.
#[derive(Serialize, ToSchema)]
struct TagGroupDto {
    /// Its id.
    #[schema(value_type = String)]
    id: TagGroupId,
    /// Its name.
    name: String,
    /// Whether a member carries at most one tag of it.
    exclusive: bool,
}

/// A group of tags to make, or how it is to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewTagGroup {
    /// Its name, 1 to 100 characters.
    name: String,
    /// Whether a member carries at most one tag of it: putting one on takes the others off.
    #[serde(default)]
    exclusive: bool,
}

/// Groups of tags.
#[utoipa::path(get, path = "/api/v1/tag-groups", tag = "tags", params(PageQuery),
    responses((status = 200, body = Page<TagGroupDto>), (status = "4XX", body = ProblemBody)))]
async fn list_tag_groups(
    State(state): State<Arc<PeopleState>>,
    caller: Caller,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<Page<TagGroupDto>>> {
    caller.require(Area::People, Verb::Read)?;
    let limit = page.limit();
    let rows: Vec<TagGroupRow> = state
        .db
        .read()
        .all(
            "SELECT id, name, exclusive FROM tag_groups WHERE workspace_id = $1 AND name > $2 ORDER BY name LIMIT $3",
            vec![caller.workspace.0.into(), page.name()?.into(), (limit as i64 + 1).into()],
        )
        .await?;
    let item = |row: TagGroupRow| TagGroupDto { id: TagGroupId(row.id), name: row.name, exclusive: row.exclusive != 0 };
    Ok(Json(Page::by_name(rows, limit, |row| &row.name, item)))
}

/// Makes a group of tags.
#[utoipa::path(post, path = "/api/v1/tag-groups", tag = "tags", request_body = NewTagGroup,
    responses((status = 201, body = TagGroupDto), (status = "4XX", body = ProblemBody)))]
async fn create_tag_group(
    State(state): State<Arc<PeopleState>>,
    caller: Caller,
    Json(new): Json<NewTagGroup>,
) -> ApiResult<(StatusCode, Json<TagGroupDto>)> {
    caller.require(Area::People, Verb::Write)?;
    let name = check_tag("name", &new.name)?;
    let id = state.ids.next(TagGroupId);
    let tx = begin_change(&state, &caller).await?;
    let added = tx
        .run(
            "INSERT INTO tag_groups (id, workspace_id, name, exclusive, created_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (workspace_id, name) DO NOTHING",
            vec![
                id.0.into(),
                caller.workspace.0.into(),
                name.as_str().into(),
                i64::from(new.exclusive).into(),
                state.clock.now().millis().into(),
            ],
        )
        .await?;
    if added == 0 {
        return Err(Code::AlreadyExists.into());
    }
    finish_change(&state, tx, &caller, "tag_group.created", id, json!({ "name": name })).await?;
    Ok((StatusCode::CREATED, Json(TagGroupDto { id, name, exclusive: new.exclusive })))
}

/// Changes a group of tags.
#[utoipa::path(put, path = "/api/v1/tag-groups/{id}", tag = "tags", params(("id" = String, Path,)),
    request_body = NewTagGroup,
    responses((status = 200, body = TagGroupDto), (status = "4XX", body = ProblemBody)))]
async fn update_tag_group(
    State(state): State<Arc<PeopleState>>,
    caller: Caller,
    Path(id): Path<TagGroupId>,
    Json(new): Json<NewTagGroup>,
) -> ApiResult<Json<TagGroupDto>> {
    caller.require(Area::People, Verb::Write)?;
    let name = check_tag("name", &new.name)?;
    let tx = begin_change(&state, &caller).await?;
    let dynamic: Option<String> = tx
        .scalar(
            "SELECT name FROM tags WHERE workspace_id = $1 AND group_id = $2 AND kind = 'dynamic' LIMIT 1",
            vec![caller.workspace.0.into(), id.0.into()],
        )
        .await?;
    if let (true, Some(tag)) = (new.exclusive, dynamic) {
        let message = format!("the tag \"{tag}\" is dynamic and excludes no others");
        return Err(Problem::at(Code::InvalidBody, "exclusive", message).into());
    }
    let changed = tx
        .run(
            "UPDATE tag_groups SET name = $3, exclusive = $4 WHERE workspace_id = $1 AND id = $2",
            vec![caller.workspace.0.into(), id.0.into(), name.as_str().into(), i64::from(new.exclusive).into()],
        )
        .await;
    match changed {
        Ok(0) => return Err(Code::NotFound.into()),
        Err(error) if store::is_unique_violation(&error) => return Err(Code::AlreadyExists.into()),
        other => other?,
    };
    let tags = tags_of_group(&tx, &caller, id).await?;
    tags_changed(&state, &tx, &caller, &tags).await?;
    finish_change(&state, tx, &caller, "tag_group.updated", id, json!({ "name": name })).await?;
    Ok(Json(TagGroupDto { id, name, exclusive: new.exclusive }))
}

/// Deletes a group of tags; its tags stay and stand in none.
#[utoipa::path(delete, path = "/api/v1/tag-groups/{id}", tag = "tags", params(("id" = String, Path,)),
    responses((status = 204), (status = "4XX", body = ProblemBody)))]
async fn delete_tag_group(
    State(state): State<Arc<PeopleState>>,
    caller: Caller,
    Path(id): Path<TagGroupId>,
) -> ApiResult<StatusCode> {
    caller.require(Area::People, Verb::Write)?;
    let tx = begin_change(&state, &caller).await?;
    let values = || vec![caller.workspace.0.into(), id.0.into()];
    let deleted = tx.run("DELETE FROM tag_groups WHERE workspace_id = $1 AND id = $2", values()).await?;
    if deleted == 0 {
        return Err(Code::NotFound.into());
    }
    let tags = tags_of_group(&tx, &caller, id).await?;
    tx.run("UPDATE tags SET group_id = NULL WHERE workspace_id = $1 AND group_id = $2", values()).await?;
    tags_changed(&state, &tx, &caller, &tags).await?;
    finish_change(&state, tx, &caller, "tag_group.deleted", id, json!({})).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(FromQueryResult)]
struct NameRow {
    name: String,
}

/// The names of the tags in a group.
pub(super) async fn tags_of_group(tx: &Tx, caller: &Caller, group: TagGroupId) -> Result<Vec<String>, store::DbErr> {
    let rows: Vec<NameRow> = tx
        .all(
            "SELECT name FROM tags WHERE workspace_id = $1 AND group_id = $2",
            vec![caller.workspace.0.into(), group.0.into()],
        )
        .await?;
    Ok(rows.into_iter().map(|row| row.name).collect())
}

/// Whether a tag of this kind may stand in a group.
pub(super) async fn check_group(tx: &Tx, caller: &Caller, group: TagGroupId, kind: TagKind) -> ApiResult<()> {
    let exclusive: Option<i64> = tx
        .scalar(
            "SELECT exclusive FROM tag_groups WHERE workspace_id = $1 AND id = $2",
            vec![caller.workspace.0.into(), group.0.into()],
        )
        .await?;
    match exclusive {
        None => Err(Problem::at(Code::UnknownReference, "group_id", "there is no such group of tags").into()),
        Some(1) if kind == TagKind::Dynamic => {
            Err(Problem::at(Code::InvalidBody, "group_id", "a dynamic tag excludes no others; its rule can").into())
        }
        Some(_) => Ok(()),
    }
}
