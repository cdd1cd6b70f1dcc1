//! Events that followed one another.
//!
//! Whether a sequence has happened comes down to one moment: the first at which it was complete. However late an event
//! arrives, it can only bring that moment forward, and only by a completion in which it takes part itself. So each
//! asks for the latest beginning before it and the earliest end after it, which are a few look-ups in what is sorted by
//! time, however much there is. When events are deleted or members are parted, the member is read anew.
//!
//! What can make no difference any more, whatever may still arrive, is forgotten: everything from the first completion
//! on; everything at all once it has happened, where nobody asks since when; and of the events that can only begin or
//! only end a sequence, those between two others that always do as well. The middle of a longer sequence that never
//! happens has to be kept: between any two of its events, others may still arrive.

use std::{collections::BTreeMap, iter::repeat_n, ops::Bound};

use base::{
    Period, Time,
    rule::{EventFilter, SequenceCondition},
};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A sequence of the book.
#[derive(Clone, Debug)]
pub struct Sequence {
    /// Which events, step by step; as many as a rule may have, for which 16 bits suffice.
    pub steps: Vec<EventFilter>,
    /// How long after the first the last may be.
    pub(super) within: Option<Period>,
    /// Whether it is also asked as of moments that have passed.
    pub(super) asks_past: bool,
}

/// What has to be known of a member's events for one sequence.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SequenceProgress {
    complete_at: Option<Time>,
    /// By the steps that an event can do, as bits: when there were such events, and how many.
    moments: BTreeMap<u16, BTreeMap<Time, u8>>,
    /// From how many moments on it is looked for those that are needless.
    thin_at: usize,
}

/// Looking for what is needless is worth it from this many on.
const THIN_AT: usize = 64;

impl Sequence {
    pub(super) fn new(condition: &SequenceCondition) -> Sequence {
        Sequence { steps: condition.steps.clone(), within: condition.within.clone(), asks_past: false }
    }

    /// The steps that an event can do, as bits. `properties` is asked only when they matter.
    pub fn steps_of<'p>(&self, name: &str, properties: impl Fn() -> &'p Map<String, Value>) -> u16 {
        let mut steps = 0;
        for (step, filter) in self.steps.iter().enumerate() {
            let is_picked = filter.event == name && filter.filters.iter().all(|test| test.holds(properties()));
            steps |= u16::from(is_picked) << step;
        }
        steps
    }

    /// Whether what can do only these steps may be needless at all.
    fn can_be_needless(&self, steps: u16) -> bool {
        let is_short = self.within.is_none() || self.steps.len() == 2;
        is_short && (self.is_first(steps) || self.is_last(steps))
    }

    /// Whether an event that can do only these steps makes no difference between two others of its kind, whatever else
    /// arrives.
    ///
    /// One that only begins: without a window an earlier one always does as well. With one, and only the end to come,
    /// the later one does for every end after it, and the earlier one for every end before that, since its window is
    /// still open when the later one happens. One that only ends: the same the other way round, as far as nobody asks
    /// when it was complete and the later one has happened.
    fn is_needless(
        &self,
        steps: u16,
        (before, after): (Option<Time>, Option<Time>),
        (now, zone): (Time, &TimeZone),
    ) -> bool {
        let has_happened = after.is_some_and(|after| after <= now);
        match (&self.within, before, after) {
            (None, before, _) if self.is_first(steps) => before.is_some(),
            (None, ..) => has_happened,
            (Some(within), Some(before), Some(after)) => {
                (self.is_first(steps) || has_happened) && before > within.before(after, zone)
            }
            (Some(_), ..) => false,
        }
    }

    fn is_first(&self, steps: u16) -> bool {
        steps == 1
    }

    fn is_last(&self, steps: u16) -> bool {
        !self.asks_past && steps == 1_u16 << (self.steps.len() - 1)
    }
}

impl SequenceProgress {
    /// When the sequence was first complete: the earliest moment of a last event for which there are events of all
    /// steps in the order of time, each another one, with the last less than `within` after the first. May lie ahead,
    /// when the clock of a sender does. Where nobody asks of the past, it is only sure whether the moment has passed,
    /// and which one it is while it has not.
    pub fn complete_at(&self) -> Option<Time> {
        self.complete_at
    }

    /// Takes in an event that can do these steps, in any order of time. `now` does not decrease.
    pub fn add(&mut self, at: Time, steps: u16, sequence: &Sequence, (now, zone): (Time, &TimeZone)) {
        if steps == 0 || self.complete_at.is_some_and(|complete| at >= complete) {
            return;
        }
        if self.is_settled(sequence, now) {
            self.moments.clear();
            return;
        }
        let events = self.moments.entry(steps).or_default().entry(at).or_default();
        // At one moment, more than there are steps to do add nothing.
        if u32::from(*events) == steps.count_ones() {
            return;
        }
        *events += 1;
        if let Some(complete) = self.completion_through(at, sequence, zone) {
            self.complete(complete, sequence, now);
        } else if self.len() >= self.thin_at.max(THIN_AT) {
            self.thin(sequence, (now, zone));
        }
    }

    /// Takes over what is known of another member (after a merge).
    pub fn absorb(&mut self, mut other: SequenceProgress, sequence: &Sequence, (now, zone): (Time, &TimeZone)) {
        if other.len() > self.len() {
            std::mem::swap(self, &mut other);
        }
        if let Some(complete) = other.complete_at
            && self.complete_at.is_none_or(|own| complete < own)
        {
            self.complete(complete, sequence, now);
        }
        for (steps, moments) in &other.moments {
            for (at, events) in moments {
                repeat_n(*at, usize::from(*events)).for_each(|at| self.add(at, *steps, sequence, (now, zone)));
            }
        }
    }

    /// How many moments are remembered.
    fn len(&self) -> usize {
        self.moments.values().map(BTreeMap::len).sum()
    }

    /// Whether nothing that may still arrive makes a difference.
    fn is_settled(&self, sequence: &Sequence, now: Time) -> bool {
        !sequence.asks_past && self.complete_at.is_some_and(|complete| complete <= now)
    }

    /// Notes that it is complete sooner than was known.
    fn complete(&mut self, complete: Time, sequence: &Sequence, now: Time) {
        self.complete_at = Some(complete);
        self.thin_at = 0;
        if self.is_settled(sequence, now) {
            self.moments.clear();
        }
        self.moments.retain(|_, moments| {
            drop(moments.split_off(&complete));
            !moments.is_empty()
        });
    }

    /// Forgets what is needless; the more there is, the rarer, so that what is kept costs nothing.
    fn thin(&mut self, sequence: &Sequence, moment: (Time, &TimeZone)) {
        for (steps, moments) in &mut self.moments {
            if !sequence.can_be_needless(*steps) {
                continue;
            }
            let all: Vec<Time> = moments.keys().copied().collect();
            let mut before = None;
            for (place, at) in all.iter().enumerate() {
                #[cfg(test)]
                tests::note_look_up();
                if sequence.is_needless(*steps, (before, all.get(place + 1).copied()), moment) {
                    moments.remove(at);
                } else {
                    before = Some(*at);
                }
            }
        }
        self.thin_at = 2 * self.len();
    }

    /// The earliest completion in which events of this moment take part.
    fn completion_through(&self, at: Time, sequence: &Sequence, zone: &TimeZone) -> Option<Time> {
        let count = sequence.steps.len();
        let events = self.events_at(at);
        let mut earliest: Option<Time> = None;
        for before in 0..count {
            let done = before + matched(&events, before..count);
            if done == before {
                continue;
            }
            // Who has not done so many steps has not done more, either.
            let Some(begin) = self.latest_begin(before, at) else { break };
            let Some(end) = self.earliest_end(done, at, count) else { continue };
            let is_near = sequence.within.as_ref().is_none_or(|within| begin > within.before(end, zone));
            if is_near && earliest.is_none_or(|earliest| end < earliest) {
                earliest = Some(end);
            }
        }
        earliest
    }

    /// The latest moment from which on so many steps, the first ones, can be done before `at`; `at` itself for none.
    fn latest_begin(&self, steps: usize, at: Time) -> Option<Time> {
        let (mut left, mut at) = (steps, at);
        while left > 0 {
            at = self.last_before(left - 1, at)?;
            left -= matched(&self.events_at(at), (0..left).rev());
        }
        Some(at)
    }

    /// The earliest moment at which, after `at`, all steps can be done of which so many are; `at` itself when all are.
    fn earliest_end(&self, done: usize, at: Time, count: usize) -> Option<Time> {
        let (mut done, mut at) = (done, at);
        while done < count {
            at = self.next_after(done, at)?;
            done += matched(&self.events_at(at), done..count);
        }
        Some(at)
    }

    /// The events of one moment, by the steps that each can do.
    fn events_at(&self, at: Time) -> Vec<u16> {
        let events = self.moments.iter().filter_map(|(steps, moments)| Some((*steps, *moments.get(&at)?)));
        events.flat_map(|(steps, count)| repeat_n(steps, usize::from(count))).collect()
    }

    fn last_before(&self, step: usize, at: Time) -> Option<Time> {
        self.moments_of(step).filter_map(|moments| moments.range(..at).next_back()).map(|(at, _)| *at).max()
    }

    fn next_after(&self, step: usize, at: Time) -> Option<Time> {
        let later = (Bound::Excluded(at), Bound::Unbounded);
        self.moments_of(step).filter_map(|moments| moments.range(later).next()).map(|(at, _)| *at).min()
    }

    /// The moments at which there are events that can do a step.
    fn moments_of(&self, step: usize) -> impl Iterator<Item = &BTreeMap<Time, u8>> {
        #[cfg(test)]
        tests::note_look_up();
        self.moments.iter().filter(move |(steps, _)| **steps & (1_u16 << step) != 0).map(|(_, moments)| moments)
    }
}

/// How many of these steps, from the first that is named on, the events of one moment can do, each one of them.
/// `events` holds the steps that each can do, as bits. Events of one moment may stand in any order; steps find theirs
/// by augmenting paths (Kuhn 1955).
fn matched(events: &[u16], steps: impl Iterator<Item = usize>) -> usize {
    let mut taken: Vec<Option<usize>> = vec![None; events.len()];
    let finds = |step: &usize| finds_event(*step, events, &mut taken, &mut vec![false; events.len()]);
    steps.take_while(finds).count()
}

fn finds_event(step: usize, events: &[u16], taken: &mut [Option<usize>], seen: &mut [bool]) -> bool {
    for event in 0..events.len() {
        if events[event] & (1_u16 << step) == 0 || std::mem::replace(&mut seen[event], true) {
            continue;
        }
        if taken[event].is_none_or(|other| finds_event(other, events, taken, seen)) {
            taken[event] = Some(step);
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests;
