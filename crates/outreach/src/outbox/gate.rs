//! How much one channel may be given now: its pace, its concurrency, and a pause when it is broken.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use channels::Pace;
use tokio::sync::Semaphore;

const FIRST_PAUSE: Duration = Duration::from_secs(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(900);
/// The most that may go out at once after a quiet time, in messages.
const LARGEST_BURST: f64 = 64.0;

/// The gate of one version of a channel.
pub(super) struct Gate {
    /// The `updated_at` of the channel that this gate belongs to.
    pub version: i64,
    /// Messages that may be on the wire at the same time.
    pub wire: Arc<Semaphore>,
    concurrency: usize,
    per_second: f64,
    state: Mutex<State>,
}

struct State {
    tokens: f64,
    filled_at: Duration,
    claimed: usize,
    failures: u32,
    closed_until: Duration,
}

/// How much the gate lets through.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Allowed {
    /// So many messages.
    Some(usize),
    /// None until messages under way have left.
    AwaitsRoom,
    /// None for so long.
    After(Duration),
}

impl Gate {
    pub(super) fn new(version: i64, pace: Pace, now: Duration) -> Gate {
        let concurrency = pace.concurrency.clamp(1, 1_000);
        let per_second = if pace.per_second.is_finite() && pace.per_second > 0.0 { pace.per_second } else { 1e6 };
        Gate {
            version,
            wire: Arc::new(Semaphore::new(concurrency)),
            concurrency,
            per_second,
            state: Mutex::new(State {
                tokens: burst(per_second),
                filled_at: now,
                claimed: 0,
                failures: 0,
                closed_until: Duration::ZERO,
            }),
        }
    }

    /// How many messages may be claimed at `now` of the monotonic clock.
    pub(super) fn allowed(&self, now: Duration) -> Allowed {
        let mut state = self.lock();
        if now < state.closed_until {
            return Allowed::After(state.closed_until - now);
        }
        let gained = now.saturating_sub(state.filled_at).as_secs_f64() * self.per_second;
        state.tokens = (state.tokens + gained).min(burst(self.per_second));
        state.filled_at = now;
        let room = self.room(&state);
        if room == 0 {
            return Allowed::AwaitsRoom;
        }
        if state.tokens < 1.0 {
            return Allowed::After(Duration::from_secs_f64((1.0 - state.tokens) / self.per_second));
        }
        Allowed::Some(room.min(state.tokens as usize))
    }

    /// Takes room and tokens for messages that were claimed.
    pub(super) fn enter(&self, messages: usize) {
        let mut state = self.lock();
        state.claimed += messages;
        state.tokens -= messages as f64;
    }

    /// Gives the room of one message back; true when there is room for more now.
    pub(super) fn leave(&self) -> bool {
        let mut state = self.lock();
        state.claimed = state.claimed.saturating_sub(1);
        self.room(&state) > 0
    }

    /// Room for messages, of twice the concurrency: one half on the wire, one half ready. It is given
    /// when half is free, so that many are claimed in one transaction and not each for itself. After
    /// a failure, one alone tries whether the channel works again.
    fn room(&self, state: &State) -> usize {
        let most = if state.failures > 0 { 1 } else { self.concurrency * 2 };
        let room = most.saturating_sub(state.claimed);
        if room * 2 < most { 0 } else { room }
    }

    /// The channel took something.
    pub(super) fn works(&self) {
        self.lock().failures = 0;
    }

    /// The channel cannot send; closes the gate, each time for longer. Returns how long it stays
    /// closed from `now` on.
    pub(super) fn is_broken(&self, now: Duration) -> Duration {
        let mut state = self.lock();
        if now < state.closed_until {
            return state.closed_until - now;
        }
        let pause = FIRST_PAUSE.saturating_mul(1 << state.failures.min(10)).min(LONGEST_PAUSE);
        state.failures += 1;
        state.closed_until = now + pause;
        pause
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn burst(per_second: f64) -> f64 {
    per_second.clamp(1.0, LARGEST_BURST)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn lets_through_what_pace_and_concurrency_allow() {
        let gate = Gate::new(0, Pace { per_second: 10.0, concurrency: 3 }, SECOND);
        assert_eq!(gate.allowed(SECOND), Allowed::Some(6));
        gate.enter(6);
        assert_eq!(gate.allowed(SECOND), Allowed::AwaitsRoom);
        for _ in 0..6 {
            gate.leave();
        }
        assert_eq!(gate.allowed(SECOND), Allowed::Some(4));
        gate.enter(4);
        for _ in 0..4 {
            gate.leave();
        }
        assert_eq!(gate.allowed(SECOND), Allowed::After(Duration::from_millis(100)));
        assert_eq!(gate.allowed(SECOND + Duration::from_millis(250)), Allowed::Some(2));
    }

    #[test]
    fn room_is_given_when_half_of_it_is_free() {
        let gate = Gate::new(0, Pace { per_second: 1_000.0, concurrency: 4 }, SECOND);
        gate.enter(8);
        assert_eq!((0..4).map(|_| gate.leave()).collect::<Vec<bool>>(), [false, false, false, true]);
        assert_eq!(gate.allowed(SECOND), Allowed::Some(4));
    }

    #[test]
    fn a_slow_pace_lets_one_through_at_a_time() {
        let gate = Gate::new(0, Pace { per_second: 0.1, concurrency: 8 }, SECOND);
        assert_eq!(gate.allowed(SECOND), Allowed::Some(1));
        gate.enter(1);
        gate.leave();
        assert_eq!(gate.allowed(SECOND * 6), Allowed::After(SECOND * 5));
        assert_eq!(gate.allowed(SECOND * 600), Allowed::Some(1));
    }

    #[test]
    fn a_broken_channel_rests_longer_each_time_and_is_tried_with_one_message() {
        let gate = Gate::new(0, Pace { per_second: 100.0, concurrency: 8 }, SECOND);
        assert_eq!(gate.is_broken(SECOND), SECOND * 10);
        assert_eq!(gate.is_broken(SECOND * 2), SECOND * 9);
        assert_eq!(gate.allowed(SECOND * 2), Allowed::After(SECOND * 9));
        assert_eq!(gate.allowed(SECOND * 11), Allowed::Some(1));
        assert_eq!(gate.is_broken(SECOND * 11), SECOND * 20);
        gate.works();
        assert_eq!(gate.is_broken(SECOND * 100), SECOND * 10);
    }
}
