//! Live events after the history.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::{collections::HashSet, time::Duration};

use base::{EventKind, Time};
use hearth_demo::{DemoEvent, DemoPlan, Trickle};

fn plan() -> DemoPlan {
    DemoPlan { seed: 4, members: 500, days: 30, until: "2026-11-20T08:00:00Z".parse().unwrap() }
}

/// Asks twice a second for `seconds` seconds.
fn watch(trickle: &mut Trickle, from: Time, seconds: u64) -> Vec<DemoEvent> {
    (1..=2 * seconds).flat_map(|half| trickle.next(from.plus(Duration::from_millis(half * 500)))).collect()
}

fn lines(events: &[DemoEvent]) -> Vec<String> {
    events.iter().map(DemoEvent::to_batch_item).collect()
}

#[test]
fn one_to_three_events_a_second_with_the_rhythm_of_the_day() {
    let evening: Time = "2026-11-20T13:00:00Z".parse().unwrap();
    let night: Time = "2026-11-20T20:00:00Z".parse().unwrap();
    let in_the_evening = watch(&mut Trickle::new(&plan(), evening), evening, 1_800).len() as f64 / 1_800.0;
    let in_the_night = watch(&mut Trickle::new(&plan(), night), night, 1_800).len() as f64 / 1_800.0;
    assert!((1.7..3.3).contains(&in_the_evening), "{in_the_evening} events a second in the evening");
    assert!((0.7..1.4).contains(&in_the_night), "{in_the_night} events a second in the night");
}

#[test]
fn events_come_in_order_never_early_and_only_once() {
    let from: Time = "2026-11-20T12:00:00Z".parse().unwrap();
    let mut trickle = Trickle::new(&plan(), from);
    let mut last = from;
    let mut message_ids = HashSet::new();
    for step in 1..2_000u64 {
        let now = from.plus(Duration::from_millis(step * 700));
        for event in trickle.next(now) {
            assert!(event.timestamp >= last && event.timestamp <= now);
            last = event.timestamp;
            assert!(message_ids.insert(event.message_id));
        }
        assert!(trickle.next(now).is_empty(), "the same moment was told twice");
    }
    assert!(message_ids.len() > 1_500);
}

#[test]
fn a_trickle_that_starts_again_repeats_no_message_id() {
    let from: Time = "2026-11-20T12:00:00Z".parse().unwrap();
    let first = watch(&mut Trickle::new(&plan(), from), from, 300);
    let again = watch(&mut Trickle::new(&plan(), from), from, 300);
    assert_eq!(lines(&first), lines(&again), "equal plans and moments make equal events");
    let later = from.plus(Duration::from_secs(300));
    let restarted = watch(&mut Trickle::new(&plan(), later), later, 300);
    let known: HashSet<&str> = first.iter().map(|event| event.message_id.as_str()).collect();
    assert!(restarted.iter().all(|event| !known.contains(event.message_id.as_str())));
}

#[test]
fn a_pause_is_not_made_up_for() {
    let from: Time = "2026-11-20T12:00:00Z".parse().unwrap();
    let mut trickle = Trickle::new(&plan(), from);
    let after_a_night = from.plus(Duration::from_secs(8 * 3_600));
    let events = trickle.next(after_a_night);
    assert!(events.len() < 400, "{} events at once", events.len());
    assert!(events.iter().all(|event| event.timestamp.millis() > after_a_night.millis() - 60_000));
}

#[test]
fn new_members_arrive() {
    let from: Time = "2026-11-20T12:00:00Z".parse().unwrap();
    let events = watch(&mut Trickle::new(&plan(), from), from, 3_600);
    let newcomers: HashSet<&str> = events
        .iter()
        .filter(|event| event.kind == EventKind::Identify && event.properties.get().contains("signup_at"))
        .filter_map(|event| event.user_id.as_deref())
        .collect();
    assert!(newcomers.len() > 10, "{} newcomers in an hour", newcomers.len());
    assert!(newcomers.iter().all(|user| user.len() > "LW000500".len()), "a newcomer has the number of an old member");
}
