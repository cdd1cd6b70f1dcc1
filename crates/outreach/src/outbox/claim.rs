//! Claiming: which rows go out now, and which do not go out at all.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use base::{
    Time,
    ids::{MemberId, WorkspaceId},
};
use channels::Form;
use people::consent::{self, Check};
use store::{DbErr, FromQueryResult, Sql, Tx};

use super::{
    CLAIM_AT_ONCE, LONGEST_SLEEP, Outbox,
    facts::{HistoryLine, Subject, write_history},
    gate::{Allowed, Gate},
};
use crate::channel_config::Live;

/// A row that was claimed.
#[derive(Clone)]
pub(super) struct Claimed {
    pub row: QueuedRow,
    /// Attempts, this one included.
    pub attempt: i64,
    /// The version of its template; 0 when it has none.
    pub template_version: i64,
    pub live: Live,
    pub gate: Arc<Gate>,
}

/// What a claim found.
pub(super) struct Claim {
    pub messages: Vec<Claimed>,
    pub refused: usize,
    pub sleep: Duration,
    pub awaits_room: bool,
}

#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct QueuedRow {
    pub id: i64,
    pub workspace_id: i64,
    pub member_id: i64,
    pub channel_id: i64,
    pub channel_kind: String,
    pub template_id: i64,
    pub journey_id: Option<i64>,
    pub run_id: Option<i64>,
    pub step: String,
    pub topic: String,
    pub address: String,
    pub variables_json: String,
    pub attempts: i64,
    pub queued_at: i64,
    pub next_attempt_at: i64,
    /// 1 when its journey was stopped while an earlier attempt was under way.
    pub is_stopped: i64,
}

const COLUMNS: &str = "d.id, d.workspace_id, d.member_id, d.channel_id, d.channel_kind, d.template_id, d.journey_id, \
                       d.run_id, d.step, d.topic, d.address, d.variables_json, d.attempts, d.queued_at, \
                       d.next_attempt_at, CAST(CASE WHEN j.state IN ('stopped', 'deleted') AND j.queued_stay = 0 THEN 1 ELSE 0 END AS BIGINT) AS is_stopped";

impl QueuedRow {
    pub(super) fn subject(&self) -> Subject {
        Subject {
            id: self.id,
            workspace_id: self.workspace_id,
            member_id: self.member_id,
            channel_id: self.channel_id,
            channel_kind: self.channel_kind.clone(),
            template_id: self.template_id,
            journey_id: self.journey_id,
            run_id: self.run_id,
            step: self.step.clone(),
            topic: self.topic.clone(),
            address: self.address.clone(),
            accepted_at: None,
        }
    }
}

/// Why a row is not sent: the state it gets, and the reason.
type Refusal = (&'static str, &'static str);

/// A row with its refusal, and when.
type RefusedRow = (i64, &'static str, &'static str, i64);

/// Channels whose rows are asked for in one query.
const CHANNELS_AT_ONCE: usize = 100;

#[derive(FromQueryResult)]
struct VersionRow {
    id: i64,
    workspace_id: i64,
    channel_kind: String,
    version: i64,
}

#[derive(FromQueryResult)]
struct IdRow {
    id: i64,
}

struct Candidate {
    row: QueuedRow,
    live: Live,
    gate: Arc<Gate>,
}

/// A channel that may be given something now.
struct Open {
    live: Live,
    gate: Arc<Gate>,
    /// How many messages its gate lets through.
    allowed: usize,
    /// How many of them are asked for at once.
    most: usize,
}

impl Outbox {
    /// Claims what every channel may be given now, at most `room` rows in all.
    pub(super) async fn claim(&self, room: usize) -> Result<Claim, DbErr> {
        let mut claim = Claim { messages: Vec::new(), refused: 0, sleep: LONGEST_SLEEP, awaits_room: false };
        let now = self.outreach.clock.now();
        let open = self.open_channels(&mut claim, room);
        let mut waiting: HashMap<i64, Vec<QueuedRow>> = HashMap::new();
        for row in self.waiting(&open).await? {
            waiting.entry(row.channel_id).or_default().push(row);
        }
        let mut candidates: Vec<Candidate> = Vec::new();
        for channel in open {
            let mut rows = waiting.remove(&channel.live.id.0).unwrap_or_default();
            rows.sort_by_key(|row| (row.next_attempt_at, row.id));
            for (taken, row) in rows.into_iter().enumerate() {
                if row.next_attempt_at > now.millis() {
                    let pause = Duration::from_millis((row.next_attempt_at - now.millis()) as u64);
                    claim.sleep = claim.sleep.min(pause);
                    break;
                }
                if taken == channel.most || candidates.len() == room {
                    // More is due than may go now; look again as soon as there is room.
                    claim.awaits_room = true;
                    let pause = if taken < channel.allowed { Duration::ZERO } else { Duration::from_millis(20) };
                    claim.sleep = claim.sleep.min(pause);
                    break;
                }
                candidates.push(Candidate { row, live: channel.live.clone(), gate: channel.gate.clone() });
            }
        }
        if candidates.is_empty() {
            return Ok(claim);
        }
        let (messages, refused) = self.settle(candidates, now).await?;
        for message in &messages {
            message.gate.enter(1);
        }
        claim.messages = messages;
        claim.refused = refused;
        Ok(claim)
    }

    /// The channels that may be given something now; notes when to look again for the others.
    fn open_channels(&self, claim: &mut Claim, room: usize) -> Vec<Open> {
        let mut open = Vec::new();
        for live in self.outreach.live.all() {
            let Some(gate) = self.gate(&live).filter(|_| live.state == "active") else { continue };
            match gate.allowed(self.outreach.clock.monotonic()) {
                Allowed::AwaitsRoom => claim.awaits_room = true,
                Allowed::After(pause) => claim.sleep = claim.sleep.min(pause.max(Duration::from_millis(1))),
                Allowed::Some(_) if room == 0 => claim.awaits_room = true,
                Allowed::Some(allowed) => {
                    open.push(Open { live, gate, allowed, most: allowed.min(CLAIM_AT_ONCE).min(room) });
                }
            }
        }
        open
    }

    /// The first rows that wait for each channel, one more than it may be given, due or not.
    async fn waiting(&self, channels: &[Open]) -> Result<Vec<QueuedRow>, DbErr> {
        let mut found = Vec::new();
        for some in channels.chunks(CHANNELS_AT_ONCE) {
            let parts: Vec<String> = some.iter().map(first_rows).collect();
            let rows: Vec<QueuedRow> = self.outreach.db.read().all(&parts.join(" UNION ALL "), Vec::new()).await?;
            found.extend(rows);
        }
        Ok(found)
    }

    /// In one transaction: checks every candidate and gives it its next state. Only rows that this
    /// transaction itself moved to `sending` are returned.
    async fn settle(&self, candidates: Vec<Candidate>, now: Time) -> Result<(Vec<Claimed>, usize), DbErr> {
        let tx = self.outreach.db.begin().await?;
        let versions = template_versions(&tx, &candidates).await?;
        let consents = consent::refusals(&tx, &self.outreach.marks, &checks(&candidates)).await?;
        let mut going: HashMap<i64, Candidate> = HashMap::new();
        let mut going_rows: Vec<(i64, i64)> = Vec::new();
        let mut refused_rows: Vec<RefusedRow> = Vec::new();
        for (candidate, consent) in candidates.into_iter().zip(consents) {
            let refusal = self.refusal(&candidate, &versions, now).or(consent.map(|reason| ("suppressed", reason)));
            if let Some((state, reason)) = refusal {
                refused_rows.push((candidate.row.id, state, reason, now.millis()));
                continue;
            }
            going_rows.push((candidate.row.id, now.millis()));
            going.insert(candidate.row.id, candidate);
        }
        let moved = move_to_sending(&tx, &going_rows).await?;
        let refused = refuse(&tx, &refused_rows).await?;
        let mut lines: Vec<HistoryLine> = Vec::with_capacity(moved.len() + refused.len());
        for id in &moved {
            let attempt = going.get(id).map_or(1, |candidate| candidate.row.attempts + 1);
            lines.push(HistoryLine { delivery: *id, state: "sending", detail: format!("attempt {attempt}") });
        }
        for (id, state, reason, _) in refused_rows.iter().filter(|row| refused.contains(&row.0)) {
            lines.push(HistoryLine { delivery: *id, state, detail: (*reason).to_owned() });
        }
        write_history(&tx, &self.outreach, now, &lines).await?;
        tx.commit().await?;
        for (_, state, reason, _) in &refused_rows {
            metrics::counter!("hearth_deliveries_total", "state" => *state, "reason" => *reason).increment(1);
        }
        // In the order in which they were asked for.
        let order: Vec<i64> = going_rows.iter().map(|row| row.0).filter(|id| moved.contains(id)).collect();
        let messages = order.into_iter().filter_map(|id| going.remove(&id)).map(|candidate| Claimed {
            attempt: candidate.row.attempts + 1,
            template_version: versions.get(&candidate.row.template_id).map_or(0, |row| row.version),
            row: candidate.row,
            live: candidate.live,
            gate: candidate.gate,
        });
        Ok((messages.collect(), refused.len()))
    }

    fn refusal(&self, candidate: &Candidate, versions: &HashMap<i64, VersionRow>, now: Time) -> Option<Refusal> {
        let row = &candidate.row;
        if row.is_stopped == 1 {
            return Some(("cancelled", "journey_stopped"));
        }
        if candidate.live.workspace != WorkspaceId(row.workspace_id) || candidate.live.kind != row.channel_kind {
            return Some(("suppressed", "channel_missing"));
        }
        if now - Time::from_millis(row.queued_at) > self.outreach.settings.stale_after.as_millis() as i64 {
            return Some(("expired", "stale"));
        }
        let Ok(kind) = self.outreach.registry.kind(&row.channel_kind) else {
            return Some(("suppressed", "channel_missing"));
        };
        if kind.needs_address() {
            if row.address.trim().is_empty() {
                return Some(("suppressed", "no_address"));
            }
            if people::identity::normalise(&row.channel_kind, &row.address).is_none() {
                return Some(("suppressed", "invalid_address"));
            }
        }
        let is_free_form = kind.form() == Form::Payload && row.template_id == 0;
        let template = versions
            .get(&row.template_id)
            .filter(|template| template.workspace_id == row.workspace_id && template.channel_kind == row.channel_kind);
        if template.is_none() && !is_free_form {
            return Some(("suppressed", "template_missing"));
        }
        None
    }
}

/// The query for the first rows that wait for a channel. A part of its own for each, so that each is read
/// from the index and no further than needed.
fn first_rows(channel: &Open) -> String {
    format!(
        "SELECT * FROM (SELECT {COLUMNS} FROM deliveries d LEFT JOIN journeys j ON j.id = d.journey_id
           WHERE d.state = 'queued' AND d.channel_id = {} ORDER BY d.next_attempt_at, d.id LIMIT {}) AS c{}",
        channel.live.id.0,
        channel.most + 1,
        channel.live.id.0,
    )
}

fn checks(candidates: &[Candidate]) -> Vec<Check> {
    candidates
        .iter()
        .map(|candidate| Check {
            workspace: WorkspaceId(candidate.row.workspace_id),
            member: MemberId(candidate.row.member_id),
            channel_kind: candidate.row.channel_kind.clone(),
            topic: candidate.row.topic.clone(),
            address: candidate.row.address.clone(),
            requires_consent: candidate.live.options.requires_consent,
        })
        .collect()
}

async fn template_versions(tx: &Tx, candidates: &[Candidate]) -> Result<HashMap<i64, VersionRow>, DbErr> {
    let wanted: HashSet<(i64,)> = candidates.iter().map(|candidate| (candidate.row.template_id,)).collect();
    let wanted: Vec<(i64,)> = wanted.into_iter().collect();
    let rows: Vec<VersionRow> = tx
        .all_rows(
            "SELECT t.id, t.workspace_id, t.channel_kind, t.version FROM {rows}
             JOIN templates t ON t.id = CAST(r.value->>0 AS BIGINT) WHERE t.deleted_at IS NULL",
            &wanted,
            Vec::new(),
        )
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// The rows that were still queued and are `sending` now. They are looked up by their ids: the empty text keeps
/// PostgreSQL from reading the whole queue instead, by the index that holds just that.
async fn move_to_sending(tx: &Tx, rows: &[(i64, i64)]) -> Result<HashSet<i64>, DbErr> {
    let moved: Vec<IdRow> = tx
        .all_rows(
            "UPDATE deliveries SET state = 'sending', attempts = attempts + 1, claimed_at = x.claimed_at
             FROM (SELECT CAST(r.value->>0 AS BIGINT) AS id, CAST(r.value->>1 AS BIGINT) AS claimed_at FROM {rows}) AS x
             WHERE deliveries.id = x.id AND deliveries.state || '' = 'queued' AND deliveries.next_attempt_at <= x.claimed_at
             RETURNING deliveries.id",
            rows,
            Vec::new(),
        )
        .await?;
    Ok(moved.into_iter().map(|row| row.id).collect())
}

/// The rows that were still queued and have ended now.
async fn refuse(tx: &Tx, rows: &[RefusedRow]) -> Result<HashSet<i64>, DbErr> {
    let refused: Vec<IdRow> = tx
        .all_rows(
            "UPDATE deliveries SET state = x.state, reason = x.reason, ended_at = x.ended_at
             FROM (SELECT CAST(r.value->>0 AS BIGINT) AS id, r.value->>1 AS state, r.value->>2 AS reason,
                          CAST(r.value->>3 AS BIGINT) AS ended_at FROM {rows}) AS x
             WHERE deliveries.id = x.id AND deliveries.state || '' = 'queued'
             RETURNING deliveries.id",
            rows,
            Vec::new(),
        )
        .await?;
    Ok(refused.into_iter().map(|row| row.id).collect())
}
