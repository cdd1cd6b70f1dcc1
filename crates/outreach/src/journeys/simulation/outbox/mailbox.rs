//! What waits for one member, and what he got: what the judge is to know of him.
//!
//! Here it stands in memory, where the real outbox asks the ledger (`outbox/standing.rs`): both are to say the same.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

use base::Time;
use jiff::tz::TimeZone;

use crate::outbox::{
    hours::local_period,
    judge::{Asked, Contact, Planned, Standing, Verdict, Why, judge, periods},
    policy::{CRITICAL, Rules},
};

/// How long it matters what somebody got: the longest period over which is counted is a month.
pub(super) const REMEMBERED: Duration = Duration::from_secs(32 * 86_400);

/// A simulated message that waits.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) id: i64,
    /// Of which step, channel and template it is: a place among the figures.
    pub(super) figures: usize,
    pub(super) channel_kind: Arc<str>,
    pub(super) topic: Arc<str>,
    pub(super) address: String,
    pub(super) requires_consent: bool,
    pub(super) priority: i64,
    pub(super) queued_at: Time,
    pub(super) expires_at: Option<Time>,
    /// Whether it is no message to a person, or one that the person caused.
    pub(super) is_exempt: bool,
    /// Why it cannot be sent whenever that is.
    pub(super) unsendable: Option<&'static str>,
    /// When it is looked at next.
    pub(super) due: Time,
    /// What it waits for since it was last looked at.
    pub(super) waits_for: Option<Why>,
    /// All that it has waited for.
    pub(super) put_off: Vec<Why>,
}

/// A message that others queued then, and what became of it.
#[derive(Clone, Debug)]
pub(super) struct Other {
    pub(super) channel_kind: Arc<str>,
    pub(super) topic: Arc<str>,
    pub(super) priority: i64,
    pub(super) queued_at: Time,
    pub(super) due: Time,
    pub(super) expires_at: Option<Time>,
    /// When it left the queue.
    pub(super) left_at: Time,
    /// Whether it left for the member.
    pub(super) is_sent: bool,
}

/// Something simulated that left for the member.
#[derive(Debug)]
struct Left {
    channel_kind: Arc<str>,
    topic: Arc<str>,
    at: Time,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Sent,
    /// The state and the reason of the ledger.
    Refused(&'static str, &'static str),
    /// It waits for this.
    PutOff(Why, IsNew),
}

/// Whether a message waits for that for the first time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct IsNew(pub(super) bool);

/// The messages of one member.
#[derive(Debug, Default)]
pub(super) struct Mailbox {
    pub(super) queued: Vec<Message>,
    pub(super) others: Vec<Other>,
    left: Vec<Left>,
    /// When he said something about pauses, and until when he wants nothing since.
    pub(super) pauses: Vec<(Time, Option<Time>)>,
    looked_at: Time,
}

impl Mailbox {
    /// When something is to be looked at next.
    pub(super) fn next(&self) -> Option<Time> {
        self.queued.iter().map(|message| self.next_of(message)).min()
    }

    /// What keeps its place free for one of a higher priority is looked at again when that one ends unsent.
    fn next_of(&self, message: &Message) -> Time {
        if message.waits_for != Some(Why::HigherPriority) {
            return message.due;
        }
        let freed = self.others.iter().filter(|other| !other.is_sent && other.left_at > self.looked_at);
        freed.map(|other| other.left_at).fold(message.due, Time::min)
    }

    /// What is to be looked at then.
    pub(super) fn due_at(&self, now: Time) -> impl Iterator<Item = &Message> {
        self.queued.iter().filter(move |message| self.next_of(message) <= now)
    }

    /// Decides about all that is to be looked at then, the highest priority first. `consents` are refusals by message.
    pub(super) fn decide(
        &mut self,
        now: Time,
        rules: &Rules,
        zone: &TimeZone,
        stale_after: Duration,
        consents: &HashMap<i64, &'static str>,
    ) -> Vec<(Message, Fate)> {
        let mut due: Vec<(i64, Time, i64)> =
            self.due_at(now).map(|message| (-message.priority, message.due.min(now), message.id)).collect();
        due.sort_unstable();
        self.looked_at = now;
        self.forget_before(now.minus(REMEMBERED));
        let is_paused = self.is_paused(now);
        let (mut decided, mut is_freed) = (Vec::new(), false);
        for (_, _, id) in due {
            let Some(place) = self.queued.iter().position(|message| message.id == id) else { continue };
            let message = &self.queued[place];
            let (deadline, expired) = rules.deadline(message.queued_at, message.expires_at, stale_after);
            let asked = Asked {
                priority: message.priority,
                channel_kind: &message.channel_kind,
                topic: &message.topic,
                queued_at: message.queued_at,
                deadline,
                is_exempt: message.is_exempt,
            };
            let paused = (is_paused && !message.is_exempt && message.priority < CRITICAL).then_some("paused_by_member");
            let refusal = match now >= deadline {
                true => Some(("expired", expired)),
                false => {
                    message.unsendable.or(consents.get(&id).copied()).or(paused).map(|reason| ("suppressed", reason))
                }
            };
            let fate = match refusal {
                Some((state, reason)) => Fate::Refused(state, reason),
                None => match judge(rules, &self.standing(rules, zone, now), &asked, now) {
                    Verdict::Go => Fate::Sent,
                    Verdict::Drop(hold) => Fate::Refused("suppressed", hold.why.reason()),
                    Verdict::Wait(hold) => {
                        let message = &mut self.queued[place];
                        message.due = hold.until.max(now.plus(Duration::from_millis(1)));
                        message.waits_for = Some(hold.why);
                        let is_new = IsNew(!message.put_off.contains(&hold.why));
                        if is_new.0 {
                            message.put_off.push(hold.why);
                        }
                        decided.push((message.clone(), Fate::PutOff(hold.why, is_new)));
                        continue;
                    }
                },
            };
            let message = self.queued.swap_remove(place);
            match fate {
                Fate::Sent if !message.is_exempt => self.left.push(Left {
                    channel_kind: message.channel_kind.clone(),
                    topic: message.topic.clone(),
                    at: now,
                }),
                Fate::Refused(..) => is_freed = true,
                _ => {}
            }
            decided.push((message, fate));
        }
        if is_freed {
            let looked_at = |id: i64| decided.iter().any(|(message, _)| message.id == id);
            let behind = |message: &&mut Message| message.waits_for == Some(Why::HigherPriority);
            self.queued
                .iter_mut()
                .filter(behind)
                .filter(|message| !looked_at(message.id))
                .for_each(|message| message.due = message.due.min(now));
        }
        decided
    }

    fn forget_before(&mut self, moment: Time) {
        self.left.retain(|left| left.at >= moment);
        self.others.retain(|other| other.left_at >= moment);
    }

    fn is_paused(&self, now: Time) -> bool {
        let last = self.pauses.iter().filter(|(at, _)| *at <= now).max_by_key(|(at, _)| *at);
        last.is_some_and(|(_, until)| until.is_some_and(|until| until > now))
    }

    /// How things stand with him, as far as the policy counts.
    fn standing(&self, rules: &Rules, zone: &TimeZone, now: Time) -> Standing {
        let mut standing = Standing::empty(zone.clone());
        for per in periods(rules) {
            let period = local_period(per, now, zone);
            let mut contacts: BTreeMap<(&str, &str), i64> = BTreeMap::new();
            let got = self.left.iter().map(|left| (&left.channel_kind, &left.topic, left.at));
            let others = self.others.iter().filter(|other| other.is_sent);
            let others = others.map(|other| (&other.channel_kind, &other.topic, other.left_at));
            for (kind, topic, _) in got.chain(others).filter(|(_, _, at)| (period.start..=now).contains(at)) {
                *contacts.entry((kind, topic)).or_default() += 1;
            }
            let mut planned: BTreeMap<(&str, &str, i64), (i64, Time)> = BTreeMap::new();
            // What has expired before it could go is not counted.
            let is_planned = |queued_at: Time, due: Time, expires_at: Option<Time>| {
                queued_at <= now && due < period.end && expires_at.is_none_or(|at| at > due && at > now)
            };
            let mut plan = |kind, topic, priority, due: Time| {
                let (number, first) = planned.entry((kind, topic, priority)).or_insert((0, due));
                *number += 1;
                *first = (*first).min(due);
            };
            let own = self.queued.iter().filter(|message| !message.is_exempt);
            for one in own.filter(|one| is_planned(one.queued_at, one.due, one.expires_at)) {
                plan(&*one.channel_kind, &*one.topic, one.priority, one.due);
            }
            let waiting = self.others.iter().filter(|other| other.left_at > now);
            for one in waiting.filter(|one| is_planned(one.queued_at, one.due, one.expires_at)) {
                plan(&*one.channel_kind, &*one.topic, one.priority, one.due);
            }
            standing.contacts.insert(per, contacts.into_iter().map(contact).collect());
            standing.planned.insert(per, planned.into_iter().map(planning).collect());
        }
        standing
    }
}

fn contact(((kind, topic), number): ((&str, &str), i64)) -> Contact {
    Contact { channel_kind: kind.to_owned(), topic: topic.to_owned(), number }
}

fn planning(((kind, topic, priority), (number, due)): ((&str, &str, i64), (i64, Time))) -> Planned {
    Planned { channel_kind: kind.to_owned(), topic: topic.to_owned(), priority, number, due }
}
