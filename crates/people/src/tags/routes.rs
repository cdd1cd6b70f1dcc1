//! `/api/v1/tags` and the tags of a member.

use std::{collections::HashSet, sync::Arc};

use api::{ApiResult, Area, Caller, Json, Page, PageQuery, Path, ProblemBody, Query, Verb};
use axum::{extract::State, http::StatusCode};
use base::{
    Code, EventKind, Problem, Time,
    ids::{JobId, MemberId, SegmentId},
};
use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{
    Sql,
    jobs::{self, NewJob},
};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{BulkTagJob, TAG_ADDED, TAG_REMOVED, bulk::BulkChange, stage::MAX_TAGS};
use crate::{
    PeopleState,
    commands::Command,
    members::{MemberDto, MemberFilter, count_members, require_member, show_member},
    segments,
};

/// How many tags one request may name.
pub const MAX_AT_ONCE: usize = 50;
const MAX_LENGTH: usize = 100;
/// Members whom a bulk change may name one by one.
const MAX_NAMED: usize = 10_000;

/// The routes of this feature.
pub fn routes(state: Arc<PeopleState>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(change_member_tags))
        .routes(routes!(list_tag_history))
        .routes(routes!(change_tags_in_bulk))
        .with_state(state.clone())
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
fn check_end(state: &PeopleState, expires_at: Option<Time>) -> Result<(), Problem> {
    match expires_at {
        Some(end) if end <= state.clock.now() => {
            Err(Problem::at(Code::InvalidBody, "expires_at", "is over already; to take tags off, remove them"))
        }
        _ => Ok(()),
    }
}

/// Refuses tags that a rule or a model gives.
async fn check_by_hand(state: &PeopleState, caller: &Caller, add: &[String], remove: &[String]) -> ApiResult<()> {
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

/// Tags to add to and remove from many members: those of a segment, those who carry a tag, or those who are named.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BulkTagChange {
    /// Tags to add.
    #[serde(default)]
    add: Vec<String>,
    /// Tags to remove.
    #[serde(default)]
    remove: Vec<String>,
    /// The members of this segment.
    #[schema(value_type = Option<String>)]
    segment: Option<SegmentId>,
    /// The members who carry this tag.
    tag: Option<String>,
    /// These members, at most 10,000.
    #[schema(value_type = Option<Vec<String>>)]
    members: Option<Vec<MemberId>>,
    /// When the added ones come off by themselves; when left out, as their definitions say.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Time>,
}

/// A job that was begun.
#[derive(Serialize, ToSchema)]
pub(super) struct BegunJob {
    /// `job_…`; see `/api/v1/jobs/{id}`.
    #[schema(value_type = String)]
    pub(super) job_id: JobId,
    /// How many members it will change.
    pub(super) members: i64,
}

/// Adds and removes tags of many members, as a job with progress. Its `result` counts the `members` that it reached:
/// `changed`, `unchanged` (they were so already) and `refused`, such as those who have as many tags as a member can
/// have. Where there are any of the latter, `refusals` counts them by code, and `dead_letters` says where to read on.
#[utoipa::path(post, path = "/api/v1/tags/bulk", tag = "tags", request_body = BulkTagChange,
    responses((status = 202, body = BegunJob), (status = "4XX", body = ProblemBody)))]
async fn change_tags_in_bulk(
    State(state): State<Arc<PeopleState>>,
    caller: Caller,
    Json(request): Json<BulkTagChange>,
) -> ApiResult<(StatusCode, Json<BegunJob>)> {
    caller.require(Area::People, Verb::Write)?;
    check_end(&state, request.expires_at)?;
    let change = BulkChange {
        add: check_tags("add", request.add)?,
        remove: check_tags("remove", request.remove)?,
        settle: Vec::new(),
        segment: request.segment,
        tag: request.tag,
        members: request.members,
        expires_at: request.expires_at,
        total: 0,
        actor: caller.actor.clone(),
    };
    if change.add.is_empty() && change.remove.is_empty() {
        return Err(Problem::at(Code::InvalidBody, "add", "there is no tag to add or to remove").into());
    }
    let chosen = [change.segment.is_some(), change.tag.is_some(), change.members.is_some()];
    if chosen.iter().filter(|is_chosen| **is_chosen).count() != 1 {
        return Err(Problem::at(Code::InvalidBody, "segment", "say one of segment, tag and members").into());
    }
    if change.members.as_ref().is_some_and(|members| members.len() > MAX_NAMED) {
        return Err(Problem::at(Code::InvalidBody, "members", format!("has more than {MAX_NAMED} members")).into());
    }
    let begun = begin_job(&state, &caller, change).await?;
    Ok((StatusCode::ACCEPTED, Json(begun)))
}

/// Begins a job that changes tags, after a look at what they are.
pub(super) async fn begin_job(state: &PeopleState, caller: &Caller, mut change: BulkChange) -> ApiResult<BegunJob> {
    check_by_hand(state, caller, &change.add, &change.remove).await?;
    if let Some(segment) = change.segment {
        let missing = || Problem::at(Code::UnknownReference, "segment", format!("there is no segment {segment}"));
        let found = segments::get(state.db.read(), caller.workspace, segment).await?.ok_or_else(missing)?;
        // Whoever is not in it yet would go without.
        if found.is_first_built() {
            return Err(Problem::with(Code::WrongState, "the segment is being built").into());
        }
    }
    if let Some(members) = &mut change.members {
        check_members(state, caller, members).await?;
        members.sort_unstable();
        members.dedup();
    }
    change.total = match &change.members {
        Some(members) => members.len() as i64,
        None => {
            let filter =
                MemberFilter { segment: change.segment, carries: change.tag.as_deref(), ..MemberFilter::default() };
            count_members(state.db.read(), caller.workspace, &filter).await?
        }
    };
    let (now, members) = (state.clock.now(), change.total);
    let detail = json!({"add": change.add, "remove": change.remove, "settle": change.settle, "members": members});
    let tx = state.db.begin().await?;
    let job = NewJob {
        workspace: caller.workspace,
        kind: BulkTagJob::KIND,
        payload: json!(change),
        unique_key: None,
        created_by: &caller.actor,
    };
    let job_id = jobs::enqueue(&tx, &state.ids, now, job).await?.ok_or(Problem::new(Code::Internal))?;
    let target = job_id.to_string();
    store::audit::record(&tx, &state.ids, now, caller.workspace, &caller.actor, "members.tagged", &target, detail)
        .await?;
    tx.commit().await?;
    Ok(BegunJob { job_id, members })
}

#[derive(FromQueryResult)]
struct IdRow {
    id: i64,
}

/// Refuses members who are not there, or not in this workspace.
async fn check_members(state: &PeopleState, caller: &Caller, members: &[MemberId]) -> ApiResult<()> {
    let keys: Vec<(i64,)> = members.iter().map(|id| (id.0,)).collect();
    let known: Vec<IdRow> = state
        .db
        .read()
        .all_rows(
            "SELECT m.id FROM {rows} JOIN members m ON m.id = CAST(r.value->>0 AS BIGINT) AND m.workspace_id + 0 = $2",
            &keys,
            vec![caller.workspace.0.into()],
        )
        .await?;
    let known: HashSet<i64> = known.into_iter().map(|row| row.id).collect();
    match members.iter().position(|id| !known.contains(&id.0)) {
        None => Ok(()),
        Some(place) => {
            let path = format!("members[{place}]");
            Err(Problem::at(Code::UnknownReference, path, "there is no such member").into())
        }
    }
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
