//! The outbox: sends what waits in the ledger, and writes down what became of it.
//!
//! The ledger (`deliveries`) is also the queue. A round claims the rows that can be sent at once:
//! in one transaction each is checked (address, suppression, consent, template, age) and becomes
//! `sending`, or gets the state and reason for which it is not sent. Only after that commit is
//! anything handed to a channel. What the channels answer is recorded many at a time.
//!
//! Invariants:
//! - No row leaves the house twice unless the first attempt is known not to have been taken, or
//!   the other side drops repetitions by itself.
//! - No row is dropped: every one ends in a state with a reason. What is under way for an hour is given up as `unknown`.
//! - Who may be written to now is a function of facts (`judge.rs`): the policy of the workspace (`policy.rs`), the
//!   clock where the member lives (`hours.rs`), what he got and what waits for him (`standing.rs`). A claim, a preview
//!   and a simulation ask the same one.
//! - At most twice the channel's concurrency is claimed at a time, or a tenth of a second's worth of its pace, so a crash
//!   leaves few `unknown`.
//! - What one channel waits for keeps no other waiting: each has a gate, a lane and workers of its own.

mod answers;
mod asking;
mod audience;
mod breaker;
mod cancel;
mod claim;
mod counts;
pub mod doctor;
mod expiry;
pub(crate) mod facts;
mod gate;
pub(crate) mod hours;
mod intervene;
pub(crate) mod judge;
mod lane;
mod ledger;
pub(crate) mod policy;
mod policy_routes;
mod prepare;
mod queue;
mod queue_routes;
mod queued;
mod record;
mod refusals;
mod restart;
mod retry;
mod routes;
mod rows;
mod send;
pub mod settle;
mod sorted;
mod standing;
mod states;
mod suppression_routes;
pub(crate) mod suppressions;
mod words;

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::Duration,
};

use store::DbErr;
use tokio::sync::{Notify, mpsc};

use crate::Outreach;
use gate::{Gate, Limits};
use send::Done;

pub use asking::AskingBooks;
pub(crate) use audience::{Trial, preview_context};
pub(crate) use cancel::{Waiting, cancel, cancel_some, count_waiting};
pub(crate) use counts::{PART, lengths as queue_lengths};
pub use gate::Gates;
pub use ledger::{TrailEntry, trail};
pub(crate) use queue_routes::overview;
pub use routes::routes;
pub use settle::{SettleError, Settlement, settle_by_receipt};
pub use states::{BreakerState, ChannelState, channel_states};

/// A message that waited longer than this is not sent any more.
pub const STALE_AFTER: Duration = Duration::from_secs(72 * 3_600);

/// Attempts after which a message fails that the other side puts off. Where nobody is there, or too much was sent, there are
/// more.
pub const MAX_ATTEMPTS: i64 = 8;

/// Why messages for a channel that is gone are cancelled.
pub(crate) const CHANNEL_DELETED: &str = "channel_deleted";
/// Why channels put messages off by themselves ([`channels::Outcome::NotNow`]). That may happen often to one message; its
/// history says so once.
const PUT_OFF: &[&str] = &["warm_up", "account_limit", "domain_rate"];
/// Rows that one round claims for one channel.
const CLAIM_AT_ONCE: usize = 256;
/// Outcomes that may wait for being recorded before nothing more is claimed.
const UNRECORDED: usize = 1_024;
/// A transaction of fewer rows is a small one.
const SMALL: usize = 24;
/// How long the outbox sleeps when nothing tells it to wake.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);
const PAUSE_AFTER_ERROR: Duration = Duration::from_secs(1);
/// How long a shutdown waits for messages that are under way.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(40);

/// Sends what waits in the ledger. One runs per installation; two beside each other are safe.
pub struct Outbox {
    outreach: Arc<Outreach>,
    /// Nothing more is put on the wire.
    ending: AtomicBool,
    /// When it was last looked for what has expired, in milliseconds.
    swept_at: AtomicI64,
    /// When the counts of the queues were last added up, in milliseconds.
    tidied_at: AtomicI64,
    /// When it was last looked for messages that nobody sends any more, in milliseconds.
    looked_at: AtomicI64,
    /// Told when a message has left, so that the next can be claimed.
    freed: Notify,
}

/// What a run of the outbox did, by number of messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Claimed for sending.
    pub claimed: usize,
    /// Not sent, with a reason.
    pub refused: usize,
    /// Put off by the policy, for another hour or day.
    pub deferred: usize,
    /// Taken by the other side.
    pub accepted: usize,
    /// Put back for a later attempt.
    pub retried: usize,
    /// Failed for good.
    pub failed: usize,
    /// Sent with an outcome that nobody knows.
    pub unknown: usize,
}

impl Progress {
    fn add(&mut self, other: Progress) {
        self.claimed += other.claimed;
        self.refused += other.refused;
        self.deferred += other.deferred;
        self.accepted += other.accepted;
        self.retried += other.retried;
        self.failed += other.failed;
        self.unknown += other.unknown;
    }
}

/// What a round found.
struct Round {
    progress: Progress,
    /// When to look again if nothing else happens.
    sleep: Duration,
    /// Whether rows wait for messages under way to leave.
    awaits_room: bool,
}

impl Outbox {
    /// An outbox over what the parts of outreach share.
    pub fn new(outreach: Arc<Outreach>) -> Arc<Outbox> {
        Arc::new(Outbox {
            outreach,
            ending: AtomicBool::new(false),
            swept_at: AtomicI64::new(i64::MIN),
            tidied_at: AtomicI64::new(i64::MIN),
            looked_at: AtomicI64::new(i64::MIN),
            freed: Notify::new(),
        })
    }

    /// Sends until `shutdown` completes; messages on the wire are then waited for and recorded, and those that had not
    /// left wait again. What a dead process left is first to be put right with [`Outbox::recover`].
    pub async fn run(self: Arc<Self>, shutdown: impl Future<Output = ()> + Send) {
        tokio::pin!(shutdown);
        let clock = self.outreach.clock.clone();
        let (done, outcomes) = mpsc::channel(UNRECORDED);
        let recorder = tokio::spawn(self.clone().record_all(outcomes));
        loop {
            let (sleep, awaits_room) = match self.round(&done).await {
                Ok(round) => {
                    if (1..SMALL).contains(&round.progress.claimed) {
                        self.gather().await;
                    }
                    (round.sleep, round.awaits_room)
                }
                Err(error) => {
                    tracing::error!(%error, "a round of the outbox failed");
                    (PAUSE_AFTER_ERROR, false)
                }
            };
            tokio::select! {
                () = &mut shutdown => break,
                () = self.outreach.wake.notified() => {}
                () = self.freed.notified(), if awaits_room => {}
                () = clock.sleep(sleep) => {}
            }
        }
        self.ending.store(true, Ordering::SeqCst);
        self.withdraw_all().await;
        // The recorder ends when the last message under way has handed in its outcome.
        drop(done);
        let abort = recorder.abort_handle();
        tokio::select! {
            _ = recorder => {}
            () = clock.sleep(SHUTDOWN_GRACE) => {
                abort.abort();
                tracing::warn!("messages were under way at the end; they will be unknown");
            }
        }
        self.ending.store(false, Ordering::SeqCst);
    }

    /// Sends all that can be sent at this moment of the clock, and records it; for tests and for the
    /// simulator.
    pub async fn run_once(self: &Arc<Self>) -> Result<Progress, DbErr> {
        let mut progress = Progress::default();
        loop {
            let (done, mut outcomes) = mpsc::channel(UNRECORDED);
            let round = self.round(&done).await?;
            drop(done);
            progress.add(round.progress);
            let mut batch: Vec<Done> = Vec::new();
            while outcomes.recv_many(&mut batch, UNRECORDED).await > 0 {
                progress.add(self.record(&batch).await?);
                batch.clear();
            }
            let Progress { claimed, refused, deferred, .. } = round.progress;
            if claimed + refused + deferred == 0 {
                return Ok(progress);
            }
        }
    }

    /// Claims what can be sent now and starts sending it; outcomes go to `done`.
    async fn round(self: &Arc<Self>, done: &mpsc::Sender<Done>) -> Result<Round, DbErr> {
        self.refresh_channels().await?;
        self.withdraw().await;
        self.tidy_counts(self.outreach.clock.now()).await?;
        self.give_up_lost(self.outreach.clock.now()).await?;
        let claim = self.claim(done.capacity()).await?;
        let (refused, deferred) = (claim.refused, claim.deferred);
        let progress = Progress { claimed: claim.messages.len(), refused, deferred, ..Progress::default() };
        let (sleep, awaits_room) = (claim.sleep, claim.awaits_room);
        if !claim.messages.is_empty() {
            // While these are made, the next can be claimed.
            tokio::spawn(self.clone().start(claim.messages, done.clone()));
        }
        Ok(Round { progress, sleep, awaits_room })
    }

    /// Brings the channels in step with their rows. What was put back for a channel just when it was
    /// deleted is cancelled.
    pub(super) async fn refresh_channels(&self) -> Result<(), DbErr> {
        let outreach = &self.outreach;
        if outreach.live.refresh(&outreach.db, &outreach.secrets, &outreach.registry).await? {
            self.cancel_on_deleted_channels().await?;
        }
        Ok(())
    }

    pub(super) async fn cancel_on_deleted_channels(&self) -> Result<(), DbErr> {
        let outreach = &self.outreach;
        loop {
            let tx = outreach.db.begin().await?;
            let now = outreach.clock.now();
            let more = cancel_some(&tx, outreach, &Waiting::OnDeletedChannels, CHANNEL_DELETED, now).await?;
            tx.commit().await?;
            outreach.emitted.notify_one();
            if !more {
                return Ok(());
            }
        }
    }

    /// Records outcomes as they come, all that are there in one transaction.
    async fn record_all(self: Arc<Self>, mut outcomes: mpsc::Receiver<Done>) {
        let mut batch: Vec<Done> = Vec::new();
        while outcomes.recv_many(&mut batch, UNRECORDED).await > 0 {
            // What became of a message must not be lost; until it is recorded, nothing more is claimed.
            let recorded = loop {
                match self.record(&batch).await {
                    Ok(recorded) => break recorded,
                    Err(error) => {
                        tracing::error!(%error, outcomes = batch.len(), "outcomes cannot be recorded yet");
                        self.outreach.clock.sleep(PAUSE_AFTER_ERROR).await;
                    }
                }
            };
            // What was put back is due sooner, perhaps, than the loop meant to sleep.
            if recorded.retried > 0 {
                self.outreach.wake.notify_one();
            }
            let is_small = batch.len() < SMALL;
            batch.clear();
            self.freed.notify_one();
            if is_small {
                self.gather().await;
            }
        }
    }

    async fn gather(&self) {
        if !self.outreach.settings.gathering.is_zero() {
            self.outreach.clock.sleep(self.outreach.settings.gathering).await;
        }
    }

    /// The gate of a channel, with its settings as they are now.
    fn gate(&self, live: &crate::channel_config::Live) -> Option<Arc<Gate>> {
        let Ok(channel) = &live.channel else { return None };
        let now = self.outreach.clock.monotonic();
        let limits = Limits::new(channel.pace(), live.options.burst);
        let gate = self.outreach.gates.of(live.id, || Gate::new(live.updated_at, limits, now));
        gate.adjust(live.updated_at, limits, channel.room(), now);
        Some(gate)
    }

    /// How all channels stand to which this process has sent since it started, by id.
    pub fn channel_states(&self) -> Vec<ChannelState> {
        channel_states(&self.outreach)
    }

    fn is_ending(&self) -> bool {
        self.ending.load(Ordering::SeqCst)
    }
}
