//! Pauses: a member who wants no messages for a while.
//!
//! A pause belongs to the identity from which it was asked for and follows it through merges, as consent does. Of a
//! member's pauses the one that lasts longest counts.

use std::{collections::HashMap, time::Duration};

use base::{
    Time,
    ids::{MemberId, WorkspaceId},
};
use sea_orm::{DbErr, FromQueryResult};
use serde_json::Value;
use store::{Sql, Tx};

use super::{Decision, Who, identity_of};

/// The fact that a member has asked for a pause; its property `until` says how long.
pub const MESSAGES_PAUSED: &str = "Messages Paused";
/// The fact that he has ended his pauses.
pub const MESSAGES_RESUMED: &str = "Messages Resumed";
/// How long a pause lasts.
pub const LENGTH: Duration = Duration::from_secs(30 * 86_400);

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

/// What a member said of pauses at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    /// Who.
    pub member: MemberId,
    /// When.
    pub at: Time,
    /// Until when he wants nothing; `None` when he ended his pauses.
    pub until: Option<Time>,
}

#[derive(FromQueryResult)]
struct FactRow {
    member_id: i64,
    name: String,
    happened_at: i64,
    properties_json: String,
}

#[derive(FromQueryResult)]
struct InForceRow {
    member_id: i64,
    said_at: i64,
    paused_until: i64,
}

/// What these members said of pauses before a moment, in the order of time: by the events that are kept, and by the pauses
/// that are still there. One that was ended, and whose events are gone, is not known any more.
pub async fn said(
    db: &impl Sql,
    workspace: WorkspaceId,
    members: &[MemberId],
    before: Time,
) -> Result<Vec<Said>, DbErr> {
    let keys: Vec<(i64,)> = members.iter().map(|member| (member.0,)).collect();
    let facts: Vec<FactRow> = db
        .all_rows(
            "SELECT i.member_id, n.name, e.happened_at, e.properties_json
             FROM {rows} JOIN identities i ON i.member_id = CAST(r.value->>0 AS BIGINT)
             JOIN events e ON e.identity_id = i.id
               AND e.name_id IN (SELECT x.id FROM event_names x WHERE x.workspace_id = $2 AND x.name IN ($3, $4))
             JOIN event_names n ON n.id = e.name_id
             WHERE e.kind = 'delivery' AND e.happened_at < $5",
            &keys,
            vec![workspace.0.into(), MESSAGES_PAUSED.into(), MESSAGES_RESUMED.into(), before.millis().into()],
        )
        .await?;
    let in_force: Vec<InForceRow> = db
        .all_rows(
            "SELECT i.member_id, p.said_at, p.paused_until
             FROM {rows} JOIN identities i ON i.member_id = CAST(r.value->>0 AS BIGINT)
             JOIN pauses p ON p.identity_id = i.id WHERE p.said_at < $2",
            &keys,
            vec![before.millis().into()],
        )
        .await?;
    let told = facts.into_iter().map(|row| {
        let at = Time::from_millis(row.happened_at);
        let until = (row.name == MESSAGES_PAUSED).then(|| told_until(&row.properties_json).unwrap_or(at.plus(LENGTH)));
        Said { member: MemberId(row.member_id), at, until }
    });
    let there = in_force.into_iter().map(|row| Said {
        member: MemberId(row.member_id),
        at: Time::from_millis(row.said_at),
        until: Some(Time::from_millis(row.paused_until)),
    });
    let mut said: Vec<Said> = told.chain(there).collect();
    said.sort_by_key(|one| one.at);
    Ok(said)
}

/// Facts of the first days do not say until when.
fn told_until(properties_json: &str) -> Option<Time> {
    let properties: Value = serde_json::from_str(properties_json).ok()?;
    properties["until"].as_str()?.parse().ok()
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
        proof: Value::Null,
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
