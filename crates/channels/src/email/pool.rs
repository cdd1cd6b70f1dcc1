//! Open connections of one account, kept for the next message.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use base::Clock;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::session::Session;

/// How long a connection is kept without a message.
const IDLE_TIME: Duration = Duration::from_secs(30);
/// How many messages go over one connection.
const MAX_MESSAGES: u32 = 100;

/// Idle connections, and how many may be in use at the same time.
pub struct Pool {
    clock: Arc<dyn Clock>,
    permits: Semaphore,
    idle: Mutex<Idle>,
}

#[derive(Default)]
struct Idle {
    /// With the moment (of the monotonic clock) since when each is idle; the longest idle first.
    sessions: Vec<(Duration, Session)>,
    /// Whether a task is waiting to close them.
    watched: bool,
}

impl Pool {
    /// An empty pool for at most `concurrency` connections.
    pub fn new(concurrency: usize, clock: Arc<dyn Clock>) -> Pool {
        Pool { clock, permits: Semaphore::new(concurrency), idle: Mutex::default() }
    }

    /// Waits until a connection may be used. `None` never comes, because nothing closes the
    /// semaphore; it would merely mean that the bound is not kept.
    pub async fn permit(&self) -> Option<SemaphorePermit<'_>> {
        self.permits.acquire().await.ok()
    }

    /// The connection that was used last, if one is idle for less than its time.
    pub fn take(&self) -> Option<Session> {
        let now = self.clock.monotonic();
        let (since, session) = self.lock().sessions.pop()?;
        if now.saturating_sub(since) < IDLE_TIME {
            return Some(session);
        }
        close_in_background(vec![session]);
        None
    }

    /// Keeps a connection for the next message, unless it has served enough.
    pub fn put(pool: &Arc<Pool>, session: Session) {
        if session.handed_over() >= MAX_MESSAGES {
            close_in_background(vec![session]);
            return;
        }
        let now = pool.clock.monotonic();
        let mut idle = pool.lock();
        idle.sessions.push((now, session));
        if !idle.watched {
            idle.watched = true;
            tokio::spawn(close_when_idle(Arc::downgrade(pool), pool.clock.sleep(IDLE_TIME)));
        }
    }

    /// Closes all idle connections.
    pub fn clear(&self) {
        let sessions = std::mem::take(&mut self.lock().sessions);
        close_in_background(sessions.into_iter().map(|(_, session)| session).collect());
    }

    /// Takes out the connections whose time is over, and says how long the next one has; `None`
    /// when there is none left, and then nobody watches any more.
    fn expire(&self) -> (Vec<Session>, Option<Duration>) {
        let now = self.clock.monotonic();
        let mut idle = self.lock();
        let over = idle.sessions.iter().take_while(|(since, _)| now.saturating_sub(*since) >= IDLE_TIME).count();
        let expired = idle.sessions.drain(..over).map(|(_, session)| session).collect();
        let next = idle.sessions.first().map(|(since, _)| IDLE_TIME.saturating_sub(now.saturating_sub(*since)));
        idle.watched = next.is_some();
        (expired, next)
    }

    fn lock(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Closes connections as their time ends, until none is idle or the pool is gone.
async fn close_when_idle(pool: Weak<Pool>, mut sleep: base::clock::Sleep) {
    loop {
        sleep.await;
        let Some(pool) = pool.upgrade() else { return };
        let (expired, next) = pool.expire();
        close_in_background(expired);
        let Some(wait) = next else { return };
        sleep = pool.clock.sleep(wait);
    }
}

fn close_in_background(sessions: Vec<Session>) {
    for session in sessions {
        tokio::spawn(session.close());
    }
}
