//! `/api/v1/tags` and the tags of a member.

use std::{collections::HashSet, sync::Arc};

use api::{ApiResult, Area, Caller, Json, Page, PageQuery, Path, ProblemBody, Query, Verb};
use axum::extract::State;
use base::{Code, EventKind, Problem, Time, ids::MemberId};
use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::Sql;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{TAG_ADDED, TAG_REMOVED, stage::MAX_TAGS};
use crate::{
    PeopleState,
    commands::Command,
    members::{MemberDto, require_member, show_member},
};

/// How many tags one request may name.
pub const MAX_AT_ONCE: usize = 50;
const MAX_LENGTH: usize = 100;

/// The routes of this feature.
pub fn routes(state: Arc<PeopleState>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(change_member_tags))
        .routes(routes!(list_tag_history))
        .with_state(state.clone())
        .merge(super::bulk::routes(state.clone()))
        .merge(super::list::routes(state.clone()))
        .merge(super::definitions::routes(state.clone()))
        .merge(super::groups::routes(state))
}

/// Tags to add to and remove from a member.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TagChange {
    /// Tags to add.
    #[serde(default)]
    add: Vec<String>,
    /// Tags to remove.
    #[serde(default)]
    remove: Vec<String>,
    /// When the added ones come off by themselves; when left out, as their definitions say.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Time>,
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
    check_end(&state, change.expires_at)?;
    let (add, remove) = (check_tags("add", change.add)?, check_tags("remove", change.remove)?);
    let member = require_member(state.db.read(), caller.workspace, id).await?;
    // The one command must not have taken effect when the other is refused.
    check_by_hand(&state, &caller, &add, &remove).await?;
    check_number(&state, member, &add, &remove).await?;
    state.audit(&caller, "member.tagged", &member.to_string(), json!({"add": add, "remove": remove})).await?;
    for (name, tags) in [(TAG_REMOVED, remove), (TAG_ADDED, add)] {
        if tags.is_empty() {
            continue;
        }
        let mut properties = json!({ "tags": tags });
        if let (TAG_ADDED, Some(expires_at)) = (name, change.expires_at) {
            properties["expires_at"] = json!(expires_at);
        }
        let command = Command {
            workspace: caller.workspace,
            member,
            kind: EventKind::Command,
            name,
            properties,
            actor: &caller.actor,
        };
        state.commands.carry_out(command).await?;
    }
    let member = show_member(state.db.read(), caller.workspace, id, state.clock.now()).await?;
    Ok(Json(member.ok_or(Problem::new(Code::NotFound))?))
}

/// Refuses an end that is over: tags that were carried without one would come off instead of being put on.
pub(super) fn check_end(state: &PeopleState, expires_at: Option<Time>) -> Result<(), Problem> {
    match expires_at {
        Some(end) if end <= state.clock.now() => {
            Err(Problem::at(Code::InvalidBody, "expires_at", "is over already; to take tags off, remove them"))
        }
        _ => Ok(()),
    }
}

/// Refuses tags that a rule or a model gives.
pub(super) async fn check_by_hand(
    state: &PeopleState,
    caller: &Caller,
    add: &[String],
    remove: &[String],
) -> ApiResult<()> {
    let book = super::load_book(state.db.read(), caller.workspace).await?;
    let by_hand = |tag: &&String| book.get(*tag).is_none_or(|rule| rule.kind == super::TagKind::Static);
    match add.iter().chain(remove).find(|tag| !by_hand(tag)) {
        Some(tag) => Err(Problem::with(Code::TagIsDynamic, format!("\"{tag}\" is not given by hand")).into()),
        None => Ok(()),
    }
}

#[derive(FromQueryResult)]
struct TagRow {
    tag: String,
}

/// Refuses more tags than a member can have.
async fn check_number(state: &PeopleState, member: MemberId, add: &[String], remove: &[String]) -> ApiResult<()> {
    let carried: Vec<TagRow> = state
        .db
        .read()
        .all(
            "SELECT DISTINCT t.tag FROM identities i JOIN member_tags t ON t.identity_id = i.id
             WHERE i.member_id = $1 AND t.source <> 'snapshot'",
            vec![member.0.into()],
        )
        .await?;
    let mut tags: HashSet<&String> = carried.iter().map(|row| &row.tag).filter(|tag| !remove.contains(tag)).collect();
    let before = tags.len();
    tags.extend(add);
    match tags.len() > before && tags.len() > MAX_TAGS {
        true => Err(Problem::with(Code::TooManyTags, format!("a member can have at most {MAX_TAGS} tags")).into()),
        false => Ok(()),
    }
}

/// A tag that was put on a member or taken off.
#[derive(Serialize, ToSchema)]
struct TagChangeDto {
    /// The tag.
    tag: String,
    /// True for putting on.
    added: bool,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Time,
    /// Who did it; `expiry` when it came off by itself.
    source: String,
    /// Kind of the identity that carries it.
    identity_kind: String,
    /// Value of that identity.
    identity_value: String,
}

#[derive(FromQueryResult)]
struct ChangeRow {
    id: i64,
    tag: String,
    added: i64,
    changed_at: i64,
    source: String,
    kind: String,
    value: String,
}

/// Which changes.
#[derive(Deserialize, IntoParams)]
struct HistoryQuery {
    /// Only those of this tag.
    tag: Option<String>,
    /// How many items at most (1 to 500, default 50).
    limit: Option<u64>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

/// Which tags were put on a member and taken off, newest first; those that rules give are in the changes of their
/// segments.
#[utoipa::path(get, path = "/api/v1/members/{id}/tags/history", tag = "tags", params(("id" = String, Path,), HistoryQuery),
    responses((status = 200, body = Page<TagChangeDto>), (status = "4XX", body = ProblemBody)))]
async fn list_tag_history(
    State(state): State<Arc<PeopleState>>,
    caller: Caller,
    Path(id): Path<MemberId>,
    Query(query): Query<HistoryQuery>,
) -> ApiResult<Json<Page<TagChangeDto>>> {
    caller.require(Area::People, Verb::Read)?;
    if query.tag.as_deref().is_some_and(|tag| tag.contains('\0')) {
        return Err(Code::NulCharacter.into());
    }
    let member = require_member(state.db.read(), caller.workspace, id).await?;
    let page = PageQuery { limit: query.limit, cursor: query.cursor };
    let limit = page.limit();
    let mut values =
        vec![caller.workspace.0.into(), member.0.into(), page.position(i64::MAX)?.into(), (limit as i64 + 1).into()];
    let mut only = "";
    if let Some(tag) = query.tag {
        values.push(tag.into());
        only = "AND c.tag = $5";
    }
    let rows: Vec<ChangeRow> = state
        .db
        .read()
        .all(
            &format!(
                "SELECT c.id, c.tag, c.added, c.changed_at, c.source, i.kind, i.value
                 FROM identities i JOIN tag_changes c ON c.identity_id = i.id
                 WHERE i.workspace_id = $1 AND i.member_id = $2 AND c.id < $3 AND c.source <> 'snapshot' {only}
                 ORDER BY c.id DESC LIMIT $4"
            ),
            values,
        )
        .await?;
    let item = |row: ChangeRow| TagChangeDto {
        tag: row.tag,
        added: row.added != 0,
        at: Time::from_millis(row.changed_at),
        source: row.source,
        identity_kind: row.kind,
        identity_value: row.value,
    };
    Ok(Json(Page::from_rows(rows, limit, |row| row.id, item)))
}

/// Tags are trimmed; each has 1 to 100 characters and no control characters, and is not the id of a segment, which stands
/// for a snapshot.
pub fn check_tags(field: &str, tags: Vec<String>) -> Result<Vec<String>, Problem> {
    if tags.len() > MAX_AT_ONCE {
        return Err(Problem::at(Code::InvalidBody, field, format!("has more than {MAX_AT_ONCE} tags")));
    }
    tags.into_iter().enumerate().map(|(index, tag)| check_tag(&format!("{field}[{index}]"), &tag)).collect()
}

/// As [`check_tags`], for one.
pub(super) fn check_tag(field: &str, tag: &str) -> Result<String, Problem> {
    let tag = tag.trim();
    match fault_of(tag) {
        Some(fault) => Err(Problem::at(Code::InvalidBody, field, fault)),
        None => Ok(tag.to_owned()),
    }
}

/// Why a text, without blanks around it, cannot be a tag; `None` when it can.
pub fn fault_of(tag: &str) -> Option<&'static str> {
    let length = tag.chars().count();
    if length == 0 || length > MAX_LENGTH || tag.contains(char::is_control) {
        return Some("must have 1 to 100 characters");
    }
    super::is_snapshot(tag).then_some("looks like the id of a segment")
}
