//! What happened in each period: how many events and members, and what a number of theirs was.

use crate::{
    history::{History, Hit},
    periods::Periods,
    scan::Kernel,
};

/// What is told of each period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// How many events, and how many members who have one.
    Counts,
    /// Also how many events have a number, the sum of the numbers, the smallest and the largest.
    Sums,
    /// All numbers, for percentiles.
    Numbers,
}

/// Tells of each period and group.
pub struct Trend {
    /// The periods; events outside do not count but in windows.
    pub periods: Periods,
    /// For each period, from when on members count in it: its own beginning, or an earlier moment (those who were active in
    /// the seven days that end with it). No later period has an earlier one.
    pub since: Vec<i64>,
    /// How many groups there are, at least one.
    pub groups: usize,
    /// What is told.
    pub measure: Measure,
}

/// Numbers that are added up exactly, in any order: in billionths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum(i128);

const BILLION: i128 = 1_000_000_000;

impl Sum {
    /// Adds a number; a part of it below a billionth is rounded.
    #[inline]
    pub fn add(&mut self, number: f64) {
        // A cast saturates, so that one absurd number does not turn a sum round.
        let billionths = match number.fract() == 0.0 {
            true => (number as i128).saturating_mul(BILLION),
            false => (number * BILLION as f64).round() as i128,
        };
        self.0 = self.0.saturating_add(billionths);
    }

    /// Adds another sum.
    pub fn absorb(&mut self, other: Sum) {
        self.0 = self.0.saturating_add(other.0);
    }

    /// The sum.
    pub fn value(self) -> f64 {
        let (whole, rest) = (self.0 / BILLION, self.0 % BILLION);
        match rest {
            0 => whole as f64,
            _ => self.0 as f64 / BILLION as f64,
        }
    }
}

/// What is known of one period and group.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cell {
    /// Events.
    pub events: u64,
    /// Members who were active since the moment that counts for the period.
    pub members: u64,
    /// Events that have a number.
    pub numbers: u64,
    /// Their sum.
    pub sum: Sum,
    /// The smallest, when there is one.
    pub least: Option<f64>,
    /// The largest, when there is one.
    pub most: Option<f64>,
    /// All of them, in no order, where they are wanted.
    pub all: Vec<f64>,
}

/// By group, by period, and at last for all periods together.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// Of all periods together, members are those who have an event in one of them.
    pub groups: Vec<Vec<Cell>>,
    hits: Vec<Hit>,
    /// By group, the first period for which the present member has not been counted, and whether he was counted at all.
    counted: Vec<(usize, bool)>,
    touched: Vec<u32>,
}

impl Kernel for Trend {
    type Partial = Told;

    fn nothing(&self) -> Told {
        Told {
            groups: vec![vec![Cell::default(); self.periods.len() + 1]; self.groups],
            counted: vec![(0, false); self.groups],
            ..Told::default()
        }
    }

    fn member(&self, _: i64, history: &History<'_>, told: &mut Told) {
        let all = self.periods.len();
        history.hits(&mut told.hits);
        for hit in &told.hits {
            let group = hit.group as usize;
            let (Some(cells), Some((next, is_counted))) = (told.groups.get_mut(group), told.counted.get_mut(group))
            else {
                continue;
            };
            if *next == 0 && !*is_counted {
                told.touched.push(hit.group);
            }
            // He counts in all periods that look back as far as this.
            let until = self.since.partition_point(|since| *since <= hit.time);
            let first = self.periods.ends().partition_point(|end| *end <= hit.time).max(*next);
            if until > first {
                cells[first..until].iter_mut().for_each(|cell| cell.members += 1);
                *next = until;
            }
            let Some(period) = self.periods.of(hit.time) else { continue };
            cells[all].members += u64::from(!*is_counted);
            *is_counted = true;
            self.count(&mut cells[period], hit);
            self.count(&mut cells[all], hit);
        }
        for group in told.touched.drain(..) {
            told.counted[group as usize] = (0, false);
        }
    }

    fn add(&self, told: &mut Told, other: Told) {
        for (cells, others) in told.groups.iter_mut().zip(other.groups) {
            for (cell, other) in cells.iter_mut().zip(others) {
                cell.absorb(other);
            }
        }
    }
}

impl Trend {
    /// Events and members of each period, without numbers, in one group.
    pub fn of_counts(periods: Periods) -> Trend {
        let since = periods.begins().to_vec();
        Trend { periods, since, groups: 1, measure: Measure::Counts }
    }

    fn count(&self, cell: &mut Cell, hit: &Hit) {
        cell.events += 1;
        if self.measure == Measure::Counts || hit.value.is_nan() {
            return;
        }
        cell.numbers += 1;
        match self.measure {
            Measure::Numbers => cell.all.push(hit.value),
            _ => {
                cell.sum.add(hit.value);
                cell.least = Some(cell.least.map_or(hit.value, |least| least.min(hit.value)));
                cell.most = Some(cell.most.map_or(hit.value, |most| most.max(hit.value)));
            }
        }
    }
}

impl Cell {
    fn absorb(&mut self, other: Cell) {
        self.events += other.events;
        self.members += other.members;
        self.numbers += other.numbers;
        self.sum.absorb(other.sum);
        let further = |one: Option<f64>, other: Option<f64>, of: fn(f64, f64) -> f64| match (one, other) {
            (Some(one), Some(other)) => Some(of(one, other)),
            (one, other) => one.or(other),
        };
        self.least = further(self.least, other.least, f64::min);
        self.most = further(self.most, other.most, f64::max);
        self.all.extend(other.all);
    }
}

/// The value at or below which such a share of the values lies, as ClickHouse's `quantileExact` gives it: of n sorted values
/// that at the place ⌊share · n⌋, or the last. Sorts the values; `None` of none.
pub fn percentile(values: &mut [f64], share: f64) -> Option<f64> {
    let place = ((share * values.len() as f64) as usize).min(values.len().checked_sub(1)?);
    let (_, value, _) = values.select_nth_unstable_by(place, f64::total_cmp);
    Some(*value)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::tz::TimeZone;
    use proptest::prelude::*;

    use super::*;
    use crate::{history::tell, periods::Unit};

    const HOUR: i64 = 3_600_000;
    const DAY: i64 = 24 * HOUR;

    proptest! {
        #[test]
        fn everybody_is_counted_once_in_each_period_and_every_number_once(
            histories in prop::collection::vec(
                prop::collection::vec((-200_i64..400, 0_u32..3, prop::option::of(-50_i64..50)), 0..20), 0..8),
            back in 0_i64..5,
        ) {
            let periods = Periods::between(0, 10 * DAY, Unit::Day, &TimeZone::UTC, 100);
            let since: Vec<i64> = periods.begins().iter().map(|begin| begin - back * DAY).collect();
            let kernel = Trend { periods, since, groups: 3, measure: Measure::Sums };
            let mut told = kernel.nothing();
            let mut all = Vec::new();
            for (member, history) in histories.into_iter().enumerate() {
                let hit = |(hour, group, value): (i64, u32, Option<i64>)| Hit {
                    group,
                    value: value.map_or(f64::NAN, |value| value as f64 / 8.0),
                    ..Hit::at(hour * HOUR, 1)
                };
                let mut hits: Vec<Hit> = history.into_iter().map(hit).collect();
                hits.sort_by_key(|hit| hit.time);
                tell(&hits, |history| kernel.member(member as i64, history, &mut told));
                all.extend(hits.into_iter().map(|hit| (member, hit)));
            }
            for group in 0..3 {
                for period in 0..=10_i64 {
                    let (from, to) = if period == 10 { (0, 10 * DAY) } else { (period * DAY, period * DAY + DAY) };
                    let back = if period == 10 { 0 } else { back * DAY };
                    let of = |from: i64| all.iter().filter(move |(_, hit)| hit.group == group && (from..to).contains(&hit.time));
                    let cell = &told.groups[group as usize][period as usize];
                    prop_assert_eq!(cell.events, of(from).count() as u64);
                    let members: BTreeSet<usize> = of(from - back).map(|(member, _)| *member).collect();
                    prop_assert_eq!(cell.members, members.len() as u64, "members in {}", period);
                    let values: Vec<f64> = of(from).map(|(_, hit)| hit.value).filter(|value| !value.is_nan()).collect();
                    prop_assert_eq!(cell.numbers, values.len() as u64);
                    prop_assert_eq!(cell.sum.value(), values.iter().sum::<f64>());
                    prop_assert_eq!(cell.least, values.iter().copied().reduce(f64::min));
                    prop_assert_eq!(cell.most, values.iter().copied().reduce(f64::max));
                }
            }
        }
    }

    #[test]
    fn money_adds_up() {
        let mut sum = Sum::default();
        (0..1_000).for_each(|_| sum.add(0.1));
        sum.add(1e15);
        sum.add(-1e15);
        assert_eq!(sum.value(), 100.0);
    }

    #[test]
    fn a_percentile_is_one_of_the_values() {
        let mut values = [5.0, 1.0, 4.0, 2.0, 3.0];
        assert_eq!([0.0, 0.5, 0.9, 1.0].map(|share| percentile(&mut values, share)), [1.0, 3.0, 5.0, 5.0].map(Some));
        assert_eq!(percentile(&mut [], 0.5), None);
    }
}
