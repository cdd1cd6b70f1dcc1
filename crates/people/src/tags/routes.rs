//! `/api/v1/tags` and the tags of a member.

use std::sync::Arc;

use api::{ApiResult, Area, Caller, Json, Page, Path, ProblemBody, Verb};
use axum::extract::State;
use base::{Code, EventKind, Problem, ids::MemberId};
use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::Sql;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{TAG_ADDED, TAG_REMOVED};
use crate::{
    PeopleState,
    commands::Command,
    members::{MemberDto, show_member},
};

const MAX_AT_ONCE: usize = 50;
const MAX_LENGTH: usize = 100;

/// The routes of this feature.
pub fn routes(state: Arc<PeopleState>) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(list_tags)).routes(routes!(change_member_tags)).with_state(state)
}

/// A tag and how many members carry it.
#[derive(Serialize, ToSchema, FromQueryResult)]
struct TagDto {
    /// The tag.
    tag: String,
    /// How many members carry it.
    members: i64,
}

/// All tags in use, with their numbers of members.
#[utoipa::path(get, path = "/api/v1/tags", tag = "tags",
    responses((status = 200, body = Page<TagDto>), (status = "4XX", body = ProblemBody)))]
async fn list_tags(State(state): State<Arc<PeopleState>>, caller: Caller) -> ApiResult<Json<Page<TagDto>>> {
    caller.require(Area::People, Verb::Read)?;
    let items: Vec<TagDto> = state
        .db
        .read()
        .all(
            "SELECT t.tag, COUNT(DISTINCT i.member_id) AS members FROM member_tags t
             JOIN identities i ON i.id = t.identity_id WHERE t.workspace_id = $1
             GROUP BY t.tag ORDER BY t.tag LIMIT 10000",
            vec![caller.workspace.0.into()],
        )
        .await?;
    Ok(Json(Page { items, next: None }))
}

/// Tags to add to and remove from a member.
#[derive(Deserialize, ToSchema)]
struct TagChange {
    /// Tags to add.
    #[serde(default)]
    add: Vec<String>,
    /// Tags to remove.
    #[serde(default)]
    remove: Vec<String>,
}

/// Adds and removes tags of a member.
#[utoipa::path(post, path = "/api/v1/members/{id}/tags", tag = "tags", params(("id" = String, Path,)),
    request_body = TagChange,
    responses((status = 200, body = MemberDto), (status = "4XX", body = ProblemBody)))]
async fn change_member_tags(
    State(state): State<Arc<PeopleState>>,
    caller: Caller,
    Path(id): Path<MemberId>,
    Json(change): Json<TagChange>,
) -> ApiResult<Json<MemberDto>> {
    caller.require(Area::People, Verb::Write)?;
    let (add, remove) = (check_tags("add", change.add)?, check_tags("remove", change.remove)?);
    let member = show_member(state.db.read(), caller.workspace, id).await?;
    let member = member.ok_or(Problem::new(Code::NotFound))?;
    state.audit(&caller, "member.tagged", &member.id.to_string(), json!({"add": add, "remove": remove})).await?;
    for (name, tags) in [(TAG_REMOVED, remove), (TAG_ADDED, add)] {
        if tags.is_empty() {
            continue;
        }
        let command = Command {
            workspace: caller.workspace,
            member: member.id,
            kind: EventKind::Command,
            name,
            properties: json!({ "tags": tags }),
            actor: &caller.actor,
        };
        state.commands.carry_out(command).await?;
    }
    let member = show_member(state.db.read(), caller.workspace, id).await?;
    Ok(Json(member.ok_or(Problem::new(Code::NotFound))?))
}

/// Tags are trimmed; each has 1 to 100 characters and no control characters.
pub fn check_tags(field: &str, tags: Vec<String>) -> Result<Vec<String>, Problem> {
    if tags.len() > MAX_AT_ONCE {
        return Err(Problem::at(Code::InvalidBody, field, format!("has more than {MAX_AT_ONCE} tags")));
    }
    let mut checked = Vec::with_capacity(tags.len());
    for (index, tag) in tags.into_iter().enumerate() {
        let tag = tag.trim().to_owned();
        let length = tag.chars().count();
        if length == 0 || length > MAX_LENGTH || tag.contains(char::is_control) {
            return Err(Problem::at(Code::InvalidBody, format!("{field}[{index}]"), "must have 1 to 100 characters"));
        }
        checked.push(tag);
    }
    Ok(checked)
}
