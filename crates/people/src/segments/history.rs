//! What became of a segment: who entered and left, whom it shares with another, and a sample of it.

use std::sync::Arc;

use api::{ApiResult, Area, Caller, Json, Page, PageQuery, Path, ProblemBody, Query, Verb};
use axum::extract::State;
use base::{
    Code, Problem, Time,
    ids::{MemberId, SegmentId},
};
use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};
use store::Sql;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{service, sizes::first_number};
use crate::{
    PeopleState,
    members::{MemberDto, show_members},
};

/// The routes of this part.
pub(super) fn routes(state: Arc<PeopleState>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list_segment_changes))
        .routes(routes!(get_segment_overlap))
        .routes(routes!(sample_segment))
        .with_state(state)
}

pub(super) async fn require_segment(state: &PeopleState, caller: &Caller, id: SegmentId) -> ApiResult<()> {
    caller.require(Area::Segments, Verb::Read)?;
    service::get(state.db.read(), caller.workspace, id).await?.ok_or(Problem::new(Code::NotFound))?;
    Ok(())
}

/// Somebody entered a segment, or left it.
#[derive(Serialize, ToSchema)]
struct SegmentChangeDto {
    /// Who.
    #[schema(value_type = String)]
    member_id: MemberId,
    /// True for entering.
    entered: bool,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Time,
}

#[derive(FromQueryResult)]
struct ChangeRow {
    id: i64,
    member_id: i64,
    entered: i64,
    changed_at: i64,
}

/// Which entries and exits.
#[derive(Deserialize, IntoParams)]
struct ChangesQuery {
    /// Only those of this member.
    #[param(value_type = Option<String>)]
    member: Option<MemberId>,
    /// Only entries, or only exits.
    entered: Option<bool>,
    /// Only those at or after this moment.
    #[param(value_type = Option<String>)]
    from: Option<Time>,
    /// Only those before this moment.
    #[param(value_type = Option<String>)]
    to: Option<Time>,
    /// How many items at most (1 to 500, default 50).
    limit: Option<u64>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

/// Entries and exits, newest first.
#[utoipa::path(get, path = "/api/v1/segments/{id}/changes", tag = "segments", params(("id" = String, Path,), ChangesQuery),
    responses((status = 200, body = Page<SegmentChangeDto>), (status = "4XX", body = ProblemBody)))]
async fn list_segment_changes(
    State(state): State<Arc<PeopleState>>,
    caller: Caller,
    Path(id): Path<SegmentId>,
    Query(query): Query<ChangesQuery>,
) -> ApiResult<Json<Page<SegmentChangeDto>>> {
    caller.require(Area::People, Verb::Read)?;
    require_segment(&state, &caller, id).await?;
    let page = PageQuery { limit: query.limit, cursor: query.cursor };
    let limit = page.limit();
    let mut values = vec![id.0.into(), page.position(i64::MAX)?.into(), (limit as i64 + 1).into()];
    let mut filter = String::new();
    let wanted = [
        ("member_id =", query.member.map(|member| member.0)),
        ("entered =", query.entered.map(i64::from)),
        ("changed_at >=", query.from.map(Time::millis)),
        // Changes are noted when they happen, so their numbers tell where to stop.
        ("id >=", query.from.map(first_number)),
        ("changed_at <", query.to.map(Time::millis)),
    ];
    for (test, value) in wanted {
        if let Some(value) = value {
            values.push(value.into());
            filter += &format!(" AND {test} ${}", values.len());
        }
    }
    let rows: Vec<ChangeRow> = state
        .db
        .read()
        .all(
            &format!(
                "SELECT id, member_id, entered, changed_at FROM segment_changes
                 WHERE segment_id = $1 AND id < $2 {filter} ORDER BY id DESC LIMIT $3"
            ),
            values,
        )
        .await?;
    let item = |row: ChangeRow| SegmentChangeDto {
        member_id: MemberId(row.member_id),
        entered: row.entered != 0,
        at: Time::from_millis(row.changed_at),
    };
    Ok(Json(Page::from_rows(rows, limit, |row| row.id, item)))
}

/// With which other segment.
#[derive(Deserialize, IntoParams)]
struct OverlapQuery {
    /// The other segment.
    #[param(value_type = String)]
    with: SegmentId,
}

/// Whom two segments share.
#[derive(Serialize, ToSchema, FromQueryResult)]
struct Overlap {
    /// Members of the one.
    size: i64,
    /// Members of the other.
    with_size: i64,
    /// Members of both.
    both: i64,
}

/// How many members two segments share.
#[utoipa::path(get, path = "/api/v1/segments/{id}/overlap", tag = "segments", params(("id" = String, Path,), OverlapQuery),
    responses((status = 200, body = Overlap), (status = "4XX", body = ProblemBody)))]
async fn get_segment_overlap(
    State(state): State<Arc<PeopleState>>,
    caller: Caller,
    Path(id): Path<SegmentId>,
    Query(query): Query<OverlapQuery>,
) -> ApiResult<Json<Overlap>> {
    require_segment(&state, &caller, id).await?;
    let missing = || Problem::at(Code::UnknownReference, "with", "there is no such segment");
    service::get(state.db.read(), caller.workspace, query.with).await?.ok_or_else(missing)?;
    let overlap: Option<Overlap> = state
        .db
        .read()
        .one(
            "SELECT (SELECT COUNT(*) FROM segment_members WHERE segment_id = $1) AS size,
                    (SELECT COUNT(*) FROM segment_members WHERE segment_id = $2) AS with_size,
                    (SELECT COUNT(*) FROM segment_members a JOIN segment_members b
                       ON b.member_id = a.member_id AND b.segment_id = $2 WHERE a.segment_id = $1) AS both",
            vec![id.0.into(), query.with.0.into()],
        )
        .await?;
    Ok(Json(overlap.ok_or(Problem::new(Code::Internal))?))
}

/// Which sample.
#[derive(Deserialize, IntoParams)]
struct SampleQuery {
    /// How many members (1 to 500, default 50).
    limit: Option<u64>,
    /// Another seed gives another sample; 0 when left out.
    seed: Option<u32>,
}

#[derive(FromQueryResult)]
struct IdRow {
    id: i64,
}

/// A random sample that stays the same for the same seed, as far as its members stay in the segment.
#[utoipa::path(get, path = "/api/v1/segments/{id}/sample", tag = "segments", params(("id" = String, Path,), SampleQuery),
    responses((status = 200, body = Page<MemberDto>), (status = "4XX", body = ProblemBody)))]
async fn sample_segment(
    State(state): State<Arc<PeopleState>>,
    caller: Caller,
    Path(id): Path<SegmentId>,
    Query(query): Query<SampleQuery>,
) -> ApiResult<Json<Page<MemberDto>>> {
    caller.require(Area::People, Verb::Read)?;
    require_segment(&state, &caller, id).await?;
    let limit = PageQuery { limit: query.limit, cursor: None }.limit();
    // Members in the order of a hash of seed and id: two rounds of multiplication and squaring modulo the prime
    // 2^31 − 1, small enough for 64 bits on either database.
    const PRIME: i64 = 2_147_483_647;
    let seed = i64::from(query.seed.unwrap_or_default()) % (PRIME - 1) + 1;
    let (factor, offset) = (seed * 48_271 % PRIME, seed * 16_807 % PRIME);
    let mixed = |x: &str| format!("(({x} * {x}) % {PRIME} * {factor} + {offset}) % {PRIME}");
    let first = format!("(member_id % {PRIME} * {factor} + {offset}) % {PRIME}");
    let rows: Vec<IdRow> = state
        .db
        .read()
        .all(
            &format!(
                "SELECT id FROM (SELECT id, {} AS h FROM
                   (SELECT member_id AS id, {first} AS g FROM segment_members WHERE segment_id = $1) AS x) AS y
                 ORDER BY h, id LIMIT $2",
                mixed("g"),
            ),
            vec![id.0.into(), (limit as i64).into()],
        )
        .await?;
    let ids: Vec<MemberId> = rows.iter().map(|row| MemberId(row.id)).collect();
    let items = show_members(state.db.read(), caller.workspace, &ids, state.clock.now()).await?;
    Ok(Json(Page { items, next: None }))
}
