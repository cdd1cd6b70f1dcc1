//! How far each consumer of the log has come.

use sea_orm::{DbErr, FromQueryResult};

use crate::{Sql, Tx};

#[derive(FromQueryResult)]
struct CursorRow {
    part: i64,
    next_offset: i64,
}

/// The next offset to read of each partition; 0 where the consumer has not begun.
pub async fn load(db: &impl Sql, consumer: &str, partitions: u32) -> Result<Vec<u64>, DbErr> {
    let rows: Vec<CursorRow> =
        db.all("SELECT part, next_offset FROM cursors WHERE consumer = $1", vec![consumer.into()]).await?;
    let mut cursors = vec![0; partitions as usize];
    for row in rows {
        if let Some(cursor) = cursors.get_mut(row.part as usize) {
            *cursor = row.next_offset as u64;
        }
    }
    Ok(cursors)
}

/// Saves the cursors together with whatever else the transaction does.
pub async fn save(tx: &Tx, consumer: &str, cursors: &[u64]) -> Result<(), DbErr> {
    let rows: Vec<(&str, usize, u64)> =
        cursors.iter().enumerate().map(|(part, offset)| (consumer, part, *offset)).collect();
    tx.run_rows(
        "INSERT INTO cursors (consumer, part, next_offset)
         SELECT r.value->>0, CAST(r.value->>1 AS BIGINT), CAST(r.value->>2 AS BIGINT) FROM {rows} WHERE true
         ON CONFLICT (consumer, part) DO UPDATE SET next_offset = excluded.next_offset",
        &rows,
    )
    .await?;
    Ok(())
}
