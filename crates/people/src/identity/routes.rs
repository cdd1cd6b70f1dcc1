//! `/api/v1/merges`, `/api/v1/merge-suggestions`, and the merging and splitting of members.

use std::{collections::BTreeMap, sync::Arc};

use api::{ApiResult, Area, Caller, Json, Page, PageQuery, Path, ProblemBody, Query, Verb};
use axum::{extract::State, http::StatusCode};
use base::{
    Code, EventKind, Problem, Time,
    ids::{IdentityId, MemberId, MergeId, SuggestionId},
};
use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::Sql;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{IDENTITY_SPLIT, MEMBERS_MERGED, MERGE_UNDONE};
use crate::{
    PeopleState,
    commands::Command,
    members::{MemberDto, current, preview_merge, show_member},
};

/// The routes of this feature.
pub fn routes(state: Arc<PeopleState>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(merge_members))
        .routes(routes!(preview_members_merge))
        .routes(routes!(split_member))
        .routes(routes!(list_merges))
        .routes(routes!(undo_merge))
        .routes(routes!(list_suggestions))
        .routes(routes!(accept_suggestion))
        .routes(routes!(dismiss_suggestion))
        .with_state(state)
}

/// Whom to merge.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MergeRequest {
    /// The member who is absorbed.
    #[schema(value_type = String)]
    with: MemberId,
}

/// A merge that was made.
#[derive(Serialize, ToSchema)]
struct Merged {
    /// By which it can be undone.
    #[schema(value_type = String)]
    merge_id: MergeId,
}

/// What a merge would make of two members.
#[derive(Serialize, ToSchema)]
struct MergePreview {
    /// The one member that there would be.
    member: MemberDto,
    /// Traits that both have, with different values.
    conflicts: Vec<ConflictDto>,
}

/// A trait of which two members say different things.
#[derive(Serialize, ToSchema)]
struct ConflictDto {
    /// Name of the trait.
    name: String,
    /// What the profile of each says, by his id.
    #[schema(value_type = Object)]
    values: BTreeMap<String, Value>,
    /// What the one profile would say: what was said last.
    #[schema(value_type = Object)]
    stays: Value,
}

/// Makes two members one. Can be undone at any time, whatever has happened since.
#[utoipa::path(post, path = "/api/v1/members/{id}/merge", tag = "merges", params(("id" = String, Path,)),
    request_body = MergeRequest,
    responses((status = 200, body = Merged), (status = "4XX", body = ProblemBody)))]
async fn merge_members(
    State(state): State<Arc<PeopleState>>,
    caller: Caller,
    Path(id): Path<MemberId>,
    Json(request): Json<MergeRequest>,
) -> ApiResult<Json<Merged>> {
    caller.require(Area::People, Verb::Write)?;
    let (kept, absorbed) = two_members(&state, &caller, id, request.with).await?;
    Ok(Json(Merged { merge_id: merge(&state, &caller, &kept, &absorbed).await? }))
}

/// Shows what a merge would give, without making it.
#[utoipa::path(post, path = "/api/v1/members/{id}/merge/preview", tag = "merges", params(("id" = String, Path,)),
    request_body = MergeRequest,
    responses((status = 200, body = MergePreview), (status = "4XX", body = ProblemBody)))]
async fn preview_members_merge(
    State(state): State<Arc<PeopleState>>,
    caller: Caller,
    Path(id): Path<MemberId>,
    Json(request): Json<MergeRequest>,
) -> ApiResult<Json<MergePreview>> {
    caller.require(Area::People, Verb::Read)?;
    let (kept, absorbed) = two_members(&state, &caller, id, request.with).await?;
    let member = preview_merge(state.db.read(), caller.workspace, kept.id, absorbed.id, state.clock.now())
        .await?
        .ok_or(Problem::new(Code::NotFound))?;
    let differ = kept.traits.iter().filter_map(|(name, value)| {
        let other = absorbed.traits.get(name).filter(|other| *other != value)?;
        let values = BTreeMap::from([(kept.id.to_string(), value.clone()), (absorbed.id.to_string(), other.clone())]);
        Some(ConflictDto { name: name.clone(), values, stays: member.traits.get(name).cloned().unwrap_or_default() })
    });
    let conflicts = differ.collect();
    Ok(Json(MergePreview { member, conflicts }))
}

async fn two_members(
    state: &PeopleState,
    caller: &Caller,
    kept: MemberId,
    absorbed: MemberId,
) -> Result<(MemberDto, MemberDto), api::ApiError> {
    let missing = || Problem::at(Code::UnknownReference, "with", "there is no such member");
    let kept = show_member(state.db.read(), caller.workspace, kept, state.clock.now())
        .await?
        .ok_or(Problem::new(Code::NotFound))?;
    let absorbed =
        show_member(state.db.read(), caller.workspace, absorbed, state.clock.now()).await?.ok_or_else(missing)?;
    if kept.id == absorbed.id {
        return Err(Problem::at(Code::InvalidBody, "with", "is the same member").into());
    }
    Ok((kept, absorbed))
}

async fn merge(
    state: &PeopleState,
    caller: &Caller,
    kept: &MemberDto,
    absorbed: &MemberDto,
) -> Result<MergeId, api::ApiError> {
    let merge_id = state.ids.next(MergeId);
    state.audit(caller, "member.merged", &kept.id.to_string(), json!({"with": absorbed.id, "merge": merge_id})).await?;
    carry_out(state, caller, kept.id, MEMBERS_MERGED, json!({"with": absorbed.id, "merge": merge_id})).await?;
    Ok(merge_id)
}

async fn carry_out(
    state: &PeopleState,
    caller: &Caller,
    member: MemberId,
    name: &str,
    properties: Value,
) -> Result<(), Problem> {
    let kind = EventKind::Command;
    let command = Command { workspace: caller.workspace, member, kind, name, properties, actor: &caller.actor };
    state.commands.carry_out(command).await
}

/// Which identity to split off.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SplitRequest {
    /// One of the member's identities.
    #[schema(value_type = String)]
    identity: IdentityId,
}

/// Who came of a split.
#[derive(Serialize, ToSchema)]
struct Split {
    /// The new member, who has that identity and all that came in under it.
    #[schema(value_type = String)]
    member_id: MemberId,
}

/// Makes a member of his own of one identity.
#[utoipa::path(post, path = "/api/v1/members/{id}/split", tag = "merges", params(("id" = String, Path,)),
    request_body = SplitRequest,
    responses((status = 200, body = Split), (status = "4XX", body = ProblemBody)))]
async fn split_member(
    State(state): State<Arc<PeopleState>>,
    caller: Caller,
    Path(id): Path<MemberId>,
    Json(request): Json<SplitRequest>,
) -> ApiResult<Json<Split>> {
    caller.require(Area::People, Verb::Write)?;
    let member = show_member(state.db.read(), caller.workspace, id, state.clock.now())
        .await?
        .ok_or(Problem::new(Code::NotFound))?;
    if !member.identities.iter().any(|identity| identity.id == request.identity) {
        return Err(Problem::at(Code::UnknownReference, "identity", "is none of the member's").into());
    }
    if member.identities.len() == 1 {
        return Err(Problem::with(Code::WrongState, "it is the member's only identity").into());
    }
    let member_id = state.ids.next(MemberId);
    let detail = json!({"identity": request.identity, "member": member_id});
    state.audit(&caller, "member.split", &member.id.to_string(), detail.clone()).await?;
    carry_out(&state, &caller, member.id, IDENTITY_SPLIT, detail).await?;
    Ok(Json(Split { member_id }))
}

/// A merge, as the API shows it.
#[derive(Serialize, ToSchema)]
struct MergeDto {
    /// `mrg_…`
    #[schema(value_type = String)]
    id: MergeId,
    /// The member who stayed.
    #[schema(value_type = String)]
    kept: MemberId,
    /// The member who was absorbed.
    #[schema(value_type = String)]
    absorbed: MemberId,
    /// Why.
    reason: String,
    /// The message that led to it.
    source: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    merged_at: Time,
    /// When it was undone.
    #[schema(value_type = Option<String>, format = DateTime)]
    undone_at: Option<Time>,
    /// By whom.
    undone_by: Option<String>,
}

#[derive(FromQueryResult)]
struct MergeRow {
    id: i64,
    kept_member_id: i64,
    absorbed_member_id: i64,
    kept_origin_id: i64,
    absorbed_origin_id: i64,
    reason: String,
    source: String,
    merged_at: i64,
    undone_at: Option<i64>,
    undone_by: Option<String>,
}

impl From<MergeRow> for MergeDto {
    fn from(row: MergeRow) -> MergeDto {
        MergeDto {
            id: MergeId(row.id),
            kept: MemberId(row.kept_member_id),
            absorbed: MemberId(row.absorbed_member_id),
            reason: row.reason,
            source: row.source,
            merged_at: Time::from_millis(row.merged_at),
            undone_at: row.undone_at.map(Time::from_millis),
            undone_by: row.undone_by,
        }
    }
}

const MERGE: &str =
    "SELECT id, kept_member_id, absorbed_member_id, kept_origin_id, absorbed_origin_id, reason, source, merged_at,
            undone_at, undone_by FROM merges";

/// Whose merges.
#[derive(Deserialize, IntoParams)]
struct MergeQuery {
    /// Only those that this member was part of.
    #[param(value_type = Option<String>)]
    member: Option<MemberId>,
    /// How many items at most (1 to 500, default 50).
    limit: Option<u64>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

/// Merges, newest first.
#[utoipa::path(get, path = "/api/v1/merges", tag = "merges", params(MergeQuery),
    responses((status = 200, body = Page<MergeDto>), (status = "4XX", body = ProblemBody)))]
async fn list_merges(
    State(state): State<Arc<PeopleState>>,
    caller: Caller,
    Query(query): Query<MergeQuery>,
) -> ApiResult<Json<Page<MergeDto>>> {
    caller.require(Area::People, Verb::Read)?;
    let page = PageQuery { limit: query.limit, cursor: query.cursor };
    let limit = page.limit();
    let mut values = vec![caller.workspace.0.into(), page.position(i64::MAX)?.into(), (limit as i64 + 1).into()];
    let mut filter = "";
    if let Some(member) = query.member {
        values.push(member.0.into());
        filter =
            "AND (kept_member_id = $4 OR absorbed_member_id = $4 OR kept_origin_id = $4 OR absorbed_origin_id = $4)";
    }
    let rows: Vec<MergeRow> = state
        .db
        .read()
        .all(&format!("{MERGE} WHERE workspace_id = $1 AND id < $2 {filter} ORDER BY id DESC LIMIT $3"), values)
        .await?;
    Ok(Json(Page::from_rows(rows, limit, |row| row.id, MergeDto::from)))
}

/// Who came of an undone merge.
#[derive(Serialize, ToSchema)]
struct Undone {
    /// Who stands for the member who had stayed.
    #[schema(value_type = String)]
    kept: MemberId,
    /// Who stands for the member who had been absorbed.
    #[schema(value_type = String)]
    absorbed: MemberId,
}

/// Undoes a merge, in whatever order. Each member has his own facts again, those included that came in since.
#[utoipa::path(post, path = "/api/v1/merges/{id}/undo", tag = "merges", params(("id" = String, Path,)),
    responses((status = 200, body = Undone), (status = "4XX", body = ProblemBody)))]
async fn undo_merge(
    State(state): State<Arc<PeopleState>>,
    caller: Caller,
    Path(id): Path<MergeId>,
) -> ApiResult<Json<Undone>> {
    caller.require(Area::People, Verb::Write)?;
    let db = state.db.read();
    let row: Option<MergeRow> = db
        .one(&format!("{MERGE} WHERE workspace_id = $1 AND id = $2"), vec![caller.workspace.0.into(), id.0.into()])
        .await?;
    let row = row.ok_or(Problem::new(Code::NotFound))?;
    let origins = (MemberId(row.kept_origin_id), MemberId(row.absorbed_origin_id));
    let merge = MergeDto::from(row);
    if merge.undone_at.is_some() {
        return Err(Problem::with(Code::WrongState, "it is undone already").into());
    }
    state
        .audit(&caller, "merge.undone", &id.to_string(), json!({"kept": merge.kept, "absorbed": merge.absorbed}))
        .await?;
    carry_out(&state, &caller, merge.kept, MERGE_UNDONE, json!({"merge": id})).await?;
    let (kept, absorbed) = (current(db, origins.0).await?, current(db, origins.1).await?);
    if kept == absorbed {
        let detail = "one of the two has no identity left, so there was nobody to part";
        return Err(Problem::with(Code::WrongState, detail).into());
    }
    Ok(Json(Undone { kept, absorbed }))
}

/// Two members who may be one person.
#[derive(Serialize, ToSchema)]
struct SuggestionDto {
    /// `sug_…`
    #[schema(value_type = String)]
    id: SuggestionId,
    /// The older of the two.
    #[schema(value_type = String)]
    one: MemberId,
    /// The other.
    #[schema(value_type = String)]
    other: MemberId,
    /// Why they may be one: `same address`, `same verified address`, `same account`, `same verified account`; `alias`,
    /// or `alias from a key that is not trusted`, which anybody can send; `verified address that the other only
    /// claims`, of whom one has perhaps taken what is not his: split the address off him instead. Or the reason of the
    /// merge that an operator undid.
    reason: String,
    /// What says so: the message, and the identity of each with its kind, its value and whether it is verified.
    #[schema(value_type = Object)]
    evidence: Value,
    /// `open`, `accepted`, `dismissed`, or `obsolete` when the two were made one for another reason.
    state: String,
    /// When it was noticed.
    #[schema(value_type = String, format = DateTime)]
    suggested_at: Time,
}

#[derive(FromQueryResult)]
struct SuggestionRow {
    id: i64,
    one_id: i64,
    other_id: i64,
    /// Who stands for the two now.
    one_now: i64,
    other_now: i64,
    reason: String,
    evidence_json: String,
    state: String,
    suggested_at: i64,
}

const SUGGESTION: &str = "SELECT s.id, s.one_id, s.other_id, COALESCE(one.merged_into, s.one_id) AS one_now,
            COALESCE(other.merged_into, s.other_id) AS other_now, s.reason, s.evidence_json, s.state, s.suggested_at
     FROM merge_suggestions s
     LEFT JOIN members one ON one.id = s.one_id LEFT JOIN members other ON other.id = s.other_id";

impl From<SuggestionRow> for SuggestionDto {
    fn from(row: SuggestionRow) -> SuggestionDto {
        let mut evidence: Value = serde_json::from_str(&row.evidence_json).unwrap_or_default();
        let identities = evidence.get_mut("identities").and_then(Value::as_array_mut).into_iter().flatten();
        for member in identities.filter_map(|identity| identity.get_mut("member")) {
            let now = [(row.one_id, row.one_now), (row.other_id, row.other_now)];
            if let Some((_, now)) = now.into_iter().find(|(then, _)| *member == json!(MemberId(*then))) {
                *member = json!(MemberId(now));
            }
        }
        SuggestionDto {
            id: SuggestionId(row.id),
            one: MemberId(row.one_now.min(row.other_now)),
            other: MemberId(row.one_now.max(row.other_now)),
            reason: row.reason,
            evidence,
            state: row.state,
            suggested_at: Time::from_millis(row.suggested_at),
        }
    }
}

/// Suggestions that nobody has decided, newest first.
#[utoipa::path(get, path = "/api/v1/merge-suggestions", tag = "merges", params(PageQuery),
    responses((status = 200, body = Page<SuggestionDto>), (status = "4XX", body = ProblemBody)))]
async fn list_suggestions(
    State(state): State<Arc<PeopleState>>,
    caller: Caller,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<Page<SuggestionDto>>> {
    caller.require(Area::People, Verb::Read)?;
    let limit = page.limit();
    let rows: Vec<SuggestionRow> = state
        .db
        .read()
        .all(
            &format!(
                "{SUGGESTION} WHERE s.workspace_id = $1 AND s.state = 'open' AND s.id < $2 ORDER BY s.id DESC LIMIT $3"
            ),
            vec![caller.workspace.0.into(), page.position(i64::MAX)?.into(), (limit as i64 + 1).into()],
        )
        .await?;
    Ok(Json(Page::from_rows(rows, limit, |row| row.id, SuggestionDto::from)))
}

/// Makes the two members one; the older one stays.
#[utoipa::path(post, path = "/api/v1/merge-suggestions/{id}/accept", tag = "merges", params(("id" = String, Path,)),
    responses((status = 200, body = Merged), (status = "4XX", body = ProblemBody)))]
async fn accept_suggestion(
    State(state): State<Arc<PeopleState>>,
    caller: Caller,
    Path(id): Path<SuggestionId>,
) -> ApiResult<Json<Merged>> {
    caller.require(Area::People, Verb::Write)?;
    let suggestion = find_suggestion(state.db.read(), &caller, id).await?;
    let find = |member| show_member(state.db.read(), caller.workspace, member, state.clock.now());
    let (kept, absorbed) = match (find(suggestion.one).await?, find(suggestion.other).await?) {
        (Some(kept), Some(absorbed)) if kept.id != absorbed.id => (kept, absorbed),
        _ => {
            decide(&state, &caller, id, "obsolete").await?;
            return Err(Problem::with(Code::WrongState, "they are not two members any more").into());
        }
    };
    decide(&state, &caller, id, "accepted").await?;
    match merge(&state, &caller, &kept, &absorbed).await {
        Ok(merge_id) => Ok(Json(Merged { merge_id })),
        // The merge is in the log and will be made.
        Err(error) if error.0.code == Code::Timeout => Err(error),
        Err(error) => {
            open_again(&state, id).await?;
            Err(error)
        }
    }
}

/// Says that the two are not one person; they are not suggested again.
#[utoipa::path(post, path = "/api/v1/merge-suggestions/{id}/dismiss", tag = "merges", params(("id" = String, Path,)),
    responses((status = 204), (status = "4XX", body = ProblemBody)))]
async fn dismiss_suggestion(
    State(state): State<Arc<PeopleState>>,
    caller: Caller,
    Path(id): Path<SuggestionId>,
) -> ApiResult<StatusCode> {
    caller.require(Area::People, Verb::Write)?;
    decide(&state, &caller, id, "dismissed").await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn find_suggestion(db: &impl Sql, caller: &Caller, id: SuggestionId) -> Result<SuggestionDto, api::ApiError> {
    let sql = format!("{SUGGESTION} WHERE s.workspace_id = $1 AND s.id = $2");
    let row: Option<SuggestionRow> = db.one(&sql, vec![caller.workspace.0.into(), id.0.into()]).await?;
    Ok(row.ok_or(Problem::new(Code::NotFound))?.into())
}

/// Notes what was decided; of two who decide at once, one is refused.
async fn decide(state: &PeopleState, caller: &Caller, id: SuggestionId, decision: &str) -> Result<(), api::ApiError> {
    let tx = state.db.begin().await?;
    let (workspace, now) = (caller.workspace, state.clock.now());
    let suggestion = find_suggestion(&tx, caller, id).await?;
    let decided = tx
        .run(
            "UPDATE merge_suggestions SET state = $2, decided_at = $3, decided_by = $4 WHERE id = $1 AND state = 'open'",
            vec![id.0.into(), decision.into(), now.millis().into(), caller.actor.clone().into()],
        )
        .await?;
    if decided == 0 {
        return Err(Problem::with(Code::WrongState, format!("it is {} already", suggestion.state)).into());
    }
    let action = format!("suggestion.{decision}");
    let detail = json!({"one": suggestion.one, "other": suggestion.other});
    store::audit::record(&tx, &state.ids, now, workspace, &caller.actor, &action, &id.to_string(), detail).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes back that a suggestion was accepted, since nothing came of it.
async fn open_again(state: &PeopleState, id: SuggestionId) -> Result<(), store::DbErr> {
    let tx = state.db.begin().await?;
    tx.run(
        "UPDATE merge_suggestions SET state = 'open', decided_at = NULL, decided_by = NULL
         WHERE id = $1 AND state = 'accepted'",
        vec![id.0.into()],
    )
    .await?;
    tx.commit().await
}
