//! The merging and splitting of members.

use std::{collections::BTreeMap, sync::Arc};

use api::{ApiResult, Area, Caller, Json, Path, ProblemBody, Verb};
use axum::extract::State;
use base::{
    Code, EventKind, Problem,
    ids::{IdentityId, MemberId, MergeId},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{IDENTITY_SPLIT, MEMBERS_MERGED};
use crate::{
    PeopleState,
    commands::Command,
    members::{MemberDto, preview_merge, show_member},
};

/// The routes of this feature.
pub fn routes(state: Arc<PeopleState>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(merge_members))
        .routes(routes!(preview_members_merge))
        .routes(routes!(split_member))
        .with_state(state.clone())
        .merge(super::merges::routes(state.clone()))
        .merge(super::deciding::routes(state))
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
pub(super) struct Merged {
    /// By which it can be undone.
    #[schema(value_type = String)]
    pub(super) merge_id: MergeId,
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

pub(super) async fn merge(
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

pub(super) async fn carry_out(
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
