//! What the outbox would do with the messages that a simulation queues.
//!
//! Whether a message may go is decided by the same judge as in the real outbox (`outbox/judge.rs`), at the moment at which
//! the real one would look at it, after the same refusals: age, address, template, consent, the member's pause. What the
//! simulated journey sent before counts, and so does what others really sent then. Channels are taken as taking
//! everything at once.

mod figures;
mod mailbox;
mod others;
mod permission;

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use base::{
    Time,
    ids::{MemberId, WorkspaceId},
};
use channels::{Form, Registry};
use jiff::tz::TimeZone;
use people::{
    consent::{Check, TRANSACTIONAL},
    members::own_time_zones,
    privacy::Marks,
    replay::Replay,
};
use serde_json::Value;
use store::{DbErr, FromQueryResult, Sql};

pub(super) use self::{
    figures::{Figures, Key},
    others::Then,
};
use self::{
    mailbox::{Fate, Mailbox, Message, Other},
    permission::refusals_then,
};
use crate::outbox::policy::{Rules, load_rules};

/// Rows that are read, and members about whom is decided, at a time.
const AT_ONCE: usize = 2_000;

/// What the simulation knows of the house around it.
#[derive(Clone, Copy)]
pub(super) struct House<'a> {
    /// Kinds of channels; without, every kind but webhooks needs an address.
    pub(super) registry: Option<&'a Registry>,
    /// Knows the addresses of the erased.
    pub(super) marks: &'a Marks,
    /// How long a message waits that does not say so itself.
    pub(super) stale_after: Duration,
}

/// An outbox that sends nothing.
pub(super) struct SimulatedOutbox<'a> {
    house: House<'a>,
    workspace: WorkspaceId,
    rules: Rules,
    members: HashMap<i64, Mailbox>,
    /// When something is to be looked at next, of members for whom something waits.
    agenda: BTreeSet<(Time, i64)>,
    on_agenda: HashMap<i64, Time>,
    figures: Vec<(Key, Figures)>,
    words: Words,
    /// Messages of others that are known.
    pub(super) others: usize,
    /// The last row that was taken in.
    taken_to: i64,
}

/// Each word once, however many messages have it.
#[derive(Default)]
struct Words(HashSet<Arc<str>>);

impl Words {
    fn of(&mut self, word: &str) -> Arc<str> {
        if let Some(known) = self.0.get(word) {
            return known.clone();
        }
        let new: Arc<str> = word.into();
        self.0.insert(new.clone());
        new
    }
}

#[derive(FromQueryResult)]
struct QueuedRow {
    id: i64,
    member_id: i64,
    channel_kind: String,
    template_id: i64,
    step: String,
    topic: String,
    address: String,
    priority: i64,
    queued_at: i64,
    expires_at: Option<i64>,
    config_json: Option<String>,
    has_template: i64,
}

/// A row with what became of it: state, reason, what it waits for, when it is due, when it left, when it ended.
type FateRow = (i64, &'static str, Option<&'static str>, Option<&'static str>, i64, Option<i64>, Option<i64>);

impl<'a> SimulatedOutbox<'a> {
    /// With the policy that stands in a replay.
    pub(super) async fn open(
        replay: &Replay,
        workspace: WorkspaceId,
        house: House<'a>,
    ) -> Result<SimulatedOutbox<'a>, DbErr> {
        let rules = load_rules(replay.db().read(), Some(&[workspace])).await?.remove(&workspace.0);
        let rules = rules.ok_or_else(|| DbErr::RecordNotFound("the workspace of a simulation".to_owned()))?;
        Ok(SimulatedOutbox {
            house,
            workspace,
            rules,
            members: HashMap::new(),
            agenda: BTreeSet::new(),
            on_agenda: HashMap::new(),
            figures: Vec::new(),
            words: Words::default(),
            others: 0,
            taken_to: 0,
        })
    }

    /// What became of the messages of each step.
    pub(super) fn figures(&self) -> &[(Key, Figures)] {
        &self.figures
    }

    /// Notes something that the member got from others.
    pub(super) fn note_sent(&mut self, member: MemberId, channel_kind: &str, topic: &str, at: Time) {
        let (channel_kind, topic) = (self.words.of(channel_kind), self.words.of(topic));
        let sent = Other {
            channel_kind,
            topic,
            priority: 0,
            queued_at: at,
            due: at,
            expires_at: None,
            left_at: at,
            is_sent: true,
        };
        self.members.entry(member.0).or_default().others.push(sent);
    }

    /// Does all that the outbox would have done by then, with what was queued meanwhile.
    pub(super) async fn run_to(&mut self, replay: &Replay, until: Time) -> Result<(), DbErr> {
        self.take_in(replay).await?;
        loop {
            let due: Vec<(i64, Time)> = self
                .agenda
                .iter()
                .take_while(|(at, _)| *at <= until)
                .take(AT_ONCE)
                .map(|(at, member)| (*member, *at))
                .collect();
            if due.is_empty() {
                return Ok(());
            }
            self.decide(replay, &due).await?;
        }
    }

    fn is_to_people(&self, channel_kind: &str) -> bool {
        match self.house.registry.and_then(|registry| registry.kind(channel_kind).ok()) {
            Some(kind) => kind.needs_address(),
            None => channel_kind != "webhook",
        }
    }

    async fn take_in(&mut self, replay: &Replay) -> Result<(), DbErr> {
        loop {
            let rows: Vec<QueuedRow> = replay
                .db()
                .read()
                .all(
                    "SELECT d.id, d.member_id, d.channel_kind, d.template_id, d.step, d.topic, d.address, d.priority,
                       d.queued_at, d.expires_at, c.config_json,
                       CAST(CASE WHEN t.id IS NULL THEN 0 ELSE 1 END AS BIGINT) AS has_template
                     FROM deliveries d LEFT JOIN channels c ON c.id = d.channel_id
                     LEFT JOIN templates t ON t.id = d.template_id AND t.channel_kind = d.channel_kind
                     WHERE d.id > $1 AND d.journey_id IS NOT NULL ORDER BY d.id LIMIT $2",
                    vec![self.taken_to.into(), (AT_ONCE as i64).into()],
                )
                .await?;
            let Some(last) = rows.last() else { return Ok(()) };
            self.taken_to = last.id;
            for row in rows {
                let member = row.member_id;
                let message = self.message(row);
                self.members.entry(member).or_default().queued.push(message);
                self.plan(member);
            }
        }
    }

    fn message(&mut self, row: QueuedRow) -> Message {
        let is_to_people = self.is_to_people(&row.channel_kind);
        let config: Value =
            row.config_json.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        let unsendable = self.unsendable(&row, is_to_people);
        let key = (row.step, row.channel_kind.clone(), row.template_id);
        let place = self.figures.iter().position(|(known, _)| *known == key).unwrap_or_else(|| {
            self.figures.push((key, Figures::default()));
            self.figures.len() - 1
        });
        let queued_at = Time::from_millis(row.queued_at);
        Message {
            id: row.id,
            figures: place,
            channel_kind: self.words.of(&row.channel_kind),
            is_exempt: row.topic == TRANSACTIONAL || !is_to_people,
            topic: self.words.of(&row.topic),
            address: row.address,
            requires_consent: config["requires_consent"].as_bool().unwrap_or(false),
            priority: row.priority,
            queued_at,
            expires_at: row.expires_at.map(Time::from_millis),
            unsendable,
            due: queued_at,
            waits_for: None,
            put_off: Vec::new(),
        }
    }

    fn unsendable(&self, row: &QueuedRow, is_to_people: bool) -> Option<&'static str> {
        if row.config_json.is_none() {
            return Some("channel_missing");
        }
        if is_to_people && row.address.trim().is_empty() {
            return Some("no_address");
        }
        if is_to_people && people::identity::normalise(&row.channel_kind, &row.address).is_none() {
            return Some("invalid_address");
        }
        let kind = self.house.registry.and_then(|registry| registry.kind(&row.channel_kind).ok());
        let is_free = row.template_id == 0 && kind.map_or(!is_to_people, |kind| kind.form() == Form::Payload);
        (row.has_template == 0 && !is_free).then_some("template_missing")
    }

    /// Puts a member where he belongs on the agenda.
    fn plan(&mut self, member: i64) {
        if let Some(at) = self.on_agenda.remove(&member) {
            self.agenda.remove(&(at, member));
        }
        if let Some(at) = self.members.get(&member).and_then(Mailbox::next) {
            self.agenda.insert((at, member));
            self.on_agenda.insert(member, at);
        }
    }

    /// Decides about members, each at his own moment, and writes into the ledger of the replay what came of it.
    async fn decide(&mut self, replay: &Replay, due: &[(i64, Time)]) -> Result<(), DbErr> {
        let mut checks: Vec<(i64, (Check, Time))> = Vec::new();
        for (member, now) in due {
            let Some(mailbox) = self.members.get(member) else { continue };
            checks.extend(mailbox.due_at(*now).map(|message| (message.id, (self.check(*member, message), *now))));
        }
        let (ids, checks): (Vec<i64>, Vec<(Check, Time)>) = checks.into_iter().unzip();
        let refusals = refusals_then(replay, self.workspace, self.house.marks, &checks).await?;
        let refusals: HashMap<i64, &'static str> =
            ids.into_iter().zip(refusals).filter_map(|(id, reason)| Some((id, reason?))).collect();
        let zones = match self.rules.policy.restrains() {
            true => {
                let members: Vec<MemberId> = due.iter().map(|(member, _)| MemberId(*member)).collect();
                own_time_zones(replay.db().read(), &members, replay.now()).await?
            }
            false => HashMap::new(),
        };
        let mut rows: Vec<FateRow> = Vec::new();
        for (member, now) in due {
            let zone: &TimeZone = zones.get(&MemberId(*member)).unwrap_or(&self.rules.zone);
            let Some(mailbox) = self.members.get_mut(member) else { continue };
            for (message, fate) in mailbox.decide(*now, &self.rules, zone, self.house.stale_after, &refusals) {
                if let Some((_, figures)) = self.figures.get_mut(message.figures) {
                    figures.count(fate, *now, &self.rules.zone);
                }
                rows.push(fate_row(&message, fate, *now));
            }
            self.plan(*member);
        }
        let tx = replay.db().begin().await?;
        tx.run_rows(
            "UPDATE deliveries SET state = x.state, reason = x.reason, waits_for = x.waits_for,
               next_attempt_at = x.next_attempt_at, claimed_at = x.claimed_at, ended_at = x.ended_at
             FROM (SELECT CAST(r.value->>0 AS BIGINT) AS id, r.value->>1 AS state, r.value->>2 AS reason,
                     r.value->>3 AS waits_for, CAST(r.value->>4 AS BIGINT) AS next_attempt_at,
                     CAST(r.value->>5 AS BIGINT) AS claimed_at, CAST(r.value->>6 AS BIGINT) AS ended_at FROM {rows}) AS x
             WHERE deliveries.id = x.id",
            &rows,
        )
        .await?;
        tx.commit().await
    }

    fn check(&self, member: i64, message: &Message) -> Check {
        Check {
            workspace: self.workspace,
            member: MemberId(member),
            channel_kind: message.channel_kind.to_string(),
            topic: message.topic.to_string(),
            address: message.address.clone(),
            requires_consent: message.requires_consent,
        }
    }
}

/// `waits_for` keeps what the message waited for last, also when it has left.
fn fate_row(message: &Message, fate: Fate, now: Time) -> FateRow {
    let waited = message.waits_for.map(|why| why.word());
    let (id, due) = (message.id, message.due.millis());
    match fate {
        Fate::Sent => (id, "accepted", None, waited, due, Some(now.millis()), None),
        Fate::Refused(state, reason) => (id, state, Some(reason), waited, due, None, Some(now.millis())),
        Fate::PutOff(why, _) => (id, "queued", Some(why.reason()), waited, due, None, None),
    }
}
