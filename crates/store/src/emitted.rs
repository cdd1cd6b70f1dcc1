//! Facts that were made inside a transaction and still have to go into the log.
//!
//! A fact is written to `emitted_events` together with the state change that it tells of; a task
//! appends it to the log afterwards and removes it here. Its message id is fixed when it is
//! written, so appending it twice counts once.

use base::Event;
use sea_orm::{DbErr, FromQueryResult};

use crate::{Sql, Tx};

#[derive(FromQueryResult)]
struct EmittedRow {
    id: i64,
    record: String,
}

/// Keeps events for the log, in the caller's transaction.
pub async fn put(tx: &Tx, events: &[Event]) -> Result<(), DbErr> {
    let mut rows: Vec<(i64, String)> = Vec::with_capacity(events.len());
    for event in events {
        let record = serde_json::to_string(event).map_err(|error| DbErr::Custom(error.to_string()))?;
        rows.push((event.id.0, record));
    }
    tx.run_rows(
        "INSERT INTO emitted_events (id, record) SELECT CAST(r.value->>0 AS BIGINT), r.value->>1 FROM {rows} WHERE true
         ON CONFLICT (id) DO NOTHING",
        &rows,
    )
    .await?;
    Ok(())
}

/// The oldest records that are waiting, with their numbers, at most `limit`.
pub async fn take(db: &impl Sql, limit: u64) -> Result<Vec<(i64, String)>, DbErr> {
    let rows: Vec<EmittedRow> =
        db.all("SELECT id, record FROM emitted_events ORDER BY id LIMIT $1", vec![(limit as i64).into()]).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.record)).collect())
}

/// Forgets records that are in the log now.
pub async fn remove(tx: &Tx, ids: &[i64]) -> Result<(), DbErr> {
    let rows: Vec<(i64,)> = ids.iter().map(|id| (*id,)).collect();
    tx.run_rows("DELETE FROM emitted_events WHERE id IN (SELECT CAST(r.value->>0 AS BIGINT) FROM {rows})", &rows)
        .await?;
    Ok(())
}
