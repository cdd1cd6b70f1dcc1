//! Handing messages over.
//!
//! A channel has a lane of its own with as many workers as may be on the wire. What hangs there keeps its own workers
//! waiting; what is behind it in the lane is given back when the breaker opens, without an attempt being counted and
//! without a transaction of its own: the recorder writes it down with whatever else there is.

use std::{collections::HashMap, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use base::{Problem, Time};
use channels::{Attempt, Attempted, Later, Message, Outcome};
use futures::FutureExt;
use tokio::sync::mpsc;

use super::{
    Outbox,
    answers::{self, Wish},
    claim::Claimed,
    gate::{Gate, Lesson},
    prepare,
};
use crate::channel_config::Health;

/// A message that can be put on the wire.
pub(super) struct Ready {
    claimed: Claimed,
    message: Message,
    wish: Option<Wish>,
    done: mpsc::Sender<Done>,
}

/// A claimed row and what became of it.
pub(super) struct Done {
    pub claimed: Claimed,
    pub result: Ended,
    /// What the answer is wanted for.
    pub wish: Option<Wish>,
    /// When it ended.
    pub at: Time,
}

/// How an attempt ended.
pub(super) enum Ended {
    /// The channel answered.
    Answered(Attempted),
    /// The channel cannot send; try again after so long.
    ChannelBroken { reason: String, pause: Duration },
    /// It was not put on the wire and waits again, in its old place.
    GivenBack { why: Option<&'static str>, detail: String },
    /// No message could be made of the template.
    NotMade(Problem),
    /// Something of ours failed before anything left.
    NotTried,
}

impl Ended {
    /// Whether the other side got to do with it, as far as is known.
    fn was_on_the_wire(&self) -> bool {
        match self {
            Ended::Answered(attempted) => !matches!(attempted.outcome, Outcome::NotNow { .. }),
            Ended::ChannelBroken { .. } => true,
            Ended::GivenBack { .. } | Ended::NotMade(_) | Ended::NotTried => false,
        }
    }
}

impl Outbox {
    /// Makes the messages and puts them on the lanes of their channels; outcomes go to `done`.
    pub(super) async fn start(self: Arc<Self>, claimed: Vec<Claimed>, done: mpsc::Sender<Done>) {
        let claimed = Arc::new(claimed);
        let made = async {
            let wishes = answers::wishes(&self.outreach, &claimed).await?;
            Ok::<_, store::DbErr>((wishes, prepare::make(&self.outreach, &claimed).await?))
        };
        let made = made.await;
        let claimed = Arc::unwrap_or_clone(claimed);
        let (mut wishes, made) = match made {
            Ok(made) => made,
            Err(error) => {
                tracing::error!(%error, messages = claimed.len(), "messages could not be made; they stay queued");
                for message in claimed {
                    self.hand_in(message, Ended::NotTried, None, &done).await;
                }
                return;
            }
        };
        let mut lanes: HashMap<i64, (Arc<Gate>, Vec<Ready>)> = HashMap::new();
        for (mut claimed, made) in claimed.into_iter().zip(made) {
            let wish = wishes.remove(&claimed.row.id);
            match made {
                Ok((message, note)) => {
                    claimed.note = note;
                    let (gate, done) = (claimed.gate.clone(), done.clone());
                    let (_, lane) = lanes.entry(claimed.row.channel_id).or_insert_with(|| (gate, Vec::new()));
                    lane.push(Ready { claimed, message, wish, done });
                }
                Err(Some(problem)) => self.hand_in(claimed, Ended::NotMade(problem), wish, &done).await,
                Err(None) => self.hand_in(claimed, Ended::NotTried, wish, &done).await,
            }
        }
        for (gate, messages) in lanes.into_values() {
            self.put_on_lane(&gate, messages).await;
        }
    }

    async fn put_on_lane(self: &Arc<Self>, gate: &Arc<Gate>, mut messages: Vec<Ready>) {
        // The channel may have come to rest since they were claimed.
        let admitted = if self.is_ending() { 0 } else { gate.admits(self.outreach.clock.monotonic()) };
        if admitted < messages.len() {
            let refused = messages.split_off(admitted);
            self.give_back(gate, refused, self.why_not()).await;
        }
        for _ in 0..gate.lane.push(messages, gate.concurrency()) {
            tokio::spawn(self.clone().work(gate.clone()));
        }
        if self.is_ending() {
            self.give_back(gate, gate.lane.drain(), self.why_not()).await;
        }
    }

    /// Sends what is on a lane until nothing is.
    async fn work(self: Arc<Self>, gate: Arc<Gate>) {
        while let Some(Ready { claimed, message, wish, done }) = gate.lane.next(gate.concurrency()) {
            let (ended, rests) = self.send(&gate, &claimed, &message, wish.is_some()).await;
            self.hand_in(claimed, ended, wish, &done).await;
            if rests {
                self.give_back(&gate, gate.lane.drain(), Some("breaker")).await;
            }
        }
    }

    /// One attempt. True when the channel is to rest from now on.
    async fn send(&self, gate: &Gate, claimed: &Claimed, message: &Message, wants_answer: bool) -> (Ended, bool) {
        let Ok(channel) = &claimed.live.channel else { return (Ended::NotTried, false) };
        let clock = &self.outreach.clock;
        let began = clock.monotonic();
        let attempt = Attempt { number: claimed.attempt, wants_answer, priority: claimed.row.priority };
        let attempted = AssertUnwindSafe(channel.attempt(message, &attempt)).catch_unwind().await;
        let mut attempted =
            attempted.unwrap_or_else(|_| Outcome::Unknown { reason: "the adapter failed".to_owned() }.into());
        let now = clock.monotonic();
        measure(claimed, &attempted, now.saturating_sub(began));
        let lesson = learn(gate, &attempted, now);
        match lesson {
            Lesson::Nothing if matches!(attempted.outcome, Outcome::Accepted { .. }) => {
                if gate.rests_for(now).is_zero() {
                    self.outreach.live.set_health(claimed.live.id, None);
                }
            }
            Lesson::Nothing => {}
            Lesson::Works => self.outreach.live.set_health(claimed.live.id, None),
            Lesson::Rests(pause) => {
                let problem = problem_of(&attempted.outcome).to_owned();
                tracing::warn!(channel = %claimed.live.id, problem, seconds = pause.as_secs(), "the channel rests");
                let health = Health { problem, retry_at: Some(clock.now().plus(pause)) };
                self.outreach.live.set_health(claimed.live.id, Some(health));
            }
        }
        let rests = matches!(lesson, Lesson::Rests(_));
        attempted.outcome = match attempted.outcome {
            Outcome::Broken { reason } => {
                let pause = gate.rests_for(now);
                return (Ended::ChannelBroken { reason, pause }, rests);
            }
            Outcome::Unknown { reason } if channel.idempotent() => {
                attempted.later = Later::Unreachable;
                Outcome::Retry { reason, after: None }
            }
            outcome => outcome,
        };
        (Ended::Answered(attempted), rests)
    }

    /// Takes back what is ready for channels that are paused or gone.
    pub(super) async fn withdraw(&self) {
        for (channel, gate) in self.outreach.gates.all() {
            let live = self.outreach.live.get(channel);
            if live.as_ref().is_some_and(|live| live.state == "active") {
                continue;
            }
            self.give_back(&gate, gate.lane.drain(), live.as_ref().map(|_| "channel_paused")).await;
            if live.is_none() {
                self.outreach.gates.forget(channel);
            }
        }
    }

    /// Takes back all that is ready, since the process ends.
    pub(super) async fn withdraw_all(&self) {
        for (_, gate) in self.outreach.gates.all() {
            self.give_back(&gate, gate.lane.drain(), self.why_not()).await;
        }
    }

    fn why_not(&self) -> Option<&'static str> {
        (!self.is_ending()).then_some("breaker")
    }

    async fn give_back(&self, gate: &Gate, messages: Vec<Ready>, why: Option<&'static str>) {
        if messages.is_empty() {
            return;
        }
        let has_room = gate.give_back(messages.len(), self.outreach.clock.monotonic());
        let at = self.outreach.clock.now();
        let detail = match why {
            Some("breaker") => "the channel rests; the message had not left",
            Some(_) => "the channel was paused; the message had not left",
            None => "the message had not left",
        };
        for Ready { claimed, wish, done, .. } in messages {
            let result = Ended::GivenBack { why, detail: detail.to_owned() };
            let _ = done.send(Done { claimed, result, wish, at }).await;
        }
        if has_room {
            self.freed.notify_one();
        }
    }

    async fn hand_in(&self, claimed: Claimed, result: Ended, wish: Option<Wish>, done: &mpsc::Sender<Done>) {
        let now = self.outreach.clock.monotonic();
        let has_room = match result.was_on_the_wire() {
            true => claimed.gate.leave(1, now),
            // What the channel itself puts off takes nobody else's place.
            false => claimed.gate.give_back(1, now),
        };
        let at = self.outreach.clock.now();
        // The receiver lives until the last sender is gone, unless the process is ending.
        let _ = done.send(Done { claimed, result, wish, at }).await;
        if has_room {
            self.freed.notify_one();
        }
    }
}

/// What an attempt says of its channel.
fn learn(gate: &Gate, attempted: &Attempted, now: Duration) -> Lesson {
    match (&attempted.outcome, attempted.later) {
        (Outcome::Broken { reason }, _) => gate.breaks(now, reason),
        (Outcome::Unknown { reason }, _) | (Outcome::Retry { reason, .. }, Later::Unreachable) => {
            gate.misses(now, reason)
        }
        (Outcome::Retry { after, .. }, Later::Throttled) => match gate.rest(now, after.unwrap_or_default()) {
            Lesson::Nothing => gate.works(now),
            rests => rests,
        },
        (Outcome::Accepted { .. } | Outcome::Refused { .. } | Outcome::Retry { .. }, _) => gate.works(now),
        (Outcome::NotNow { .. }, _) => Lesson::Nothing,
    }
}

fn problem_of(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Retry { reason, .. }
        | Outcome::Refused { reason, .. }
        | Outcome::Broken { reason }
        | Outcome::Unknown { reason } => reason,
        Outcome::NotNow { reason, .. } => reason,
        Outcome::Accepted { .. } => "",
    }
}

/// The class of an outcome, for metrics.
fn class_of(attempted: &Attempted) -> &'static str {
    match &attempted.outcome {
        Outcome::Accepted { .. } => "accepted",
        Outcome::Retry { .. } => attempted.later.word(),
        Outcome::Refused { .. } => "permanent",
        Outcome::Broken { .. } => "broken",
        Outcome::Unknown { .. } => "unknown",
        Outcome::NotNow { .. } => "not_now",
    }
}

fn measure(claimed: &Claimed, attempted: &Attempted, on_the_wire: Duration) {
    let kind = claimed.live.kind.clone();
    let class = class_of(attempted);
    metrics::counter!("hearth_delivery_attempts_total", "kind" => kind.clone(), "class" => class).increment(1);
    metrics::histogram!("hearth_delivery_wire_seconds", "kind" => kind).record(on_the_wire.as_secs_f64());
}
