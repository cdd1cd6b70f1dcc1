//! How far the pipeline has come, for those who wait for their own event to take effect.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use log::{EventLog, Position};
use tokio::sync::watch;

/// Cursors that have been committed; cheap to clone.
#[derive(Clone, Debug)]
pub struct Progress {
    cursors: Arc<Vec<AtomicU64>>,
    commits: watch::Sender<u64>,
}

impl Progress {
    /// Nothing done yet.
    pub fn new(partitions: u32) -> Progress {
        Progress {
            cursors: Arc::new((0..partitions).map(|_| AtomicU64::new(0)).collect()),
            commits: watch::Sender::new(0),
        }
    }

    /// Notes a commit.
    pub fn advance(&self, cursors: &[u64]) {
        for (cursor, value) in self.cursors.iter().zip(cursors) {
            cursor.store(*value, Ordering::Release);
        }
        self.commits.send_modify(|commits| *commits += 1);
    }

    /// The next offset of each partition.
    pub fn cursors(&self) -> Vec<u64> {
        self.cursors.iter().map(|cursor| cursor.load(Ordering::Acquire)).collect()
    }

    /// Changes with every commit.
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.commits.subscribe()
    }

    /// Completes when the record at `position` has taken effect.
    pub async fn reached(&self, position: Position) {
        let mut commits = self.commits.subscribe();
        let done = |cursors: &[AtomicU64]| {
            cursors.get(position.partition as usize).is_none_or(|c| c.load(Ordering::Acquire) > position.offset)
        };
        while !done(&self.cursors) {
            if commits.changed().await.is_err() {
                return;
            }
        }
    }
    /// Completes when everything that is in the log now has taken effect.
    pub async fn reached_end(&self, log: &dyn EventLog) {
        for partition in 0..log.partitions() {
            if let Some(offset) = log.range(partition).end.checked_sub(1) {
                self.reached(Position { partition, offset }).await;
            }
        }
    }
}
