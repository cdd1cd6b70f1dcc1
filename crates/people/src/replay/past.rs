//! What a workspace has settled, and what some of its members were at a moment, copied into a replay.
//!
//! Identities are those of whoever has them now: who became one since is one from the beginning. Events, and the histories
//! of tags, groups and consents, are copied as far as they had arrived; what was in force is folded from them. Traits
//! come from [`super::traits`]. Memberships of segments are built anew, by the rules of today.

use std::collections::{HashMap, HashSet};

use base::{
    Time,
    ids::{IdentityId, MemberId, WorkspaceId},
};
use sea_orm::{DbErr, FromQueryResult};
use store::{Sql, Tx};

use super::{Happened, Replay, happened::Decided, in_force, rows::Table, traits};
use crate::members::{Foretold, Known};

/// So many members are copied at a time.
pub const MEMBERS_AT_ONCE: usize = 200;
/// Bits of an id that keep ids of one millisecond apart.
const LOW_BITS: u32 = 21;

/// What of a workspace is copied whole: table, and what stands behind FROM.
const SETTLED: [(&str, &str); 8] = [
    ("workspaces", "workspaces x WHERE x.id = $1"),
    // What is being built in the place of something else is not in force yet.
    (
        "segments",
        "segments x WHERE x.workspace_id = $1 AND x.deleted_at IS NULL AND x.replaces IS NULL AND x.state <> 'freezing'",
    ),
    ("tags", "tags x WHERE x.workspace_id = $1"),
    ("tag_groups", "tag_groups x WHERE x.workspace_id = $1"),
    ("traits", "traits x WHERE x.workspace_id = $1 AND x.state <> 'deleting'"),
    ("groups", "groups x WHERE x.workspace_id = $1"),
    ("event_names", "event_names x WHERE x.workspace_id = $1"),
    ("kept_apart", "kept_apart x WHERE x.workspace_id = $1"),
];

/// Copies what a workspace has settled. Its segments are to be built.
pub async fn copy_workspace(from: &impl Sql, replay: &Replay, workspace: WorkspaceId) -> Result<(), DbErr> {
    for (table, source) in SETTLED {
        copy_rows(from, replay, table, source, None, vec![workspace.0.into()]).await?;
    }
    let tx = replay.db.begin().await?;
    tx.run("UPDATE segments SET state = 'building', built_to = 0, built = 0, to_build = 0, size = 0", vec![]).await?;
    tx.run("UPDATE traits SET state = 'live', built_to = 0", vec![]).await?;
    tx.commit().await
}

/// Copies rows of a table that another room keeps: those that are called `x` in `source`, which stands behind FROM. With
/// members, `source` names `{rows}`, whose only column they are, and further parameters are from `$2` on.
pub async fn copy_rows(
    from: &impl Sql,
    replay: &Replay,
    table: &'static str,
    source: &str,
    members: Option<&[MemberId]>,
    values: Vec<store::Value>,
) -> Result<(), DbErr> {
    let keys: Option<Keys> = members.map(|members| members.iter().map(|member| (member.0,)).collect());
    let tx = replay.db.begin().await?;
    Table::of(&tx, table).await?.copy(from, &tx, source, keys.as_deref(), values).await?;
    tx.commit().await
}

/// How much may be copied.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Events from before.
    pub history: i64,
    /// How much they may say, in bytes.
    pub history_bytes: i64,
    /// Events that are to be told.
    pub happened: i64,
}

/// Members as they were.
pub struct Past {
    workspace: WorkspaceId,
    since: Time,
    until: Time,
    left: Limits,
    /// How much of it one member may take, so that a machine that stands among them does not crowd out everybody.
    of_one: Limits,
    /// Members who alone would have taken more.
    pub passed_over: usize,
    /// Identity, tag and when it was to come off.
    expiries: Vec<(i64, String, i64)>,
    /// Those who were taken, in the order in which they were offered.
    pub members: Vec<MemberId>,
    /// Who stands behind their identities.
    pub foretold: Foretold,
    /// What they did from then on.
    pub happened: Happened,
}

#[derive(FromQueryResult)]
struct HistoryRow {
    member_id: i64,
    events: i64,
    bytes: i64,
    happened: i64,
}

impl Limits {
    fn hold(&self, row: &HistoryRow) -> bool {
        row.events <= self.history && row.bytes <= self.history_bytes && row.happened <= self.happened
    }
}

#[derive(FromQueryResult)]
struct HappenedRow {
    id: i64,
    received_at: i64,
}

#[derive(FromQueryResult)]
struct IdentityRow {
    id: i64,
    kind: String,
    value: String,
    member_id: i64,
    origin_member_id: i64,
    verified: i64,
    traits_json: String,
    created_at: i64,
    has_history: i64,
    is_told_later: i64,
}

#[derive(FromQueryResult)]
struct MemberRow {
    id: i64,
    created_at: i64,
    last_seen_at: i64,
}

#[derive(FromQueryResult)]
struct ExpiryRow {
    identity_id: i64,
    tag: String,
    expires_at: i64,
}

#[derive(FromQueryResult)]
struct DecidedRow {
    identity_id: i64,
    channel_kind: String,
    topic: String,
    granted: i64,
    claimed: i64,
    decided_at: i64,
}

/// One-column rows for `{rows}`.
type Keys = Vec<(i64,)>;

impl Past {
    /// As of `since`, with what arrived from then on and before `until`.
    pub fn new(workspace: WorkspaceId, (since, until): (Time, Time), limits: Limits) -> Past {
        Past {
            workspace,
            since,
            until,
            left: limits,
            of_one: Limits {
                history: limits.history / 2,
                history_bytes: limits.history_bytes / 2,
                happened: limits.happened / 2,
            },
            passed_over: 0,
            expiries: Vec::new(),
            members: Vec::new(),
            foretold: Foretold::default(),
            happened: Happened::new(workspace),
        }
    }

    /// Copies some members, at most [`MEMBERS_AT_ONCE`]; `passed_over` is the source of events that are not told again. False
    /// when there was no room for all of them, and will be none for others; who would take too much alone is passed over.
    pub async fn add(
        &mut self,
        from: &impl Sql,
        replay: &Replay,
        members: &[MemberId],
        passed_over: &str,
    ) -> Result<bool, DbErr> {
        let (taken, has_room) = self.take_what_fits(from, members, passed_over).await?;
        let keys: Keys = taken.iter().map(|member| (member.0,)).collect();
        let identities = self.identities(from, &keys).await?;
        let tx = replay.db.begin().await?;
        self.copy_history(from, &tx, &keys).await?;
        self.write_people(from, &tx, &keys, identities).await?;
        tx.commit().await?;
        self.note_decisions(from, &keys).await?;
        self.note_expiries(from, &keys).await?;
        self.members.extend(&taken);
        Ok(has_room)
    }

    /// The first of these members for whose events there is room, and whether all of them were looked at.
    async fn take_what_fits(
        &mut self,
        from: &impl Sql,
        members: &[MemberId],
        passed_over: &str,
    ) -> Result<(Vec<MemberId>, bool), DbErr> {
        let keys: Keys = members.iter().map(|member| (member.0,)).collect();
        let rows: Vec<HistoryRow> = from
            .all_rows(
                "SELECT i.member_id, COUNT(CASE WHEN e.received_at < $2 THEN 1 END) AS events,
                        CAST(SUM(CASE WHEN e.received_at < $2
                          THEN LENGTH(e.properties_json) + LENGTH(e.context_json) ELSE 0 END) AS BIGINT) AS bytes,
                        COUNT(CASE WHEN e.received_at >= $2 AND e.source <> $4 THEN 1 END) AS happened
                 FROM {rows} JOIN identities i ON i.member_id = CAST(r.value->>0 AS BIGINT)
                 JOIN events e ON e.identity_id = i.id WHERE e.received_at < $3 GROUP BY i.member_id",
                &keys,
                vec![self.since.millis().into(), self.until.millis().into(), passed_over.into()],
            )
            .await?;
        let sizes: HashMap<i64, HistoryRow> = rows.into_iter().map(|row| (row.member_id, row)).collect();
        let (mut taken, mut has_room) = (Vec::new(), true);
        for member in members {
            if let Some(row) = sizes.get(&member.0) {
                if !self.of_one.hold(row) {
                    self.passed_over += 1;
                    continue;
                }
                if !self.left.hold(row) {
                    has_room = false;
                    break;
                }
                self.left.history -= row.events;
                self.left.history_bytes -= row.bytes;
                self.left.happened -= row.happened;
            }
            taken.push(*member);
        }
        let keys: Keys = taken.iter().map(|member| (member.0,)).collect();
        let happened: Vec<HappenedRow> = from
            .all_rows(
                "SELECT e.id, e.received_at
                 FROM {rows} JOIN identities i ON i.member_id = CAST(r.value->>0 AS BIGINT)
                 JOIN events e ON e.identity_id = i.id
                 WHERE e.received_at >= $2 AND e.received_at < $3 AND e.source <> $4",
                &keys,
                vec![self.since.millis().into(), self.until.millis().into(), passed_over.into()],
            )
            .await?;
        for row in happened {
            self.happened.add(Time::from_millis(row.received_at), row.id);
        }
        Ok((taken, has_room))
    }

    async fn identities(&mut self, from: &impl Sql, keys: &Keys) -> Result<Vec<IdentityRow>, DbErr> {
        let rows: Vec<IdentityRow> = from
            .all_rows(
                "SELECT i.id, i.kind, i.value, i.member_id, i.origin_member_id, i.verified, i.traits_json, i.created_at,
                   CAST(CASE WHEN EXISTS (SELECT 1 FROM events e WHERE e.identity_id = i.id AND e.received_at < $2)
                     THEN 1 ELSE 0 END AS BIGINT) AS has_history,
                   CAST(CASE WHEN EXISTS (SELECT 1 FROM events e WHERE e.identity_id = i.id AND e.kind = 'identify'
                     AND e.received_at >= $2) THEN 1 ELSE 0 END AS BIGINT) AS is_told_later
                 FROM {rows} JOIN identities i ON i.member_id = CAST(r.value->>0 AS BIGINT)",
                keys,
                vec![self.since.millis().into()],
            )
            .await?;
        for row in &rows {
            let known = Known {
                identity: IdentityId(row.id),
                member: MemberId(row.member_id),
                origin: MemberId(row.origin_member_id),
            };
            self.foretold.add(&row.kind, &row.value, known);
        }
        let since = self.since.millis();
        // An id tells when it was given; what was there before it is told again must have been given before, unless all
        // was built anew from the log since.
        Ok(rows.into_iter().filter(|row| row.has_history != 0 || row.id >> LOW_BITS < since).collect())
    }

    /// Histories as far as they had come.
    async fn copy_history(&self, from: &impl Sql, tx: &Tx, keys: &Keys) -> Result<(), DbErr> {
        let since = self.since.millis();
        for (table, moment) in [
            ("events", "received_at"),
            ("tag_changes", "changed_at"),
            ("group_changes", "changed_at"),
            ("consent_changes", "decided_at"),
        ] {
            let source = format!(
                "{{rows}} JOIN identities i ON i.member_id = CAST(r.value->>0 AS BIGINT)
                 JOIN {table} x ON x.identity_id = i.id WHERE x.{moment} < $2"
            );
            Table::of(tx, table).await?.copy(from, tx, &source, Some(keys), vec![since.into()]).await?;
        }
        // A segment that nobody leaves is not decided anew: who had reached it has reached it.
        let kept = "{rows} JOIN segment_members x ON x.member_id = CAST(r.value->>0 AS BIGINT)
             JOIN segments s ON s.id = x.segment_id WHERE s.keeps = 1 AND x.entered_at < $2";
        Table::of(tx, "segment_members").await?.copy(from, tx, kept, Some(keys), vec![since.into()]).await?;
        Ok(())
    }

    /// When tags were to come off, which is known where they are still there, or came off by themselves.
    async fn note_expiries(&mut self, from: &impl Sql, keys: &Keys) -> Result<(), DbErr> {
        let rows: Vec<ExpiryRow> = from
            .all_rows(
                "SELECT t.identity_id, t.tag, t.expires_at
                 FROM {rows} JOIN identities i ON i.member_id = CAST(r.value->>0 AS BIGINT)
                 JOIN member_tags t ON t.identity_id = i.id WHERE t.expires_at IS NOT NULL AND t.added_at < $2
                 UNION ALL
                 SELECT c.identity_id, c.tag, MIN(c.changed_at) AS expires_at
                 FROM {rows} JOIN identities i ON i.member_id = CAST(r.value->>0 AS BIGINT)
                 JOIN tag_changes c ON c.identity_id = i.id
                 WHERE c.added = 0 AND c.source = 'expiry' AND c.changed_at >= $2 GROUP BY c.identity_id, c.tag",
                keys,
                vec![self.since.millis().into()],
            )
            .await?;
        self.expiries.extend(rows.into_iter().map(|row| (row.identity_id, row.tag, row.expires_at)));
        Ok(())
    }

    /// Brings into force what was in force, by the histories of those who were taken.
    pub async fn finish(&mut self, replay: &Replay) -> Result<(), DbErr> {
        let tx = replay.db.begin().await?;
        in_force::bring(&tx, self.workspace, self.since, &std::mem::take(&mut self.expiries)).await?;
        tx.commit().await
    }

    async fn write_people(
        &self,
        from: &impl Sql,
        tx: &Tx,
        keys: &Keys,
        identities: Vec<IdentityRow>,
    ) -> Result<(), DbErr> {
        let told_later: Vec<(i64, &str)> = identities
            .iter()
            .filter(|row| row.is_told_later != 0)
            .map(|row| (row.id, row.traits_json.as_str()))
            .collect();
        let mut before = traits::as_of(tx, self.workspace, &told_later, self.since).await?;
        let rows: Vec<_> = identities
            .iter()
            .map(|row| {
                let traits = before.remove(&row.id).unwrap_or_else(|| row.traits_json.clone());
                (
                    row.id,
                    row.kind.as_str(),
                    row.value.as_str(),
                    row.member_id,
                    row.origin_member_id,
                    row.verified,
                    traits,
                    row.created_at,
                    self.workspace.0,
                )
            })
            .collect();
        tx.run_rows(
            "INSERT INTO identities (id, workspace_id, kind, value, member_id, origin_member_id, verified, traits_json,
                                     created_at)
             SELECT CAST(r.value->>0 AS BIGINT), CAST(r.value->>8 AS BIGINT), r.value->>1, r.value->>2,
                    CAST(r.value->>3 AS BIGINT), CAST(r.value->>4 AS BIGINT), CAST(r.value->>5 AS BIGINT), r.value->>6,
                    CAST(r.value->>7 AS BIGINT) FROM {rows}",
            &rows,
        )
        .await?;
        let there: HashSet<i64> = identities.iter().map(|row| row.member_id).collect();
        let members: Vec<MemberRow> = from
            .all_rows(
                "SELECT m.id, m.created_at, m.last_seen_at FROM {rows} JOIN members m ON m.id = CAST(r.value->>0 AS BIGINT)",
                keys,
                Vec::new(),
            )
            .await?;
        let rows: Vec<(i64, i64, i64, i64)> = members
            .into_iter()
            .filter(|row| there.contains(&row.id))
            .map(|row| (row.id, row.created_at, row.last_seen_at, self.workspace.0))
            .collect();
        tx.run_rows(
            "INSERT INTO members (id, workspace_id, created_at, last_seen_at)
             SELECT CAST(r.value->>0 AS BIGINT), CAST(r.value->>3 AS BIGINT), CAST(r.value->>1 AS BIGINT),
                    CAST(r.value->>2 AS BIGINT) FROM {rows}",
            &rows,
        )
        .await?;
        Ok(())
    }

    /// Decisions about consent that were made since, of which no event may tell.
    async fn note_decisions(&mut self, from: &impl Sql, keys: &Keys) -> Result<(), DbErr> {
        let rows: Vec<DecidedRow> = from
            .all_rows(
                "SELECT c.identity_id, c.channel_kind, c.topic, c.granted, c.claimed, c.decided_at
                 FROM {rows} JOIN identities i ON i.member_id = CAST(r.value->>0 AS BIGINT)
                 JOIN consent_changes c ON c.identity_id = i.id WHERE c.decided_at >= $2 AND c.decided_at < $3",
                keys,
                vec![self.since.millis().into(), self.until.millis().into()],
            )
            .await?;
        self.happened.decisions.extend(rows.into_iter().map(|row| Decided {
            identity: row.identity_id,
            channel_kind: row.channel_kind,
            topic: row.topic,
            granted: row.granted,
            claimed: row.claimed,
            at: row.decided_at,
        }));
        Ok(())
    }
}
