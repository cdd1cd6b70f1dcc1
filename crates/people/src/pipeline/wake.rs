//! What wakes the runner: new records, due timers, changed rules.

use std::sync::Arc;

use base::{Clock, Time};
use log::EventLog;
use tokio::sync::{Notify, watch};

/// Waits for work.
pub(super) struct Wake {
    pub(super) appended: watch::Receiver<u64>,
    pub(super) rules: Arc<Notify>,
    pub(super) clock: Arc<dyn Clock>,
}

impl Wake {
    pub(super) fn new(log: &dyn EventLog, rules: Arc<Notify>, clock: Arc<dyn Clock>) -> Wake {
        Wake { appended: log.subscribe(), rules, clock }
    }

    /// Completes on new records, at `next_timer`, or when rules changed.
    pub(super) async fn wait(&mut self, next_timer: Option<Time>) {
        let clock = self.clock.clone();
        let timer = async move {
            match next_timer {
                Some(due) => clock.sleep_until(due).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.appended.changed() => {}
            () = self.rules.notified() => {}
            () = timer => {}
        }
    }
}
