//! How many members went through steps in order, within a time from the first of them.
//!
//! A member has reached step *k* when there are events e₁ … eₖ of his, each of its step, none used twice, in time order, the
//! last at most the window after the first. Events of one moment may be taken in any order. This is what ClickHouse's
//! `windowFunnel` says, except that one event never counts as two steps.

use crate::scan::{Hit, Kernel, Steps};

/// The most steps of a funnel.
pub const MOST_STEPS: usize = 20;

/// A funnel whose steps are taken in order, with anything in between.
pub struct Ordered {
    /// How many steps it has.
    pub steps: usize,
    /// The longest time from the first step to any other, in milliseconds.
    pub window: i64,
}

/// How many members reached each step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reached {
    /// By step, those who came at least so far.
    pub members: Vec<u64>,
}

impl Kernel for Ordered {
    type Partial = Reached;

    fn nothing(&self) -> Reached {
        Reached { members: vec![0; self.steps] }
    }

    fn member(&self, _: i64, hits: &[Hit], partial: &mut Reached) {
        let depth = self.depth(hits);
        for members in &mut partial.members[..depth] {
            *members += 1;
        }
    }

    fn add(&self, partial: &mut Reached, other: Reached) {
        for (members, more) in partial.members.iter_mut().zip(other.members) {
            *members += more;
        }
    }
}

/// When a chain began that was never begun.
const NEVER: i64 = i64::MIN;

impl Ordered {
    /// How many steps a history reaches.
    pub fn depth(&self, hits: &[Hit]) -> usize {
        // Of all chains that reach a step, the one that began last lasts longest: no other need be remembered.
        let mut begun = [NEVER; MOST_STEPS];
        let begun = &mut begun[..self.steps.min(MOST_STEPS)];
        let mut rest = hits;
        while let Some(first) = rest.first() {
            let same = match rest.get(1) {
                Some(second) if second.time == first.time => {
                    rest.iter().take_while(|hit| hit.time == first.time).count()
                }
                _ => 1,
            };
            let (group, others) = rest.split_at(same);
            rest = others;
            match group {
                [hit] => self.one(*hit, begun),
                group if group.iter().all(|hit| hit.steps.is_power_of_two()) => {
                    let steps = group.iter().fold(0, |steps, hit| steps | hit.steps);
                    self.in_order(first.time, steps, begun);
                }
                group => self.together(group, begun),
            }
            if begun.last().is_some_and(|begun| *begun != NEVER) {
                return begun.len();
            }
        }
        begun.iter().take_while(|begun| **begun != NEVER).count()
    }

    /// A single event: later steps first, so that it is never two steps of one chain.
    fn one(&self, hit: Hit, begun: &mut [i64]) {
        let mut steps = hit.steps;
        while steps != 0 {
            let step = steps.ilog2() as usize;
            steps &= !(1 << step);
            self.advance(hit.time, step, begun);
        }
    }

    /// Events of one moment, each of one step.
    fn in_order(&self, time: i64, mut steps: Steps, begun: &mut [i64]) {
        while steps != 0 {
            let step = steps.trailing_zeros() as usize;
            steps &= steps - 1;
            self.advance(time, step, begun);
        }
    }

    fn advance(&self, time: i64, step: usize, begun: &mut [i64]) {
        match step.checked_sub(1) {
            None => begun[0] = time,
            Some(before) if begun[before] != NEVER && time - begun[before] <= self.window => {
                begun[step] = begun[before]
            }
            Some(_) => {}
        }
    }

    /// Events of one moment of which some can be several steps: from each step that was reached, as many of the next ones
    /// as can be given an event each.
    fn together(&self, group: &[Hit], begun: &mut [i64]) {
        let time = group[0].time;
        let before = begun.to_vec();
        for from in 0..begun.len() {
            let start = match from.checked_sub(1) {
                None => time,
                Some(reached) if before[reached] != NEVER && time - before[reached] <= self.window => before[reached],
                Some(_) => continue,
            };
            let mut taken = vec![None; group.len()];
            for (step, begun) in begun.iter_mut().enumerate().skip(from) {
                if !give(step, group, &mut taken, &mut vec![false; group.len()]) {
                    break;
                }
                *begun = (*begun).max(start);
            }
        }
    }
}

/// Gives a step an event, moving other steps to other events where that helps (an augmenting path of a matching).
fn give(step: usize, group: &[Hit], taken: &mut [Option<usize>], tried: &mut [bool]) -> bool {
    for place in 0..group.len() {
        if group[place].steps & (1 << step) == 0 || tried[place] {
            continue;
        }
        tried[place] = true;
        if taken[place].is_none_or(|other| give(other, group, taken, tried)) {
            taken[place] = Some(step);
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Tries every choice of events.
    fn naive(funnel: &Ordered, hits: &[Hit]) -> usize {
        fn deepest(funnel: &Ordered, hits: &[Hit], chain: &mut Vec<usize>) -> usize {
            let step = chain.len();
            if step == funnel.steps {
                return step;
            }
            let mut best = step;
            for place in 0..hits.len() {
                let hit = hits[place];
                let fits = hit.steps & (1 << step) != 0
                    && !chain.contains(&place)
                    && chain.last().is_none_or(|last| hits[*last].time <= hit.time)
                    && chain.first().is_none_or(|first| hit.time - hits[*first].time <= funnel.window);
                if fits {
                    chain.push(place);
                    best = best.max(deepest(funnel, hits, chain));
                    chain.pop();
                }
            }
            best
        }
        deepest(funnel, hits, &mut Vec::new())
    }

    proptest! {
        #[test]
        fn a_funnel_is_what_trying_everything_finds(
            steps in 1_usize..5,
            window in 0_i64..12,
            moments in prop::collection::vec((0_i64..10, 1_u32..32), 0..9),
        ) {
            let mut hits: Vec<Hit> = moments
                .into_iter()
                .map(|(time, bits)| Hit { time, steps: bits & ((1 << steps) - 1) })
                .filter(|hit| hit.steps != 0)
                .collect();
            hits.sort_by_key(|hit| hit.time);
            let funnel = Ordered { steps, window };
            prop_assert_eq!(funnel.depth(&hits), naive(&funnel, &hits));
        }
    }
}
