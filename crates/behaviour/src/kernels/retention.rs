//! Who came back: members are put into cohorts by the period in which they began, and counted in the periods that follow.

use serde::{Deserialize, Serialize};

use crate::{
    history::{History, Hit},
    periods::Periods,
    scan::Kernel,
    selection::Steps,
};

/// An event with which a member begins.
pub const START: Steps = 1;
/// An event by which he has come back.
pub const RETURN: Steps = 2;

/// Which cohorts a member belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cohorts {
    /// That of the first period in which he began.
    First,
    /// Those of all periods in which he began.
    Each,
}

/// When somebody counts as having come back after *k* periods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Back {
    /// When he did so in that very period.
    Exact,
    /// When he did so in that period or a later one.
    Rolling,
}

/// Counts who came back. After no period it is whoever did so in the period of the cohort, at the moment in which he began or
/// later; one event can be both.
#[derive(Clone, Debug)]
pub struct Retention {
    /// The periods. Returns count as far as they reach.
    pub periods: Periods,
    /// How many of them have a cohort, from the first on.
    pub beginning: usize,
    /// Events from this moment on begin nothing, in milliseconds since 1970.
    pub until: i64,
    /// How many periods each cohort is followed, its own among them.
    pub followed: usize,
    /// Into which cohorts members are put.
    pub cohorts: Cohorts,
    /// What counts as coming back.
    pub back: Back,
    /// For so many groups it is also told of those who began in each: of each cohort a member is in the group of the event with
    /// which he began there.
    pub groups: usize,
}

/// What became of the cohorts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Retained {
    /// By cohort, how many began.
    pub sizes: Vec<u64>,
    /// By cohort and number of periods after it, how many came back.
    pub returned: Vec<Vec<u64>>,
    /// The same by group.
    pub groups: Vec<(Vec<u64>, Vec<Vec<u64>>)>,
    /// Of the member who is looked at: the periods in which he began, with whether he came back in the same one, and all
    /// periods in which he came back.
    began: Vec<(usize, bool, u32)>,
    came: Vec<usize>,
    hits: Vec<Hit>,
}

impl Kernel for Retention {
    type Partial = Retained;

    fn nothing(&self) -> Retained {
        let cohorts = self.beginning.min(self.periods.len());
        let followed = |cohort: usize| vec![0; self.followed.min(self.periods.len() - cohort)];
        let returned: Vec<Vec<u64>> = (0..cohorts).map(followed).collect();
        Retained {
            sizes: vec![0; cohorts],
            groups: vec![(vec![0; cohorts], returned.clone()); self.groups],
            returned,
            began: Vec::new(),
            came: Vec::new(),
            hits: Vec::new(),
        }
    }

    fn member(&self, _: i64, history: &History<'_>, partial: &mut Retained) {
        if self.groups == 0
            && self.periods.len() <= 64
            && let Some(days) = self.days(history)
        {
            return self.count(days, partial);
        }
        let mut hits = std::mem::take(&mut partial.hits);
        history.hits(&mut hits);
        self.count_hits(&hits, partial);
        partial.hits = hits;
    }

    fn add(&self, partial: &mut Retained, other: Retained) {
        let add = |sums: &mut [u64], more: Vec<u64>| sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
        let add_all = |sums: &mut [Vec<u64>], more: Vec<Vec<u64>>| {
            sums.iter_mut().zip(more).for_each(|(sums, more)| add(sums, more));
        };
        add(&mut partial.sizes, other.sizes);
        add_all(&mut partial.returned, other.returned);
        for ((sizes, returned), (more_sizes, more_returned)) in partial.groups.iter_mut().zip(other.groups) {
            add(sizes, more_sizes);
            add_all(returned, more_returned);
        }
    }
}

impl Retention {
    fn count_hits(&self, hits: &[Hit], partial: &mut Retained) {
        let Retained { sizes, returned, groups, began, came, .. } = partial;
        began.clear();
        came.clear();
        let mut rest = hits;
        while let Some(first) = rest.first() {
            let same = rest.iter().take_while(|hit| hit.time == first.time).count();
            let (together, later) = rest.split_at(same);
            rest = later;
            let Some(of) = self.periods.of(first.time) else { continue };
            let steps = together.iter().fold(0, |steps, hit| steps | hit.steps);
            let begins_here = began.last().is_some_and(|(begin, ..)| *begin == of);
            if steps & START != 0
                && first.time < self.until
                && of < sizes.len()
                && !begins_here
                && (self.cohorts == Cohorts::Each || began.is_empty())
            {
                let group = together.iter().find(|hit| hit.steps & START != 0).map_or(0, |hit| hit.group);
                began.push((of, false, group));
            }
            if steps & RETURN != 0
                && let Some((begin, is_back, _)) = began.last_mut()
            {
                *is_back |= *begin == of;
                if came.last() != Some(&of) {
                    came.push(of);
                }
            }
        }
        for (begin, is_back, group) in began.iter().copied() {
            self.count_cohort(begin, is_back, came, (&mut *sizes, &mut *returned));
            if let Some((sizes, returned)) = groups.get_mut(group as usize) {
                self.count_cohort(begin, is_back, came, (sizes, returned));
            }
        }
    }

    /// Counts him in the cohort of a period.
    fn count_cohort(
        &self,
        begin: usize,
        is_back: bool,
        came: &[usize],
        (sizes, returned): (&mut [u64], &mut [Vec<u64>]),
    ) {
        sizes[begin] += 1;
        let counts = &mut returned[begin];
        match self.back {
            Back::Exact => {
                counts[0] += u64::from(is_back);
                for period in came.iter().filter(|period| **period > begin) {
                    match counts.get_mut(period - begin) {
                        Some(count) => *count += 1,
                        None => break,
                    }
                }
            }
            Back::Rolling => {
                let last = came.last().filter(|period| **period > begin).map(|period| period - begin);
                let until = last.or(is_back.then_some(0)).map_or(0, |last| last + 1).min(counts.len());
                counts[..until].iter_mut().for_each(|count| *count += 1);
            }
        }
    }
}

/// What a member did in each of up to 64 periods, as bits.
#[derive(Clone, Copy, Debug, Default)]
struct Days {
    /// He began.
    began: u64,
    /// He came back.
    came: u64,
    /// He came back at or after the moment in which he began there.
    came_after: u64,
}

impl Retention {
    /// `None` when several events of one moment make it hard to say.
    fn days(&self, history: &History<'_>) -> Option<Days> {
        let mut days = Days::default();
        let (mut is_hard, mut last) = (false, i64::MIN);
        history.each(|time, steps| {
            // One event can be both, so that only two different ones of one moment are hard.
            is_hard |= time == last && steps != START | RETURN;
            last = time;
            let period = self.periods.place(time);
            let bit = u64::from(period < self.periods.len()) << (period & 63);
            let started = 0_u64.wrapping_sub(u64::from(steps & START != 0 && time < self.until));
            let returned = 0_u64.wrapping_sub(u64::from(steps & RETURN != 0));
            days.began |= bit & started;
            days.came |= bit & returned;
            days.came_after |= bit & returned & days.began;
        });
        (!is_hard).then_some(days)
    }

    fn count(&self, days: Days, partial: &mut Retained) {
        let Retained { sizes, returned, .. } = partial;
        let beginning = sizes.len();
        let mut began = days.began;
        if self.cohorts == Cohorts::First {
            began &= began.wrapping_neg();
        }
        while began != 0 {
            let begin = began.trailing_zeros() as usize;
            began &= began - 1;
            if begin >= beginning {
                return;
            }
            sizes[begin] += 1;
            let counts = &mut returned[begin];
            // Bit k is the k-th period after the beginning.
            let mut back = (days.came >> begin) & !1 | (days.came_after >> begin) & 1;
            match self.back {
                Back::Exact => {
                    while back != 0 {
                        let Some(count) = counts.get_mut(back.trailing_zeros() as usize) else { break };
                        *count += 1;
                        back &= back - 1;
                    }
                }
                Back::Rolling => {
                    let until = (64 - back.leading_zeros() as usize).min(counts.len());
                    counts[..until].iter_mut().for_each(|count| *count += 1);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use proptest::prelude::*;

    use super::*;
    use crate::{history::tell, periods::Unit};

    const HOUR: i64 = 3_600_000;

    /// For every cohort and number of periods, asks the definition.
    fn naive(kernel: &Retention, histories: &[Vec<Hit>]) -> Retained {
        let day = |hit: &Hit| hit.time / (24 * HOUR);
        let mut expected = kernel.nothing();
        for hits in histories {
            let starts = || hits.iter().filter(|hit| hit.steps & START != 0 && hit.time < kernel.until);
            let returns = || hits.iter().filter(|hit| hit.steps & RETURN != 0);
            for cohort in 0..kernel.beginning as i64 {
                let is_first = starts().next().is_some_and(|hit| day(hit) == cohort);
                let Some(begin) =
                    starts().find(|hit| day(hit) == cohort).filter(|_| kernel.cohorts == Cohorts::Each || is_first)
                else {
                    continue;
                };
                expected.sizes[cohort as usize] += 1;
                for (k, count) in expected.returned[cohort as usize].iter_mut().enumerate() {
                    let came =
                        |k: i64| returns().any(|hit| day(hit) == cohort + k && (k > 0 || hit.time >= begin.time));
                    let is_back = match kernel.back {
                        Back::Exact => came(k as i64),
                        Back::Rolling => (k as i64..200).any(came),
                    };
                    *count += u64::from(is_back);
                }
            }
        }
        expected
    }

    proptest! {
        #[test]
        fn cohorts_are_what_their_definition_says(
            histories in prop::collection::vec(prop::collection::vec((0_i64..240, 1_u32..4), 0..20), 0..8),
            followed in 1_usize..12,
            beginning in 1_usize..11,
            is_first in any::<bool>(),
            is_exact in any::<bool>(),
            is_long in any::<bool>(),
            until in 100_i64..300,
        ) {
            let kernel = Retention {
                periods: Periods::between(0, if is_long { 2_400 } else { 240 } * HOUR, Unit::Day, &TimeZone::UTC, 100),
                beginning,
                until: until * HOUR,
                followed,
                cohorts: if is_first { Cohorts::First } else { Cohorts::Each },
                back: if is_exact { Back::Exact } else { Back::Rolling },
                groups: 0,
            };
            let hits = |mut history: Vec<(i64, Steps)>| -> Vec<Hit> {
                history.sort_by_key(|(hour, _)| *hour);
                history.into_iter().map(|(hour, steps)| Hit::at(hour * HOUR, steps)).collect()
            };
            let histories: Vec<Vec<Hit>> = histories.into_iter().map(hits).collect();
            let mut counted = kernel.nothing();
            histories.iter().for_each(|hits| tell(hits, |history| kernel.member(1, history, &mut counted)));
            let expected = naive(&kernel, &histories);
            // Told by groups, of which there is one, it is the same.
            let grouped = Retention { groups: 1, ..kernel.clone() };
            let mut by_group = grouped.nothing();
            histories.iter().for_each(|hits| tell(hits, |history| grouped.member(1, history, &mut by_group)));
            prop_assert_eq!(&by_group.groups[0], &(counted.sizes.clone(), counted.returned.clone()));
            prop_assert_eq!((counted.sizes, counted.returned), (expected.sizes, expected.returned));
        }
    }
}
