//! What became of a segment: who entered and left, how large it was, whom it shares with another, and a sample of it.

use std::sync::Arc;

use api::{ApiResult, Area, Caller, Json, Page, PageQuery, Path, ProblemBody, Query, Verb};
use axum::extract::State;
use base::{
    Code, Problem, Time,
    ids::{MemberId, SegmentId},
};
use jiff::{Span, tz::TimeZone};
use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};
use store::Sql;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::service;
use crate::{
    PeopleState,
    members::{MemberDto, show_members},
};

/// The routes of this part.
pub(super) fn routes(state: Arc<PeopleState>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list_segment_changes))
        .routes(routes!(get_segment_sizes))
        .routes(routes!(get_segment_overlap))
        .routes(routes!(sample_segment))
        .with_state(state)
}

async fn require_segment(state: &PeopleState, caller: &Caller, id: SegmentId) -> ApiResult<()> {
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
    let mut filter = "";
    if let Some(member) = query.member {
        values.push(member.0.into());
        filter = "AND member_id = $4";
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

/// Over which time, in which steps.
#[derive(Deserialize, IntoParams)]
struct SizesQuery {
    /// From this moment on; 30 days ago when left out.
    #[param(value_type = Option<String>)]
    from: Option<Time>,
    /// Up to this moment; now when left out.
    #[param(value_type = Option<String>)]
    to: Option<Time>,
    /// `hour`, `day` (when left out), `week` or `month`, of the workspace's calendar.
    unit: Option<String>,
}

/// How large a segment was at the end of each step.
#[derive(Serialize, ToSchema)]
struct Sizes {
    /// One for each step.
    points: Vec<SizePoint>,
}

/// How large a segment was.
#[derive(Serialize, ToSchema)]
struct SizePoint {
    /// The end of the step, or the end of the time that was asked for.
    #[schema(value_type = String, format = DateTime)]
    t: Time,
    /// How many members it had then.
    size: i64,
    /// How many entered in this step.
    entered: i64,
    /// How many left in this step.
    left: i64,
}

/// Changes of one quarter of an hour; every zone's hours and days begin with one.
#[derive(FromQueryResult)]
struct QuarterRow {
    quarter: i64,
    entered: i64,
    gone: i64,
}

const QUARTER: i64 = 900_000;
const MOST_POINTS: usize = 1_000;

/// How large a segment was, step by step.
#[utoipa::path(get, path = "/api/v1/segments/{id}/sizes", tag = "segments", params(("id" = String, Path,), SizesQuery),
    responses((status = 200, body = Sizes), (status = "4XX", body = ProblemBody)))]
async fn get_segment_sizes(
    State(state): State<Arc<PeopleState>>,
    caller: Caller,
    Path(id): Path<SegmentId>,
    Query(query): Query<SizesQuery>,
) -> ApiResult<Json<Sizes>> {
    require_segment(&state, &caller, id).await?;
    let db = state.db.read();
    let zone = service::zone_of(db, caller.workspace).await?;
    let to = query.to.unwrap_or_else(|| state.clock.now());
    let from = query.from.unwrap_or_else(|| to.minus(std::time::Duration::from_secs(30 * 86_400)));
    let ends = steps(from, to, query.unit.as_deref().unwrap_or("day"), &zone)?;
    let before: Option<i64> = db
        .scalar(
            "SELECT CAST(COALESCE(SUM(2 * entered - 1), 0) AS BIGINT) FROM segment_changes
             WHERE segment_id = $1 AND changed_at < $2",
            vec![id.0.into(), from.millis().into()],
        )
        .await?;
    let rows: Vec<QuarterRow> = db
        .all(
            "SELECT changed_at / 900000 AS quarter, CAST(SUM(entered) AS BIGINT) AS entered,
                    CAST(SUM(1 - entered) AS BIGINT) AS gone
             FROM segment_changes WHERE segment_id = $1 AND changed_at >= $2 AND changed_at < $3
             GROUP BY changed_at / 900000 ORDER BY changed_at / 900000",
            vec![id.0.into(), from.millis().into(), to.millis().into()],
        )
        .await?;
    let mut size = before.unwrap_or_default();
    let mut rows = rows.into_iter().peekable();
    let mut points = Vec::with_capacity(ends.len());
    for end in ends {
        let (mut entered, mut left) = (0, 0);
        while let Some(row) = rows.next_if(|row| row.quarter * QUARTER < end.millis()) {
            entered += row.entered;
            left += row.gone;
        }
        size += entered - left;
        points.push(SizePoint { t: end, size, entered, left });
    }
    Ok(Json(Sizes { points }))
}

/// The ends of the steps between two moments.
fn steps(from: Time, to: Time, unit: &str, zone: &TimeZone) -> Result<Vec<Time>, Problem> {
    if from >= to {
        return Err(Problem::at(Code::InvalidQuery, "from", "must be before \"to\""));
    }
    let step = match unit {
        "hour" => Span::new().hours(1),
        "day" => Span::new().days(1),
        "week" => Span::new().weeks(1),
        "month" => Span::new().months(1),
        _ => return Err(Problem::at(Code::InvalidQuery, "unit", "is not one of hour, day, week, month")),
    };
    let too_far = || Problem::at(Code::InvalidQuery, "from", "is too long ago for these steps");
    let begin = from.timestamp().to_zoned(zone.clone());
    let day = begin.start_of_day().map_err(|_| too_far())?;
    let mut next = match unit {
        "hour" => begin.with().minute(0).second(0).subsec_nanosecond(0).build().map_err(|_| too_far())?,
        "day" => day,
        "week" => day
            .checked_sub(Span::new().days(i64::from(day.weekday().to_monday_zero_offset())))
            .map_err(|_| too_far())?,
        _ => day.with().day(1).build().map_err(|_| too_far())?,
    };
    let mut ends = Vec::new();
    loop {
        next = next.checked_add(step).map_err(|_| too_far())?;
        let end = Time::from_millis(next.timestamp().as_millisecond());
        ends.push(end.min(to));
        if end >= to {
            return Ok(ends);
        }
        if ends.len() == MOST_POINTS {
            return Err(too_far());
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_end_with_the_calendar_of_the_zone() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let steps = |from: &str, to: &str, unit| {
            let ends = steps(from.parse().unwrap(), to.parse().unwrap(), unit, &zone).unwrap();
            ends.iter().map(Time::to_string).collect::<Vec<_>>()
        };
        // The day on which the clocks go forward has 23 hours.
        assert_eq!(
            steps("2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z", "day"),
            ["2026-03-28T23:00:00.000Z", "2026-03-29T22:00:00.000Z", "2026-03-30T12:00:00.000Z"]
        );
        assert_eq!(
            steps("2026-02-10T00:00:00Z", "2026-03-05T00:00:00Z", "month"),
            ["2026-02-28T23:00:00.000Z", "2026-03-05T00:00:00.000Z"]
        );
        assert_eq!(steps("2026-03-25T00:00:00Z", "2026-03-29T22:00:00Z", "week"), ["2026-03-29T22:00:00.000Z"]);
        assert_eq!(steps("2026-03-25T00:10:00Z", "2026-03-25T01:00:00Z", "hour"), ["2026-03-25T01:00:00.000Z"]);
    }
}
