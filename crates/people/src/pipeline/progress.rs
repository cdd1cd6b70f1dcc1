//! How far the pipeline has come, for those who wait for their own event to take effect.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use base::{Problem, ids::EventId};
use log::{EventLog, Position};
use tokio::sync::watch;

use super::Poison;

/// Cursors that have been committed; cheap to clone.
#[derive(Clone, Debug)]
pub struct Progress {
    cursors: Arc<Vec<AtomicU64>>,
    commits: watch::Sender<u64>,
    /// How often whose an identity is may have changed.
    regrouped: Arc<AtomicU64>,
    awaited: Arc<Mutex<HashMap<EventId, Option<Problem>>>>,
}

impl Progress {
    /// Nothing done yet.
    pub fn new(partitions: u32) -> Progress {
        Progress {
            cursors: Arc::new((0..partitions).map(|_| AtomicU64::new(0)).collect()),
            commits: watch::Sender::new(0),
            regrouped: Arc::new(AtomicU64::new(1)),
            awaited: Arc::default(),
        }
    }

    /// Notes that somebody waits for this event, which is about to be appended, and wants to know whether it was
    /// refused.
    pub(crate) fn await_event(&self, id: EventId) -> Awaited<'_> {
        self.awaited().insert(id, None);
        Awaited { progress: self, id }
    }

    /// Notes which events are buried by the commit that follows.
    pub(crate) fn refuse(&self, poison: &HashMap<EventId, Poison>) {
        if poison.is_empty() {
            return;
        }
        let mut awaited = self.awaited();
        for (id, poison) in poison {
            if let Some(refused) = awaited.get_mut(id) {
                *refused = Some(Problem::with(poison.code, poison.message.clone()));
            }
        }
    }

    fn awaited(&self) -> MutexGuard<'_, HashMap<EventId, Option<Problem>>> {
        self.awaited.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a commit.
    pub fn advance(&self, cursors: &[u64]) {
        for (cursor, value) in self.cursors.iter().zip(cursors) {
            cursor.store(*value, Ordering::Release);
        }
        self.commits.send_modify(|commits| *commits += 1);
    }

    /// Notes that the commit that follows makes members one, or parts them.
    pub(crate) fn regroup(&self) {
        self.regrouped.fetch_add(1, Ordering::Release);
    }

    /// Changes whenever members have become one or have been parted.
    pub(crate) fn regrouped(&self) -> u64 {
        self.regrouped.load(Ordering::Acquire)
    }

    /// The next offset of each partition.
    pub fn cursors(&self) -> Vec<u64> {
        self.cursors.iter().map(|cursor| cursor.load(Ordering::Acquire)).collect()
    }

    /// How many records of the log have yet to take effect.
    pub fn waiting(&self, log: &dyn EventLog) -> u64 {
        let end: u64 = (0..log.partitions()).map(|partition| log.range(partition).end).sum();
        end.saturating_sub(self.cursors().iter().sum())
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

/// Somebody's interest in one event; ends when it is dropped.
pub(crate) struct Awaited<'a> {
    progress: &'a Progress,
    id: EventId,
}

impl Awaited<'_> {
    /// Why the event was refused, if it has been.
    pub(crate) fn refusal(&self) -> Option<Problem> {
        self.progress.awaited().get(&self.id).cloned().flatten()
    }
}

impl Drop for Awaited<'_> {
    fn drop(&mut self) {
        self.progress.awaited().remove(&self.id);
    }
}
