//! Random messages, caps, zones and priorities: the outbox sends what a naive reading of the policy sends.

use std::collections::BTreeMap;

use base::{
    Clock, Time,
    ids::{DeliveryId, MemberId},
};
use jiff::{civil::Date, tz::TimeZone};
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use serde_json::{Value, json};
use store::FromQueryResult;
use store::Sql;

use crate::house::{House, on_every_database};

const ZONES: [&str; 4] = ["Pacific/Kiritimati", "Pacific/Honolulu", "Europe/Berlin", "Asia/Shanghai"];
const PRIORITIES: [i64; 4] = [25, 50, 75, 100];
const TOPICS: [&str; 3] = ["news", "sales", "transactional"];
/// Two days before the clocks of Berlin go back.
const FROM: &str = "2027-10-29T00:00:00Z";
const HOURS: i64 = 96;

#[derive(Clone, Debug)]
struct Cap {
    topic: Option<usize>,
    most: usize,
    is_weekly: bool,
}

#[derive(Clone, Debug)]
struct Message {
    member: usize,
    priority: usize,
    topic: usize,
    due_hour: i64,
}

#[derive(Clone, Debug)]
struct Case {
    caps: Vec<Cap>,
    quiet: Option<(u8, u8)>,
    zones: Vec<usize>,
    messages: Vec<Message>,
}

fn cases() -> impl Strategy<Value = Case> {
    let cap = (prop::option::of(0usize..2), 1usize..4, any::<bool>());
    let cap = cap.prop_map(|(topic, most, is_weekly)| Cap { topic, most, is_weekly });
    let message = (0usize..4, 0usize..4, 0usize..3, 0i64..72);
    let message = message.prop_map(|(member, priority, topic, due_hour)| Message { member, priority, topic, due_hour });
    let quiet = prop::option::of((0u8..24, 1u8..12).prop_map(|(from, length)| (from, (from + length) % 24)));
    (
        prop::collection::vec(cap, 1..4),
        quiet,
        prop::collection::vec(0usize..ZONES.len(), 4),
        prop::collection::vec(message, 5..60),
    )
        .prop_map(|(mut caps, quiet, zones, messages)| {
            caps.sort_by_key(|cap| (cap.topic, cap.is_weekly));
            caps.dedup_by_key(|cap| (cap.topic, cap.is_weekly));
            Case { caps, quiet, zones, messages }
        })
}

fn policy(case: &Case) -> Value {
    let caps: Vec<Value> = case
        .caps
        .iter()
        .map(|cap| {
            let per = if cap.is_weekly { "week" } else { "day" };
            json!({"topic": cap.topic.map(|topic| TOPICS[topic]), "most": cap.most, "per": per})
        })
        .collect();
    let quiet = case.quiet.map(|(from, to)| json!({"from": format!("{from:02}:00"), "to": format!("{to:02}:00")}));
    json!({"caps": caps, "quiet_hours": quiet, "expire_after": "P60D"})
}

/// The naive reading: one message after the other, everything counted anew each time, by the dates on calendars.
struct Naive<'a> {
    case: &'a Case,
    /// By message: when it is looked at next, and when it was sent.
    next: Vec<Time>,
    sent: Vec<Option<Time>>,
}

impl Naive<'_> {
    fn zone(&self, message: usize) -> TimeZone {
        TimeZone::get(ZONES[self.case.zones[self.case.messages[message].member]]).unwrap()
    }

    fn date(&self, message: usize, at: Time, is_weekly: bool) -> Date {
        let date = self.zone(message).to_datetime(at.timestamp()).date();
        if !is_weekly {
            return date;
        }
        let mut monday = date;
        while monday.weekday() != jiff::civil::Weekday::Monday {
            monday = monday.yesterday().unwrap();
        }
        monday
    }

    fn is_quiet(&self, message: usize, at: Time) -> bool {
        let Some((from, to)) = self.case.quiet else { return false };
        let mut hour = from;
        let shown = self.zone(message).to_datetime(at.timestamp()).hour() as u8;
        while hour != to {
            if hour == shown {
                return true;
            }
            hour = (hour + 1) % 24;
        }
        false
    }

    /// Minute by minute, until the clock says so.
    fn first(&self, from: Time, wanted: impl Fn(Time) -> bool) -> Time {
        (1..).map(|minute| from.plus(std::time::Duration::from_secs(minute * 60))).find(|at| wanted(*at)).unwrap()
    }

    /// Looks at one message; true when it goes.
    fn look_at(&mut self, nth: usize, now: Time) -> bool {
        let message = &self.case.messages[nth];
        if TOPICS[message.topic] == "transactional" || PRIORITIES[message.priority] == 100 {
            return true;
        }
        if self.is_quiet(nth, now) {
            self.next[nth] = self.first(now, |at| !self.is_quiet(nth, at));
            return false;
        }
        let mut until: Option<Time> = None;
        for cap in &self.case.caps {
            if cap.topic.is_some_and(|topic| topic != message.topic) {
                continue;
            }
            let today = self.date(nth, now, cap.is_weekly);
            let (mut used, mut kept, mut first_due) = (0, 0, None);
            for (other, asked) in self.case.messages.iter().enumerate() {
                let counts = asked.member == message.member
                    && TOPICS[asked.topic] != "transactional"
                    && cap.topic.is_none_or(|topic| topic == asked.topic);
                if !counts {
                    continue;
                }
                match self.sent[other] {
                    Some(at) => used += usize::from(self.date(other, at, cap.is_weekly) == today),
                    None => {
                        let is_kept = asked.priority > message.priority
                            && self.date(other, self.next[other], cap.is_weekly) <= today;
                        if is_kept {
                            kept += 1;
                            first_due = first_due.into_iter().chain([self.next[other]]).min();
                        }
                    }
                }
            }
            if used + kept < cap.most {
                continue;
            }
            let end = self.first(now, |at| self.date(nth, at, cap.is_weekly) > today);
            let held = match used >= cap.most {
                true => end,
                false => first_due.unwrap().max(now.plus(std::time::Duration::from_secs(300))).min(end),
            };
            until = until.into_iter().chain([held]).max();
        }
        let Some(until) = until else { return true };
        self.next[nth] =
            if self.is_quiet(nth, until) { self.first(until, |at| !self.is_quiet(nth, at)) } else { until };
        false
    }

    fn run(&mut self, now: Time) {
        loop {
            let due = (0..self.next.len()).filter(|nth| self.sent[*nth].is_none() && self.next[*nth] <= now);
            // By priority, then by what is due, then by id.
            let first =
                due.min_by_key(|nth| (std::cmp::Reverse(self.case.messages[*nth].priority), self.next[*nth], *nth));
            let Some(first) = first else { return };
            if self.look_at(first, now) {
                self.sent[first] = Some(now);
            }
        }
    }
}

#[derive(FromQueryResult)]
struct SentRow {
    id: i64,
    claimed_at: i64,
}

async fn check(house: &House, case: &Case, run: usize) {
    let start: Time = FROM.parse::<Time>().unwrap().plus(std::time::Duration::from_secs(run as u64 * 400 * 86_400));
    let start = if run == 0 { start } else { start.max(house.clock.now()) };
    house.clock.set(start);
    house.run("DELETE FROM deliveries", vec![]).await;
    house.decide(policy(case)).await;
    let mut members: Vec<(String, MemberId)> = Vec::new();
    for (nth, zone) in case.zones.iter().enumerate() {
        let name = format!("m{run}x{nth}");
        members.push((name.clone(), house.member_in(&name, ZONES[*zone]).await));
    }
    let hour = |nth: i64| start.plus(std::time::Duration::from_secs(nth as u64 * 3_600));
    let mut ids: Vec<DeliveryId> = Vec::new();
    for message in &case.messages {
        let (name, member) = &members[message.member];
        let address = format!("{name}@shop.example");
        let topic = TOPICS[message.topic];
        let id = house.queue_as(*member, &address, topic, house.channel, "email", house.template).await;
        let values = vec![id.0.into(), PRIORITIES[message.priority].into(), hour(message.due_hour).millis().into()];
        house.run("UPDATE deliveries SET priority = $2, next_attempt_at = $3 WHERE id = $1", values).await;
        ids.push(id);
    }
    let next = case.messages.iter().map(|message| hour(message.due_hour)).collect();
    let mut naive = Naive { case, next, sent: vec![None; case.messages.len()] };
    for nth in 0..HOURS {
        house.clock.set(hour(nth));
        house.round().await;
        naive.run(hour(nth));
    }
    let sent: Vec<SentRow> =
        house.db.read().all("SELECT id, claimed_at FROM deliveries WHERE state = 'accepted'", vec![]).await.unwrap();
    let sent: BTreeMap<i64, i64> = sent.into_iter().map(|row| (row.id, row.claimed_at)).collect();
    let by_outbox: Vec<Option<String>> =
        ids.iter().map(|id| sent.get(&id.0).map(|at| Time::from_millis(*at).to_string())).collect();
    let by_reading: Vec<Option<String>> = naive.sent.iter().map(|at| at.map(|at| at.to_string())).collect();
    assert_eq!(by_outbox, by_reading, "{case:#?}");
}

#[tokio::test]
async fn the_outbox_sends_what_a_naive_reading_of_the_policy_sends() {
    on_every_database(|house| async move {
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
        let mut runner = TestRunner::new_with_rng(Config::default(), rng);
        for run in 0..8 {
            let case = cases().new_tree(&mut runner).unwrap().current();
            check(&house, &case, run).await;
        }
    })
    .await;
}
