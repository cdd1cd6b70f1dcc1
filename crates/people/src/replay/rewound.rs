//! What was in force at a moment that a replay has passed.

use std::collections::HashSet;

use base::{Time, ids::MemberId};
use sea_orm::{DbErr, FromQueryResult};
use store::{Sql, Tx};

#[derive(FromQueryResult)]
struct IdRow {
    id: i64,
}

/// Puts the consents of members back to what they were at a moment, each to his own. A replay tells many events at a time;
/// whoever asks about a moment between them does so in a transaction, which is not committed.
pub async fn rewind_consents(tx: &Tx, moments: &[(MemberId, Time)]) -> Result<(), DbErr> {
    let mut keys: Vec<(i64, i64)> = moments.iter().map(|(member, at)| (member.0, at.millis())).collect();
    let changed_later: Vec<IdRow> = tx
        .all_rows(
            "SELECT DISTINCT i.member_id AS id
             FROM {rows} JOIN identities i ON i.member_id = CAST(r.value->>0 AS BIGINT)
             JOIN consent_changes c ON c.identity_id = i.id AND c.decided_at > CAST(r.value->>1 AS BIGINT)",
            &keys,
            Vec::new(),
        )
        .await?;
    let changed_later: HashSet<i64> = changed_later.into_iter().map(|row| row.id).collect();
    keys.retain(|(member, _)| changed_later.contains(member));
    tx.run_rows(
        "DELETE FROM consents WHERE identity_id IN
           (SELECT i.id FROM {rows} JOIN identities i ON i.member_id = CAST(r.value->>0 AS BIGINT))",
        &keys,
    )
    .await?;
    // As in `in_force`: what was merely claimed comes first, so that every decision takes its place.
    tx.run_rows(
        "INSERT OR REPLACE INTO consents (identity_id, channel_kind, topic, workspace_id, granted, decided_at, source,
                                          proof_json, claimed)
         SELECT c.identity_id, c.channel_kind, c.topic, c.workspace_id, c.granted, c.decided_at, c.source, c.proof_json,
                c.claimed
         FROM {rows} JOIN identities i ON i.member_id = CAST(r.value->>0 AS BIGINT)
         JOIN consent_changes c ON c.identity_id = i.id AND c.decided_at <= CAST(r.value->>1 AS BIGINT)
         ORDER BY c.claimed DESC, c.decided_at, c.id",
        &keys,
    )
    .await?;
    Ok(())
}
