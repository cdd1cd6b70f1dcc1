//! Playing the past again: the real pipeline over a database of its own in memory, with a clock that is moved.
//!
//! What a [`Replay`] decides is decided by the runner and the stages that decide what happens live, so there is no second
//! engine that could decide otherwise. It begins with nothing; [`copy_workspace`] and [`Past`] bring what a workspace has
//! settled and what some of its members were at a moment, [`Happened`] what they did from then on. Nothing is ever
//! written where it came from, and nothing leaves it: it has no outbox.
//!
//! Members keep their ids, those included who are yet to come ([`Foretold`]). What stages emit (a tag, a trait) has its
//! turn at once, where it would come back through the log a moment later.

mod feed;
mod happened;
mod in_force;
mod past;
mod rewound;
mod rows;
mod traits;

use std::sync::{Arc, Mutex, PoisonError};

use base::{Clock, Event, IdSource, Time};
use log::{EventLog, NewRecord};
use store::{Db, DbErr, SimulatedClock};

use self::feed::Feed;
pub use self::{
    happened::Happened,
    past::{Limits, MEMBERS_AT_ONCE, Past, copy_rows, copy_workspace},
    rewound::rewind_consents,
};
use crate::{
    members::{Foretold, Room},
    pipeline::{Runner, RunnerOptions, RunnerWakes, Stage},
};

/// Events and timers in one transaction: few enough that somebody who wants it to stop need not wait.
const AT_ONCE: usize = 2_000;

/// Ids that a replay gives out are as if made so much later than anything that it was told, so that none is there already.
const IDS_LATER: std::time::Duration = std::time::Duration::from_secs(20 * 366 * 86_400);

/// A pipeline that plays the past again.
pub struct Replay {
    db: Db,
    clock: SimulatedClock,
    ids: IdSource,
    feed: Arc<Feed>,
    /// Only ever reached by whoever has all of this; the lock lets others hold it meanwhile.
    runner: Mutex<Option<Runner>>,
}

impl Replay {
    /// With an empty database, at this moment.
    pub async fn at(now: Time) -> Result<Replay, DbErr> {
        let clock = SimulatedClock::at(now);
        let of_ids = SimulatedClock::at(now.plus(IDS_LATER));
        Ok(Replay {
            db: Db::in_memory().await?,
            ids: IdSource::from_seed(of_ids.shared(), now.millis().unsigned_abs()),
            clock,
            feed: Arc::new(Feed::new()),
            runner: Mutex::new(None),
        })
    }

    /// What it works on. Nobody must ask it while he holds a transaction: there is one connection.
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// What its clock shows.
    pub fn now(&self) -> Time {
        self.clock.now()
    }

    /// Where its ids come from.
    pub fn ids(&self) -> &IdSource {
        &self.ids
    }

    /// Moves its clock, never backwards. What is due by then happens in the next steps.
    pub fn move_to(&self, moment: Time) {
        self.clock.set(moment);
    }

    /// Begins to work with these stages. Whoever is seen for the first time gets the ids that are foretold.
    pub async fn begin(&mut self, stages: Vec<Box<dyn Stage>>, foretold: Foretold) -> anyhow::Result<()> {
        let room = Room { ready: 5_000, packed_bytes: 64 << 20 };
        let options = RunnerOptions { batch_events: AT_ONCE, batch_timers: AT_ONCE, part: AT_ONCE, room };
        let runner = Runner::new(
            self.db.clone(),
            self.feed.clone(),
            self.clock.shared(),
            self.ids.clone(),
            stages,
            options,
            RunnerWakes::default(),
        );
        self.runner = Mutex::new(Some(runner.await?.replaying(foretold)));
        Ok(())
    }

    /// Lets these happen, which arrive in this order and not before what was told earlier; the clock moves to the last.
    pub async fn tell(&mut self, events: &[Event]) -> anyhow::Result<()> {
        let record = |event: &Event| NewRecord { partition: 0, payload: event.to_record().into() };
        self.feed.append(events.iter().map(record).collect()).await?;
        if let Some(last) = events.last() {
            self.clock.set(last.received_at);
        }
        Ok(())
    }

    /// Does some of what is to be done, at most a fraction of a second's work; true when nothing is left.
    pub async fn step(&mut self) -> anyhow::Result<bool> {
        let Some(runner) = self.runner.get_mut().unwrap_or_else(PoisonError::into_inner) else { return Ok(true) };
        let step = runner.step().await?;
        let is_idle = step.is_idle();
        if is_idle {
            self.feed.forget_before(self.feed.end());
        }
        Ok(is_idle)
    }

    /// Does all that is to be done until now.
    pub async fn settle(&mut self) -> anyhow::Result<()> {
        while !self.step().await? {}
        Ok(())
    }
}
