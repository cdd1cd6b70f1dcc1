//! How large segments were, step by step: backwards from how large they are now, so that only the changes of the time that is
//! asked for are read.

use std::{collections::HashMap, sync::Arc, time::Duration};

use api::{ApiResult, Area, Caller, Json, Path, ProblemBody, Query, Verb};
use axum::extract::State;
use base::{
    Code, Problem, Time,
    ids::{SegmentId, WorkspaceId},
};
use jiff::{Span, tz::TimeZone};
use sea_orm::{DbErr, FromQueryResult};
use serde::{Deserialize, Serialize};
use store::Sql;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{history::require_segment, service};
use crate::PeopleState;

/// Segments whose sizes one request may ask for.
const MOST_SEGMENTS: usize = 100;

/// The routes of this part.
pub(super) fn routes(state: Arc<PeopleState>) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(get_segment_sizes)).routes(routes!(get_sizes_of_segments)).with_state(state)
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

/// Of several segments.
#[derive(Deserialize, IntoParams)]
struct SizesOfQuery {
    /// Ids of segments between commas, at most 100; of all when left out, the newest 100.
    ids: Option<String>,
    /// From this moment on; 30 days ago when left out.
    #[param(value_type = Option<String>)]
    from: Option<Time>,
    /// Up to this moment; now when left out.
    #[param(value_type = Option<String>)]
    to: Option<Time>,
    /// `hour`, `day` (when left out), `week` or `month`, of the workspace's calendar.
    unit: Option<String>,
}

/// How large several segments were at the end of each step.
#[derive(Serialize, ToSchema)]
struct SizesOfSegments {
    /// One for each segment that there is, in the order in which they were named.
    items: Vec<SizesOfSegment>,
}

/// How large a segment was at the end of each step.
#[derive(Serialize, ToSchema)]
struct SizesOfSegment {
    /// `seg_…`
    #[schema(value_type = String)]
    id: SegmentId,
    /// One for each step.
    points: Vec<SizePoint>,
}

/// Changes of one quarter of an hour; every zone's hours and days begin with one.
#[derive(FromQueryResult)]
struct QuarterRow {
    segment_id: i64,
    quarter: i64,
    entered: i64,
    gone: i64,
    /// What came behind the time that is asked for.
    since: i64,
}

#[derive(FromQueryResult)]
struct SizeRow {
    id: i64,
    size: i64,
}

const QUARTER: i64 = 900_000;
const MOST_POINTS: usize = 1_000;

/// The least number that something can have which was noted at or after a moment: numbers begin with the milliseconds of
/// their making. A day more allows for clocks that were set.
pub(super) fn first_number(moment: Time) -> i64 {
    const LOW_BITS: u32 = 21;
    moment.minus(Duration::from_secs(86_400)).millis().max(0) << LOW_BITS
}

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
    let steps = Steps::of(&state, caller.workspace, (query.from, query.to), query.unit.as_deref()).await?;
    let mut found = steps.sizes(&state, caller.workspace, &[id]).await?;
    let found = found.pop().ok_or(Problem::new(Code::NotFound))?;
    Ok(Json(Sizes { points: found.points }))
}

/// How large several segments were, step by step.
#[utoipa::path(get, path = "/api/v1/segments/sizes", tag = "segments", params(SizesOfQuery),
    responses((status = 200, body = SizesOfSegments), (status = "4XX", body = ProblemBody)))]
async fn get_sizes_of_segments(
    State(state): State<Arc<PeopleState>>,
    caller: Caller,
    Query(query): Query<SizesOfQuery>,
) -> ApiResult<Json<SizesOfSegments>> {
    caller.require(Area::Segments, Verb::Read)?;
    let ids: Vec<SegmentId> = match query.ids.as_deref() {
        Some(ids) => {
            let named = ids.split(',').map(str::trim).filter(|id| !id.is_empty());
            let read = named.map(str::parse).collect::<Result<Vec<SegmentId>, _>>();
            read.map_err(|error| Problem::at(Code::InvalidQuery, "ids", error.to_string()))?
        }
        None => {
            let rows = service::list(state.db.read(), caller.workspace, i64::MAX, MOST_SEGMENTS as u64).await?;
            rows.into_iter().map(|row| SegmentId(row.id)).collect()
        }
    };
    if ids.len() > MOST_SEGMENTS {
        return Err(Problem::at(Code::InvalidQuery, "ids", format!("has more than {MOST_SEGMENTS} segments")).into());
    }
    let steps = Steps::of(&state, caller.workspace, (query.from, query.to), query.unit.as_deref()).await?;
    Ok(Json(SizesOfSegments { items: steps.sizes(&state, caller.workspace, &ids).await? }))
}

/// A time in steps.
struct Steps {
    from: Time,
    to: Time,
    ends: Vec<Time>,
}

impl Steps {
    async fn of(
        state: &PeopleState,
        workspace: WorkspaceId,
        (from, to): (Option<Time>, Option<Time>),
        unit: Option<&str>,
    ) -> ApiResult<Steps> {
        let zone = service::zone_of(state.db.read(), workspace).await?;
        let to = to.unwrap_or_else(|| state.clock.now());
        let from = from.unwrap_or_else(|| to.minus(Duration::from_secs(30 * 86_400)));
        Ok(Steps { from, to, ends: steps(from, to, unit.unwrap_or("day"), &zone)? })
    }

    /// The sizes of those of these segments that there are, in their order.
    async fn sizes(
        &self,
        state: &PeopleState,
        workspace: WorkspaceId,
        ids: &[SegmentId],
    ) -> Result<Vec<SizesOfSegment>, DbErr> {
        // Sizes and what led to them are those of one moment.
        let db = state.db.snapshot().await?;
        let keys: Vec<(i64,)> = ids.iter().map(|id| (id.0,)).collect();
        let now: Vec<SizeRow> = db
            .all_rows(
                "SELECT s.id, s.size FROM {rows} CROSS JOIN segments s
                 WHERE s.id = CAST(r.value->>0 AS BIGINT) AND s.workspace_id + 0 = $2 AND s.kind = 'segment'
                   AND s.deleted_at IS NULL",
                &keys,
                vec![workspace.0.into()],
            )
            .await?;
        let now: HashMap<i64, i64> = now.into_iter().map(|row| (row.id, row.size)).collect();
        let rows: Vec<QuarterRow> = db
            .all_rows(
                "SELECT c.segment_id, c.changed_at / 900000 AS quarter,
                        CAST(SUM(CASE WHEN c.changed_at < $4 THEN c.entered ELSE 0 END) AS BIGINT) AS entered,
                        CAST(SUM(CASE WHEN c.changed_at < $4 THEN 1 - c.entered ELSE 0 END) AS BIGINT) AS gone,
                        CAST(SUM(CASE WHEN c.changed_at < $4 THEN 0 ELSE 2 * c.entered - 1 END) AS BIGINT) AS since
                 FROM {rows} CROSS JOIN segment_changes c
                 WHERE c.segment_id = CAST(r.value->>0 AS BIGINT) AND c.id >= $2 AND c.changed_at >= $3
                 GROUP BY c.segment_id, c.changed_at / 900000",
                &keys,
                vec![first_number(self.from).into(), self.from.millis().into(), self.to.millis().into()],
            )
            .await?;
        let mut changes: HashMap<i64, Vec<QuarterRow>> = HashMap::new();
        for row in rows {
            changes.entry(row.segment_id).or_default().push(row);
        }
        let with_points = |id: &SegmentId| {
            let size = now.get(&id.0)?;
            Some(SizesOfSegment { id: *id, points: self.points(*size, changes.remove(&id.0).unwrap_or_default()) })
        };
        Ok(ids.iter().filter_map(with_points).collect())
    }

    fn points(&self, now: i64, mut changes: Vec<QuarterRow>) -> Vec<SizePoint> {
        changes.sort_by_key(|row| row.quarter);
        let mut size = now - changes.iter().map(|row| row.since + row.entered - row.gone).sum::<i64>();
        let mut rows = changes.into_iter().peekable();
        let mut points = Vec::with_capacity(self.ends.len());
        for end in &self.ends {
            let (mut entered, mut left) = (0, 0);
            while let Some(row) = rows.next_if(|row| row.quarter * QUARTER < end.millis()) {
                entered += row.entered;
                left += row.gone;
            }
            size += entered - left;
            points.push(SizePoint { t: *end, size, entered, left });
        }
        points
    }
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
