//! The circuit breaker of one channel: when a destination is dead, it is left alone for a while that gets longer, and
//! then tried with one message.

use std::time::Duration;

/// The pause after the first opening.
pub(super) const FIRST_PAUSE: Duration = Duration::from_secs(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(900);
/// Attempts on end that reach nobody after which a channel is left alone.
pub(super) const TRIPS_AFTER: u32 = 5;

/// How a breaker stands at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Messages go.
    Closed,
    /// Nothing goes for so long.
    Open(Duration),
    /// One message tries.
    HalfOpen,
}

/// Moments are those of the monotonic clock.
#[derive(Clone, Debug, Default)]
pub(super) struct Breaker {
    /// Attempts on end that reached nobody.
    streak: u32,
    /// How often it opened since something was taken.
    openings: u32,
    /// It is open until then, and half open afterwards.
    until: Option<Duration>,
    /// What was said when it opened.
    problem: String,
}

impl Breaker {
    pub(super) fn standing(&self, now: Duration) -> Standing {
        match self.until {
            None => Standing::Closed,
            Some(until) if now < until => Standing::Open(until - now),
            Some(_) => Standing::HalfOpen,
        }
    }

    /// The other side answered a message. True when that closes the breaker. One that was on the wire since
    /// before closes nothing while the pause lasts.
    pub(super) fn works(&mut self, now: Duration) -> bool {
        if matches!(self.standing(now), Standing::Open(_)) {
            return false;
        }
        let was_closed = self.until.is_none();
        *self = Breaker::default();
        !was_closed
    }

    /// An attempt reached nobody. When that opens the breaker: for how long.
    pub(super) fn misses(&mut self, now: Duration, problem: &str) -> Option<Duration> {
        self.streak = self.streak.saturating_add(1);
        match self.standing(now) {
            Standing::Open(_) => None,
            Standing::Closed if self.streak < TRIPS_AFTER => None,
            Standing::Closed | Standing::HalfOpen => Some(self.open(now, problem)),
        }
    }

    /// The channel cannot send at all. When that opens the breaker: for how long.
    pub(super) fn breaks(&mut self, now: Duration, problem: &str) -> Option<Duration> {
        match self.standing(now) {
            Standing::Open(_) => None,
            Standing::Closed | Standing::HalfOpen => Some(self.open(now, problem)),
        }
    }

    /// The settings were changed, perhaps for the better: it stays open, but not for longer than at first.
    pub(super) fn shorten(&mut self, now: Duration) {
        self.until = self.until.map(|until| until.min(now + FIRST_PAUSE));
    }

    /// What was said when it opened; `None` when it is closed.
    pub(super) fn problem(&self) -> Option<&str> {
        self.until.map(|_| self.problem.as_str())
    }

    /// How often it opened since something was taken.
    pub(super) fn openings(&self) -> u32 {
        self.openings
    }

    fn open(&mut self, now: Duration, problem: &str) -> Duration {
        let pause = FIRST_PAUSE.saturating_mul(1 << self.openings.min(10)).min(LONGEST_PAUSE);
        self.openings = self.openings.saturating_add(1);
        self.until = Some(now + pause);
        self.problem = problem.to_owned();
        pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn several_misses_on_end_open_it_and_one_answer_between_them_does_not() {
        let mut breaker = Breaker::default();
        for _ in 0..3 {
            for _ in 1..TRIPS_AFTER {
                assert_eq!(breaker.misses(SECOND, "refused"), None);
            }
            assert!(!breaker.works(SECOND), "it was closed");
        }
        for _ in 1..TRIPS_AFTER {
            breaker.misses(SECOND, "refused");
        }
        assert_eq!(breaker.misses(SECOND, "refused"), Some(FIRST_PAUSE));
        assert_eq!(breaker.standing(SECOND * 4), Standing::Open(SECOND * 7));
        assert_eq!(breaker.problem(), Some("refused"));
    }

    #[test]
    fn pauses_lengthen_up_to_a_quarter_of_an_hour_and_start_anew_after_an_answer() {
        let mut breaker = Breaker::default();
        let mut now = SECOND;
        let mut pauses = Vec::new();
        for _ in 0..9 {
            let pause = breaker.breaks(now, "535").unwrap();
            assert_eq!(breaker.misses(now, "from before"), None, "what was on the wire lengthens nothing");
            now += pause;
            assert_eq!(breaker.standing(now), Standing::HalfOpen);
            pauses.push(pause.as_secs());
        }
        assert_eq!(pauses, [10, 20, 40, 80, 160, 320, 640, 900, 900]);
        assert!(breaker.works(now));
        assert_eq!(breaker.standing(now), Standing::Closed);
        assert_eq!(breaker.breaks(now, "535"), Some(FIRST_PAUSE));
    }

    #[test]
    fn one_miss_opens_it_again_when_it_is_half_open() {
        let mut breaker = Breaker::default();
        breaker.breaks(SECOND, "535");
        assert!(!breaker.works(SECOND * 2), "an answer to what was on the wire before");
        assert_eq!(breaker.standing(SECOND * 11), Standing::HalfOpen);
        assert_eq!(breaker.misses(SECOND * 11, "reset"), Some(SECOND * 20));
    }

    #[test]
    fn changed_settings_keep_it_open_for_no_longer_than_at_first() {
        let mut breaker = Breaker::default();
        breaker.breaks(SECOND, "535");
        breaker.breaks(SECOND * 11, "535");
        breaker.shorten(SECOND * 12);
        assert_eq!(breaker.standing(SECOND * 12), Standing::Open(FIRST_PAUSE));
        breaker.shorten(SECOND * 15);
        assert_eq!(breaker.standing(SECOND * 15), Standing::Open(SECOND * 7), "nor any longer by further changes");
    }
}
