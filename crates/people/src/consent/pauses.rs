//! Pauses: a member who wants no messages for a while.
//!
//! A pause belongs to the identity from which it was asked for and follows it through merges, as consent does. Of a
//! member's pauses the one that lasts longest counts.

use std::collections::HashMap;

use base::{
    Time,
    ids::{MemberId, WorkspaceId},
};
use sea_orm::{DbErr, FromQueryResult};
use store::{Sql, Tx};

use super::{Decision, Who, identity_of};

#[derive(FromQueryResult)]
struct PauseRow {
    asked_id: i64,
    paused_until: i64,
}

/// Until when each of these members is paused, of those who are at `now`. A member who was absorbed is looked for where
/// he is.
pub async fn paused(db: &impl Sql, members: &[MemberId], now: Time) -> Result<HashMap<MemberId, Time>, DbErr> {
    let keys: Vec<(i64,)> = members.iter().map(|member| (member.0,)).collect();
    let rows: Vec<PauseRow> = db
        .all_rows(
            "WITH RECURSIVE way (asked_id, member_id) AS (
               SELECT CAST(r.value->>0 AS BIGINT), CAST(r.value->>0 AS BIGINT) FROM {rows}
               UNION
               SELECT w.asked_id, m.merged_into FROM way w JOIN members m ON m.id = w.member_id
               WHERE m.merged_into IS NOT NULL)
             SELECT w.asked_id, MAX(p.paused_until) AS paused_until
             FROM way w JOIN identities i ON i.member_id = w.member_id JOIN pauses p ON p.identity_id = i.id
             WHERE p.paused_until > $2 GROUP BY w.asked_id",
            &keys,
            vec![now.millis().into()],
        )
        .await?;
    Ok(rows.into_iter().map(|row| (MemberId(row.asked_id), Time::from_millis(row.paused_until))).collect())
}

/// Pauses a member until a moment, or ends his pauses. False when he has no identity to which a pause could be attached.
pub async fn pause(
    tx: &Tx,
    workspace: WorkspaceId,
    who: Who,
    (now, until): (Time, Option<Time>),
    source: &str,
) -> Result<bool, DbErr> {
    let asked = Decision {
        workspace,
        who,
        channel_kind: String::new(),
        topic: String::new(),
        granted: false,
        at: now,
        source: source.to_owned(),
        proof: serde_json::Value::Null,
    };
    let Some((identity, member)) = identity_of(tx, &asked).await? else { return Ok(false) };
    let Some(until) = until else {
        tx.run(
            "DELETE FROM pauses WHERE identity_id IN (SELECT id FROM identities WHERE member_id = $1)",
            vec![member.into()],
        )
        .await?;
        return Ok(true);
    };
    tx.run(
        "INSERT INTO pauses (identity_id, workspace_id, paused_until, said_at, source) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (identity_id) DO UPDATE SET paused_until = excluded.paused_until, said_at = excluded.said_at,
           source = excluded.source",
        vec![identity.into(), workspace.0.into(), until.millis().into(), now.millis().into(), source.into()],
    )
    .await?;
    Ok(true)
}
