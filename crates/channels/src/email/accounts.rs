//! The SMTP accounts of a channel, which of them is taken, and how they rest.
//!
//! Invariant: a message goes by another account only when it certainly did not leave by the first: the failure was
//! before the end of its text. What may have been taken is `unknown` and tried by no other.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use base::{Clock, Problem, Time, ids::DeliveryId};

use super::{
    compose::{Composed, Composer},
    config::{Choose, Config},
    pool::Pool,
    server::Server,
    session::Session,
    stage::{Failure, Progress, Stage},
    warm_up::Quota,
};
use crate::{TestStep, Trying, Way, guard::Guard};

/// How long an account rests that does not work, the first time and at most.
const FIRST_REST: Duration = Duration::from_secs(30);
const LONGEST_REST: Duration = Duration::from_secs(1_800);
/// The same for one that has sent too much.
const FIRST_REST_OF_LIMIT: Duration = Duration::from_secs(900);
const LONGEST_REST_OF_LIMIT: Duration = Duration::from_secs(6 * 3_600);

/// One account.
pub struct Account {
    /// What operators call it; empty for the only one.
    pub name: String,
    /// Writes its messages.
    pub composer: Composer,
    /// What it may send on a day.
    pub quota: Option<Quota>,
    server: Server,
    pool: Arc<Pool>,
    weight: u64,
    timeout: Duration,
    clock: Arc<dyn Clock>,
    health: Mutex<Health>,
}

#[derive(Default)]
struct Health {
    failures: u32,
    /// Of the monotonic clock.
    rests_until: Duration,
    /// The same on the wall.
    shown_until: Time,
    problem: Option<String>,
    /// Until when a message may be on its way that tries whether it works again, of the monotonic clock.
    tried_until: Duration,
}

impl Account {
    /// Whether a message may be given to it now. After a rest one alone tries it: then the others are to take another.
    pub fn is_open(&self) -> bool {
        let mut health = self.lock();
        if health.failures == 0 {
            return true;
        }
        let now = self.clock.monotonic();
        if now < health.tried_until || now < health.rests_until {
            return false;
        }
        health.tried_until = now + self.timeout * 2;
        true
    }

    /// Notes that nothing came of the message that was to try it.
    pub fn was_not_tried(&self) {
        self.lock().tried_until = Duration::ZERO;
    }

    /// Notes that it works.
    pub fn works(&self) {
        let mut health = self.lock();
        if health.failures > 0 {
            tracing::info!(account = self.name, "the account works again");
        }
        *health = Health::default();
    }

    /// Lets it rest, each time for longer.
    pub fn rest(&self, problem: String, has_sent_too_much: bool) {
        let (first, longest) = match has_sent_too_much {
            true => (FIRST_REST_OF_LIMIT, LONGEST_REST_OF_LIMIT),
            false => (FIRST_REST, LONGEST_REST),
        };
        let now = self.clock.monotonic();
        let mut health = self.lock();
        // Of messages that fail together only the first lengthens the rest.
        if now >= health.rests_until {
            let rest = first.saturating_mul(1 << health.failures.min(10)).min(longest);
            tracing::warn!(account = self.name, problem, seconds = rest.as_secs(), "the account rests");
            health.failures += 1;
            health.rests_until = now + rest;
            health.shown_until = self.clock.now().plus(rest);
        }
        health.problem = Some(problem);
        health.tried_until = Duration::ZERO;
    }

    /// How long it still rests; `None` when it does not.
    pub fn rests_for(&self) -> Option<Duration> {
        let rest = self.lock().rests_until.saturating_sub(self.clock.monotonic());
        (!rest.is_zero()).then_some(rest)
    }

    /// What an operator sees of it.
    pub fn way(&self) -> Way {
        let health = self.lock();
        Way {
            name: self.name.clone(),
            problem: health.problem.clone(),
            rests_until: health.problem.is_some().then_some(health.shown_until),
        }
    }

    /// Hands a message over within the account's time; gives the server's final reply.
    pub async fn hand_over(&self, composed: &Composed) -> Result<String, Failure> {
        let progress = Progress::default();
        let attempt = tokio::time::timeout(self.timeout, self.attempt(composed, &progress)).await;
        attempt.unwrap_or_else(|_| Err(Failure::timed_out(progress.stage(), self.timeout)))
    }

    /// Connects and signs in, without sending anything.
    pub async fn test(&self) -> Result<(), Failure> {
        let progress = Progress::default();
        let attempt = tokio::time::timeout(self.timeout, async {
            let session = self.server.open(&progress).await?;
            session.check(&progress).await
        });
        attempt.await.unwrap_or_else(|_| Err(Failure::no_answer(progress.stage(), self.timeout)))
    }

    /// Connects, signs in and asks whether the sender is taken, without sending anything. Tells each step.
    pub async fn try_out(&self, path: &str) -> Vec<TestStep> {
        let progress = Progress::watched(self.clock.clone());
        let attempt = tokio::time::timeout(self.timeout, async {
            let session = self.server.open(&progress).await?;
            session.check_sender(self.composer.sender(), &progress).await
        });
        let failure = attempt.await.unwrap_or_else(|_| Err(Failure::no_answer(progress.stage(), self.timeout))).err();
        let mut steps: Vec<TestStep> = Vec::new();
        for (stage, took) in progress.stages() {
            let Some(what) = tried_in(stage) else { continue };
            match steps.last_mut().filter(|step| step.what == what) {
                Some(step) => step.took += took,
                None => {
                    let target = match what {
                        Trying::Sender => self.composer.sender().to_string(),
                        _ => self.server.shown(),
                    };
                    steps.push(TestStep { path: path.to_owned(), what, target, problem: None, took });
                }
            }
        }
        if let (Some(step), Some(failure)) = (steps.last_mut(), failure) {
            step.problem = Some(failure.to_string());
        }
        steps
    }

    /// Hands a message over on an idle connection or a fresh one.
    async fn attempt(&self, composed: &Composed, progress: &Progress) -> Result<String, Failure> {
        let _permit = self.pool.permit().await;
        if let Some(mut session) = self.pool.take() {
            match session.hand_over(composed, progress).await {
                // The server had closed the idle connection. Nothing of the message was
                // sent, and its neighbours in the pool are most likely as dead.
                Err(failure) if failure.shows_dead_connection() => self.pool.clear(),
                result => return self.finish(session, result),
            }
        }
        let mut session = self.server.open(progress).await?;
        let result = session.hand_over(composed, progress).await;
        self.finish(session, result)
    }

    fn finish(&self, session: Session, result: Result<String, Failure>) -> Result<String, Failure> {
        // A connection whose server refused one message in good form serves the next one.
        let usable = match &result {
            Ok(_) => true,
            Err(failure) => session.is_usable_after(failure),
        };
        if usable {
            Pool::put(&self.pool, session);
        }
        result
    }

    fn lock(&self) -> MutexGuard<'_, Health> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The step of a test to which a stage belongs.
fn tried_in(stage: Stage) -> Option<Trying> {
    Some(match stage {
        Stage::Waiting => return None,
        Stage::Resolve | Stage::Connect => Trying::Connect,
        Stage::Tls | Stage::StartTls => Trying::Tls,
        Stage::Greeting => Trying::Greeting,
        Stage::Login => Trying::SignIn,
        _ => Trying::Sender,
    })
}

/// All accounts of a channel.
pub struct Accounts {
    all: Vec<Account>,
    choose: Choose,
}

impl Accounts {
    /// The accounts of a configuration that has been checked; `quota` says what each may send on a day.
    pub fn new(
        config: &Config,
        clock: &Arc<dyn Clock>,
        guard: &Guard,
        quota: impl Fn(&super::config::AccountConfig) -> Option<Quota>,
    ) -> Result<Accounts, Problem> {
        let mut all = Vec::new();
        for (at, account) in config.accounts().iter().enumerate() {
            let endpoint = config.endpoint(at, account);
            all.push(Account {
                name: account.name.clone(),
                composer: Composer::new(config, account)?,
                quota: quota(account),
                server: Server::new(&endpoint, config.client_id(account)?, guard.clone())?,
                pool: Arc::new(Pool::new(config.concurrency, clock.clone())),
                weight: u64::from(account.weight),
                timeout: config.timeout(),
                clock: clock.clone(),
                health: Mutex::default(),
            });
        }
        Ok(Accounts { all, choose: config.choose })
    }

    /// The accounts in the order in which they are tried for a message.
    pub fn in_order_for(&self, delivery: DeliveryId) -> impl Iterator<Item = &Account> {
        let first = match self.choose {
            Choose::InOrder => 0,
            Choose::ByWeight => self.by_weight(delivery),
        };
        self.all[first..].iter().chain(&self.all[..first])
    }

    /// All of them.
    pub fn all(&self) -> &[Account] {
        &self.all
    }

    /// Which account a message belongs to: the same at every attempt, and each gets its part of them.
    fn by_weight(&self, delivery: DeliveryId) -> usize {
        let total: u64 = self.all.iter().map(|account| account.weight).sum();
        // Ids of one millisecond follow each other; the multiplication (by 2^64 divided by the golden ratio) scatters them.
        let scattered = (delivery.0 as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
        let mut place = scattered % total.max(1);
        for (at, account) in self.all.iter().enumerate() {
            match place.checked_sub(account.weight) {
                Some(rest) => place = rest,
                None => return at,
            }
        }
        0
    }
}
