//! How far the pipeline has come, for those who wait for their own event to take effect.

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use base::{
    Problem,
    ids::{EventId, MemberId},
};
use log::{EventLog, Position};
use tokio::sync::watch;

use super::Poison;

/// Cursors that have been committed; cheap to clone.
#[derive(Clone, Debug)]
pub struct Progress {
    cursors: Arc<Vec<AtomicU64>>,
    commits: watch::Sender<u64>,
    regroupings: Arc<Mutex<Regroupings>>,
    awaited: Arc<Mutex<HashMap<EventId, Option<Problem>>>>,
}

impl Progress {
    /// Nothing done yet.
    pub fn new(partitions: u32) -> Progress {
        Progress {
            cursors: Arc::new((0..partitions).map(|_| AtomicU64::new(0)).collect()),
            commits: watch::Sender::new(0),
            regroupings: Arc::new(Mutex::new(Regroupings { last: 1, first: 1, recent: VecDeque::new() })),
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

    /// Notes that a commit, of which nobody has heard yet, made members one or parted them; these are those who have got
    /// identities, `None` when it may be anybody.
    pub(crate) fn regroup(&self, members: Option<BTreeSet<MemberId>>) {
        self.regroupings.lock().unwrap_or_else(PoisonError::into_inner).note(members);
    }

    /// Who has got identities since a moment that was given before, 0 for the beginning; and the moment for the next time.
    pub(crate) fn regrouped_since(&self, moment: u64) -> (u64, Regrouped) {
        self.regroupings.lock().unwrap_or_else(PoisonError::into_inner).since(moment)
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

/// Who has got identities of others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Regrouped {
    /// These members; nobody when there are none.
    Members(BTreeSet<MemberId>),
    /// It may be anybody.
    Anybody,
}

/// The last commits that made members one, or parted them.
#[derive(Debug)]
struct Regroupings {
    /// The number of the last one.
    last: u64,
    /// Of those up to this one it is not known who was concerned.
    first: u64,
    recent: VecDeque<(u64, BTreeSet<MemberId>)>,
}

/// So many of them are remembered.
const REMEMBERED: usize = 1_000;

impl Regroupings {
    fn note(&mut self, members: Option<BTreeSet<MemberId>>) {
        self.last += 1;
        match members {
            Some(members) => self.recent.push_back((self.last, members)),
            None => {
                self.recent.clear();
                self.first = self.last;
            }
        }
        if self.recent.len() > REMEMBERED
            && let Some((number, _)) = self.recent.pop_front()
        {
            self.first = number;
        }
    }

    fn since(&self, moment: u64) -> (u64, Regrouped) {
        if moment < self.first {
            return (self.last, Regrouped::Anybody);
        }
        let newer = self.recent.iter().filter(|(number, _)| *number > moment);
        (self.last, Regrouped::Members(newer.flat_map(|(_, members)| members).copied().collect()))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_known_who_was_regrouped_as_far_as_it_is_remembered() {
        let progress = Progress::new(1);
        let members = |ids: &[i64]| Regrouped::Members(ids.iter().map(|id| MemberId(*id)).collect());
        let (begin, who) = progress.regrouped_since(0);
        assert_eq!(who, Regrouped::Anybody);
        assert_eq!(progress.regrouped_since(begin), (begin, members(&[])));
        progress.regroup(Some(BTreeSet::from([MemberId(1)])));
        progress.regroup(Some(BTreeSet::from([MemberId(2), MemberId(1)])));
        let (later, who) = progress.regrouped_since(begin);
        assert_eq!(who, members(&[1, 2]));
        progress.regroup(None);
        assert_eq!(progress.regrouped_since(later).1, Regrouped::Anybody);
        let (latest, _) = progress.regrouped_since(later);
        (0..=REMEMBERED as i64).for_each(|id| progress.regroup(Some(BTreeSet::from([MemberId(id)]))));
        assert_eq!(progress.regrouped_since(latest).1, Regrouped::Anybody);
        assert!(matches!(progress.regrouped_since(latest + 1).1, Regrouped::Members(all) if all.len() == REMEMBERED));
    }
}
