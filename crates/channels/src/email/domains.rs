//! How fast the mailboxes of one provider may be written to.
//!
//! Invariants: a provider that rests holds up nobody else, since its messages go back into the queue; after a restart
//! there is no burst, because a limit begins with one message and not with a full bucket.

mod providers;

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use base::Problem;
use serde::Deserialize;

use super::dkim;
use crate::config::{within, wrong};

pub use providers::provider;

/// The most providers and domains that have a limit of their own.
const MAX_LIMITS: usize = 200;
/// The most domains of which something is remembered; of the others the oldest is forgotten.
const MAX_REMEMBERED: usize = 20_000;
/// How long a provider rests that says "too many", the first time and at most.
const FIRST_REST: Duration = Duration::from_secs(30);
const LONGEST_REST: Duration = Duration::from_secs(1_800);
/// The farthest that messages are put off; nobody knows how fast the others will leave.
const FARTHEST: Duration = Duration::from_secs(600);
const LEAST_PAUSE: Duration = Duration::from_millis(200);

/// A limit.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// Messages per second.
    #[serde(default)]
    pub per_second: Option<f64>,
    /// Messages under way at the same time.
    #[serde(default)]
    pub concurrency: Option<usize>,
}

/// Checks limits.
///
/// Errors: [`base::Code::InvalidChannel`] with the path of the field.
pub fn check(limits: &BTreeMap<String, Limit>) -> Result<(), Problem> {
    if limits.len() > MAX_LIMITS {
        return Err(wrong("domains", format!("are at most {MAX_LIMITS}")));
    }
    let mut seen: HashMap<String, &String> = HashMap::new();
    for (name, limit) in limits {
        let path = format!("domains.{name}");
        if name != "*" {
            let domain = dkim::domain(name).map_err(|error| wrong(&path, error))?;
            if let Some(other) = seen.insert(provider(&domain).to_owned(), name) {
                return Err(wrong(&path, format!("is of the same provider as {other}")));
            }
        }
        if limit.per_second.is_none() && limit.concurrency.is_none() {
            return Err(wrong(&path, "names per_second, concurrency, or both"));
        }
        if let Some(per_second) = limit.per_second {
            within(&format!("{path}.per_second"), per_second, 0.001, 10_000.0)?;
        }
        if let Some(concurrency) = limit.concurrency {
            within(&format!("{path}.concurrency"), concurrency, 1, 200)?;
        }
    }
    Ok(())
}

/// The limits of a channel, and how far they are used.
pub struct Domains {
    limits: HashMap<String, Limit>,
    others: Option<Limit>,
    states: Mutex<HashMap<String, State>>,
}

struct State {
    /// Parts of messages that may leave at once.
    tokens: f64,
    filled_at: Duration,
    under_way: usize,
    /// How often in a row the provider said "too many".
    refusals: u32,
    rests_until: Duration,
    /// Until when places are given to messages that were put off, by priority.
    put_off_until: BTreeMap<i64, Duration>,
    used_at: Duration,
}

/// The right to send one message to a provider; ends when it is dropped.
pub struct Pass {
    domains: Arc<Domains>,
    provider: String,
}

impl Domains {
    /// The limits of a configuration that has been checked.
    pub fn new(limits: &BTreeMap<String, Limit>) -> Arc<Domains> {
        let named = limits.iter().filter(|(name, _)| *name != "*");
        let named = named.filter_map(|(name, limit)| Some((provider(&dkim::domain(name).ok()?).to_owned(), *limit)));
        Arc::new(Domains { limits: named.collect(), others: limits.get("*").copied(), states: Mutex::default() })
    }

    /// Whether a message of a priority may leave for a domain at `now` of the monotonic clock; if not, when to ask again.
    pub fn enter(self: &Arc<Domains>, domain: &str, priority: i64, now: Duration) -> Result<Pass, Duration> {
        let provider = provider(domain);
        let limit = self.limits.get(provider).copied().or(self.others);
        let mut states = self.lock();
        if !states.contains_key(provider) {
            if states.len() >= MAX_REMEMBERED {
                forget_idle(&mut states);
            }
            states.insert(provider.to_owned(), State::new(now));
        }
        if let Some(state) = states.get_mut(provider) {
            state.enter(limit, priority, now)?;
        }
        drop(states);
        Ok(Pass { domains: self.clone(), provider: provider.to_owned() })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, State>> {
        self.states.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pass {
    /// The provider took a message.
    pub fn works(&self) {
        if let Some(state) = self.domains.lock().get_mut(&self.provider) {
            state.refusals = 0;
        }
    }

    /// The provider said that there were too many; says how long it rests from `now` on.
    pub fn too_many(&self, now: Duration) -> Duration {
        let mut states = self.domains.lock();
        let Some(state) = states.get_mut(&self.provider) else { return FIRST_REST };
        if now >= state.rests_until {
            let rest = FIRST_REST.saturating_mul(1 << state.refusals.min(10)).min(LONGEST_REST);
            state.refusals += 1;
            state.rests_until = now + rest;
        }
        state.rests_until - now
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        if let Some(state) = self.domains.lock().get_mut(&self.provider) {
            state.under_way = state.under_way.saturating_sub(1);
        }
    }
}

impl State {
    fn new(now: Duration) -> State {
        State {
            tokens: 1.0,
            filled_at: now,
            under_way: 0,
            refusals: 0,
            rests_until: Duration::ZERO,
            put_off_until: BTreeMap::new(),
            used_at: now,
        }
    }

    fn enter(&mut self, limit: Option<Limit>, priority: i64, now: Duration) -> Result<(), Duration> {
        self.used_at = now;
        let per_second = limit.and_then(|limit| limit.per_second);
        // Without a rate, about as many leave in a second as may be under way.
        let pace =
            per_second.or(limit.and_then(|limit| limit.concurrency).map(|at_once| at_once as f64)).unwrap_or(100.0);
        if now < self.rests_until {
            return Err(self.put_off(self.rests_until, pace, priority, now));
        }
        if let Some(most) = limit.and_then(|limit| limit.concurrency)
            && self.under_way >= most
        {
            return Err(self.put_off(now + LEAST_PAUSE, pace, priority, now));
        }
        if let Some(per_second) = per_second {
            let gained = now.saturating_sub(self.filled_at).as_secs_f64() * per_second;
            // At most what a fifth of a second gives, so that a quiet time is not followed by a burst.
            self.tokens = (self.tokens + gained).min((per_second / 5.0).max(1.0));
            self.filled_at = now;
            if self.tokens < 1.0 {
                let pause = Duration::from_secs_f64((1.0 - self.tokens) / per_second);
                return Err(self.put_off(now + pause, pace, priority, now));
            }
            self.tokens -= 1.0;
        }
        self.under_way += 1;
        Ok(())
    }

    /// Gives a message its place behind those of its own and of higher priorities that were put off before, at the pace that
    /// is allowed: so a long queue does not come back as a whole each time. Of two that come back for the same place, the
    /// outbox brings the more important one first, and the other gets its place anew.
    fn put_off(&mut self, from: Duration, pace: f64, priority: i64, now: Duration) -> Duration {
        self.put_off_until.retain(|_, until| *until > now);
        let ahead = self.put_off_until.range(priority..).map(|(_, until)| *until).max().unwrap_or_default();
        let place = ahead.max(from);
        let next = (place + Duration::from_secs_f64(1.0 / pace)).min(from.max(now + FARTHEST));
        self.put_off_until.insert(priority, next);
        (place - now).max(LEAST_PAUSE)
    }
}

/// Forgets half of what is not in use, the longest unused first.
fn forget_idle(states: &mut HashMap<String, State>) {
    let mut used: Vec<Duration> = states.values().map(|state| state.used_at).collect();
    used.sort_unstable();
    let Some(middle) = used.get(used.len() / 2).copied() else { return };
    states.retain(|_, state| state.under_way > 0 || state.used_at > middle);
}

#[cfg(test)]
mod tests;
