//! How many different members did something in each period: daily, weekly and monthly active members, exactly.

use crate::{
    periods::Periods,
    scan::{Hit, Kernel},
};

/// Counts, for each period, the events that matter and the members who have one.
pub struct Active {
    /// The periods; events outside do not count.
    pub periods: Periods,
}

/// By period.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Activity {
    /// Events.
    pub events: Vec<u64>,
    /// Members who have at least one of them.
    pub members: Vec<u64>,
}

impl Kernel for Active {
    type Partial = Activity;

    fn nothing(&self) -> Activity {
        Activity { events: vec![0; self.periods.len()], members: vec![0; self.periods.len()] }
    }

    fn member(&self, _: i64, hits: &[Hit], partial: &mut Activity) {
        let bounds = self.periods.begins();
        let (mut counted, mut until) = (usize::MAX, i64::MIN);
        for hit in hits {
            if hit.time < until {
                partial.events[counted] += 1;
                continue;
            }
            let Some(period) = self.periods.of(hit.time, if counted == usize::MAX { 0 } else { counted }) else {
                continue;
            };
            counted = period;
            until = bounds.get(period + 1).copied().unwrap_or(self.periods.end());
            partial.events[period] += 1;
            partial.members[period] += 1;
        }
    }

    fn add(&self, partial: &mut Activity, other: Activity) {
        for (sum, more) in partial.events.iter_mut().zip(other.events) {
            *sum += more;
        }
        for (sum, more) in partial.members.iter_mut().zip(other.members) {
            *sum += more;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::tz::TimeZone;
    use proptest::prelude::*;

    use super::*;
    use crate::periods::Unit;

    proptest! {
        #[test]
        fn everybody_is_counted_once_in_each_period(
            histories in prop::collection::vec(prop::collection::vec(-5_i64..400, 0..20), 0..10),
        ) {
            const HOUR: i64 = 3_600_000;
            let periods = Periods::between(0, 240 * HOUR, Unit::Day, &TimeZone::UTC, 100);
            let kernel = Active { periods: periods.clone() };
            let mut counted = kernel.nothing();
            let mut expected = kernel.nothing();
            for (owner, mut hours) in histories.into_iter().enumerate() {
                hours.sort_unstable();
                let hits: Vec<Hit> = hours.iter().map(|hour| Hit { time: hour * HOUR, steps: 1 }).collect();
                kernel.member(owner as i64, &hits, &mut counted);
                let days: Vec<i64> = hours.iter().filter(|hour| (0..240).contains(*hour)).map(|hour| hour / 24).collect();
                days.iter().for_each(|day| expected.events[*day as usize] += 1);
                days.iter().collect::<BTreeSet<_>>().into_iter().for_each(|day| expected.members[*day as usize] += 1);
            }
            prop_assert_eq!(counted, expected);
        }
    }
}
