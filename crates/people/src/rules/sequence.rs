//! Events that followed one another.

use std::collections::BTreeMap;

use base::{Period, Time, ids::EventId};
use jiff::tz::TimeZone;

/// When a sequence was first complete: the earliest moment of a last event for which there are events of all steps in
/// the order of time, each another one, with the last less than `within` after the first.
///
/// `steps` gives what each step picks, by time. Events of one moment may stand in any order.
pub(super) fn first_completion(steps: &[&[(Time, EventId)]], within: Option<&Period>, zone: &TimeZone) -> Option<Time> {
    let mut moments: BTreeMap<Time, BTreeMap<EventId, u32>> = BTreeMap::new();
    for (step, picked) in steps.iter().enumerate() {
        for (at, event) in *picked {
            *moments.entry(*at).or_default().entry(*event).or_default() |= 1 << step;
        }
    }
    // For each number of steps done: the latest moment at which such a beginning may have begun.
    let mut begun: Vec<Option<Time>> = vec![None; steps.len() + 1];
    for (at, events) in &moments {
        let earliest = within.map(|within| within.before(*at, zone));
        let is_open = |begin: &Time| earliest.is_none_or(|earliest| *begin > earliest);
        let before = begun.clone();
        let events: Vec<u32> = events.values().copied().collect();
        for (done, begin) in before.iter().enumerate().take(steps.len()) {
            let begin = if done == 0 { Some(*at) } else { begin.filter(is_open) };
            let Some(begin) = begin else { continue };
            let further = advance(&events, done, steps.len());
            for reached in begun.iter_mut().skip(done + 1).take(further) {
                *reached = (*reached).max(Some(begin));
            }
        }
        if begun[steps.len()].is_some() {
            return Some(*at);
        }
    }
    None
}

/// How many steps after `done` the events of one moment can do, each one of them. `events` holds the steps that each
/// can do, as bits. Steps find their events by augmenting paths (Kuhn 1955).
fn advance(events: &[u32], done: usize, steps: usize) -> usize {
    let mut taken: Vec<Option<usize>> = vec![None; events.len()];
    for step in done..steps {
        let mut seen = vec![false; events.len()];
        if !finds_event(step, events, &mut taken, &mut seen) {
            return step - done;
        }
    }
    steps - done
}

fn finds_event(step: usize, events: &[u32], taken: &mut [Option<usize>], seen: &mut [bool]) -> bool {
    for event in 0..events.len() {
        if events[event] & (1 << step) == 0 || std::mem::replace(&mut seen[event], true) {
            continue;
        }
        if taken[event].is_none_or(|other| finds_event(other, events, taken, seen)) {
            taken[event] = Some(step);
            return true;
        }
    }
    false
}
