//! The system clock and its simulated twin.

use std::{
    collections::BinaryHeap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant, SystemTime},
};

use base::{Clock, Time, clock::Sleep};
use tokio::sync::oneshot;

/// The time of this machine.
#[derive(Debug)]
pub struct SystemClock {
    started: Instant,
}

impl SystemClock {
    /// The clock to pass to everything in a real process.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the machine's clock")]
    pub fn start() -> Arc<dyn Clock> {
        Arc::new(SystemClock { started: Instant::now() })
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the machine's clock")]
impl Clock for SystemClock {
    fn now(&self) -> Time {
        let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Time::from_millis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
    }

    fn monotonic(&self) -> Duration {
        self.started.elapsed()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// A clock that stands still until it is told to move, and wakes sleepers in the order of
/// their moments.
#[derive(Debug, Clone)]
pub struct SimulatedClock {
    state: Arc<Mutex<Simulated>>,
}

#[derive(Debug)]
struct Simulated {
    now: Time,
    start: Time,
    sleepers: BinaryHeap<Sleeper>,
}

#[derive(Debug)]
struct Sleeper {
    wake_at: Time,
    wake: oneshot::Sender<()>,
}

impl PartialEq for Sleeper {
    fn eq(&self, other: &Self) -> bool {
        self.wake_at == other.wake_at
    }
}
impl Eq for Sleeper {}
impl PartialOrd for Sleeper {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Sleeper {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        other.wake_at.cmp(&self.wake_at)
    }
}

impl SimulatedClock {
    /// A clock that shows `now`.
    pub fn at(now: Time) -> SimulatedClock {
        SimulatedClock { state: Arc::new(Mutex::new(Simulated { now, start: now, sleepers: BinaryHeap::new() })) }
    }

    /// This clock as a dependency.
    pub fn shared(&self) -> Arc<dyn Clock> {
        Arc::new(self.clone())
    }

    /// Moves to `moment` (never backwards) and wakes everyone whose time has come.
    pub fn set(&self, moment: Time) {
        let mut state = self.lock();
        state.now = state.now.max(moment);
        while state.sleepers.peek().is_some_and(|sleeper| sleeper.wake_at <= state.now) {
            if let Some(sleeper) = state.sleepers.pop() {
                let _ = sleeper.wake.send(());
            }
        }
    }

    /// Moves forward by `duration`.
    pub fn advance(&self, duration: Duration) {
        let target = self.lock().now.plus(duration);
        self.set(target);
    }

    fn lock(&self) -> MutexGuard<'_, Simulated> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for SimulatedClock {
    fn now(&self) -> Time {
        self.lock().now
    }

    fn monotonic(&self) -> Duration {
        let state = self.lock();
        Duration::from_millis((state.now - state.start).max(0) as u64)
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        let mut state = self.lock();
        let (wake, woken) = oneshot::channel();
        let wake_at = state.now.plus(duration);
        if wake_at <= state.now {
            return Box::pin(std::future::ready(()));
        }
        state.sleepers.push(Sleeper { wake_at, wake });
        Box::pin(async move {
            let _ = woken.await;
        })
    }
}
