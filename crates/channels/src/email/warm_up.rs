//! How much an account may send on a day: a plan that warms up a new account or domain, and a limit of its own.
//!
//! Mailbox providers distrust a sender of whom they have never heard, and believe one who begins with little. The count
//! of a day outlives the process (`DayCounts`): it is taken in blocks before anything is sent, so that a crash makes the
//! day a little shorter and never longer.

use std::{sync::Arc, time::Duration};

use base::{Clock, Problem, ids::ChannelId};
use jiff::civil::{Date, date};
use serde::Deserialize;
use tokio::sync::Mutex;

use super::config::AccountConfig;
use crate::{Day, DayCounts, config::wrong};

/// A plan for a new domain: it doubles, and then grows by half, which is what large mailbox providers advise for a new
/// sender (<https://support.google.com/mail/answer/81126>: "increase the sending volume slowly").
const STANDARD: [i64; 18] = [
    50, 100, 200, 400, 800, 1_500, 3_000, 5_000, 8_000, 12_000, 18_000, 27_000, 40_000, 60_000, 90_000, 135_000,
    200_000, 300_000,
];
const MAX_DAYS: usize = 365;
/// The largest block that is taken at once, and its part of the day.
const LARGEST_BLOCK: i64 = 100;
const BLOCKS_A_DAY: i64 = 50;
const DAY: Duration = Duration::from_secs(86_400);
/// The farthest day to which messages are put off.
const FARTHEST: u32 = 30;
const PAUSE_AFTER_ERROR: Duration = Duration::from_secs(5);

/// A plan: how many messages may leave on each day from a first one on. After its last day there is no limit.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WarmUp {
    /// The first day, where the workspace is; before it the number of the first day holds.
    pub start: Date,
    /// Messages on each day.
    #[serde(default)]
    pub plan: Plan,
}

/// Messages on each day.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Plan {
    /// `"standard"`.
    Named(Named),
    /// One's own.
    Days(Vec<i64>),
}

/// A plan with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Named {
    /// Eighteen days from 50 messages to 300,000.
    Standard,
}

impl Default for Plan {
    fn default() -> Plan {
        Plan::Named(Named::Standard)
    }
}

impl WarmUp {
    /// Checks the numbers; `path` is that of the plan.
    pub(super) fn check(&self, path: &str) -> Result<(), Problem> {
        let days = self.days();
        if days.is_empty() || days.len() > MAX_DAYS || days.iter().any(|most| !(1..=100_000_000).contains(most)) {
            return Err(wrong(format!("{path}.plan"), "is \"standard\", or 1 to 365 numbers of at least 1"));
        }
        Ok(())
    }

    /// The most that may leave on a day, counted since 1970-01-01; `None` when the plan is over.
    pub fn most_on(&self, day: i64) -> Option<i64> {
        let start = (self.start - date(1970, 1, 1)).get_days();
        let nth = usize::try_from(day - i64::from(start)).unwrap_or(0);
        self.days().get(nth).copied()
    }

    fn days(&self) -> &[i64] {
        match &self.plan {
            Plan::Named(Named::Standard) => &STANDARD,
            Plan::Days(days) => days,
        }
    }
}

/// What one account may send on a day.
pub struct Quota {
    counts: Arc<dyn DayCounts>,
    clock: Arc<dyn Clock>,
    channel: ChannelId,
    way: String,
    warm_up: Option<WarmUp>,
    most_per_day: Option<i64>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    day: Option<Day>,
    /// Taken from the count and not used yet.
    in_hand: i64,
    /// Whether the day has nothing left.
    is_spent: bool,
    /// Messages that were put off today.
    put_off: i64,
}

/// Why a message does not leave by an account now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// The reason in the ledger.
    pub reason: &'static str,
    /// For how long.
    pub pause: Duration,
}

impl Quota {
    /// The quota of an account; `None` when it has no limit.
    pub fn of(
        account: &AccountConfig,
        channel: ChannelId,
        counts: Arc<dyn DayCounts>,
        clock: Arc<dyn Clock>,
    ) -> Option<Quota> {
        if account.warm_up.is_none() && account.most_per_day.is_none() {
            return None;
        }
        Some(Quota {
            counts,
            clock,
            channel,
            way: account.name.clone(),
            warm_up: account.warm_up.clone(),
            most_per_day: account.most_per_day,
            state: Mutex::default(),
        })
    }

    /// Takes the right to send one message.
    pub async fn take(&self) -> Result<(), Wait> {
        let mut state = self.state.lock().await;
        let now = self.clock.now();
        if state.day.is_none_or(|day| now >= day.ends_at) {
            let day = self.counts.today(self.channel).await.map_err(|error| self.failed(&error))?;
            *state = State { day: Some(day), ..State::default() };
        }
        let Some(day) = state.day else { return Ok(()) };
        let Some((most, reason)) = self.limit_on(day.number) else { return Ok(()) };
        if state.in_hand > 0 {
            state.in_hand -= 1;
            return Ok(());
        }
        if !state.is_spent {
            let block = (most / BLOCKS_A_DAY).clamp(1, LARGEST_BLOCK);
            let taken = self.counts.take(self.channel, &self.way, day.number, most, block).await;
            let taken = taken.map_err(|error| self.failed(&error))?;
            if taken > 0 {
                state.in_hand = taken - 1;
                return Ok(());
            }
            state.is_spent = true;
        }
        state.put_off += 1;
        let until_tomorrow = u64::try_from(day.ends_at - now).unwrap_or(0);
        let days = self.days_until_room(day.number, state.put_off);
        Err(Wait { reason, pause: Duration::from_millis(until_tomorrow) + DAY * days })
    }

    /// Why nothing more leaves by the account on its day, as far as that is known without asking the database; `None`
    /// while something may.
    pub fn spent(&self) -> Option<Wait> {
        // Somebody who takes at this moment may get something.
        let state = self.state.try_lock().ok()?;
        let (day, now) = (state.day?, self.clock.now());
        if !state.is_spent || state.in_hand > 0 || now >= day.ends_at {
            return None;
        }
        let (_, reason) = self.limit_on(day.number)?;
        Some(Wait { reason, pause: Duration::from_millis(u64::try_from(day.ends_at - now).unwrap_or(0)) })
    }

    /// Gives the right back of a message that certainly did not leave.
    pub async fn give_back(&self) {
        let mut state = self.state.lock().await;
        if state.day.is_some_and(|day| self.clock.now() < day.ends_at) {
            state.in_hand += 1;
        }
    }

    fn failed(&self, error: &str) -> Wait {
        tracing::error!(channel = %self.channel, error, "what left today cannot be counted");
        Wait { reason: "account_limit", pause: PAUSE_AFTER_ERROR }
    }

    fn limit_on(&self, day: i64) -> Option<(i64, &'static str)> {
        let warm_up = self.warm_up.as_ref().and_then(|plan| plan.most_on(day)).map(|most| (most, "warm_up"));
        let own = self.most_per_day.map(|most| (most, "account_limit"));
        warm_up.into_iter().chain(own).min_by_key(|(most, _)| *most)
    }

    /// How many days after tomorrow the plan reaches the so-manieth message that was put off, so that a long queue
    /// does not come back as a whole every midnight.
    fn days_until_room(&self, today: i64, put_off: i64) -> u32 {
        let mut left = put_off;
        for ahead in 0..FARTHEST {
            match self.limit_on(today + 1 + i64::from(ahead)) {
                Some((most, _)) if left > most => left -= most,
                _ => return ahead,
            }
        }
        FARTHEST
    }
}

#[cfg(test)]
mod tests;
