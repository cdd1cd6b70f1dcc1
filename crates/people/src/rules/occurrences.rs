//! The events of one member that one selection picks.

use base::Time;

/// Count, sum, smallest and largest of some numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Aggregate {
    /// How many events.
    pub count: u64,
    /// How many of them had a number.
    pub numbers: u64,
    /// Sum of the numbers, in billionths: money adds up exactly, in any order.
    billionths: i128,
    /// Smallest number; infinity over none.
    pub min: f64,
    /// Largest number; negative infinity over none.
    pub max: f64,
}

const BILLION: f64 = 1e9;

impl Default for Aggregate {
    fn default() -> Self {
        Aggregate { count: 0, numbers: 0, billionths: 0, min: f64::INFINITY, max: f64::NEG_INFINITY }
    }
}

impl Aggregate {
    /// Takes in one event; `NaN` stands for an event without a number.
    pub fn add(&mut self, number: f64) {
        self.count += 1;
        if number.is_nan() {
            return;
        }
        self.numbers += 1;
        // A cast saturates, so that one absurd number does not turn the sum round.
        self.billionths = self.billionths.saturating_add((number * BILLION).round() as i128);
        self.min = self.min.min(number);
        self.max = self.max.max(number);
    }

    /// Takes over what another one has counted.
    fn absorb(&mut self, other: &Aggregate) {
        self.count += other.count;
        self.numbers += other.numbers;
        self.billionths = self.billionths.saturating_add(other.billionths);
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }

    /// Sum of the numbers.
    pub fn sum(&self) -> f64 {
        self.billionths as f64 / BILLION
    }
}

/// Occurrences in time order. Those too old for any window are folded into one aggregate, so
/// that a talkative member does not grow without bound.
#[derive(Clone, Debug, Default)]
pub struct Occurrences {
    folded: Aggregate,
    recent: Vec<(Time, f64)>,
}

/// Folding is worth it from this many on.
const FOLD_AT: usize = 64;

impl Occurrences {
    /// Takes in an event that happened at `at`, in any order. `keep_after` gives the moment from which on
    /// events matter to windows: those at or before it are in none any more.
    pub fn add(&mut self, at: Time, number: f64, keep_after: impl Fn() -> Time) {
        if self.recent.first().is_none_or(|(first, _)| at <= *first) && at <= keep_after() {
            self.folded.add(number);
            return;
        }
        let place = self.recent.partition_point(|(other, _)| *other <= at);
        self.recent.insert(place, (at, number));
        // The longer it is, the rarer it is tried, so that those who are kept cost nothing.
        if self.recent.len() >= FOLD_AT && self.recent.len().is_power_of_two() {
            self.fold(keep_after());
        }
    }

    /// Takes over another member's occurrences (after a merge).
    pub fn absorb(&mut self, other: &Occurrences) {
        self.folded.absorb(&other.folded);
        self.recent.extend_from_slice(&other.recent);
        self.recent.sort_by_key(|(at, _)| *at);
    }

    fn fold(&mut self, keep_after: Time) {
        let old = self.recent.partition_point(|(at, _)| *at <= keep_after);
        for (_, number) in self.recent.drain(..old) {
            self.folded.add(number);
        }
    }

    /// Everything that happened up to and including `now`.
    pub fn all(&self, now: Time) -> Aggregate {
        let mut aggregate = self.folded;
        let end = self.recent.partition_point(|(at, _)| *at <= now);
        self.recent[..end].iter().for_each(|(_, number)| aggregate.add(*number));
        aggregate
    }

    /// What happened after `start` and up to and including `now`, oldest first.
    pub fn window(&self, start: Time, now: Time) -> &[(Time, f64)] {
        let from = self.recent.partition_point(|(at, _)| *at <= start);
        let to = self.recent.partition_point(|(at, _)| *at <= now);
        &self.recent[from..to.max(from)]
    }

    /// The first occurrence that is still to come (its sender's clock was ahead).
    pub fn next_after(&self, now: Time) -> Option<Time> {
        let index = self.recent.partition_point(|(at, _)| *at <= now);
        self.recent.get(index).map(|(at, _)| *at)
    }

    /// How much memory this holds beside itself, in bytes.
    pub fn heap_bytes(&self) -> usize {
        self.recent.capacity() * size_of::<(Time, f64)>()
    }
}
