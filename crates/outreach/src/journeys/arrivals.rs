//! When runs began, by day.

use std::collections::BTreeMap;

use base::{
    Time,
    ids::{JourneyId, WorkspaceId},
};
use jiff::tz::TimeZone;
use sea_orm::{DbErr, FromQueryResult};
use serde::Serialize;
use store::Sql;
use utoipa::ToSchema;

use super::tallies::QUARTER;

/// Days of entries that a report shows.
const DAYS: i64 = 90;
const DAY: i64 = 86_400_000;

/// Entries of one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DayOfEntries {
    /// The day in the workspace's time zone, as `2026-03-26`.
    pub day: String,
    /// Other runs begun.
    pub treated: i64,
    /// Runs begun that were left out, by the workspace, the journey or a step of it.
    pub held_out: i64,
}

#[derive(FromQueryResult)]
struct EntriesRow {
    day: String,
    held_out: i64,
    number: i64,
}

/// Runs begun by day, in the workspace's zone.
pub(super) async fn by_day(
    db: &impl Sql,
    workspace: WorkspaceId,
    journey: JourneyId,
    version: Option<i64>,
    now: Time,
) -> Result<Vec<DayOfEntries>, DbErr> {
    let zone: Option<String> =
        db.scalar("SELECT time_zone FROM workspaces WHERE id = $1", vec![workspace.0.into()]).await?;
    let zone = zone.and_then(|name| TimeZone::get(&name).ok()).unwrap_or(TimeZone::UTC);
    let days: Vec<(String, i64, i64)> = days(now, &zone);
    let rows: Vec<EntriesRow> = db
        .all_rows(
            "SELECT r.value->>0 AS day, a.held_out, CAST(SUM(a.runs) AS BIGINT) AS number
             FROM {rows} CROSS JOIN journey_arrivals a
             WHERE a.journey_id = $2 AND a.quarter >= CAST(r.value->>1 AS BIGINT)
               AND a.quarter < CAST(r.value->>2 AS BIGINT) AND (CAST($3 AS BIGINT) IS NULL OR a.began_on = $3)
             GROUP BY r.value->>0, a.held_out",
            &days,
            vec![journey.0.into(), version.into()],
        )
        .await?;
    let mut entries: BTreeMap<String, DayOfEntries> = BTreeMap::new();
    for row in rows.into_iter().filter(|row| row.number != 0) {
        let none = || DayOfEntries { day: row.day.clone(), treated: 0, held_out: 0 };
        let day = entries.entry(row.day.clone()).or_insert_with(none);
        *(if row.held_out == 1 { &mut day.held_out } else { &mut day.treated }) += row.number;
    }
    Ok(entries.into_values().collect())
}

/// The days that a report shows, in their order: each with the quarters of an hour at which it and the next one begin.
fn days(now: Time, zone: &TimeZone) -> Vec<(String, i64, i64)> {
    let mut days = Vec::new();
    let mut begin = Time::from_millis(now.millis() - (DAYS - 1) * DAY).start_of_day(zone);
    while begin <= now {
        // Whatever the clocks do, the next day has begun before so much time is over, and not the one after it.
        let next = Time::from_millis(begin.millis() + DAY + DAY / 4).start_of_day(zone);
        let day = begin.timestamp().to_zoned(zone.clone()).date().to_string();
        days.push((day, begin.millis().div_euclid(QUARTER), next.millis().div_euclid(QUARTER)));
        begin = next;
    }
    days
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_days_of_a_report_follow_each_other_whatever_the_clocks_do() {
        for (zone, now) in [
            ("Europe/Berlin", "2026-04-10T12:00:00Z"),
            ("Europe/Berlin", "2026-11-20T23:30:00Z"),
            ("Australia/Lord_Howe", "2026-05-01T00:00:00Z"),
            ("Asia/Kathmandu", "2026-05-01T00:00:00Z"),
            ("Pacific/Kiritimati", "2026-05-01T11:00:00Z"),
        ] {
            let zone = TimeZone::get(zone).unwrap();
            let now: Time = now.parse().unwrap();
            let days = days(now, &zone);
            assert!((DAYS..=DAYS + 1).contains(&(days.len() as i64)), "{}", days.len());
            let today = now.timestamp().to_zoned(zone.clone()).date();
            assert_eq!(days.last().unwrap().0, today.to_string());
            for (one, next) in days.iter().zip(&days[1..]) {
                assert_eq!(one.2, next.1);
                assert!(one.0 < next.0 && [92, 94, 96, 98, 100].contains(&(one.2 - one.1)), "{one:?}");
            }
        }
    }
}
