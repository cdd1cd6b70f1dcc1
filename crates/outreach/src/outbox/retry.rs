//! When a message that was certainly not taken is tried again, by the class of its failure.

use std::time::Duration;

use base::IdSource;
use channels::Later;

/// The longest pause that the other side may ask for.
const LONGEST_ASKED: Duration = Duration::from_secs(24 * 3_600);
const HOUR: u64 = 3_600;

/// How often and how long a class of failures is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Class {
    /// The first pause is between this and `factor` times as much, in seconds; the next one begins where that ended.
    first: u64,
    factor: u64,
    /// No pause is longer, in seconds, unless the other side asks for it.
    longest: u64,
    /// Attempts in all.
    pub attempts: i64,
    /// How long after the first attempt it is given up.
    pub age: Duration,
}

/// A greylisting server wants minutes, and one whose disk is full hours: a message is tried for more than a day, and for
/// less than the three days after which it is stale.
const TEMPORARY: Class =
    Class { first: 60, factor: 4, longest: 24 * HOUR, attempts: 8, age: Duration::from_secs(72 * HOUR) };
/// Whoever is told to slow down is not failing, so there are many attempts.
const THROTTLED: Class =
    Class { first: 15, factor: 2, longest: HOUR / 2, attempts: 30, age: Duration::from_secs(72 * HOUR) };
/// Most of what nobody answers is over soon; for the rest, the breaker keeps messages from being tried at all.
const UNREACHABLE: Class =
    Class { first: 15, factor: 2, longest: 4 * HOUR, attempts: 14, age: Duration::from_secs(36 * HOUR) };

/// The class of a failure.
pub(super) fn class_of(later: Later) -> Class {
    match later {
        Later::Temporary => TEMPORARY,
        Later::Throttled => THROTTLED,
        Later::Unreachable => UNREACHABLE,
    }
}

impl Class {
    /// The least and the longest pause after this attempt, in seconds. Where pauses grow no more, the least is half of the
    /// longest.
    fn bounds(&self, attempt: i64) -> (f64, f64) {
        let steps = u32::try_from((attempt - 1).clamp(0, 40)).unwrap_or(40);
        let least = self.first.saturating_mul(self.factor.saturating_pow(steps)).min(self.longest);
        let most = least.saturating_mul(self.factor).min(self.longest);
        if least < most { (least as f64, most as f64) } else { (self.longest as f64 / 2.0, self.longest as f64) }
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
            // The ladder, climbed step by step.
            let mut least = class.first;
            for _ in 1..attempt.min(60) {
                least = (least * class.factor).min(class.longest);
            }
            let most = (least * class.factor).min(class.longest);
            let (least, most) = if least == most { (most as f64 / 2.0, most as f64) } else { (least as f64, most as f64) };
            let floor = least.max(asked.unwrap_or(0).min(86_400) as f64);
            prop_assert!(pause >= floor && pause <= floor + most - least, "{pause} not in {floor}..{}", floor + most - least);
        }
    }

    #[test]
    fn pauses_are_spread_over_the_whole_step() {
        let ids = ids(7);
        let pauses: Vec<f64> = (0..2_000).map(|_| TEMPORARY.pause(1, None, &ids).as_secs_f64()).collect();
        for tenth in 0..10 {
            let (from, to) = (60.0 + 18.0 * f64::from(tenth), 78.0 + 18.0 * f64::from(tenth));
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
