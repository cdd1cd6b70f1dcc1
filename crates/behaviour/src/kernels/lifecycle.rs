//! New, returning, resurrected and dormant members by period.

use crate::{history::History, periods::Periods, scan::Kernel};

/// What a member is in a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Active for the first time ever.
    New,
    /// Active in this period and the one before.
    Returning,
    /// Active in this period, not in the one before, but in an earlier one.
    Resurrected,
    /// Active in the period before and not in this one.
    Dormant,
}

/// Tells what members are in each period. It has to be told all of their events from the beginning of time on.
pub struct LifeCycle {
    /// The periods that are told, and one before them.
    pub periods: Periods,
}

/// By period, without the one before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lives {
    /// By period: new, returning, resurrected, dormant.
    pub members: Vec<[u64; 4]>,
    active: Vec<bool>,
}

impl Kernel for LifeCycle {
    type Partial = Lives;

    fn nothing(&self) -> Lives {
        let periods = self.periods.len();
        Lives { members: vec![[0; 4]; periods.saturating_sub(1)], active: vec![false; periods] }
    }

    fn member(&self, _: i64, history: &History<'_>, lives: &mut Lives) {
        let Lives { members, active } = lives;
        self.states(history, active, |period, state| members[period][state as usize] += 1);
    }

    fn add(&self, lives: &mut Lives, other: Lives) {
        for (sums, more) in lives.members.iter_mut().zip(other.members) {
            sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
        }
    }
}

impl LifeCycle {
    /// Calls `take` with each period, from the second on and counted from 0, in which the member is anything. `active` is a
    /// list with one entry for each period.
    pub fn states(&self, history: &History<'_>, active: &mut [bool], mut take: impl FnMut(usize, State)) {
        active.fill(false);
        let begin = self.periods.begins().first().copied().unwrap_or_default();
        let mut was_active = false;
        history.each(|time, _| {
            was_active |= time < begin;
            if let Some(period) = self.periods.of(time) {
                active[period] = true;
            }
        });
        for period in 0..active.len() {
            let before = period > 0 && active[period - 1];
            let state = match (active[period], before) {
                (true, true) => Some(State::Returning),
                (true, false) if was_active => Some(State::Resurrected),
                (true, false) => Some(State::New),
                (false, true) => Some(State::Dormant),
                (false, false) => None,
            };
            was_active |= active[period];
            if let (Some(told), Some(state)) = (period.checked_sub(1), state) {
                take(told, state);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use proptest::prelude::*;

    use super::*;
    use crate::{
        history::{Hit, tell},
        periods::Unit,
    };

    const DAY: i64 = 86_400_000;

    proptest! {
        #[test]
        fn everybody_is_what_the_definition_says(days in prop::collection::vec(-9_i64..9, 0..10)) {
            let periods = Periods::between(-DAY, 8 * DAY, Unit::Day, &TimeZone::UTC, 100);
            let kernel = LifeCycle { periods };
            let mut hits: Vec<Hit> = days.iter().map(|day| Hit::at(day * DAY + 5, 1)).collect();
            hits.sort_by_key(|hit| hit.time);
            let mut lives = kernel.nothing();
            tell(&hits, |history| kernel.member(1, history, &mut lives));
            prop_assert_eq!(lives.members.len(), 8);
            for day in 0..8_i64 {
                let (now, before) = (days.contains(&day), days.contains(&(day - 1)));
                let ever = days.iter().any(|other| *other < day);
                let expected = [now && !ever, now && before, now && !before && ever, !now && before];
                prop_assert_eq!(lives.members[day as usize], expected.map(u64::from), "day {}", day);
            }
        }
    }
}
