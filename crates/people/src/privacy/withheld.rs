//! What an erasure must not forget: which addresses get nothing. Whoever complained or unsubscribed and was erased
//! would be written to again as soon as some list brings his address back.
//!
//! The address itself is not kept. A keyed hash of it ([`Marks::of_address`]) stands in its place, for which the gate
//! before each send asks in the same queries in which it asks for suppressions and consents (`consent::refusals`). A
//! suppression stops everything; a withdrawn consent stops its topic, until whoever has the address then grants it
//! anew.

use std::collections::BTreeMap;

use base::{
    Time,
    ids::{ErasureId, WorkspaceId},
};
use sea_orm::{DbErr, FromQueryResult};
use store::{Sql, Tx};

use super::{Subject, marks::Marks};
use crate::identity::{load_home, normalise_in};

/// The table, by which certificates name what is kept.
pub(super) const TABLE: &str = "withheld";
/// Why nothing about a topic is sent, beside the reasons of suppressions.
const CONSENT_WITHDRAWN: &str = "consent_withdrawn";

/// One thing that an address of somebody who was erased does not get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withheld {
    /// Kind of channel.
    pub channel_kind: String,
    /// About what; `None` for everything.
    pub topic: Option<String>,
    /// `bounced`, `complained`, `unsubscribed`, `manual`, or `consent_withdrawn`.
    pub reason: String,
    /// Since when.
    pub since: Time,
    /// The erasure of whoever had the address.
    pub erasure: ErasureId,
}

#[derive(FromQueryResult)]
struct SuppressedRow {
    channel_kind: String,
    address: String,
    reason: String,
    created_at: i64,
}

#[derive(FromQueryResult)]
struct DecisionRow {
    channel_kind: String,
    topic: String,
    granted: i64,
    decided_at: i64,
}

#[derive(FromQueryResult)]
struct WithheldRow {
    channel_kind: String,
    topic: String,
    reason: String,
    since: i64,
    erasure_id: i64,
}

/// Since when something is withheld, from which kind of channel, and why.
struct Why {
    since: i64,
    channel_kind: String,
    reason: String,
}

/// Notes what the addresses of a subject do not get, before that is erased; returns of how many addresses and topics.
/// A telephone number without a code counts both as it stands and as one of the workspace's country, as which it comes
/// back. Doing it twice changes nothing.
pub(super) async fn keep(tx: &Tx, marks: &Marks, subject: &Subject) -> Result<u64, DbErr> {
    let home = load_home(tx, subject.workspace).await?;
    // By mark and topic; of two the later stays.
    let mut found: BTreeMap<(String, String), Why> = BTreeMap::new();
    let mut note = |kind: &str, address: &str, topic: &str, reason: &str, since: i64| {
        let complete = normalise_in(kind, address, home).filter(|complete| complete != address);
        for address in [Some(address), complete.as_deref()].into_iter().flatten() {
            let key = (marks.of_address(subject.workspace, kind, address), topic.to_owned());
            if found.get(&key).is_none_or(|known| known.since < since) {
                found.insert(key, Why { since, channel_kind: kind.to_owned(), reason: reason.to_owned() });
            }
        }
    };
    for row in suppressed(tx, subject).await? {
        note(&row.channel_kind, &row.address, "", &row.reason, row.created_at);
    }
    for ((kind, topic), since) in withdrawn(tx, subject).await? {
        for address in subject.identities.iter().filter(|identity| identity.kind == kind) {
            note(&kind, &address.value, &topic, CONSENT_WITHDRAWN, since);
        }
    }
    let rows: Vec<(i64, &str, &str, &str, &str, i64, i64)> = found
        .iter()
        .map(|((mark, topic), why)| {
            let (kind, reason) = (why.channel_kind.as_str(), why.reason.as_str());
            (subject.workspace.0, mark.as_str(), topic.as_str(), kind, reason, why.since, subject.erasure.0)
        })
        .collect();
    tx.run_rows(
        "INSERT INTO withheld (workspace_id, mark, topic, channel_kind, reason, since, erasure_id)
         SELECT CAST(r.value->>0 AS BIGINT), r.value->>1, r.value->>2, r.value->>3, r.value->>4,
                CAST(r.value->>5 AS BIGINT), CAST(r.value->>6 AS BIGINT)
         FROM {rows} WHERE true
         ON CONFLICT (workspace_id, mark, topic) DO UPDATE SET reason = excluded.reason, since = excluded.since,
           erasure_id = excluded.erasure_id
         WHERE withheld.since < excluded.since",
        &rows,
    )
    .await
}

/// What is withheld from an address, by kinds of channels and the address as each of them keeps it.
pub async fn find(
    db: &impl Sql,
    marks: &Marks,
    workspace: WorkspaceId,
    addresses: &[(&str, &str)],
) -> Result<Vec<Withheld>, DbErr> {
    let asked: Vec<(i64, String)> =
        addresses.iter().map(|(kind, address)| (workspace.0, marks.of_address(workspace, kind, address))).collect();
    let rows: Vec<WithheldRow> = db
        .all_rows(
            "SELECT w.channel_kind, w.topic, w.reason, w.since, w.erasure_id FROM {rows}
             JOIN withheld w ON w.workspace_id = CAST(r.value->>0 AS BIGINT) AND w.mark = r.value->>1
             ORDER BY w.channel_kind, w.topic",
            &asked,
            Vec::new(),
        )
        .await?;
    let withheld = |row: WithheldRow| Withheld {
        channel_kind: row.channel_kind,
        topic: Some(row.topic).filter(|topic| !topic.is_empty()),
        reason: row.reason,
        since: Time::from_millis(row.since),
        erasure: ErasureId(row.erasure_id),
    };
    Ok(rows.into_iter().map(withheld).collect())
}

/// Lets messages go to an address again, as far as it was suppressed, perhaps only when it was for one reason. What was
/// withdrawn about a topic stays: that is for the member to grant. False when there was nothing.
pub async fn release(
    tx: &Tx,
    marks: &Marks,
    workspace: WorkspaceId,
    channel_kind: &str,
    address: &str,
    reason: Option<&str>,
) -> Result<bool, DbErr> {
    let mark = marks.of_address(workspace, channel_kind, address);
    let released = tx
        .run(
            "DELETE FROM withheld WHERE workspace_id = $1 AND mark = $2 AND topic = '' AND ($3 = '' OR reason = $3)",
            vec![workspace.0.into(), mark.into(), reason.unwrap_or_default().into()],
        )
        .await?;
    Ok(released > 0)
}

/// The suppressions that the erasure is about to delete.
async fn suppressed(tx: &Tx, subject: &Subject) -> Result<Vec<SuppressedRow>, DbErr> {
    let addresses: Vec<(i64, &str)> =
        subject.identities.iter().map(|identity| (subject.workspace.0, identity.value.as_str())).collect();
    tx.all_rows(
        "SELECT channel_kind, address, reason, created_at FROM suppressions WHERE (workspace_id, address) IN
           (SELECT CAST(r.value->>0 AS BIGINT), r.value->>1 FROM {rows})",
        &addresses,
        Vec::new(),
    )
    .await
}

/// Since when he wants nothing, by kind of channel and topic. What counts of several decisions is what counts at the
/// gate: the latest of any of his identities and, of two at the same moment, the withdrawal.
async fn withdrawn(tx: &Tx, subject: &Subject) -> Result<Vec<((String, String), i64)>, DbErr> {
    let decisions: Vec<DecisionRow> = tx
        .all_rows(
            "SELECT c.channel_kind, c.topic, c.granted, c.decided_at FROM {rows}
             JOIN consents c ON c.identity_id = CAST(r.value->>0 AS BIGINT) WHERE c.claimed = 0",
            &subject.identity_rows(),
            Vec::new(),
        )
        .await?;
    let mut latest: BTreeMap<(String, String), (i64, bool)> = BTreeMap::new();
    for row in decisions {
        let said = (row.decided_at, row.granted == 0);
        let counts = latest.entry((row.channel_kind, row.topic)).or_insert(said);
        *counts = said.max(*counts);
    }
    let withdrawals = latest.into_iter().filter(|(_, (_, is_withdrawn))| *is_withdrawn);
    Ok(withdrawals.map(|(key, (at, _))| (key, at)).collect())
}
