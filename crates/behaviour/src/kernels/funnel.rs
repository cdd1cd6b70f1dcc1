//! How many members went through steps, within a time from the first of them.
//!
//! **In order**: a member has reached step *k* when there are events e₁ … eₖ of his, each of its step, none used twice, in
//! time order, the last at most the window after the first. Events of one moment may be taken in any order. This is what
//! ClickHouse's `windowFunnel` says, except that one event never counts as two steps.
//!
//! **Strictly**: the same, and each event follows the one before it directly: nothing else happened between them.
//!
//! **In any order**: a member has reached step *k* when there are events of his for each of the steps 1 … k, none used twice, all
//! within the window of one another.
//!
//! An **exclusion** stops whoever has reached its step `after` and not yet its step `before`: what happens strictly after the
//! moment of the one and before that of the other ends that attempt, and he may try again.

use std::hint::select_unpredictable;

use serde::{Deserialize, Serialize};

use crate::{
    history::{History, Hit},
    scan::Kernel,
    selection::Steps,
};

/// The most steps of a funnel.
pub const MOST_STEPS: usize = 20;
/// The step of an event that is no step, where that matters (strictly).
pub const OTHER: Steps = 1 << 31;

/// In which order steps have to be taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mode {
    /// One after the other, with anything in between.
    #[default]
    Ordered,
    /// One directly after the other.
    Strict,
    /// Whichever.
    Any,
}

/// What must not happen between two steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exclusion {
    /// The events that must not happen, as bits.
    pub steps: Steps,
    /// Steps that have been reached, at least.
    pub after: usize,
    /// The step that has not been reached yet, from 1 on.
    pub before: usize,
}

/// A funnel.
#[derive(Clone, Debug, Default)]
pub struct Funnel {
    /// How many steps it has.
    pub steps: usize,
    /// The longest time from the first step to any other, in milliseconds.
    pub window: i64,
    /// In which order.
    pub mode: Mode,
    /// What must not happen between; only in order.
    pub exclusions: Vec<Exclusion>,
    /// For so many groups it is also told of those whose earliest event of the first step is in each.
    pub groups: usize,
    /// Whether the times that steps took are wanted.
    pub times: bool,
}

/// How many members reached each step.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reached {
    /// By step, those who came at least so far.
    pub members: Vec<u64>,
    /// The same by group.
    pub groups: Vec<Vec<u64>>,
    /// By step, the time from the first step until it was first reached, in milliseconds, of each who reached it.
    pub times: Vec<Vec<i64>>,
    hits: Vec<Hit>,
}

impl Kernel for Funnel {
    type Partial = Reached;

    fn nothing(&self) -> Reached {
        Reached {
            members: vec![0; self.steps],
            groups: vec![vec![0; self.steps]; self.groups],
            times: vec![Vec::new(); if self.times { self.steps } else { 0 }],
            ..Reached::default()
        }
    }

    fn member(&self, _: i64, history: &History<'_>, partial: &mut Reached) {
        let quickly = self.quick_depth(history);
        if quickly == Some(0) {
            return;
        }
        let needs_hits = quickly.is_none() || self.groups > 0 || self.times;
        if needs_hits {
            history.hits(&mut partial.hits);
        }
        let depth = match quickly {
            Some(depth) if !self.times || depth < 2 => depth,
            _ => {
                let mut times = [0; MOST_STEPS];
                let depth = self.depth_and_times(&partial.hits, &mut times);
                for (all, time) in partial.times.iter_mut().zip(&times[..depth]).skip(1) {
                    all.push(*time);
                }
                depth
            }
        };
        partial.members[..depth].iter_mut().for_each(|members| *members += 1);
        if self.groups > 0 {
            let first = partial.hits.iter().find(|hit| hit.steps & 1 != 0);
            let group = first.and_then(|hit| partial.groups.get_mut(hit.group as usize));
            group.into_iter().flat_map(|group| &mut group[..depth]).for_each(|members| *members += 1);
        }
    }

    fn add(&self, partial: &mut Reached, other: Reached) {
        let sum = |sums: &mut [u64], more: Vec<u64>| sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
        sum(&mut partial.members, other.members);
        partial.groups.iter_mut().zip(other.groups).for_each(|(sums, more)| sum(sums, more));
        partial.times.iter_mut().zip(other.times).for_each(|(all, more)| all.extend(more));
    }
}

/// When a chain began that was never begun: so long ago that it is in no window.
const NEVER: i64 = i64::MIN / 2;

impl Funnel {
    /// How many steps a history reaches.
    pub fn depth(&self, hits: &[Hit]) -> usize {
        self.depth_and_times(hits, &mut [0; MOST_STEPS])
    }

    /// How many steps a history reaches, where that is easily said: in order, each event of one step, no two at one moment.
    fn quick_depth(&self, history: &History<'_>) -> Option<usize> {
        if self.mode != Mode::Ordered || !self.exclusions.is_empty() {
            return None;
        }
        // Of all chains that reach a step, the one that began last lasts longest: no other need be remembered. The chain of
        // no step begins now, step k goes from place k to place k + 1, and what is no step at all has a place of its own.
        let mut begun = [NEVER; 33];
        let is_easy = history.each_single(|time, step| {
            let step = usize::from(step) & 31;
            begun[0] = time;
            let begin = begun[step];
            let next = &mut begun[step + 1];
            // Nobody can foretell it, so there is no branch.
            *next = select_unpredictable(time - begin <= self.window, begin, *next);
        });
        let depth = begun[1..=self.steps].iter().take_while(|begun| **begun != NEVER).count();
        is_easy.then_some(depth)
    }

    /// How many steps a history reaches, and when each was first reached, in milliseconds after the first step of its chain.
    pub fn depth_and_times(&self, hits: &[Hit], times: &mut [i64; MOST_STEPS]) -> usize {
        match self.mode {
            Mode::Ordered => self.ordered(hits, times),
            Mode::Strict => self.strict(hits, times),
            Mode::Any => self.any(hits, times),
        }
    }

    fn ordered(&self, hits: &[Hit], times: &mut [i64; MOST_STEPS]) -> usize {
        let mut begun = [NEVER; MOST_STEPS];
        let begun = &mut begun[..self.steps.min(MOST_STEPS)];
        let mut depth = 0;
        let mut rest = hits;
        while let Some(first) = rest.first() {
            let same = rest.iter().take_while(|hit| hit.time == first.time).count();
            let (group, others) = rest.split_at(same);
            rest = others;
            let steps = group.iter().fold(0, |steps, hit| steps | hit.steps);
            // Where something is excluded, only chains go on that took the step after which it is, at this very moment.
            let (mut limits, mut is_limited) = ([usize::MAX; MOST_STEPS], false);
            for exclusion in self.exclusions.iter().filter(|exclusion| exclusion.steps & steps != 0) {
                let stopped = exclusion.after.max(1) - 1..exclusion.before.saturating_sub(1).min(begun.len());
                for limit in limits.get_mut(stopped).into_iter().flatten() {
                    *limit = (*limit).min(exclusion.after.max(1) - 1);
                    is_limited = true;
                }
            }
            let now = self.reached_now(group, begun, &[usize::MAX; MOST_STEPS]);
            while depth < begun.len() && now[depth] != NEVER {
                times[depth] = first.time - now[depth];
                depth += 1;
            }
            // What was reached has been reached; it only does not go on.
            let lasting = if is_limited { self.reached_now(group, begun, &limits) } else { now };
            for ((begun, now), limit) in begun.iter_mut().zip(lasting).zip(limits) {
                *begun = if limit == usize::MAX { (*begun).max(now) } else { now };
            }
            if depth == begun.len() {
                break;
            }
        }
        depth
    }

    /// By step, when the chain began last of those whose last event is one of these, which are of one moment, and who had not
    /// reached more steps before than the limit of the step.
    fn reached_now(&self, group: &[Hit], begun: &[i64], limits: &[usize; MOST_STEPS]) -> [i64; MOST_STEPS] {
        let mut now = [NEVER; MOST_STEPS];
        let time = group[0].time;
        // From each step that was reached before, as many of the next ones as can be given an event each.
        for from in 0..begun.len() {
            let start = match from.checked_sub(1) {
                None => time,
                Some(reached) if time - begun[reached] <= self.window => begun[reached],
                Some(_) => continue,
            };
            if let [hit] = group {
                if hit.steps & (1 << from) != 0 && from <= limits[from] {
                    now[from] = now[from].max(start);
                }
                continue;
            }
            let mut taken = vec![None; group.len()];
            for (step, now) in now.iter_mut().enumerate().take(begun.len()).skip(from) {
                if !give(step, group, &mut taken, &mut vec![false; group.len()]) {
                    break;
                }
                if from <= limits[step] {
                    *now = (*now).max(start);
                }
            }
        }
        now
    }

    fn strict(&self, hits: &[Hit], times: &mut [i64; MOST_STEPS]) -> usize {
        let mut depth = 0;
        for (place, first) in hits.iter().enumerate().filter(|(_, hit)| hit.steps & 1 != 0) {
            for (step, hit) in hits[place..].iter().enumerate().take(self.steps) {
                if hit.steps & (1 << step) == 0 || hit.time - first.time > self.window {
                    break;
                }
                if step == depth {
                    times[depth] = hit.time - first.time;
                    depth += 1;
                }
            }
        }
        depth
    }

    fn any(&self, hits: &[Hit], times: &mut [i64; MOST_STEPS]) -> usize {
        let mut depth = 0;
        // Of events that can be the same steps no more than there are steps can be of use: the last of them.
        let mut useful: Vec<Hit> = Vec::new();
        for hit in hits {
            let steps = hit.steps & ((1 << self.steps) - 1);
            if steps == 0 {
                continue;
            }
            useful.retain(|other| hit.time - other.time <= self.window);
            let alike = useful.iter().filter(|other| other.steps == steps).count();
            if alike >= self.steps
                && let Some(oldest) = useful.iter().position(|other| other.steps == steps)
            {
                useful.remove(oldest);
            }
            useful.push(Hit { steps, ..*hit });
            let given = self.steps_given(&useful);
            while depth < given {
                // The shortest way: from the latest event from which on there are enough.
                times[depth] = hit.time - self.latest_beginning(&useful, depth + 1);
                depth += 1;
            }
            if depth == self.steps {
                break;
            }
        }
        depth
    }

    /// How many of the first steps these events can be given to.
    fn steps_given(&self, useful: &[Hit]) -> usize {
        let mut taken = vec![None; useful.len()];
        let is_given = |step: &usize| give(*step, useful, &mut taken, &mut vec![false; useful.len()]);
        (0..self.steps).take_while(is_given).count()
    }

    /// From which moment on these events can be given to so many steps.
    fn latest_beginning(&self, useful: &[Hit], wanted: usize) -> i64 {
        let from = (0..useful.len()).rev().find(|from| self.steps_given(&useful[*from..]) >= wanted);
        useful.get(from.unwrap_or(0)).map_or(0, |hit| hit.time)
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
    use crate::history::tell;

    /// Tries every choice of events.
    fn naive(funnel: &Funnel, hits: &[Hit]) -> usize {
        fn deepest(funnel: &Funnel, hits: &[Hit], chain: &mut Vec<usize>) -> usize {
            let step = chain.len();
            if step == funnel.steps {
                return step;
            }
            let mut best = step;
            for place in 0..hits.len() {
                let hit = hits[place];
                let stops = |exclusion: &Exclusion| {
                    let is_within = (exclusion.after..exclusion.before).contains(&step);
                    let between = |time: i64| hits[chain[exclusion.after - 1]].time < time && time < hit.time;
                    is_within && hits.iter().any(|other| other.steps & exclusion.steps != 0 && between(other.time))
                };
                let follows = |last: &usize| match funnel.mode {
                    Mode::Strict => place == last + 1,
                    _ => hits[*last].time <= hit.time,
                };
                let fits = hit.steps & (1 << step) != 0
                    && !chain.contains(&place)
                    && chain.last().is_none_or(follows)
                    && chain.first().is_none_or(|first| hit.time - hits[*first].time <= funnel.window)
                    && !funnel.exclusions.iter().any(stops);
                if fits {
                    chain.push(place);
                    best = best.max(deepest(funnel, hits, chain));
                    chain.pop();
                }
            }
            best
        }
        /// Gives each step an event, as far as that goes.
        fn most(funnel: &Funnel, hits: &[Hit], given: &mut Vec<usize>) -> usize {
            let mut best = given.len();
            if best == funnel.steps {
                return best;
            }
            let step = given.len();
            for place in (0..hits.len()).filter(|place| hits[*place].steps & (1 << step) != 0) {
                let near = |other: &usize| (hits[*other].time - hits[place].time).abs() <= funnel.window;
                if !given.contains(&place) && given.iter().all(near) {
                    given.push(place);
                    best = best.max(most(funnel, hits, given));
                    given.pop();
                }
            }
            best
        }
        match funnel.mode {
            Mode::Any => most(funnel, hits, &mut Vec::new()),
            _ => deepest(funnel, hits, &mut Vec::new()),
        }
    }

    fn asked(funnel: &Funnel, hits: &[Hit]) -> usize {
        let mut reached = funnel.nothing();
        tell(hits, |history| funnel.member(1, history, &mut reached));
        for (step, times) in reached.times.iter().enumerate() {
            assert_eq!(times.len() as u64, if step == 0 { 0 } else { reached.members[step] });
        }
        reached.members.iter().filter(|members| **members == 1).count()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

        #[test]
        fn a_funnel_is_what_trying_everything_finds(
            steps in 1_usize..5,
            window in 0_i64..12,
            moments in prop::collection::vec((0_i64..14, 1_u32..32), 0..8),
            is_single in any::<bool>(),
            is_long in any::<bool>(),
            exclusion in prop::option::of((0_usize..4, 1_usize..4)),
            mode in prop::sample::select(vec![Mode::Ordered, Mode::Strict, Mode::Any]),
            times in any::<bool>(),
        ) {
            let (steps, window) = if is_long { (4, 12) } else { (steps, window) };
            let one_of = |bits: u32| if is_single { 1 << (bits % 5) } else { bits };
            let mut hits: Vec<Hit> = moments
                .into_iter()
                // The fourth bit is an event that is no step.
                .map(|(time, bits)| (time, one_of(bits) & (((1 << steps) - 1) | 16)))
                .map(|(time, bits)| Hit::at(time, if bits == 0 { OTHER } else { bits }))
                .collect();
            hits.sort_by_key(|hit| hit.time);
            let exclusions = exclusion.filter(|_| mode == Mode::Ordered);
            let exclusions = exclusions.map(|(after, more)| Exclusion { steps: 16, after: after + 1, before: after + 1 + more });
            let funnel = Funnel { steps, window, mode, exclusions: exclusions.into_iter().collect(), groups: 0, times };
            prop_assert_eq!(asked(&funnel, &hits), naive(&funnel, &hits));
        }

        #[test]
        fn everybody_counts_in_the_group_in_which_he_first_began(
            moments in prop::collection::vec((0_i64..14, 0_u32..3, 0_u32..3), 0..10),
        ) {
            let mut hits: Vec<Hit> =
                moments.into_iter().map(|(time, step, group)| Hit { group, ..Hit::at(time, 1 << step) }).collect();
            hits.sort_by_key(|hit| hit.time);
            let funnel = Funnel { steps: 3, window: 6, groups: 3, ..Funnel::default() };
            let mut reached = funnel.nothing();
            tell(&hits, |history| funnel.member(1, history, &mut reached));
            let first = hits.iter().find(|hit| hit.steps == 1).map(|hit| hit.group as usize);
            for (group, members) in reached.groups.iter().enumerate() {
                let expected = if first == Some(group) { reached.members.clone() } else { vec![0; 3] };
                prop_assert_eq!(members, &expected);
            }
        }
    }

    #[test]
    fn the_time_of_a_step_is_that_of_the_shortest_chain_that_first_reached_it() {
        let hits = [(0, 1), (10, 1), (12, 2), (13, 2), (14, 4)].map(|(time, steps)| Hit::at(time, steps));
        for (mode, expected) in [(Mode::Ordered, [0, 2, 4]), (Mode::Any, [0, 2, 4])] {
            let funnel = Funnel { steps: 3, window: 100, mode, ..Funnel::default() };
            let mut times = [0; MOST_STEPS];
            assert_eq!(funnel.depth_and_times(&hits, &mut times), 3);
            assert_eq!(times[..3], expected, "{mode:?}");
        }
    }
}
