//! What the home page says about people: the day so far, the ladder with its movement, groups that need care, and what was
//! done without anybody.
//!
//! Ids sort by time, so a day is a range of each table's index; nothing here reads what is older, but for the number of
//! members on each rung. Whoever shows it keeps the answer for a while.

mod day;
mod funnel;
mod groups;

use base::{
    Time,
    ids::{WorkspaceId, first_number_at},
};
use jiff::tz::TimeZone;
use sea_orm::DbErr;
use store::Sql;

pub use day::{PeopleOfDay, Sales, SalesBeside, people_of_day};
pub use funnel::{FunnelStage, Movement, funnel};
pub use groups::{GroupInNeed, groups_in_need};

/// What happened between two moments without anybody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DoneAlone {
    /// Members made one because they were proved to be.
    pub merges: i64,
    /// Tags that rules put on members.
    pub tags_by_rule: i64,
    /// Members who came into a segment.
    pub segment_entries: i64,
}

/// What happened among people between two moments without anybody.
pub async fn done_alone(db: &impl Sql, workspace: WorkspaceId, from: Time, to: Time) -> Result<DoneAlone, DbErr> {
    let span = || vec![workspace.0.into(), first_number_at(from).into(), first_number_at(to).into()];
    let merges: Option<i64> = db
        .scalar(
            "SELECT COUNT(*) FROM merges
             WHERE workspace_id = $1 AND id >= $2 AND id < $3 AND source NOT LIKE 'user:%' AND source NOT LIKE 'key:%'",
            span(),
        )
        .await?;
    let entries = async |kind: &str| -> Result<i64, DbErr> {
        let sql = format!(
            "SELECT COUNT(*) FROM segments s JOIN segment_changes c ON c.segment_id = s.id
             WHERE s.workspace_id = $1 AND s.kind = '{kind}' AND s.deleted_at IS NULL
               AND c.id >= $2 AND c.id < $3 AND c.entered = 1"
        );
        Ok(db.scalar(&sql, span()).await?.unwrap_or_default())
    };
    Ok(DoneAlone {
        merges: merges.unwrap_or_default(),
        tags_by_rule: entries("tag").await?,
        segment_entries: entries("segment").await?,
    })
}

/// How many events of the day have taken effect, of those that arrived on it.
pub async fn events_today(db: &impl Sql, workspace: WorkspaceId, now: Time) -> Result<i64, DbErr> {
    let zone: Option<String> =
        db.scalar("SELECT time_zone FROM workspaces WHERE id = $1", vec![workspace.0.into()]).await?;
    let zone = zone.and_then(|zone| TimeZone::get(&zone).ok()).unwrap_or(TimeZone::UTC);
    let count: Option<i64> = db
        .scalar(
            "SELECT COUNT(*) FROM events WHERE id >= $2 AND workspace_id = $1",
            vec![workspace.0.into(), first_number_at(now.start_of_day(&zone)).into()],
        )
        .await?;
    Ok(count.unwrap_or_default())
}

/// How many pairs of members wait for somebody to say whether they are one person.
pub async fn suggestions_waiting(db: &impl Sql, workspace: WorkspaceId) -> Result<i64, DbErr> {
    let count: Option<i64> = db
        .scalar(
            "SELECT COUNT(*) FROM merge_suggestions WHERE workspace_id = $1 AND state = 'open'",
            vec![workspace.0.into()],
        )
        .await?;
    Ok(count.unwrap_or_default())
}
