//! Waits, windows and schedules: one row per (kind, subject), fired in the order of their moments.

use base::{Time, ids::WorkspaceId};
use sea_orm::{DbErr, FromQueryResult};

use crate::{Sql, Tx};

/// Something that shall happen at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timer {
    /// Who set it; each kind is fired to one pipeline stage.
    pub kind: &'static str,
    /// What it is about, by number: a member, a run.
    pub subject: i64,
    /// Whose data this is.
    pub workspace: WorkspaceId,
    /// When.
    pub due_at: Time,
}

/// A timer whose moment has come.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct DueTimer {
    /// Who set it.
    pub kind: String,
    /// What it is about.
    pub subject: i64,
    /// Whose data this is.
    pub workspace_id: i64,
    /// When it was to fire, in milliseconds.
    pub due_at: i64,
}

/// Sets timers; one that exists for the same kind and subject is moved.
pub async fn set(tx: &Tx, timers: &[Timer]) -> Result<(), DbErr> {
    let rows: Vec<(&str, i64, i64, i64)> =
        timers.iter().map(|t| (t.kind, t.subject, t.workspace.0, t.due_at.millis())).collect();
    tx.run_rows(
        "INSERT INTO timers (kind, subject, workspace_id, due_at)
         SELECT r.value->>0, CAST(r.value->>1 AS BIGINT), CAST(r.value->>2 AS BIGINT), CAST(r.value->>3 AS BIGINT)
         FROM {rows} WHERE true
         ON CONFLICT (kind, subject) DO UPDATE SET due_at = excluded.due_at",
        &rows,
    )
    .await?;
    Ok(())
}

/// Removes timers.
pub async fn clear(tx: &Tx, timers: &[(String, i64)]) -> Result<(), DbErr> {
    tx.run_rows(
        "DELETE FROM timers WHERE (kind, subject) IN (SELECT r.value->>0, CAST(r.value->>1 AS BIGINT) FROM {rows})",
        timers,
    )
    .await?;
    Ok(())
}

/// The timers whose moment is not after `now`, earliest first, at most `limit`.
pub async fn due(db: &impl Sql, now: Time, limit: u64) -> Result<Vec<DueTimer>, DbErr> {
    db.all(
        "SELECT kind, subject, workspace_id, due_at FROM timers WHERE due_at <= $1 ORDER BY due_at, kind, subject LIMIT $2",
        vec![now.millis().into(), (limit as i64).into()],
    )
    .await
}

/// When the next timer is due.
pub async fn next_due(db: &impl Sql) -> Result<Option<Time>, DbErr> {
    let due: Option<Option<i64>> = db.scalar("SELECT MIN(due_at) FROM timers", Vec::new()).await?;
    Ok(due.flatten().map(Time::from_millis))
}
