//! Time as a dependency: all code asks a [`Clock`], so that tests and the simulator can drive it.

use std::{fmt::Debug, future::Future, pin::Pin, time::Duration};

use crate::Time;

/// A future that completes when the clock has reached a moment.
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Where the time comes from. The system clock and its simulated twin live in `store::clock`.
pub trait Clock: Send + Sync + Debug + 'static {
    /// The present moment, to the millisecond.
    fn now(&self) -> Time;

    /// Time since an arbitrary fixed point; never goes backwards. For measuring durations.
    fn monotonic(&self) -> Duration;

    /// Completes after `duration` of this clock's time has passed.
    fn sleep(&self, duration: Duration) -> Sleep;

    /// Completes when `moment` has been reached, at once if it has passed.
    fn sleep_until(&self, moment: Time) -> Sleep {
        let millis = moment.millis().saturating_sub(self.now().millis()).max(0);
        self.sleep(Duration::from_millis(millis as u64))
    }
}
