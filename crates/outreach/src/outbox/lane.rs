//! What is ready for one channel and waits for a place on the wire.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::send::Ready;

/// Messages in the order in which they were claimed, and how many workers take them. Each channel has its own, so that one
/// that hangs holds up nobody else's.
#[derive(Default)]
pub(super) struct Lane {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    ready: VecDeque<Ready>,
    workers: usize,
}

impl Lane {
    /// Adds messages; returns how many workers are to be started for them, of at most `most` in all.
    pub(super) fn push(&self, messages: Vec<Ready>, most: usize) -> usize {
        let mut state = self.lock();
        state.ready.extend(messages);
        let more = state.ready.len().min(most.saturating_sub(state.workers));
        state.workers += more;
        more
    }

    /// The next message for a worker. With `None` the worker is done: there is nothing, or there are more workers than the
    /// `most` of changed settings.
    pub(super) fn next(&self, most: usize) -> Option<Ready> {
        let mut state = self.lock();
        let next = if state.workers > most { None } else { state.ready.pop_front() };
        if next.is_none() {
            state.workers = state.workers.saturating_sub(1);
        }
        next
    }

    /// Takes out all that is not on the wire.
    pub(super) fn drain(&self) -> Vec<Ready> {
        self.lock().ready.drain(..).collect()
    }

    pub(super) fn len(&self) -> usize {
        self.lock().ready.len()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
