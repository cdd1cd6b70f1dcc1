//! `/api/v1/tags/bulk`.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use api::{ApiResult, Area, Caller, Json, ProblemBody, Verb};
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use base::{
    Code, Problem, Time,
    ids::{JobId, MemberId, SegmentId},
};
use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{
    Sql,
    jobs::{self, NewJob},
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    super::routes::{check_by_hand, check_end, check_tags},
    BulkChange, BulkTagJob,
    preview::{BulkPreview, preview},
};
use crate::{
    PeopleState,
    members::{MemberFilter, count_members},
    segments,
};

/// Members whom a bulk change may name one by one.
const MAX_NAMED: usize = 10_000;
/// By which part the number of members may have changed since somebody looked at it.
const MOST_MOVED: f64 = 0.01;

/// The routes of this part.
pub(in super::super) fn routes(state: Arc<PeopleState>) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(change_tags_in_bulk)).with_state(state)
}

/// Tags to add to and remove from many members: those of a segment, those who carry a tag, those whom a filter finds, or
/// those who are named.
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
    /// The members whom the list shows with this filter; an empty one means everybody.
    filter: Option<MemberFilter>,
    /// When the added ones come off by themselves; when left out, as their definitions say.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Time>,
    /// Only says in numbers what it would do.
    #[serde(default)]
    dry_run: bool,
    /// How many members whoever asks believes it to be about. When it is more than a hundredth more or fewer, nothing is done.
    expected_members: Option<i64>,
}

/// A job that was begun.
#[derive(Serialize, ToSchema)]
pub(in super::super) struct BegunJob {
    /// `job_…`; see `/api/v1/jobs/{id}`.
    #[schema(value_type = String)]
    job_id: JobId,
    /// How many members it will change.
    members: i64,
}

/// Adds and removes tags of many members, as a job with progress. Its `result` counts the `members` that it reached:
/// `changed`, `unchanged` (they were so already) and `refused`, such as those who have as many tags as a member can
/// have. Where there are any of the latter, `refusals` counts them by code, and `dead_letters` says where to read on.
///
/// With `dry_run` nothing is done, and the answer is 200 with the same in numbers beforehand.
#[utoipa::path(post, path = "/api/v1/tags/bulk", tag = "tags", request_body = BulkTagChange,
    responses((status = 200, body = BulkPreview), (status = 202, body = BegunJob), (status = "4XX", body = ProblemBody)))]
async fn change_tags_in_bulk(
    State(state): State<Arc<PeopleState>>,
    caller: Caller,
    Json(request): Json<BulkTagChange>,
) -> ApiResult<Response> {
    caller.require(Area::People, Verb::Write)?;
    check_end(&state, request.expires_at)?;
    let mut change = BulkChange {
        add: check_tags("add", request.add)?,
        remove: check_tags("remove", request.remove)?,
        settle: Vec::new(),
        segment: request.segment,
        tag: request.tag,
        members: request.members,
        filter: request.filter,
        expires_at: request.expires_at,
        total: 0,
        actor: caller.actor.clone(),
    };
    if change.add.is_empty() && change.remove.is_empty() {
        return Err(Problem::at(Code::InvalidBody, "add", "there is no tag to add or to remove").into());
    }
    let chosen = [change.segment.is_some(), change.tag.is_some(), change.members.is_some(), change.filter.is_some()];
    if chosen.iter().filter(|is_chosen| **is_chosen).count() != 1 {
        return Err(Problem::at(Code::InvalidBody, "segment", "say one of segment, tag, members and filter").into());
    }
    if change.members.as_ref().is_some_and(|members| members.len() > MAX_NAMED) {
        return Err(Problem::at(Code::InvalidBody, "members", format!("has more than {MAX_NAMED} members")).into());
    }
    if let Some(filter) = &change.filter {
        filter.check(Code::InvalidBody, "filter.")?;
    }
    if let Some(tag) = &change.tag
        && tag.contains('\0')
    {
        return Err(Code::NulCharacter.into());
    }
    let named = change.members.as_ref().map_or(0, Vec::len) as i64;
    settle_whom(&state, &caller, &mut change).await?;
    if let Some(expected) = request.expected_members
        && (change.total - expected).abs() as f64 > expected.max(0) as f64 * MOST_MOVED
    {
        let detail = format!("it is about {} members now, not {expected}; look at the preview again", change.total);
        return Err(Problem::with(Code::Conflict, detail).into());
    }
    if request.dry_run {
        let excluded = if change.members.is_some() { named - change.total } else { 0 };
        let preview = preview(&state, caller.workspace, &change, excluded).await?;
        return Ok(Json(preview).into_response());
    }
    Ok((StatusCode::ACCEPTED, Json(enqueue(&state, &caller, change).await?)).into_response())
}

/// Begins a job that changes tags, after a look at what they are.
pub(in super::super) async fn begin_job(
    state: &PeopleState,
    caller: &Caller,
    mut change: BulkChange,
) -> ApiResult<BegunJob> {
    settle_whom(state, caller, &mut change).await?;
    enqueue(state, caller, change).await
}

/// Refuses what cannot be done, and counts whom it is about.
async fn settle_whom(state: &PeopleState, caller: &Caller, change: &mut BulkChange) -> ApiResult<()> {
    check_by_hand(state, caller, &change.add, &change.remove).await?;
    let in_filter = change.filter.as_ref().and_then(|filter| filter.segment);
    for (path, segment) in [("segment", change.segment), ("filter.segment", in_filter)] {
        let Some(segment) = segment else { continue };
        let missing = || Problem::at(Code::UnknownReference, path, format!("there is no segment {segment}"));
        let found = segments::get(state.db.read(), caller.workspace, segment).await?.ok_or_else(missing)?;
        // Whoever is not in it yet would go without.
        if found.is_first_built() {
            return Err(Problem::with(Code::WrongState, "the segment is being built").into());
        }
    }
    change.total = match &mut change.members {
        Some(members) => {
            *members = present_members(state, caller, members).await?;
            members.len() as i64
        }
        None => count_members(state.db.read(), caller.workspace, &change.whom()).await?,
    };
    Ok(())
}

async fn enqueue(state: &PeopleState, caller: &Caller, change: BulkChange) -> ApiResult<BegunJob> {
    let (now, members) = (state.clock.now(), change.total);
    let mut detail = json!({"add": change.add, "remove": change.remove, "settle": change.settle, "members": members});
    if let Some(filter) = &change.filter {
        detail["filter"] = json!(filter);
    }
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
struct PresentRow {
    id: i64,
    present: i64,
}

/// Those who stand for these members now, each once. Refuses members who are not there, or not in this workspace.
async fn present_members(state: &PeopleState, caller: &Caller, members: &[MemberId]) -> ApiResult<Vec<MemberId>> {
    let keys: Vec<(i64,)> = members.iter().map(|id| (id.0,)).collect();
    let rows: Vec<PresentRow> = state
        .db
        .read()
        .all_rows(
            "SELECT m.id, COALESCE(m.merged_into, m.id) AS present
             FROM {rows} JOIN members m ON m.id = CAST(r.value->>0 AS BIGINT) AND m.workspace_id + 0 = $2",
            &keys,
            vec![caller.workspace.0.into()],
        )
        .await?;
    let known: HashMap<i64, i64> = rows.into_iter().map(|row| (row.id, row.present)).collect();
    if let Some(place) = members.iter().position(|id| !known.contains_key(&id.0)) {
        let path = format!("members[{place}]");
        return Err(Problem::at(Code::UnknownReference, path, "there is no such member").into());
    }
    let present: HashSet<i64> = known.into_values().collect();
    let mut present: Vec<MemberId> = present.into_iter().map(MemberId).collect();
    present.sort_unstable();
    Ok(present)
}
