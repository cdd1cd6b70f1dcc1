//! Telling how far a simulation is, and asking whether it is to go on.

use std::{sync::Arc, time::Duration};

use base::Clock;
use serde_json::Value;
use store::jobs::{JobError, JobRun};

/// How often it is asked, at most: whoever cancels waits about so long, and for what is just under way.
const EVERY: Duration = Duration::from_millis(250);

/// Watches over one run of a job.
pub(super) struct Watch<'a> {
    run: &'a JobRun,
    clock: Arc<dyn Clock>,
    last: Option<Duration>,
    done: i64,
    total: i64,
}

impl<'a> Watch<'a> {
    pub(super) fn over(run: &'a JobRun, clock: Arc<dyn Clock>) -> Watch<'a> {
        Watch { run, clock, last: None, done: 0, total: 0 }
    }

    /// How much there is to do, more than was known before.
    pub(super) fn expect(&mut self, more: usize) {
        self.total += more as i64;
    }

    /// So much more is done.
    pub(super) async fn done(&mut self, more: usize) -> Result<(), JobError> {
        self.done += more as i64;
        let now = self.clock.monotonic();
        if self.last.is_some_and(|last| now.saturating_sub(last) < EVERY) {
            return Ok(());
        }
        self.last = Some(now);
        self.run.progress(self.done, self.total.max(self.done), &Value::Null).await
    }
}
