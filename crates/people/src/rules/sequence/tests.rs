//! What is remembered of a sequence, against a search through all events; and what it costs.

use std::cell::Cell;

use proptest::{
    prelude::*,
    sample::Index,
    test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner},
};

use super::*;

thread_local! {
    static LOOK_UPS: Cell<usize> = const { Cell::new(0) };
}

pub(super) fn note_look_up() {
    LOOK_UPS.set(LOOK_UPS.get() + 1);
}

const MINUTE: i64 = 60_000;
const DAY: i64 = 86_400_000;

fn sequence(steps: usize, within: Option<&str>, asks_past: bool) -> Sequence {
    let step = EventFilter { event: "Page Read".to_owned(), filters: Vec::new() };
    Sequence { steps: vec![step; steps], within: within.map(|text| text.parse().unwrap()), asks_past }
}

fn berlin() -> TimeZone {
    TimeZone::get("Europe/Berlin").unwrap()
}

/// The night in which the clocks of Berlin go forward.
fn night() -> Time {
    "2026-03-29T00:00:00Z".parse().unwrap()
}

/// An event, by its moment and the steps that it can do.
type Happened = (Time, u16);

/// When a sequence was first complete: every choice of events is tried.
fn searched(events: &[Happened], sequence: &Sequence, chosen: &mut Vec<usize>) -> Option<Time> {
    if chosen.len() == sequence.steps.len() {
        return chosen.last().map(|last| events[*last].0);
    }
    let mut earliest = None;
    for (place, (at, steps)) in events.iter().enumerate() {
        let can_do = *steps & (1_u16 << chosen.len()) != 0;
        let is_later = chosen.last().is_none_or(|last| events[*last].0 <= *at);
        let is_near = match (chosen.first(), &sequence.within) {
            (Some(first), Some(within)) => within.before(*at, &berlin()) < events[*first].0,
            _ => true,
        };
        if can_do && is_later && is_near && !chosen.contains(&place) {
            chosen.push(place);
            earliest = [earliest, searched(events, sequence, chosen)].into_iter().flatten().min();
            chosen.pop();
        }
    }
    earliest
}

/// What becomes of two members, who may become one.
#[derive(Clone, Debug)]
enum Deed {
    /// One of them does something, so much earlier or later than now, and it can be these steps.
    Happens { who: usize, shift: i64, steps: u16 },
    /// The clock goes on.
    Passes(i64),
    /// An event of theirs is deleted, and they are read anew.
    IsDeleted(Index),
    /// It is looked for what is needless.
    IsThinned,
    /// The second becomes one with the first.
    AreMerged,
}

fn deed() -> impl Strategy<Value = Deed> {
    // A grid, so that many things happen at one moment.
    let shift = prop_oneof![6 => -20i64..=0, 2 => -60i64..=0, 1 => 1i64..=6].prop_map(|steps| steps * 15 * MINUTE);
    let steps = prop_oneof![3 => prop::sample::select(vec![1u16, 2, 4, 8]), 1 => 0u16..16];
    prop_oneof![
        10 => (0..2usize, shift, steps).prop_map(|(who, shift, steps)| Deed::Happens { who, shift, steps }),
        2 => (1i64..=40).prop_map(|steps| Deed::Passes(steps * 15 * MINUTE)),
        1 => any::<Index>().prop_map(Deed::IsDeleted),
        3 => Just(Deed::IsThinned),
        1 => Just(Deed::AreMerged),
    ]
}

/// A member, with all his events beside what is remembered of them.
#[derive(Default)]
struct Life {
    events: Vec<Happened>,
    progress: SequenceProgress,
}

impl Life {
    fn take(&mut self, event: Happened, sequence: &Sequence, now: Time) {
        self.events.push(event);
        self.progress.add(event.0, event.1, sequence, (now, &berlin()));
    }

    fn read_anew(&mut self, sequence: &Sequence, now: Time) {
        let mut events = std::mem::take(self).events;
        events.sort_by_key(|(at, _)| *at);
        events.into_iter().for_each(|event| self.take(event, sequence, now));
    }
}

fn case(sequence: &Sequence, deeds: &[Deed]) -> Result<(), TestCaseError> {
    let mut lives = [Life::default(), Life::default()];
    let mut now = night().plus(std::time::Duration::from_secs(12 * 3_600));
    let all_steps = (1_u16 << sequence.steps.len()) - 1;
    for deed in deeds {
        match deed {
            Deed::Passes(millis) => now = Time::from_millis(now.millis() + millis),
            Deed::Happens { who, shift, steps } => {
                let at = Time::from_millis(now.millis() + shift);
                lives[*who].take((at, steps & all_steps), sequence, now);
            }
            Deed::IsDeleted(which) => {
                for life in lives.iter_mut().filter(|life| !life.events.is_empty()) {
                    life.events.remove(which.index(life.events.len()));
                    life.read_anew(sequence, now);
                }
            }
            Deed::IsThinned => lives.iter_mut().for_each(|life| life.progress.thin(sequence, (now, &berlin()))),
            Deed::AreMerged => {
                let gone = std::mem::take(&mut lives[1]);
                lives[0].events.extend(gone.events);
                lives[0].progress.absorb(gone.progress, sequence, (now, &berlin()));
            }
        }
        for Life { events, progress } in &lives {
            let (found, expected) = (progress.complete_at(), searched(events, sequence, &mut Vec::new()));
            let has_happened = |moment: Option<Time>| moment.is_some_and(|at| at <= now);
            prop_assert_eq!(has_happened(found), has_happened(expected), "{:?} at {}", events, now);
            if sequence.asks_past || !has_happened(found) {
                prop_assert_eq!(found, expected, "{:?} at {}", events, now);
            }
        }
    }
    Ok(())
}

#[test]
fn what_is_remembered_tells_the_same_as_all_events_in_whatever_order_they_come() {
    let config = Config { cases: 10_000, failure_persistence: None, max_shrink_iters: 2_000, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let windows = prop::sample::select(vec![None, Some("PT1H"), Some("PT3H"), Some("P1D")]);
    let input = (2..=4usize, windows, any::<bool>(), prop::collection::vec(deed(), 0..=22));
    let asked = |(steps, within, asks_past, deeds): (usize, Option<&str>, bool, Vec<Deed>)| {
        case(&sequence(steps, within, asks_past), &deeds)
    };
    if let Err(failure) = runner.run(&input, asked) {
        panic!("{failure}");
    }
}

#[test]
fn what_is_forgotten_of_a_pair_is_missed_by_nothing_that_arrives_later() {
    let at = |quarter: i64| Time::from_millis(night().millis() + quarter * 15 * MINUTE);
    let zone = berlin();
    for (within, asks_past) in [(None, false), (None, true), (Some("PT1H"), false), (Some("PT1H"), true)] {
        let pair = sequence(2, within, asks_past);
        // Three events that only begin or only end, and then the other one, each wherever it may be.
        for place in 0..10 * 10 * 10 * 10 * 10 * 2_i64 {
            let digit = |power: u32| place / 10_i64.pow(power) % 10;
            let (moments, other, now) = ([digit(0), digit(1), digit(2)], at(digit(3)), at(digit(4)));
            let (steps, missing) = if place < 100_000 { (1, 2) } else { (2, 1) };
            if moments[0] >= moments[1] || moments[1] >= moments[2] {
                continue;
            }
            let mut progress = SequenceProgress::default();
            moments.iter().for_each(|moment| progress.add(at(*moment), steps, &pair, (now, &zone)));
            progress.thin(&pair, (now, &zone));
            progress.add(other, missing, &pair, (now, &zone));
            let mut events: Vec<Happened> = moments.iter().map(|moment| (at(*moment), steps)).collect();
            events.push((other, missing));
            let (found, expected) = (progress.complete_at(), searched(&events, &pair, &mut Vec::new()));
            let has_happened = |moment: Option<Time>| moment.is_some_and(|at| at <= now);
            assert_eq!(has_happened(found), has_happened(expected), "{within:?} {events:?} at {now}");
            assert!(found == expected || (has_happened(found) && !asks_past), "{within:?} {events:?} at {now}");
        }
    }
}

/// Takes a hundred thousand events; gives how many look-ups each cost on average, and how many moments are remembered.
fn cost(sequence: &Sequence, event: impl Fn(i64) -> Happened, now: impl Fn(i64) -> Time) -> (usize, usize) {
    const EVENTS: i64 = 100_000;
    let (zone, mut progress) = (berlin(), SequenceProgress::default());
    LOOK_UPS.set(0);
    for number in 0..EVENTS {
        let (at, steps) = event(number);
        progress.add(at, steps, sequence, (now(number), &zone));
    }
    assert_eq!(progress.complete_at(), None, "the cheap case is not what is measured");
    (LOOK_UPS.get() / EVENTS as usize, progress.len())
}

fn seconds_after_night(number: i64) -> Time {
    Time::from_millis(night().millis() + number * 1_000)
}

#[test]
fn of_a_hundred_thousand_events_that_only_begin_or_only_end_a_pair_few_are_remembered() {
    for within in [None, Some("P1D"), Some("P1M")] {
        for steps in [1, 2] {
            let pair = sequence(2, within, false);
            let event = |number| (seconds_after_night(number), steps);
            let (look_ups, remembered) = cost(&pair, event, seconds_after_night);
            assert!(look_ups <= 8 && remembered <= 2 * THIN_AT, "{within:?} {steps}: {look_ups}, {remembered}");
            // They arrive from the last to the first.
            let event = |number| (seconds_after_night(100_000 - number), steps);
            let (look_ups, remembered) = cost(&pair, event, |_| seconds_after_night(100_000));
            assert!(look_ups <= 8 && remembered <= 2 * THIN_AT, "{within:?} {steps}: {look_ups}, {remembered}");
        }
    }
}

#[test]
fn an_event_costs_a_few_look_ups_however_many_there_were() {
    // The end of a triple and its middle, without anything that would begin it; of the past is asked as well.
    for within in [None, Some("P1D"), Some("P1Y")] {
        let triple = sequence(3, within, true);
        let event = |number: i64| (seconds_after_night(number * 7_919 % 100_000), 2_u16 << (number % 2));
        let (look_ups, remembered) = cost(&triple, event, |_| seconds_after_night(100_000));
        assert!(look_ups <= 12, "{within:?}: {look_ups}");
        assert_eq!(remembered, 100_000, "each may still be the one that is needed");
    }
    // A beginning and a middle a minute after it, every hour, and the end that they would need is too late.
    let triple = sequence(3, Some("PT30M"), false);
    let event = |number: i64| {
        let minute = [0, 10, 45][(number % 3) as usize];
        (Time::from_millis(night().millis() + number / 3 * 60 * MINUTE + minute * MINUTE), 1_u16 << (number % 3))
    };
    let (look_ups, _) = cost(&triple, event, |_| Time::MAX);
    assert!(look_ups <= 12, "{look_ups}");
}

#[test]
fn once_a_sequence_has_happened_nothing_more_is_remembered_than_somebody_may_ask() {
    let zone = berlin();
    for (asks_past, left) in [(false, 0), (true, 2)] {
        let triple = sequence(3, None, asks_past);
        let mut progress = SequenceProgress::default();
        let mut happens = |hour: i64, steps: u16| {
            let at = Time::from_millis(night().millis() + hour * 60 * MINUTE);
            progress.add(at, steps, &triple, (Time::from_millis(night().millis() + DAY), &zone));
            progress.len()
        };
        for (hour, steps) in [(1, 1), (3, 2), (9, 1)] {
            happens(hour, steps);
        }
        assert_eq!(happens(5, 4), left);
        for hour in 5..20 {
            assert_eq!(happens(hour, 2), left, "what comes after the end changes nothing");
        }
        let complete_at = Time::from_millis(night().millis() + 5 * 60 * MINUTE);
        assert_eq!(progress.complete_at(), Some(complete_at));
    }
}

#[test]
fn events_of_one_moment_stand_in_any_order_and_each_does_one_step() {
    let (zone, triple) = (berlin(), sequence(3, Some("PT1H"), true));
    let mut progress = SequenceProgress::default();
    let here = (Time::MAX, &zone);
    for _ in 0..10 {
        progress.add(night(), 0b110, &triple, here);
    }
    assert_eq!(progress.moments[&0b110][&night()], 2, "more than that never find something to do");
    assert_eq!(progress.complete_at(), None, "none of them can be the first");
    progress.add(night(), 0b001, &triple, here);
    assert_eq!(progress.complete_at(), Some(night()));

    // Two events do no three steps.
    let mut progress = SequenceProgress::default();
    for steps in [0b011, 0b110, 0b000] {
        progress.add(night(), steps, &triple, here);
    }
    assert_eq!(progress.complete_at(), None);
    progress.add(night(), 0b011, &triple, here);
    assert_eq!(progress.complete_at(), Some(night()));
}
