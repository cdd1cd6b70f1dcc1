//! How much one channel may be given now: its pace, its concurrency, its own plans, and a rest when nobody is there.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use base::ids::ChannelId;
use channels::{Pace, Room};

use super::{
    breaker::{Breaker, Standing},
    lane::Lane,
};

/// The most that may go out at once after a quiet time, in messages, unless the channel says otherwise or its pace is
/// higher than ten times that.
const USUAL_BURST: f64 = 64.0;
/// The most messages that are claimed ahead of those on the wire.
const MOST_AHEAD: usize = 256;
/// The longest that a channel rests because the other side asked for it. Its messages are not tried sooner than asked.
const LONGEST_REST: Duration = Duration::from_secs(900);

/// What the settings of a channel allow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Limits {
    per_second: f64,
    concurrency: usize,
    burst: f64,
}

impl Limits {
    /// The limits of a pace; without a burst of the operator's, that is one second's worth up to 64 messages, and a tenth
    /// of a second's worth for a pace beyond 640.
    pub(super) fn new(pace: Pace, burst: Option<u32>) -> Limits {
        let per_second = if pace.per_second.is_finite() && pace.per_second > 0.0 { pace.per_second } else { 1e6 };
        let usual = per_second.clamp(1.0, USUAL_BURST).max(per_second / 10.0);
        let burst = burst.map_or(usual, |burst| f64::from(burst.max(1)));
        Limits { per_second, concurrency: pace.concurrency.clamp(1, 1_000), burst }
    }

    /// Messages that may be claimed at a time: those on the wire, and as many again that are ready when places become
    /// free. For a fast channel these are a tenth of a second's worth.
    fn most(&self) -> usize {
        let ahead = ((self.per_second / 10.0) as usize).min(MOST_AHEAD).max(self.concurrency);
        self.concurrency + ahead
    }
}

/// The gate of one channel. It outlives changes of the channel: the level of its bucket, what is under way and an open
/// breaker stay as they are.
pub(super) struct Gate {
    /// Messages that are ready and wait for a place on the wire.
    pub(super) lane: Lane,
    state: Mutex<State>,
}

struct State {
    /// The `updated_at` of the channel as it was last seen.
    version: i64,
    limits: Limits,
    /// What the channel's own plans leave room for.
    plan: Option<Room>,
    tokens: f64,
    filled_at: Duration,
    claimed: usize,
    /// The other side asked to be left alone until then.
    rests_until: Duration,
    breaker: Breaker,
    /// Counts how often the breaker opened or closed, and up to which of these the database knows.
    changes: u64,
    saved: u64,
}

/// How much the gate lets through.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Allowed {
    /// So many messages.
    Some(usize),
    /// None until messages under way have left.
    AwaitsRoom,
    /// None for so long.
    After(Duration),
}

/// What an attempt taught about the channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lesson {
    /// Nothing changes.
    Nothing,
    /// It works again after it had not.
    Works,
    /// It rests for so long from now on.
    Rests(Duration),
}

/// How a gate stands, for those who look.
#[derive(Clone, Debug)]
pub(super) struct Look {
    pub standing: Standing,
    pub problem: Option<String>,
    pub openings: u32,
    pub rests_for: Option<Duration>,
    pub under_way: usize,
    pub ready: usize,
    pub limits: Limits,
    pub tokens: f64,
}

impl Look {
    pub(super) fn per_second(&self) -> f64 {
        self.limits.per_second
    }

    pub(super) fn concurrency(&self) -> usize {
        self.limits.concurrency
    }

    pub(super) fn burst(&self) -> f64 {
        self.limits.burst
    }
}

impl Gate {
    pub(super) fn new(version: i64, limits: Limits, now: Duration) -> Gate {
        Gate {
            lane: Lane::default(),
            state: Mutex::new(State {
                version,
                limits,
                plan: None,
                tokens: limits.burst,
                filled_at: now,
                claimed: 0,
                rests_until: Duration::ZERO,
                breaker: Breaker::default(),
                changes: 0,
                saved: 0,
            }),
        }
    }

    /// Takes over the settings of a channel. What had been saved up stays, at most the new burst.
    pub(super) fn adjust(&self, version: i64, limits: Limits, plan: Option<Room>, now: Duration) {
        let mut state = self.lock();
        state.plan = plan;
        if state.version == version {
            return;
        }
        state.fill(now);
        state.version = version;
        state.limits = limits;
        state.tokens = state.tokens.min(limits.burst);
        state.breaker.shorten(now);
    }

    /// How many messages may be claimed at `now` of the monotonic clock.
    pub(super) fn allowed(&self, now: Duration) -> Allowed {
        let mut state = self.lock();
        if let Standing::Open(pause) = state.breaker.standing(now) {
            return Allowed::After(pause);
        }
        if now < state.rests_until {
            return Allowed::After(state.rests_until - now);
        }
        if let Some(Room { messages: 0, ask_again, .. }) = state.plan {
            return Allowed::After(ask_again);
        }
        state.fill(now);
        let room = state.room(now);
        if room == 0 {
            return Allowed::AwaitsRoom;
        }
        if state.tokens < 1.0 {
            return Allowed::After(Duration::from_secs_f64((1.0 - state.tokens) / state.limits.per_second));
        }
        Allowed::Some(room.min(state.tokens as usize))
    }

    /// Takes room and tokens for messages that were claimed.
    pub(super) fn enter(&self, messages: usize) {
        let mut state = self.lock();
        state.claimed += messages;
        state.tokens -= messages as f64;
    }

    /// Gives the room of messages back; true when there is room for more now.
    pub(super) fn leave(&self, messages: usize, now: Duration) -> bool {
        let mut state = self.lock();
        state.claimed = state.claimed.saturating_sub(messages);
        state.room(now) > 0
    }

    /// The same for messages that were not put on the wire: what they took from the bucket comes back.
    pub(super) fn give_back(&self, messages: usize, now: Duration) -> bool {
        let mut state = self.lock();
        state.tokens = (state.tokens + messages as f64).min(state.limits.burst);
        drop(state);
        self.leave(messages, now)
    }

    /// How many messages that were claimed may be put on the wire: all, unless the channel has come to rest since.
    pub(super) fn admits(&self, now: Duration) -> usize {
        let state = self.lock();
        match state.breaker.standing(now) {
            Standing::Open(_) => 0,
            _ if now < state.rests_until => 0,
            Standing::HalfOpen => 1,
            Standing::Closed => usize::MAX,
        }
    }

    /// Messages that may be on the wire at the same time.
    pub(super) fn concurrency(&self) -> usize {
        self.lock().limits.concurrency
    }

    /// The other side answered.
    pub(super) fn works(&self, now: Duration) -> Lesson {
        let mut state = self.lock();
        if !state.breaker.works(now) {
            return Lesson::Nothing;
        }
        state.changes += 1;
        Lesson::Works
    }

    /// An attempt reached nobody.
    pub(super) fn misses(&self, now: Duration, problem: &str) -> Lesson {
        self.lock().after(|breaker| breaker.misses(now, problem))
    }

    /// The channel cannot send at all.
    pub(super) fn breaks(&self, now: Duration, problem: &str) -> Lesson {
        self.lock().after(|breaker| breaker.breaks(now, problem))
    }

    /// The other side wants to be left alone for so long.
    pub(super) fn rest(&self, now: Duration, asked: Duration) -> Lesson {
        let mut state = self.lock();
        let until = now + asked.min(LONGEST_REST);
        if until <= state.rests_until {
            return Lesson::Nothing;
        }
        state.rests_until = until;
        Lesson::Rests(until - now)
    }

    /// How long the channel rests from `now` on; nothing when it does not.
    pub(super) fn rests_for(&self, now: Duration) -> Duration {
        let state = self.lock();
        let breaker = match state.breaker.standing(now) {
            Standing::Open(pause) => pause,
            _ => Duration::ZERO,
        };
        breaker.max(state.rests_until.saturating_sub(now))
    }

    pub(super) fn look(&self, now: Duration) -> Look {
        let mut state = self.lock();
        state.fill(now);
        Look {
            standing: state.breaker.standing(now),
            problem: state.breaker.problem().map(str::to_owned),
            openings: state.breaker.openings(),
            rests_for: (now < state.rests_until).then(|| state.rests_until - now),
            under_way: state.claimed,
            ready: self.lane.len(),
            limits: state.limits,
            tokens: state.tokens.max(0.0),
        }
    }

    /// The number of the last change of the breaker, if the database does not know of it.
    pub(super) fn unsaved(&self) -> Option<u64> {
        let state = self.lock();
        (state.changes != state.saved).then_some(state.changes)
    }

    /// The database knows of all changes up to this one.
    pub(super) fn saved(&self, change: u64) {
        let mut state = self.lock();
        state.saved = state.saved.max(change);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn fill(&mut self, now: Duration) {
        let gained = now.saturating_sub(self.filled_at).as_secs_f64() * self.limits.per_second;
        self.tokens = (self.tokens + gained).min(self.limits.burst);
        self.filled_at = self.filled_at.max(now);
    }

    /// Room for messages. It is given when half is free, so that many are claimed in one transaction and not each for
    /// itself. While the breaker is half open, one alone tries whether the channel works again.
    fn room(&self, now: Duration) -> usize {
        let most = match self.breaker.standing(now) {
            Standing::Closed => self.limits.most().min(self.plan.map_or(usize::MAX, |plan| plan.messages)),
            _ => 1,
        };
        let room = most.saturating_sub(self.claimed);
        if room * 2 < most { 0 } else { room }
    }

    fn after(&mut self, teach: impl FnOnce(&mut Breaker) -> Option<Duration>) -> Lesson {
        match teach(&mut self.breaker) {
            None => Lesson::Nothing,
            Some(pause) => {
                self.changes += 1;
                Lesson::Rests(pause)
            }
        }
    }
}

/// The gates of all channels.
#[derive(Default)]
pub struct Gates {
    gates: Mutex<HashMap<ChannelId, Arc<Gate>>>,
}

impl Gates {
    /// The gate of a channel, made when it is first asked for.
    pub(super) fn of(&self, channel: ChannelId, make: impl FnOnce() -> Gate) -> Arc<Gate> {
        self.lock().entry(channel).or_insert_with(|| Arc::new(make())).clone()
    }

    pub(super) fn all(&self) -> Vec<(ChannelId, Arc<Gate>)> {
        let mut all: Vec<(ChannelId, Arc<Gate>)> = self.lock().iter().map(|(id, gate)| (*id, gate.clone())).collect();
        all.sort_by_key(|(id, _)| *id);
        all
    }

    /// Forgets the gate of a channel that is gone.
    pub(super) fn forget(&self, channel: ChannelId) {
        self.lock().remove(&channel);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ChannelId, Arc<Gate>>> {
        self.gates.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
