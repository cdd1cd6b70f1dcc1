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
use people::consent::{self, Check, TRANSACTIONAL, pauses};
use store::{DbErr, FromQueryResult, Sql, Tx};

use super::{
    CLAIM_AT_ONCE, LONGEST_SLEEP, Outbox, PUT_OFF, answers,
    facts::{HistoryLine, Subject, write_history},
    gate::{Allowed, Gate},
    hours::local_period,
    judge::{Asked, Standing, Verdict, judge, periods},
    policy::{CRITICAL, Rules, load_rules, reconsider},
    rows::{
        DeferredRow, Level, PARTS_AT_ONCE, RefusedRow, defer, levels, move_to_sending, refuse, still_queued,
        wake_those_behind,
    },
    standing::{Named, Standings, load_standings, present, take_turns},
};
use crate::{Outreach, channel_config::Live};

/// A row that was claimed.
#[derive(Clone)]
pub(super) struct Claimed {
    pub row: QueuedRow,
    /// Attempts, this one included.
    pub attempt: i64,
    /// The revision of its template; 0 when it has none.
    pub template_version: i64,
    pub live: Live,
    pub gate: Arc<Gate>,
    /// What its history is to say when it has ended.
    pub note: Option<String>,
}

/// What a claim found.
pub(super) struct Claim {
    pub messages: Vec<Claimed>,
    pub refused: usize,
    /// Put off by the policy.
    pub deferred: usize,
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
    pub options_json: String,
    pub attempts: i64,
    pub queued_at: i64,
    pub next_attempt_at: i64,
    pub priority: i64,
    pub expires_at: Option<i64>,
    /// What it waited for when it was last looked at.
    pub waits_for: Option<String>,
    pub reason: Option<String>,
    /// 1 when its journey was stopped while an earlier attempt was under way.
    pub is_stopped: i64,
}

pub(super) const COLUMNS: &str = "d.id, d.workspace_id, d.member_id, d.channel_id, d.channel_kind, d.template_id, d.journey_id, \
                       d.run_id, d.step, d.topic, d.address, d.variables_json, d.options_json, d.attempts, d.queued_at, \
                       d.next_attempt_at, d.priority, d.expires_at, d.waits_for, d.reason, \
                       CAST(CASE WHEN j.state IN ('stopped', 'deleted') AND j.queued_stay = 0 THEN 1 ELSE 0 END AS BIGINT) AS is_stopped";

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

    /// What the judge is asked about it.
    pub(super) fn asked<'a>(&'a self, outreach: &Outreach, rules: &Rules) -> Asked<'a> {
        let queued_at = Time::from_millis(self.queued_at);
        let expires_at = self.expires_at.map(Time::from_millis);
        Asked {
            priority: self.priority,
            channel_kind: &self.channel_kind,
            topic: &self.topic,
            queued_at,
            deadline: rules.deadline(queued_at, expires_at, outreach.settings.stale_after).0,
            is_exempt: self.topic == TRANSACTIONAL
                || crate::templates::is_test(&self.topic, self.member_id)
                || !is_to_people(outreach, &self.channel_kind),
        }
    }

    pub(super) fn named(&self) -> Named {
        (MemberId(self.member_id), WorkspaceId(self.workspace_id))
    }

    /// Where it stands in the queue: the higher its priority, and the longer it is due, the earlier.
    pub(super) fn turn(&self) -> (i64, i64, i64) {
        (-self.priority, self.next_attempt_at, self.id)
    }
}

/// Whether messages of this kind go to people, each to an address of his own, and not all to one system.
pub(super) fn is_to_people(outreach: &Outreach, channel_kind: &str) -> bool {
    outreach.registry.kind(channel_kind).is_ok_and(|kind| kind.needs_address())
}

/// Why a row is not sent: the state it gets, and the reason.
type Refusal = (&'static str, &'static str);

#[derive(FromQueryResult)]
struct VersionRow {
    id: i64,
    workspace_id: i64,
    channel_kind: String,
    version: i64,
}

/// What became of candidates.
struct Settled {
    messages: Vec<Claimed>,
    refused: usize,
    deferred: usize,
}

/// What is to become of candidates.
#[derive(Default)]
struct Sorted {
    going: HashMap<i64, Candidate>,
    /// Ids, and when they go.
    going_rows: Vec<(i64, i64)>,
    refused_rows: Vec<RefusedRow>,
    deferred_rows: Vec<DeferredRow>,
    /// Members whose messages end without being sent, and when.
    freed: Vec<(i64, i64)>,
    lines: Vec<HistoryLine>,
}

impl Sorted {
    fn add(&mut self, candidate: Candidate, refusal: Option<Refusal>, verdict: Verdict, now: Time) {
        let row = &candidate.row;
        match (refusal, verdict) {
            (Some((state, reason)), _) => self.refuse(row, state, reason, reason.to_owned(), now),
            (None, Verdict::Drop(hold)) => {
                self.refuse(row, "suppressed", hold.why.reason(), hold.detail(false), now);
            }
            (None, Verdict::Wait(hold)) => {
                self.deferred_rows.push((row.id, hold.until.millis(), hold.why.word(), hold.why.reason()));
                // What waits for others is looked at again and again; its history says so once.
                if row.waits_for.as_deref() != Some(hold.why.word()) {
                    self.lines.push(HistoryLine { delivery: row.id, state: "deferred", detail: hold.detail(true) });
                }
            }
            (None, Verdict::Go) => {
                if !row.reason.as_deref().is_some_and(|reason| PUT_OFF.contains(&reason)) {
                    let detail = format!("attempt {}", row.attempts + 1);
                    self.lines.push(HistoryLine { delivery: row.id, state: "sending", detail });
                }
                self.going_rows.push((row.id, now.millis()));
                self.going.insert(row.id, candidate);
            }
        }
    }

    fn refuse(&mut self, row: &QueuedRow, state: &'static str, reason: &'static str, detail: String, now: Time) {
        self.refused_rows.push((row.id, state, reason, now.millis()));
        self.freed.push((row.member_id, now.millis()));
        self.lines.push(HistoryLine { delivery: row.id, state, detail });
    }
}

/// Notes with a member what becomes of one of his messages, for the next ones of the same batch.
fn note(
    standing: &mut Standing,
    rules: &Rules,
    row: &QueuedRow,
    asked: &Asked<'_>,
    (is_refused, verdict): (bool, &Verdict),
    now: Time,
) {
    if asked.is_exempt {
        return;
    }
    // What is put off stays planned for the periods in which it still is; what expires before it could go was not
    // counted.
    let was_planned = row.expires_at.is_none_or(|at| at > row.next_attempt_at && at > now.millis());
    let until = if let Verdict::Wait(hold) = verdict { hold.until } else { Time::MAX };
    for per in periods(rules) {
        if was_planned && until >= local_period(per, now, &standing.zone).end {
            standing.leaves_queue(asked, per);
        }
    }
    if !is_refused && *verdict == Verdict::Go {
        standing.goes(rules, asked);
    }
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
        let now = self.outreach.clock.now();
        let rules = load_rules(self.outreach.db.read(), None).await?;
        let expired = self.expire_waiting(&rules, now).await?;
        reconsider(&self.outreach.db, &rules, now).await?;
        let more_to_wake = rules.values().any(|rules| rules.wake_from.is_some());
        let (sleep, awaits_room) = (if more_to_wake { Duration::ZERO } else { LONGEST_SLEEP }, false);
        let mut claim = Claim { messages: Vec::new(), refused: expired, deferred: 0, sleep, awaits_room };
        let open = self.open_channels(&mut claim, room);
        let mut waiting: HashMap<i64, Vec<QueuedRow>> = HashMap::new();
        for row in self.waiting(&open).await? {
            if row.next_attempt_at > now.millis() {
                let pause = Duration::from_millis((row.next_attempt_at - now.millis()) as u64);
                claim.sleep = claim.sleep.min(pause);
                continue;
            }
            waiting.entry(row.channel_id).or_default().push(row);
        }
        let mut candidates: Vec<Candidate> = Vec::new();
        for channel in open {
            let mut rows = waiting.remove(&channel.live.id.0).unwrap_or_default();
            rows.sort_by_key(QueuedRow::turn);
            for (taken, row) in rows.into_iter().enumerate() {
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
        // Who has the higher priority takes the places of a member's caps first, whatever channel he goes through.
        candidates.sort_by_key(|candidate| candidate.row.turn());
        let settled = self.settle(candidates, now).await?;
        for message in &settled.messages {
            message.gate.enter(1);
        }
        claim.messages = settled.messages;
        claim.refused += settled.refused;
        claim.deferred = settled.deferred;
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

    /// The first rows that wait for each channel at each priority, one more than it may be given, due or not.
    async fn waiting(&self, channels: &[Open]) -> Result<Vec<QueuedRow>, DbErr> {
        let db = self.outreach.db.read();
        let ids: Vec<i64> = channels.iter().map(|channel| channel.live.id.0).collect();
        let most: HashMap<i64, usize> = channels.iter().map(|channel| (channel.live.id.0, channel.most + 1)).collect();
        let mut found = Vec::new();
        for some in levels(db, &ids).await?.chunks(PARTS_AT_ONCE) {
            let first_rows = |level: &Level| {
                let limit = most.get(&level.channel_id).copied().unwrap_or_default();
                level.part(COLUMNS, "", "d.next_attempt_at, d.id", limit)
            };
            let parts: Vec<String> = some.iter().map(first_rows).collect();
            let rows: Vec<QueuedRow> = db.all(&parts.join(" UNION ALL "), Vec::new()).await?;
            found.extend(rows);
        }
        Ok(found)
    }

    /// In one transaction: checks every candidate and gives it its next state. Only rows that this
    /// transaction itself moved to `sending` are returned.
    async fn settle(&self, candidates: Vec<Candidate>, now: Time) -> Result<Settled, DbErr> {
        let outreach = &self.outreach;
        let tx = outreach.db.begin().await?;
        let workspaces: Vec<WorkspaceId> =
            candidates.iter().map(|candidate| WorkspaceId(candidate.row.workspace_id)).collect();
        let rules = load_rules(&tx, Some(&workspaces)).await?;
        let (candidates, mut standings) = self.standings(&tx, &rules, candidates, now).await?;
        let versions = template_versions(&tx, &candidates).await?;
        let consents = consent::refusals(&tx, &outreach.marks, &checks(&candidates)).await?;
        let members: Vec<MemberId> = candidates.iter().map(|candidate| MemberId(candidate.row.member_id)).collect();
        let paused = pauses::paused(&tx, &members, now).await?;
        let mut sorted = Sorted::default();
        for (candidate, consent) in candidates.into_iter().zip(consents) {
            let row = &candidate.row;
            let Some(rules) = rules.get(&row.workspace_id) else { continue };
            let is_paused = paused.contains_key(&MemberId(row.member_id));
            let refusal = self
                .refusal(&candidate, &versions, rules, now)
                .or(consent.map(|reason| ("suppressed", reason)))
                .or((is_paused && !row.asked(outreach, rules).is_exempt && row.priority < CRITICAL)
                    .then_some(("suppressed", "paused_by_member")));
            let verdict = match refusal {
                Some(_) => Verdict::Go,
                None => standings
                    .of(row.member_id)
                    .map_or(Verdict::Go, |standing| judge(rules, standing, &row.asked(outreach, rules), now)),
            };
            if let Some(standing) = standings.of(row.member_id) {
                note(standing, rules, row, &row.asked(outreach, rules), (refusal.is_some(), &verdict), now);
            }
            sorted.add(candidate, refusal, verdict, now);
        }
        let Sorted { mut going, going_rows, refused_rows, deferred_rows, freed, mut lines } = sorted;
        let moved = move_to_sending(&tx, &going_rows).await?;
        let refused = refuse(&tx, &refused_rows).await?;
        if rules.values().any(|rules| !rules.policy.caps.is_empty()) {
            wake_those_behind(&tx, &freed).await?;
        }
        let deferred = defer(&tx, &deferred_rows).await?;
        lines.retain(|line| [&moved, &refused, &deferred].iter().any(|rows| rows.contains(&line.delivery)));
        write_history(&tx, outreach, now, &lines).await?;
        let unsent: Vec<i64> = refused.iter().copied().collect();
        let is_told = answers::tell_unsent(&tx, outreach, &unsent, now).await?;
        tx.commit().await?;
        if is_told {
            outreach.emitted.notify_one();
        }
        for (_, state, reason, _) in refused_rows.iter().filter(|row| refused.contains(&row.0)) {
            metrics::counter!("hearth_deliveries_total", "state" => *state, "reason" => *reason).increment(1);
        }
        for (_, _, why, _) in deferred_rows.iter().filter(|row| deferred.contains(&row.0)) {
            metrics::counter!("hearth_deliveries_total", "state" => "deferred", "reason" => *why).increment(1);
        }
        // In the order in which they were asked for.
        let order: Vec<i64> = going_rows.iter().map(|row| row.0).filter(|id| moved.contains(id)).collect();
        let messages = order.into_iter().filter_map(|id| going.remove(&id)).map(|candidate| Claimed {
            attempt: candidate.row.attempts + 1,
            template_version: versions.get(&candidate.row.template_id).map_or(0, |row| row.version),
            row: candidate.row,
            live: candidate.live,
            gate: candidate.gate,
            note: None,
        });
        Ok(Settled { messages: messages.collect(), refused: refused.len(), deferred: deferred.len() })
    }

    /// How things stand with the members whom a policy restrains; nothing is read where none does. Where there are caps,
    /// outboxes beside each other take turns, and what another one has taken meanwhile is left out.
    async fn standings(
        &self,
        tx: &Tx,
        rules: &HashMap<i64, Rules>,
        mut candidates: Vec<Candidate>,
        now: Time,
    ) -> Result<(Vec<Candidate>, Standings), DbErr> {
        let outreach = &self.outreach;
        let restrained = |candidate: &&Candidate| {
            let rules = rules.get(&candidate.row.workspace_id).filter(|rules| rules.policy.restrains());
            rules.is_some_and(|rules| !candidate.row.asked(outreach, rules).is_exempt)
        };
        let named: Vec<Named> = candidates.iter().filter(restrained).map(|candidate| candidate.row.named()).collect();
        if named.is_empty() {
            return Ok((candidates, Standings::default()));
        }
        let present = present(tx, &named).await?;
        if rules.values().any(|rules| !rules.policy.caps.is_empty()) {
            take_turns(tx, &present).await?;
            let keys: Vec<(i64, i64)> = candidates.iter().map(|candidate| (candidate.row.id, now.millis())).collect();
            let queued = still_queued(tx, &keys).await?;
            candidates.retain(|candidate| queued.contains(&candidate.row.id));
        }
        let systems: Vec<&str> =
            outreach.registry.kinds().into_iter().filter(|kind| !is_to_people(outreach, kind)).collect();
        let standings = load_standings(tx, rules, &named, present, &systems, now).await?;
        Ok((candidates, standings))
    }

    fn refusal(
        &self,
        candidate: &Candidate,
        versions: &HashMap<i64, VersionRow>,
        rules: &Rules,
        now: Time,
    ) -> Option<Refusal> {
        let row = &candidate.row;
        if row.is_stopped == 1 {
            return Some(("cancelled", "journey_stopped"));
        }
        if candidate.live.workspace != WorkspaceId(row.workspace_id) || candidate.live.kind != row.channel_kind {
            return Some(("suppressed", "channel_missing"));
        }
        let (queued_at, expires_at) = (Time::from_millis(row.queued_at), row.expires_at.map(Time::from_millis));
        let (deadline, reason) = rules.deadline(queued_at, expires_at, self.outreach.settings.stale_after);
        if now >= deadline {
            return Some(("expired", reason));
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

fn checks(candidates: &[Candidate]) -> Vec<Check> {
    candidates
        .iter()
        .map(|candidate| Check {
            workspace: WorkspaceId(candidate.row.workspace_id),
            member: MemberId(candidate.row.member_id),
            channel_kind: candidate.row.channel_kind.clone(),
            // A test goes to who asked for it, whatever the member wants.
            topic: match crate::templates::is_test(&candidate.row.topic, candidate.row.member_id) {
                true => consent::TRANSACTIONAL.to_owned(),
                false => candidate.row.topic.clone(),
            },
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
            "SELECT t.id, t.workspace_id, t.channel_kind, t.revision AS version FROM {rows}
             JOIN templates t ON t.id = CAST(r.value->>0 AS BIGINT) WHERE t.deleted_at IS NULL",
            &wanted,
            Vec::new(),
        )
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}
