//! Snapshots: who was in a segment, or behind a number, at one moment, kept for good.
//!
//! A snapshot is a segment whose rule asks for a tag of its own, which the members of that moment carry. So it follows
//! merges and their undoing like every other fact. The pipeline makes it between two batches.

use std::{collections::HashSet, sync::Arc};

use api::{ApiResult, Area, Caller, Json, Path, ProblemBody, Verb};
use axum::{extract::State, http::StatusCode};
use base::{
    Code, IdSource, Problem, Time,
    ids::{MemberId, SegmentId, WorkspaceId},
};
use sea_orm::{DbErr, FromQueryResult};
use serde::Deserialize;
use serde_json::json;
use store::{Sql, Tx};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    routes::{begin_change, check_name, finish_change},
    service::{self, Entry, SegmentDto, enter},
};
use crate::{PeopleState, identity};

const MEMBERS_AT_ONCE: i64 = 10_000;
/// Who put the tag of a snapshot on a member.
const SOURCE: &str = "snapshot";

/// The routes of this part.
pub(super) fn routes(state: Arc<PeopleState>) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(snapshot_segment)).with_state(state)
}

/// A snapshot to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewSnapshot {
    /// Its name, 1 to 200 characters.
    name: String,
}

/// Keeps who is in a segment now, as a segment of its own.
#[utoipa::path(post, path = "/api/v1/segments/{id}/snapshot", tag = "segments", params(("id" = String, Path,)),
    request_body = NewSnapshot,
    responses((status = 201, body = SegmentDto), (status = "4XX", body = ProblemBody)))]
async fn snapshot_segment(
    State(state): State<Arc<PeopleState>>,
    caller: Caller,
    Path(of): Path<SegmentId>,
    Json(new): Json<NewSnapshot>,
) -> ApiResult<(StatusCode, Json<SegmentDto>)> {
    caller.require(Area::Segments, Verb::Write)?;
    let name = check_name(&new.name)?;
    let tx = begin_change(&state, &caller).await?;
    let source = service::get(&tx, caller.workspace, of).await?.ok_or(Problem::new(Code::NotFound))?;
    if source.state != "live" {
        return Err(Problem::with(Code::WrongState, "the segment is being built").into());
    }
    let id = state.ids.next(SegmentId);
    insert(&tx, &caller, (id, &name), Some(of), state.clock.now()).await?;
    finish_change(&state, tx, &caller, "segment.snapshot_made", id, json!({"name": name, "of": of})).await?;
    let segment = service::get(state.db.read(), caller.workspace, id).await?.ok_or(Problem::new(Code::NotFound))?;
    Ok((StatusCode::CREATED, Json(segment)))
}

/// Keeps some members as a segment of its own; whoever is none any more is left out. It is made as soon as the pipeline gets
/// to it. `of` says in the audit log what they were.
pub async fn keep_members(
    state: &PeopleState,
    caller: &Caller,
    name: &str,
    members: &[i64],
    of: serde_json::Value,
) -> ApiResult<SegmentDto> {
    caller.require(Area::Segments, Verb::Write)?;
    let name = check_name(name)?;
    let id = state.ids.next(SegmentId);
    let tx = begin_change(state, caller).await?;
    insert(&tx, caller, (id, &name), None, state.clock.now()).await?;
    let rows: Vec<(i64, i64)> = members.iter().map(|member| (id.0, *member)).collect();
    tx.run_rows(
        "INSERT INTO snapshot_members (segment_id, member_id)
         SELECT CAST(r.value->>0 AS BIGINT), CAST(r.value->>1 AS BIGINT) FROM {rows}",
        &rows,
    )
    .await?;
    let detail = json!({"name": name, "of": of, "members": members.len()});
    finish_change(state, tx, caller, "segment.snapshot_made", id, detail).await?;
    Ok(service::get(state.db.read(), caller.workspace, id).await?.ok_or(Problem::new(Code::NotFound))?)
}

/// Keeps a snapshot that is to be made of a segment, or of those who are named beside it.
async fn insert(
    tx: &Tx,
    caller: &Caller,
    (id, name): (SegmentId, &str),
    of: Option<SegmentId>,
    now: Time,
) -> Result<(), DbErr> {
    tx.run(
        "INSERT INTO segments (id, workspace_id, name, rule_json, state, item_key, created_by, created_at, updated_at)
         VALUES ($1, $2, $3, $4, 'freezing', $5, $6, $7, $7)",
        vec![
            id.0.into(),
            caller.workspace.0.into(),
            name.into(),
            json!({ "tag": id }).to_string().into(),
            of.map(|of| of.to_string()).into(),
            caller.actor.as_str().into(),
            now.millis().into(),
        ],
    )
    .await?;
    Ok(())
}

/// A snapshot of a segment that was asked for and is not made yet, if there is one: until it is, who is in the segment
/// must not be forgotten.
pub(super) async fn awaited(tx: &Tx, workspace: WorkspaceId, of: SegmentId) -> Result<Option<SegmentId>, DbErr> {
    let id: Option<i64> = tx
        .scalar(
            "SELECT id FROM segments
             WHERE workspace_id = $1 AND item_key = $2 AND state = 'freezing' AND deleted_at IS NULL ORDER BY id LIMIT 1",
            vec![workspace.0.into(), of.to_string().into()],
        )
        .await?;
    Ok(id.map(SegmentId))
}

#[derive(FromQueryResult)]
struct FreezingRow {
    id: i64,
    workspace_id: i64,
    item_key: Option<String>,
}

#[derive(FromQueryResult)]
struct FrozenRow {
    /// Where the next page begins: the member as he was named.
    position: i64,
    member_id: i64,
    identity_id: i64,
}

/// Makes the snapshots that were asked for; gives how many, and who got a tag by them. Nobody may be in memory then.
pub(super) async fn freeze(tx: &Tx, ids: &IdSource, now: Time) -> Result<(usize, Vec<MemberId>), DbErr> {
    let waiting: Vec<FreezingRow> = tx
        .all(
            "SELECT id, workspace_id, item_key FROM segments WHERE state = 'freezing' AND deleted_at IS NULL ORDER BY id",
            vec![],
        )
        .await?;
    let mut tagged = Vec::new();
    for snapshot in &waiting {
        let of: Option<SegmentId> = snapshot.item_key.as_deref().and_then(|text| text.parse().ok());
        let (mut after, mut merged) = (0, HashSet::new());
        loop {
            let mut rows = match of {
                Some(of) => members_after(tx, of.0, after).await?,
                None => named_after(tx, snapshot.id, after).await?,
            };
            let Some(last) = rows.last() else { break };
            after = last.position;
            // Of several who have become one since, one stays.
            rows.retain(|row| row.position == row.member_id || merged.insert(row.member_id));
            tagged.extend(rows.iter().map(|row| MemberId(row.member_id)));
            keep(tx, ids, snapshot, &rows, now).await?;
        }
        tx.run("DELETE FROM snapshot_members WHERE segment_id = $1", vec![snapshot.id.into()]).await?;
        tx.run(
            "UPDATE segments SET state = 'live', size = (SELECT COUNT(*) FROM segment_members m WHERE m.segment_id = $1)
             WHERE id = $1",
            vec![snapshot.id.into()],
        )
        .await?;
    }
    Ok((waiting.len(), tagged))
}

/// Members of a segment with the strongest identity of each, as [`crate::members::MemberState::primary_identity`] has it.
async fn members_after(tx: &Tx, segment: i64, after: i64) -> Result<Vec<FrozenRow>, DbErr> {
    tx.all(
        &format!(
            "SELECT m.member_id AS position, m.member_id, i.id AS identity_id FROM segment_members m
             JOIN identities i ON i.id = (
               SELECT j.id FROM identities j WHERE j.member_id = m.member_id ORDER BY {} DESC, j.id LIMIT 1)
             WHERE m.segment_id = $1 AND m.member_id > $2 ORDER BY m.member_id LIMIT $3",
            identity::priority_sql("j.kind")
        ),
        vec![segment.into(), after.into(), MEMBERS_AT_ONCE.into()],
    )
    .await
}

/// The members whom a snapshot names, as [`members_after`]; who has become one with another of them is left out.
async fn named_after(tx: &Tx, snapshot: i64, after: i64) -> Result<Vec<FrozenRow>, DbErr> {
    tx.all(
        &format!(
            "SELECT s.member_id AS position, i.member_id, i.id AS identity_id FROM snapshot_members s
             JOIN members m ON m.id = s.member_id
             JOIN identities i ON i.id = (
               SELECT j.id FROM identities j WHERE j.member_id = COALESCE(m.merged_into, m.id)
               ORDER BY {} DESC, j.id LIMIT 1)
             WHERE s.segment_id = $1 AND s.member_id > $2
               AND NOT EXISTS (SELECT 1 FROM snapshot_members t WHERE t.segment_id = $1 AND t.member_id = m.merged_into)
             ORDER BY s.member_id LIMIT $3",
            identity::priority_sql("j.kind")
        ),
        vec![snapshot.into(), after.into(), MEMBERS_AT_ONCE.into()],
    )
    .await
}

async fn keep(tx: &Tx, ids: &IdSource, snapshot: &FreezingRow, rows: &[FrozenRow], now: Time) -> Result<(), DbErr> {
    let tag = SegmentId(snapshot.id).to_string();
    let at = now.millis();
    let tags: Vec<(i64, &str, i64, i64, i64, &str)> = rows
        .iter()
        .map(|row| (row.identity_id, tag.as_str(), snapshot.workspace_id, at, ids.next_number(), SOURCE))
        .collect();
    tx.run_rows(
        "INSERT INTO member_tags (identity_id, tag, workspace_id, added_at, source)
         SELECT CAST(r.value->>0 AS BIGINT), r.value->>1, CAST(r.value->>2 AS BIGINT), CAST(r.value->>3 AS BIGINT),
                r.value->>5 FROM {rows}",
        &tags,
    )
    .await?;
    tx.run_rows(
        "INSERT INTO tag_changes (id, identity_id, tag, added, changed_at, source)
         SELECT CAST(r.value->>4 AS BIGINT), CAST(r.value->>0 AS BIGINT), r.value->>1, 1, CAST(r.value->>3 AS BIGINT),
                r.value->>5 FROM {rows}",
        &tags,
    )
    .await?;
    let members: Vec<Entry> = rows.iter().map(|row| (snapshot.id, row.member_id, at, ids.next_number(), at)).collect();
    enter(tx, &members).await
}
