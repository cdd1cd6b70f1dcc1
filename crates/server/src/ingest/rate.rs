//! How many events a key may send: one token bucket per key.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// What a key may send.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateLimit {
    /// Events per second, over time.
    pub events_per_second: f64,
    /// Events at once, after a pause.
    pub burst: f64,
}

impl Default for RateLimit {
    fn default() -> RateLimit {
        RateLimit { events_per_second: 250_000.0, burst: 500_000.0 }
    }
}

impl RateLimit {
    /// What of a key is refused and kept. Rows of the database cost more than records of the log.
    pub const LETTERS: RateLimit = RateLimit { events_per_second: 100.0, burst: 2_000.0 };
}

/// Counts what each key sends. Only keys that exist are ever counted, so the memory is bounded by them.
#[derive(Debug)]
pub struct RateLimiter {
    limit: RateLimit,
    buckets: Mutex<HashMap<i64, Bucket>>,
}

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    filled_at: Duration,
}

impl RateLimiter {
    /// The same limit for every key.
    pub fn new(limit: RateLimit) -> RateLimiter {
        RateLimiter { limit, buckets: Mutex::new(HashMap::new()) }
    }

    /// Takes `events` from the bucket of `subject` (the number of a key's or a user's id). When there are not
    /// enough, nothing is taken and the answer is the whole seconds after which there will be.
    ///
    /// A request larger than the bucket passes when the bucket is full, since it could never pass otherwise.
    pub fn charge(&self, subject: i64, events: usize, monotonic: Duration) -> Result<(), u64> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets.entry(subject).or_insert(Bucket { tokens: self.limit.burst, filled_at: monotonic });
        let passed = monotonic.saturating_sub(bucket.filled_at).as_secs_f64();
        bucket.tokens = (bucket.tokens + passed * self.limit.events_per_second).min(self.limit.burst);
        bucket.filled_at = bucket.filled_at.max(monotonic);
        let needed = (events as f64).min(self.limit.burst);
        if bucket.tokens >= needed {
            bucket.tokens -= needed;
            return Ok(());
        }
        let seconds = (needed - bucket.tokens) / self.limit.events_per_second.max(1e-6);
        Err((seconds.ceil() as u64).max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_then_the_rate_counts_and_keys_do_not_share() {
        let limiter = RateLimiter::new(RateLimit { events_per_second: 10.0, burst: 20.0 });
        assert_eq!(limiter.charge(1, 20, Duration::ZERO), Ok(()));
        assert_eq!(limiter.charge(1, 15, Duration::ZERO), Err(2));
        assert_eq!(limiter.charge(2, 20, Duration::ZERO), Ok(()));
        assert_eq!(limiter.charge(1, 15, Duration::from_millis(1_400)), Err(1));
        assert_eq!(limiter.charge(1, 15, Duration::from_millis(1_500)), Ok(()));
        assert_eq!(limiter.charge(1, 1, Duration::from_millis(1_500)), Err(1));
    }

    #[test]
    fn a_request_larger_than_the_burst_passes_when_the_bucket_is_full() {
        let limiter = RateLimiter::new(RateLimit { events_per_second: 10.0, burst: 20.0 });
        assert_eq!(limiter.charge(1, 500, Duration::ZERO), Ok(()));
        assert_eq!(limiter.charge(1, 500, Duration::from_secs(1)), Err(1));
        assert_eq!(limiter.charge(1, 500, Duration::from_secs(2)), Ok(()));
    }
}
