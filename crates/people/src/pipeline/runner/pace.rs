//! How many events go into one batch: as many as are quick together, for whoever else writes waits until a batch is
//! written.

use std::time::Duration;

/// A batch that took longer is followed by smaller ones.
const TOO_LONG: Duration = Duration::from_secs(2);
/// A full batch that took less is followed by larger ones.
const QUICK: Duration = Duration::from_millis(800);
/// However slow the database is, batches are not made smaller than this.
const FEWEST: usize = 1_000;

/// Learns how many events are taken at once.
#[derive(Debug)]
pub(super) struct Pace {
    most: usize,
    events: usize,
}

impl Pace {
    /// Begins with as many as may be taken at the most.
    pub(super) fn new(most: usize) -> Pace {
        Pace { most, events: most }
    }

    /// From now on there are so many at the most.
    pub(super) fn limit(&mut self, most: usize) {
        self.most = most;
        self.events = self.events.min(most);
    }

    /// How many events the next batch may have.
    pub(super) fn events(&self) -> usize {
        self.events
    }

    /// A batch of so many events took so long.
    pub(super) fn learn(&mut self, events: usize, took: Duration) {
        let is_full = events >= self.events;
        // What takes long with few events would not be quicker with fewer.
        if took > TOO_LONG && is_full {
            self.events = (self.events / 2).max(FEWEST.min(self.most));
        } else if took < QUICK && is_full {
            self.events = self.events.saturating_mul(2).min(self.most);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slow_batches_become_smaller_and_quick_ones_larger_again() {
        let mut pace = Pace::new(32_000);
        pace.learn(32_000, Duration::from_secs(5));
        pace.learn(16_000, Duration::from_secs(3));
        assert_eq!(pace.events(), 8_000);
        pace.learn(8_000, Duration::from_millis(1_500));
        assert_eq!(pace.events(), 8_000, "that is as it should be");
        pace.learn(2_000, Duration::from_secs(9));
        assert_eq!(pace.events(), 8_000, "it was not for the events");
        pace.learn(500, Duration::from_millis(10));
        assert_eq!(pace.events(), 8_000, "that a small batch is quick tells nothing");
        for _ in 0..5 {
            pace.learn(pace.events(), Duration::from_millis(100));
        }
        assert_eq!(pace.events(), 32_000);
        for _ in 0..20 {
            pace.learn(pace.events(), Duration::from_secs(60));
        }
        assert_eq!(pace.events(), FEWEST);
        pace.limit(500);
        assert_eq!(pace.events(), 500);
        pace.limit(2_000);
        pace.learn(500, Duration::from_millis(100));
        assert_eq!(pace.events(), 1_000);
        let mut small = Pace::new(3);
        small.learn(3, Duration::from_secs(60));
        assert_eq!(small.events(), 3);
    }
}
