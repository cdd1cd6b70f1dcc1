//! What the tests of several files need: a clock, scripted SMTP and HTTP servers, a channel.
#![allow(dead_code, reason = "each test binary uses another part")]

pub mod http;
pub mod imap;
pub mod mail;
pub mod smtp;

use std::{sync::Arc, time::Duration};

use base::{Clock, Time, clock::Sleep};
use hearth_channels::guard::Guard;
use tokio::sync::watch;

/// A clock that shows 2025-11-21T08:00:00Z until it is moved.
#[derive(Clone, Debug)]
pub struct StillClock {
    elapsed: Arc<watch::Sender<Duration>>,
}

impl StillClock {
    pub fn new() -> StillClock {
        StillClock { elapsed: Arc::new(watch::Sender::new(Duration::ZERO)) }
    }

    pub fn shared(&self) -> Arc<dyn Clock> {
        Arc::new(self.clone())
    }

    pub fn advance(&self, by: Duration) {
        self.elapsed.send_modify(|elapsed| *elapsed += by);
    }
}

impl Clock for StillClock {
    fn now(&self) -> Time {
        Time::from_millis(1_763_712_000_000).plus(self.monotonic())
    }

    fn monotonic(&self) -> Duration {
        *self.elapsed.borrow()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        let wake_at = self.monotonic() + duration;
        let mut elapsed = self.elapsed.subscribe();
        Box::pin(async move {
            let _ = elapsed.wait_for(|elapsed| *elapsed >= wake_at).await;
        })
    }
}

/// A guard that allows this machine, where the scripted servers listen.
pub fn local_guard() -> Guard {
    Guard::new(&["127.0.0.0/8".to_owned()]).unwrap()
}
