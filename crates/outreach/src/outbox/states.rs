//! How channels stand: for the console and the doctor, who may be another process.

use std::{collections::HashSet, sync::Arc, time::Duration};

use base::{Clock, Time, ids::ChannelId};
use store::{DbErr, Sql, Tx};

use super::{
    breaker::Standing,
    gate::{Gate, Look},
    send::Done,
};
use crate::Outreach;

/// How a channel's breaker stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakerState {
    /// Messages go.
    Closed,
    /// The destination is left alone.
    Open,
    /// One message tries whether it works again.
    HalfOpen,
}

impl BreakerState {
    /// The word for it: `closed`, `open`, `half_open`.
    pub fn word(self) -> &'static str {
        match self {
            BreakerState::Closed => "closed",
            BreakerState::Open => "open",
            BreakerState::HalfOpen => "half_open",
        }
    }
}

/// How a channel stands in this process.
#[derive(Clone, Debug, PartialEq)]
pub struct ChannelState {
    /// Which channel.
    pub channel: ChannelId,
    /// Its breaker.
    pub breaker: BreakerState,
    /// What was said when the breaker opened; `None` when it is closed.
    pub problem: Option<String>,
    /// How often the breaker opened since something was taken.
    pub openings: u32,
    /// When the next message goes at the earliest, if the channel rests: because of its breaker, or because the other side
    /// asked for it.
    pub rests_until: Option<Time>,
    /// Messages that are claimed and neither recorded nor given back.
    pub under_way: usize,
    /// Of these, those that wait for a place on the wire.
    pub ready: usize,
    /// What the settings allow: messages per second.
    pub per_second: f64,
    /// Messages on the wire at the same time.
    pub concurrency: usize,
    /// Messages at once after a quiet time.
    pub burst: f64,
    /// Messages that may go at once now, as far as the pace is concerned.
    pub tokens: f64,
}

/// How all channels stand to which this process has sent since it started, by id.
pub fn channel_states(outreach: &Outreach) -> Vec<ChannelState> {
    let clock = &outreach.clock;
    let look =
        |(channel, gate): (ChannelId, Arc<Gate>)| state_of(channel, gate.look(clock.monotonic()), clock.as_ref());
    outreach.gates.all().into_iter().map(look).collect()
}

fn state_of(channel: ChannelId, look: Look, clock: &dyn Clock) -> ChannelState {
    let (breaker, pause) = match look.standing {
        Standing::Closed => (BreakerState::Closed, None),
        Standing::Open(pause) => (BreakerState::Open, Some(pause)),
        Standing::HalfOpen => (BreakerState::HalfOpen, None),
    };
    let pause = pause.max(look.rests_for).filter(|pause| *pause > Duration::ZERO);
    ChannelState {
        channel,
        breaker,
        rests_until: pause.map(|pause| clock.now().plus(pause)),
        per_second: look.per_second(),
        concurrency: look.concurrency(),
        burst: look.burst(),
        problem: look.problem,
        openings: look.openings,
        under_way: look.under_way,
        ready: look.ready,
        tokens: look.tokens,
    }
}

/// Writes down breakers of the batch's channels that opened or closed; returns what is saved when this is committed.
pub(super) async fn save_breakers(
    tx: &Tx,
    outreach: &Outreach,
    batch: &[Done],
    now: Time,
) -> Result<Vec<(Arc<Gate>, u64)>, DbErr> {
    let mut seen: HashSet<i64> = HashSet::new();
    let mut changed: Vec<(Arc<Gate>, u64)> = Vec::new();
    let mut opened: Vec<(i64, String, i64, i64, i64)> = Vec::new();
    let mut closed: Vec<(i64,)> = Vec::new();
    for done in batch {
        let (id, gate) = (done.claimed.live.id, &done.claimed.gate);
        if !seen.insert(id.0) {
            continue;
        }
        let Some(change) = gate.unsaved() else { continue };
        let state = state_of(id, gate.look(outreach.clock.monotonic()), outreach.clock.as_ref());
        match state.breaker {
            BreakerState::Closed => closed.push((id.0,)),
            _ => opened.push((
                id.0,
                state.problem.unwrap_or_default().chars().filter(|c| *c != '\0').collect(),
                now.millis(),
                state.rests_until.unwrap_or(now).millis(),
                state.openings.into(),
            )),
        }
        changed.push((gate.clone(), change));
    }
    tx.run_rows(
        "DELETE FROM channel_breakers WHERE channel_id IN (SELECT CAST(r.value->>0 AS BIGINT) FROM {rows})",
        &closed,
    )
    .await?;
    tx.run_rows(
        "INSERT INTO channel_breakers (channel_id, problem, opened_at, retry_at, openings)
         SELECT CAST(r.value->>0 AS BIGINT), r.value->>1, CAST(r.value->>2 AS BIGINT), CAST(r.value->>3 AS BIGINT),
                CAST(r.value->>4 AS BIGINT) FROM {rows} WHERE true
         ON CONFLICT (channel_id) DO UPDATE SET problem = EXCLUDED.problem, retry_at = EXCLUDED.retry_at,
           openings = EXCLUDED.openings",
        &opened,
    )
    .await?;
    if !changed.is_empty() {
        let open = channel_states(outreach).iter().filter(|state| state.breaker != BreakerState::Closed).count();
        metrics::gauge!("hearth_breakers_open").set(open as f64);
    }
    Ok(changed)
}

/// Breakers are closed when a process starts.
pub(super) async fn forget_breakers(outreach: &Outreach) -> Result<(), DbErr> {
    let tx = outreach.db.begin().await?;
    tx.run("DELETE FROM channel_breakers", Vec::new()).await?;
    tx.commit().await
}
