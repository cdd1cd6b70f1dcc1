//! Claiming: which rows go out now, and which do not go out at all.

use std::{collections::HashMap, sync::Arc, time::Duration};

use base::{
    Time,
    ids::{MemberId, WorkspaceId},
};
use people::consent::{self, pauses};
use store::{DbErr, Sql, Tx};

use super::{
    CLAIM_AT_ONCE, LONGEST_SLEEP, Outbox, answers,
    facts::write_history,
    gate::{Allowed, Gate},
    judge::{Verdict, judge},
    policy::{CRITICAL, Rules, load_rules, reconsider},
    queued::{COLUMNS, QueuedRow, is_to_people},
    refusals::{checks, template_versions},
    rows::{By, Level, PARTS_AT_ONCE, defer, levels, move_to_sending, refuse, still_queued, wake_those_behind},
    sorted::{Sorted, note},
    standing::{Named, Standings, load_standings, present, take_turns},
};
use crate::channel_config::Live;

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

impl Claimed {
    /// Attempts since it was last asked for, this one included.
    pub(super) fn nth(&self) -> i64 {
        self.attempt - self.row.attempts_before
    }
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

/// What became of candidates.
struct Settled {
    messages: Vec<Claimed>,
    refused: usize,
    deferred: usize,
}

/// A row that may be claimed.
pub(super) struct Candidate {
    pub row: QueuedRow,
    pub live: Live,
    pub gate: Arc<Gate>,
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
        for some in levels(db, By::Channel, &ids).await?.chunks(PARTS_AT_ONCE) {
            let first_rows = |level: &Level| {
                let limit = most.get(&level.queue).copied().unwrap_or_default();
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
}
