//! Handing messages over.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use base::{Problem, Time};
use channels::{Message, Outcome};
use futures::FutureExt;
use tokio::sync::mpsc;

use super::{Outbox, claim::Claimed, prepare};

/// A claimed row and what became of it.
pub(super) struct Done {
    pub claimed: Claimed,
    pub result: Ended,
    /// When it ended.
    pub at: Time,
}

/// How an attempt ended.
pub(super) enum Ended {
    /// The channel answered.
    Answered(Outcome),
    /// The channel cannot send; try again after so long.
    ChannelBroken { reason: String, pause: Duration },
    /// No message could be made of the template.
    NotMade(Problem),
    /// Something of ours failed before anything left.
    NotTried,
}

impl Outbox {
    /// Makes the messages and sends each in a task of its own; outcomes go to `done`.
    pub(super) async fn start(self: Arc<Self>, claimed: Vec<Claimed>, done: mpsc::Sender<Done>) {
        let claimed = Arc::new(claimed);
        let made = prepare::make(&self.outreach, &claimed).await;
        let claimed = Arc::unwrap_or_clone(claimed);
        let made = match made {
            Ok(made) => made,
            Err(error) => {
                tracing::error!(%error, messages = claimed.len(), "messages could not be made; they stay queued");
                for message in claimed {
                    self.hand_in(message, Ended::NotTried, &done).await;
                }
                return;
            }
        };
        for (message, made) in claimed.into_iter().zip(made) {
            let (outbox, done) = (self.clone(), done.clone());
            match made {
                Ok(content) => {
                    tokio::spawn(async move {
                        let ended = outbox.send(&message, content).await;
                        outbox.hand_in(message, ended, &done).await;
                    });
                }
                Err(Some(problem)) => outbox.hand_in(message, Ended::NotMade(problem), &done).await,
                Err(None) => outbox.hand_in(message, Ended::NotTried, &done).await,
            }
        }
    }

    async fn send(&self, claimed: &Claimed, message: Message) -> Ended {
        let Ok(channel) = &claimed.live.channel else { return Ended::NotTried };
        let Ok(_on_the_wire) = claimed.gate.wire.clone().acquire_owned().await else { return Ended::NotTried };
        let outcome = AssertUnwindSafe(channel.send(&message)).catch_unwind().await;
        let outcome = outcome.unwrap_or_else(|_| Outcome::Unknown { reason: "the adapter failed".to_owned() });
        match outcome {
            Outcome::Broken { reason } => {
                let pause = claimed.gate.is_broken(self.outreach.clock.monotonic());
                let retry_at = self.outreach.clock.now().plus(pause);
                let health = crate::channel_config::Health { problem: reason.clone(), retry_at: Some(retry_at) };
                self.outreach.live.set_health(claimed.live.id, Some(health));
                tracing::warn!(channel = %claimed.live.id, reason, "the channel cannot send");
                Ended::ChannelBroken { reason, pause }
            }
            Outcome::Accepted { provider_id } => {
                claimed.gate.works();
                self.outreach.live.set_health(claimed.live.id, None);
                Ended::Answered(Outcome::Accepted { provider_id })
            }
            Outcome::Unknown { reason } if channel.idempotent() => {
                Ended::Answered(Outcome::Retry { reason, after: None })
            }
            outcome => Ended::Answered(outcome),
        }
    }

    async fn hand_in(&self, claimed: Claimed, result: Ended, done: &mpsc::Sender<Done>) {
        let has_room = claimed.gate.leave();
        let at = self.outreach.clock.now();
        // The receiver lives until the last sender is gone, unless the process is ending.
        let _ = done.send(Done { claimed, result, at }).await;
        if has_room {
            self.freed.notify_one();
        }
    }
}
