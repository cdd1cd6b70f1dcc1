//! Whether a message may go now, as a function of the policy, of what its member got and will get, and of a moment.
//!
//! Nothing here reads or writes anything, so a preview and a simulation get the same answers as the outbox.
//!
//! A cap is kept with priorities in mind: a message goes only when the places are enough for it *and* for those of a higher
//! priority that are queued for the same member and due within the same period. Those that are not sent after all give
//! their places free.

use std::{collections::BTreeMap, time::Duration};

use base::Time;
use jiff::tz::TimeZone;

use super::{
    hours::{Clocks, LocalPeriod, Per, local_period},
    policy::{CRITICAL, Cap, Closed, Rules, Then},
};

/// How soon a message is looked at again that waits for one of a higher priority which should have gone already. Its
/// channel may be paused, for instance; when it ends in this outbox, whoever waits for it is told at once.
const LOOK_AGAIN: Duration = Duration::from_secs(300);

/// What is asked about.
#[derive(Clone, Debug)]
pub(crate) struct Asked<'a> {
    pub priority: i64,
    pub channel_kind: &'a str,
    pub topic: &'a str,
    pub queued_at: Time,
    /// When it is not sent any more.
    pub deadline: Time,
    /// Whether it is no message to a person, or one that the person caused.
    pub is_exempt: bool,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It may go.
    Go,
    /// It has to wait.
    Wait(Hold),
    /// It is not sent.
    Drop(Hold),
}

/// What holds a message back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hold {
    pub why: Why,
    /// When that may be over.
    pub until: Time,
    /// The cap, if it is one, and how many of its places are used and how many are kept for others.
    pub cap: Option<(Cap, i64, i64)>,
}

/// Why a message is held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// The places of a cap are used.
    FrequencyCap,
    /// The places that are left are kept for messages of a higher priority.
    HigherPriority,
    /// The hour is quiet.
    QuietHours,
    /// The hour is outside of the windows of its kind.
    OutsideWindow,
}

impl Why {
    /// The word in `deliveries.waits_for`.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Why::FrequencyCap => "frequency_cap",
            Why::HigherPriority => "higher_priority",
            Why::QuietHours => "quiet_hours",
            Why::OutsideWindow => "outside_window",
        }
    }

    /// The word in `deliveries.reason`.
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Why::HigherPriority => Why::FrequencyCap.word(),
            why => why.word(),
        }
    }
}

impl Hold {
    /// For the history of the message.
    pub(crate) fn detail(&self, waits: bool) -> String {
        let mut detail = self.why.word().to_owned();
        if let Some((cap, used, kept)) = &self.cap {
            let per = match cap.per {
                Per::Day => "day",
                Per::Week => "week",
                Per::Month => "month",
            };
            detail += &format!("; cap {} a {per}, {used} used", cap.most);
            if *kept > 0 {
                detail += &format!(", {kept} kept for higher priorities");
            }
        }
        if waits {
            detail += &format!("; not before {}", self.until);
        }
        detail
    }
}

/// Messages of one kind and topic that left within the period that is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Contact {
    pub channel_kind: String,
    pub topic: String,
    pub number: i64,
}

/// Messages of one kind, topic and priority that are queued and due before the period that is now ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Planned {
    pub channel_kind: String,
    pub topic: String,
    pub priority: i64,
    pub number: i64,
    /// When the first of them is due.
    pub due: Time,
}

/// How things stand with a member.
#[derive(Clone, Debug)]
pub(crate) struct Standing {
    /// Where he lives.
    pub zone: TimeZone,
    /// What left for him, by period.
    pub contacts: BTreeMap<Per, Vec<Contact>>,
    /// What waits for him, by period.
    pub planned: BTreeMap<Per, Vec<Planned>>,
}

impl Standing {
    /// Of somebody who got nothing and for whom nothing waits.
    pub(crate) fn empty(zone: TimeZone) -> Standing {
        Standing { zone, contacts: BTreeMap::new(), planned: BTreeMap::new() }
    }

    /// Notes that a message goes.
    pub(crate) fn goes(&mut self, rules: &Rules, asked: &Asked<'_>) {
        for per in periods(rules) {
            let contacts = self.contacts.entry(per).or_default();
            let same = contacts
                .iter_mut()
                .find(|contact| contact.channel_kind == asked.channel_kind && contact.topic == asked.topic);
            match same {
                Some(contact) => contact.number += 1,
                None => contacts.push(Contact {
                    channel_kind: asked.channel_kind.to_owned(),
                    topic: asked.topic.to_owned(),
                    number: 1,
                }),
            }
        }
    }

    /// Notes that a message that was queued is so no longer, or not for this period.
    pub(crate) fn leaves_queue(&mut self, asked: &Asked<'_>, per: Per) {
        let planned = self.planned.entry(per).or_default();
        let same = planned.iter_mut().find(|planned| {
            planned.priority == asked.priority
                && planned.channel_kind == asked.channel_kind
                && planned.topic == asked.topic
        });
        if let Some(same) = same {
            same.number -= 1;
        }
        planned.retain(|planned| planned.number > 0);
    }

    fn used(&self, cap: &Cap) -> i64 {
        let contacts = self.contacts.get(&cap.per).map(Vec::as_slice).unwrap_or_default();
        let counted = contacts.iter().filter(|contact| cap.counts(&contact.channel_kind, &contact.topic));
        counted.map(|contact| contact.number).sum()
    }

    /// How many places are kept for messages of a higher priority, and when the first of these is due.
    fn kept(&self, cap: &Cap, priority: i64) -> (i64, Option<Time>) {
        let planned = self.planned.get(&cap.per).map(Vec::as_slice).unwrap_or_default();
        let higher = planned
            .iter()
            .filter(|planned| planned.priority > priority && cap.counts(&planned.channel_kind, &planned.topic));
        higher.fold((0, None), |(number, due), planned| {
            (number + planned.number, Some(due.map_or(planned.due, |due: Time| due.min(planned.due))))
        })
    }
}

/// The periods over which a policy counts.
pub(crate) fn periods(rules: &Rules) -> Vec<Per> {
    let mut periods: Vec<Per> = rules.policy.caps.iter().map(|cap| cap.per).collect();
    periods.sort_unstable();
    periods.dedup();
    periods
}

/// Whether a message may go now.
pub(crate) fn judge(rules: &Rules, standing: &Standing, asked: &Asked<'_>, now: Time) -> Verdict {
    let policy = &rules.policy;
    if asked.is_exempt || (policy.critical_passes && asked.priority >= CRITICAL) {
        return Verdict::Go;
    }
    let may_drop = asked.queued_at > rules.changed_at;
    let clocks = Clocks { member: standing.zone.clone(), workspace: rules.zone.clone() };
    if let Some((closed, then)) = policy.closed(asked.channel_kind, &clocks, now) {
        let until = policy.next_open(asked.channel_kind, &clocks, now).unwrap_or(asked.deadline);
        let why = match closed {
            Closed::QuietHours => Why::QuietHours,
            Closed::OutsideWindow => Why::OutsideWindow,
        };
        return held(Hold { why, until: until.min(asked.deadline), cap: None }, then == Then::Drop && may_drop);
    }
    let mut found: Option<(Hold, bool)> = None;
    for cap in policy.caps.iter().filter(|cap| cap.counts(asked.channel_kind, asked.topic)) {
        let period = local_period(cap.per, now, &standing.zone);
        let Some(hold) = capped(standing, cap, period, asked.priority, now) else { continue };
        let drops = hold.why == Why::FrequencyCap && cap.then == Then::Drop && may_drop;
        // The one that lasts longest decides, and one that drops before all.
        if found.as_ref().is_none_or(|(other, dropped)| (drops, hold.until) > (*dropped, other.until)) {
            found = Some((hold, drops));
        }
    }
    let Some((mut hold, drops)) = found else { return Verdict::Go };
    if policy.closed(asked.channel_kind, &clocks, hold.until).is_some() {
        hold.until = policy.next_open(asked.channel_kind, &clocks, hold.until).unwrap_or(asked.deadline);
    }
    hold.until = hold.until.min(asked.deadline);
    held(hold, drops)
}

fn held(hold: Hold, drops: bool) -> Verdict {
    if drops { Verdict::Drop(hold) } else { Verdict::Wait(hold) }
}

fn capped(standing: &Standing, cap: &Cap, period: LocalPeriod, priority: i64, now: Time) -> Option<Hold> {
    let used = standing.used(cap);
    let (kept, due) = standing.kept(cap, priority);
    if used >= cap.most {
        return Some(Hold { why: Why::FrequencyCap, until: period.end, cap: Some((cap.clone(), used, kept)) });
    }
    if used + kept < cap.most {
        return None;
    }
    // When the first of them is due it is sent, or is not; until then nothing changes.
    let settled = due.unwrap_or(now).max(now.plus(LOOK_AGAIN));
    Some(Hold { why: Why::HigherPriority, until: settled.min(period.end), cap: Some((cap.clone(), used, kept)) })
}
