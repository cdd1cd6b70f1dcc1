//! Drops messages that have been seen before, exactly, for at least seven days.

use std::collections::{HashMap, HashSet};

use base::Event;
use sea_orm::{DbErr, FromQueryResult};
use store::{Sql, Tx, Writes};
use xxhash_rust::xxh3::xxh3_128_with_seed;

/// How long a message id is remembered.
pub(super) const REMEMBERED_DAYS: i64 = 8;

#[derive(FromQueryResult)]
struct SeenRow {
    hash: i64,
    proof: i64,
}

/// The two halves of a 128-bit hash: the first is the key, the second tells apart the rare two
/// ids that share it.
pub(crate) fn hashes(event: &Event) -> (i64, i64) {
    let hash = xxh3_128_with_seed(event.message_id.as_bytes(), event.workspace.0 as u64);
    ((hash >> 64) as i64, hash as i64)
}

/// Marks which of these events are new, and adds to the writes that those are to be remembered.
pub(super) async fn mark_new(tx: &Tx, events: &[&Event], writes: &mut Writes) -> Result<Vec<bool>, DbErr> {
    let mut in_batch: HashSet<(i64, i64)> = HashSet::with_capacity(events.len());
    let mut rows: Vec<(i64, i64, i64)> = Vec::with_capacity(events.len());
    let keys: Vec<(i64, i64)> = events.iter().map(|event| hashes(event)).collect();
    let mut first = Vec::with_capacity(events.len());
    for (event, key) in events.iter().zip(&keys) {
        let is_first = in_batch.insert(*key);
        first.push(is_first);
        if is_first {
            rows.push((key.0, key.1, event.received_at.millis() / 86_400_000));
        }
    }
    // In the order of the table, so that neighbours are read and written together.
    rows.sort_unstable();
    let keyed: Vec<(i64,)> = rows.iter().map(|row| (row.0,)).collect();
    let seen: Vec<SeenRow> = tx
        .all_rows(
            "SELECT m.hash, m.proof FROM {rows} JOIN message_ids m ON m.hash = CAST(r.value->>0 AS BIGINT)",
            &keyed,
            Vec::new(),
        )
        .await?;
    let seen: HashMap<i64, i64> = seen.into_iter().map(|row| (row.hash, row.proof)).collect();
    rows.retain(|row| !seen.contains_key(&row.0));
    // Of two new ids that share the first half only one is remembered, which is as good as chance allows.
    writes.rows(
        "INSERT INTO message_ids (hash, proof, day)
         SELECT CAST(r.value->>0 AS BIGINT), CAST(r.value->>1 AS BIGINT), CAST(r.value->>2 AS BIGINT)
         FROM {rows} WHERE true ON CONFLICT (hash) DO NOTHING",
        &rows,
    )?;
    Ok(keys.iter().zip(first).map(|(key, is_first)| is_first && seen.get(&key.0) != Some(&key.1)).collect())
}

/// Forgets old message ids, in slices so that no transaction is long. `slice` of `slices`.
pub(super) async fn forget_old(tx: &Tx, today: i64, slice: i64, slices: i64) -> Result<u64, DbErr> {
    let width = (i128::from(u64::MAX) + 1) / i128::from(slices);
    let from = i128::from(i64::MIN) + width * i128::from(slice);
    let to = if slice + 1 == slices { i128::from(i64::MAX) } else { from + width - 1 };
    tx.run(
        "DELETE FROM message_ids WHERE hash >= $1 AND hash <= $2 AND day < $3",
        vec![(from as i64).into(), (to as i64).into(), (today - REMEMBERED_DAYS).into()],
    )
    .await
}
