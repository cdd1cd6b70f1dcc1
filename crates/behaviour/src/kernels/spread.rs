//! How members differ: how often each did something, on how many days, how much; and how long it takes from one event to the
//! next.

use crate::{
    history::{History, Hit},
    kernels::trend::Sum,
    periods::Periods,
    scan::Kernel,
    selection::Steps,
};

/// What is told of each member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// How many events.
    Count,
    /// In how many periods.
    Periods,
    /// The sum of their numbers; nothing of members who have none.
    Sum,
    /// The average of their numbers; nothing of members who have none.
    Average,
}

/// Tells a number of each member and group who has an event.
pub struct Distribution {
    /// Which number.
    pub amount: Amount,
    /// Of what periods are counted.
    pub periods: Periods,
    /// How many groups there are, at least one.
    pub groups: usize,
}

/// A number of a member and group.
#[derive(Clone, Debug, Default)]
struct Running {
    events: u64,
    numbers: u64,
    sum: Sum,
    periods: u64,
    last: usize,
}

/// By group, the numbers of members, in no order.
#[derive(Clone, Debug, Default)]
pub struct Amounts {
    /// The numbers.
    pub groups: Vec<Vec<f64>>,
    hits: Vec<Hit>,
    running: Vec<Running>,
    touched: Vec<u32>,
}

impl Kernel for Distribution {
    type Partial = Amounts;

    fn nothing(&self) -> Amounts {
        Amounts {
            groups: vec![Vec::new(); self.groups],
            running: vec![Running::default(); self.groups],
            ..Amounts::default()
        }
    }

    fn member(&self, _: i64, history: &History<'_>, amounts: &mut Amounts) {
        history.hits(&mut amounts.hits);
        for hit in &amounts.hits {
            let Some(running) = amounts.running.get_mut(hit.group as usize) else { continue };
            if running.events == 0 {
                amounts.touched.push(hit.group);
                running.last = usize::MAX;
            }
            running.events += 1;
            if !hit.value.is_nan() {
                running.numbers += 1;
                running.sum.add(hit.value);
            }
            if let Some(period) = self.periods.of(hit.time).filter(|period| *period != running.last) {
                running.periods += 1;
                running.last = period;
            }
        }
        for group in amounts.touched.drain(..) {
            let running = std::mem::take(&mut amounts.running[group as usize]);
            amounts.groups[group as usize].extend(self.amount.of(&running));
        }
    }

    fn add(&self, amounts: &mut Amounts, other: Amounts) {
        amounts.groups.iter_mut().zip(other.groups).for_each(|(all, more)| all.extend(more));
    }
}

impl Amount {
    fn of(self, running: &Running) -> Option<f64> {
        match self {
            Amount::Count => Some(running.events as f64),
            Amount::Periods => Some(running.periods as f64),
            Amount::Sum => (running.numbers > 0).then(|| running.sum.value()),
            Amount::Average => (running.numbers > 0).then(|| running.sum.value() / running.numbers as f64),
        }
    }
}

/// An event from which on time is taken.
pub const FIRST: Steps = 1;
/// An event until which it is taken.
pub const THEN: Steps = 2;

/// How long it takes from each event of one kind to the next of another, before the next of the first. Where an event can be
/// both, it ends a time before it begins the next.
pub struct Intervals {
    /// Longer ones are left out, in milliseconds.
    pub most: Option<i64>,
}

/// The times in milliseconds, in no order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// One for each pair of events.
    pub times: Vec<i64>,
    /// Members who have a pair.
    pub members: u64,
}

impl Kernel for Intervals {
    type Partial = Times;

    fn nothing(&self) -> Times {
        Times::default()
    }

    fn member(&self, _: i64, history: &History<'_>, times: &mut Times) {
        let before = times.times.len();
        let mut begun: Option<i64> = None;
        history.each(|time, steps| {
            if steps & THEN != 0
                && let Some(begin) = begun.take()
                && self.most.is_none_or(|most| time - begin <= most)
            {
                times.times.push(time - begin);
            }
            if steps & FIRST != 0 {
                begun = Some(time);
            }
        });
        times.members += u64::from(times.times.len() > before);
    }

    fn add(&self, times: &mut Times, other: Times) {
        times.times.extend(other.times);
        times.members += other.members;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::tz::TimeZone;
    use proptest::prelude::*;

    use super::*;
    use crate::{history::tell, periods::Unit};

    const HOUR: i64 = 3_600_000;

    proptest! {
        #[test]
        fn a_member_has_one_number_in_each_group(
            history in prop::collection::vec((0_i64..240, 0_u32..2, prop::option::of(-50_i64..50)), 0..20),
        ) {
            let hit = |(hour, group, value): (i64, u32, Option<i64>)| Hit {
                group,
                value: value.map_or(f64::NAN, |value| value as f64 / 4.0),
                ..Hit::at(hour * HOUR, 1)
            };
            let mut hits: Vec<Hit> = history.into_iter().map(hit).collect();
            hits.sort_by_key(|hit| hit.time);
            for amount in [Amount::Count, Amount::Periods, Amount::Sum, Amount::Average] {
                let periods = Periods::between(0, 240 * HOUR, Unit::Day, &TimeZone::UTC, 100);
                let kernel = Distribution { amount, periods, groups: 2 };
                let mut amounts = kernel.nothing();
                tell(&hits, |history| kernel.member(1, history, &mut amounts));
                for group in 0..2 {
                    let of_group: Vec<&Hit> = hits.iter().filter(|hit| hit.group == group).collect();
                    let values: Vec<f64> = of_group.iter().map(|hit| hit.value).filter(|value| !value.is_nan()).collect();
                    let days: BTreeSet<i64> = of_group.iter().map(|hit| hit.time / (24 * HOUR)).collect();
                    let sum: f64 = values.iter().sum();
                    let expected = match amount {
                        _ if of_group.is_empty() => None,
                        Amount::Count => Some(of_group.len() as f64),
                        Amount::Periods => Some(days.len() as f64),
                        Amount::Sum => (!values.is_empty()).then_some(sum),
                        Amount::Average => (!values.is_empty()).then(|| sum / values.len() as f64),
                    };
                    prop_assert_eq!(&amounts.groups[group as usize], &expected.into_iter().collect::<Vec<f64>>());
                }
            }
        }

        #[test]
        fn a_time_ends_with_the_next_event(
            moments in prop::collection::vec((0_i64..40, 1_u32..3), 0..16),
            most in prop::option::of(0_i64..10),
        ) {
            let mut hits: Vec<Hit> = moments.into_iter().map(|(time, steps)| Hit::at(time, steps)).collect();
            hits.sort_by_key(|hit| hit.time);
            let kernel = Intervals { most };
            let mut times = kernel.nothing();
            tell(&hits, |history| kernel.member(1, history, &mut times));
            // Only neighbours among all of them make a pair.
            let pairs = hits.windows(2).filter(|pair| (pair[0].steps, pair[1].steps) == (FIRST, THEN));
            let lengths = pairs.map(|pair| pair[1].time - pair[0].time);
            let expected: Vec<i64> = lengths.filter(|length| most.is_none_or(|most| *length <= most)).collect();
            prop_assert_eq!(times.members, u64::from(!expected.is_empty()));
            prop_assert_eq!(times.times, expected);
        }
    }
}
