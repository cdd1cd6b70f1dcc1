//! The events of one member that one selection picks.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use base::Time;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Aggregate, Amount};

/// What is remembered of an event, beside its moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Datum {
    /// Only that it happened.
    Nothing,
    /// A number of it.
    Number(Amount),
    /// A value of it, as JSON text. Numbers that are equal have one text.
    Value(Arc<String>),
    /// The same where nobody asks how often it was there, only which was the first or the last.
    End(Arc<String>),
}

impl Datum {
    /// A value; whole numbers are written alike however they were sent, as far as JSON knows them as such.
    pub fn value(value: &Value) -> Datum {
        Datum::Value(Arc::new(text_of(value)))
    }

    /// A value of which only the first and the last are asked for.
    pub fn end(value: &Value) -> Datum {
        Datum::End(Arc::new(text_of(value)))
    }

    /// A value that is only to be told apart from others: of a long one, its digest is enough.
    pub fn distinct(value: &Value) -> Datum {
        const LONG: usize = 64;
        let mut text = text_of(value);
        if text.len() > LONG {
            let digest = Sha256::digest(text.as_bytes());
            // No JSON begins like this.
            text = "#".to_owned();
            digest.iter().for_each(|byte| text += &format!("{byte:02x}"));
        }
        Datum::Value(Arc::new(text))
    }

    fn text(&self) -> Option<&Arc<String>> {
        match self {
            Datum::Value(text) | Datum::End(text) => Some(text),
            _ => None,
        }
    }
}

fn text_of(value: &Value) -> String {
    const BEYOND: f64 = 18_446_744_073_709_551_616.0;
    let whole = value.as_f64().filter(|number| value.is_f64() && number.fract() == 0.0 && number.abs() < BEYOND);
    whole.map_or_else(|| value.to_string(), |number| (number as i128).to_string())
}

/// Data in time order. Those too old for any window are folded together, so that a talkative member does not grow
/// without bound.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Occurrences {
    folded: Aggregate,
    folded_values: FoldedValues,
    recent: Vec<(Time, Datum)>,
}

/// What is asked of values, however old.
///
/// How many different ones there were, and which was there most often, cannot be known exactly without remembering
/// each, so this grows with the number of different values: by less than 200 bytes for each where they are only told
/// apart, and by a value's own length (at most that of an event) where the most frequent is asked for. A number that is
/// right is worth that, and nobody has more values than events. Of the first and the last, only these are remembered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct FoldedValues {
    /// How often each was there.
    counts: BTreeMap<Arc<String>, u64>,
    first: Option<(Time, Arc<String>)>,
    last: Option<(Time, Arc<String>)>,
}

impl FoldedValues {
    fn add(&mut self, at: Time, text: &Arc<String>) {
        *self.counts.entry(text.clone()).or_default() += 1;
        self.see(at, text);
    }

    fn see(&mut self, at: Time, text: &Arc<String>) {
        let found = (at, text.clone());
        if self.first.as_ref().is_none_or(|first| found < *first) {
            self.first = Some(found.clone());
        }
        if self.last.as_ref().is_none_or(|last| found > *last) {
            self.last = Some(found);
        }
    }
}

/// Folding is worth it from this many on.
const FOLD_AT: usize = 64;

impl Occurrences {
    /// Takes in what happened at `at`, in any order. `keep_after` gives the moment from which on events matter to
    /// windows: those at or before it are in none any more.
    pub fn add(&mut self, at: Time, datum: Datum, keep_after: impl Fn() -> Time) {
        if self.recent.first().is_none_or(|(first, _)| at <= *first) && at <= keep_after() {
            self.fold_one(at, &datum);
            return;
        }
        let place = self.recent.partition_point(|(other, _)| *other <= at);
        self.recent.insert(place, (at, datum));
        // The longer it is, the rarer it is tried, so that those who are kept cost nothing.
        if self.recent.len() >= FOLD_AT && self.recent.len().is_power_of_two() {
            let old = self.recent.partition_point(|(at, _)| *at <= keep_after());
            for (at, datum) in self.recent.drain(..old).collect::<Vec<_>>() {
                self.fold_one(at, &datum);
            }
        }
    }

    fn fold_one(&mut self, at: Time, datum: &Datum) {
        self.folded.add(datum);
        match datum {
            Datum::Value(text) => self.folded_values.add(at, text),
            Datum::End(text) => self.folded_values.see(at, text),
            Datum::Nothing | Datum::Number(_) => {}
        }
    }

    /// Takes over another member's occurrences (after a merge).
    pub fn absorb(&mut self, other: &Occurrences) {
        self.folded.absorb(&other.folded);
        for (text, count) in &other.folded_values.counts {
            *self.folded_values.counts.entry(text.clone()).or_default() += count;
        }
        for (at, text) in other.folded_values.first.iter().chain(&other.folded_values.last) {
            self.folded_values.see(*at, text);
        }
        self.recent.extend_from_slice(&other.recent);
        self.recent.sort_by_key(|(at, _)| *at);
    }

    /// What happened up to and including `now`, counted together with what is folded.
    pub fn all(&self, now: Time) -> Aggregate {
        let mut aggregate = self.folded;
        self.until(now).iter().for_each(|(_, datum)| aggregate.add(datum));
        aggregate
    }

    /// How often it happened up to and including `now`.
    pub fn count(&self, now: Time) -> u64 {
        self.folded.count + self.until(now).len() as u64
    }

    /// What happened up to and including `now` and is not folded, oldest first.
    pub fn until(&self, now: Time) -> &[(Time, Datum)] {
        &self.recent[..self.recent.partition_point(|(at, _)| *at <= now)]
    }

    /// What happened after `start` and up to and including `now`, oldest first.
    pub fn window(&self, start: Time, now: Time) -> &[(Time, Datum)] {
        let until = self.until(now);
        &until[until.partition_point(|(at, _)| *at <= start)..]
    }

    /// How many different values there were up to and including `now`.
    pub fn distinct(&self, now: Time) -> u64 {
        let recent: BTreeSet<&Arc<String>> = self.until(now).iter().filter_map(|(_, datum)| datum.text()).collect();
        let folded = &self.folded_values.counts;
        (folded.len() + recent.iter().filter(|text| !folded.contains_key(**text)).count()) as u64
    }

    /// The value that was there most often up to and including `now`.
    pub fn most_frequent(&self, now: Time) -> Option<Value> {
        let recent = self.until(now);
        if self.folded_values.counts.is_empty() {
            return most_frequent_value(recent);
        }
        let mut counts = self.folded_values.counts.clone();
        count_values(recent, &mut counts);
        most_frequent_of(&counts)
    }

    /// The first value of all. After a merge, what is folded of the one may be later than what is not of the other.
    pub fn first(&self, now: Time) -> Option<Value> {
        let folded = self.folded_values.first.as_ref().map(|(at, text)| (*at, text));
        read(folded.into_iter().chain(earliest(self.until(now))).min()?.1)
    }

    /// The last value up to and including `now`.
    pub fn last(&self, now: Time) -> Option<Value> {
        let folded = self.folded_values.last.as_ref().map(|(at, text)| (*at, text));
        read(folded.into_iter().chain(latest(self.until(now))).max()?.1)
    }

    /// The first occurrence that is still to come (its sender's clock was ahead).
    pub fn next_after(&self, now: Time) -> Option<Time> {
        self.recent.get(self.until(now).len()).map(|(at, _)| *at)
    }
}

/// How many different values there are among these.
pub(super) fn distinct_values(data: &[(Time, Datum)]) -> u64 {
    data.iter().filter_map(|(_, datum)| datum.text()).collect::<BTreeSet<_>>().len() as u64
}

/// The value of the earliest; of several at one moment, the one with the smallest text.
pub(super) fn first_value(data: &[(Time, Datum)]) -> Option<Value> {
    read(earliest(data)?.1)
}

/// The value of the latest; of several at one moment, the one with the largest text.
pub(super) fn last_value(data: &[(Time, Datum)]) -> Option<Value> {
    read(latest(data)?.1)
}

fn earliest(data: &[(Time, Datum)]) -> Option<(Time, &Arc<String>)> {
    let (at, _) = data.first()?;
    let first = data.iter().take_while(|(other, _)| other == at);
    Some((*at, first.filter_map(|(_, datum)| datum.text()).min()?))
}

fn latest(data: &[(Time, Datum)]) -> Option<(Time, &Arc<String>)> {
    let (at, _) = data.last()?;
    let last = data.iter().rev().take_while(|(other, _)| other == at);
    Some((*at, last.filter_map(|(_, datum)| datum.text()).max()?))
}

/// The value that is there most often; of several, the one with the smallest text.
pub(super) fn most_frequent_value(data: &[(Time, Datum)]) -> Option<Value> {
    let mut counts = BTreeMap::new();
    count_values(data, &mut counts);
    most_frequent_of(&counts)
}

fn count_values(data: &[(Time, Datum)], counts: &mut BTreeMap<Arc<String>, u64>) {
    for text in data.iter().filter_map(|(_, datum)| datum.text()) {
        *counts.entry(text.clone()).or_default() += 1;
    }
}

fn most_frequent_of(counts: &BTreeMap<Arc<String>, u64>) -> Option<Value> {
    let (text, _) = counts.iter().min_by_key(|(text, count)| (std::cmp::Reverse(**count), *text))?;
    read(text)
}

fn read(text: &Arc<String>) -> Option<Value> {
    serde_json::from_str(text).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn equal_numbers_are_one_value_and_others_are_not() {
        let alike = [
            (json!(3), json!(3.0)),
            (json!(-9_007_199_254_740_993_i64 - 1), json!(-9_007_199_254_740_994.0)),
            (json!(9_007_199_254_740_992_i64), json!(9_007_199_254_740_992.0)),
            (json!(i64::MAX as u64 + 1), json!(9_223_372_036_854_775_808.0)),
        ];
        for (whole, float) in alike {
            assert_eq!(Datum::value(&whole), Datum::value(&float));
        }
        let others = [json!(9_007_199_254_740_993_i64), json!(1e300), json!(u64::MAX), json!(1e20), json!(0.5)];
        for (place, one) in others.iter().enumerate() {
            for other in &others[..place] {
                assert_ne!(Datum::value(one), Datum::value(other));
            }
        }
    }

    #[test]
    fn long_values_are_told_apart_and_ends_are_known_without_remembering_what_was_between() {
        let long = |end: &str| json!(format!("{}{end}", "x".repeat(10_000)));
        let now = Time::from_millis(10_000);
        let mut distinct = Occurrences::default();
        let mut ends = Occurrences::default();
        for (number, value) in [long("a"), long("b"), long("a"), json!("a")].iter().enumerate() {
            let at = Time::from_millis(number as i64);
            distinct.add(at, Datum::distinct(value), || now);
            ends.add(at, Datum::end(value), || now);
        }
        assert_eq!(distinct.distinct(now), 3);
        assert!(distinct.folded_values.counts.keys().all(|text| text.len() < 100));
        assert_eq!((ends.first(now), ends.last(now)), (Some(long("a")), Some(json!("a"))));
        assert!(ends.folded_values.counts.is_empty());
    }
}
