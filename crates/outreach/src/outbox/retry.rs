//! When a message that was certainly not taken is tried again, by the class of its failure.

use std::time::Duration;

use base::IdSource;
use channels::Later;

use super::MAX_ATTEMPTS;

/// The longest pause that the other side may ask for.
const LONGEST_ASKED: Duration = Duration::from_secs(24 * 3_600);
const HOUR: u64 = 3_600;

/// How often and how long a class of failures is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Class {
    /// In seconds: the nth pause is between the nth of these and the next. When they are used up, it is between the half
    /// of the last and the last.
    steps: &'static [u64],
    /// Attempts in all.
    pub attempts: i64,
    /// How long after the first attempt it is given up.
    pub age: Duration,
}

/// A greylisting server wants a minute or more, and one whose disk is full hours: a message is tried for more than a day, and
/// for less than the three days after which it is stale.
const TEMPORARY: Class = Class {
    steps: &[60, 90, 600, 1_800, 2 * HOUR, 6 * HOUR, 16 * HOUR, 24 * HOUR],
    attempts: MAX_ATTEMPTS,
    age: Duration::from_secs(72 * HOUR),
};
/// Whoever is told to slow down is not failing, so there are many attempts.
const THROTTLED: Class =
    Class { steps: &[15, 30, 60, 120, 240, 480, 960, 1_800], attempts: 30, age: Duration::from_secs(72 * HOUR) };
/// Most of what nobody answers is over soon; for the rest, the breaker keeps messages from being tried at all.
const UNREACHABLE: Class = Class {
    steps: &[15, 30, 60, 120, 240, 480, 960, 1_920, 3_840, 2 * HOUR, 4 * HOUR],
    attempts: 14,
    age: Duration::from_secs(36 * HOUR),
};

/// The class of a failure.
pub(super) fn class_of(later: Later) -> Class {
    match later {
        Later::Temporary => TEMPORARY,
        Later::Throttled => THROTTLED,
        Later::Unreachable => UNREACHABLE,
    }
}

impl Class {
    /// The least and the longest pause after this attempt, in seconds.
    fn bounds(&self, attempt: i64) -> (f64, f64) {
        let nth = usize::try_from(attempt - 1).unwrap_or(0);
        if let (Some(least), Some(most)) = (self.steps.get(nth), self.steps.get(nth + 1)) {
            return (*least as f64, *most as f64);
        }
        let last = self.steps.last().copied().unwrap_or(0) as f64;
        (last / 2.0, last)
    }

    /// The pause after an attempt that failed. It is drawn evenly from the whole step of an exponential ladder (full
    /// jitter; Brooker, "Exponential Backoff And Jitter", 2015), so messages that failed together are spread over all of
    /// it and do not come back together; unlike there, the least of a step is where the last one ended, since a
    /// greylisting server that is asked at once says no again. What the other side asks for can only make it
    /// longer: a server that says "in a minute" each time shall not use up all attempts within minutes.
    pub(super) fn pause(&self, attempt: i64, asked: Option<Duration>, ids: &IdSource) -> Duration {
        let (least, most) = self.bounds(attempt);
        let asked = asked.unwrap_or_default().min(LONGEST_ASKED).as_secs_f64();
        Duration::from_secs_f64(least.max(asked) + (most - least) * ids.unit())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ids(seed: u64) -> IdSource {
        IdSource::from_seed(store::SimulatedClock::at(base::Time::from_millis(0)).shared(), seed)
    }

    proptest! {
        #[test]
        fn each_pause_lies_in_its_step_and_never_before_it_was_asked_for(
            seed in any::<u64>(), attempt in 1i64..100, asked in prop::option::of(0u64..200_000), which in 0usize..3,
        ) {
            let class = [TEMPORARY, THROTTLED, UNREACHABLE][which];
            let pause = class.pause(attempt, asked.map(Duration::from_secs), &ids(seed)).as_secs_f64();
            let last = class.steps.len() as i64;
            let step = |nth: i64| class.steps[(nth.min(last) - 1) as usize] as f64;
            let (least, most) = match attempt < last {
                true => (step(attempt), step(attempt + 1)),
                false => (step(last) / 2.0, step(last)),
            };
            let floor = least.max(asked.unwrap_or(0).min(86_400) as f64);
            prop_assert!(pause >= floor && pause <= floor + most - least, "{pause} not in {floor}..{}", floor + most - least);
        }
    }

    #[test]
    fn pauses_are_spread_over_the_whole_step() {
        let ids = ids(7);
        let pauses: Vec<f64> = (0..2_000).map(|_| TEMPORARY.pause(1, None, &ids).as_secs_f64()).collect();
        for tenth in 0..10 {
            let (from, to) = (60.0 + 3.0 * f64::from(tenth), 63.0 + 3.0 * f64::from(tenth));
            let within = pauses.iter().filter(|pause| (from..to).contains(*pause)).count();
            assert!((140..=260).contains(&within), "{within} of 2000 in {from}..{to} s");
        }
    }

    #[test]
    fn a_message_that_is_always_put_off_is_tried_for_more_than_a_day_and_less_than_it_may_wait() {
        for (class, least, most) in
            [(TEMPORARY, 24 * HOUR, 72 * HOUR), (THROTTLED, HOUR, 72 * HOUR), (UNREACHABLE, 4 * HOUR, 36 * HOUR)]
        {
            let sum = |pick: fn((f64, f64)) -> f64| (1..class.attempts).map(|nth| pick(class.bounds(nth))).sum::<f64>();
            assert!(sum(|bounds| bounds.0) >= least as f64, "{class:?}");
            assert!(sum(|bounds| bounds.1) <= most as f64, "{class:?}");
        }
    }
}
