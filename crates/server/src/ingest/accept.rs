//! The service behind every way in: normalise, bury what is refused, append the rest, say what became of it.

use std::sync::atomic::Ordering;

use base::{
    Code, Problem, Time,
    ids::{DeadLetterId, WorkspaceId},
};
use log::{LogError, NewRecord};
use store::dead_letters::{self, DeadLetter};

use super::{
    IngestState,
    envelope::Shared,
    letter,
    moment::Arrival,
    normalise::{CallFrom, Origin, Records},
    refusal::Refusal,
};
/// How many refused records of one request are kept and listed; further ones are only counted.
pub const MAX_REFUSED_LISTED: usize = 1_000;

/// Who sends.
#[derive(Clone, Debug)]
pub struct Sender {
    /// Whose data it is.
    pub workspace: WorkspaceId,
    /// As an event's `source` says it: a key's id, or `operator:usr_…`.
    pub source: String,
    /// The number of the key's or the user's id, for counting what he sends.
    pub number: i64,
}

/// What one request brings.
#[derive(Clone, Copy, Debug)]
pub struct Delivery<'a> {
    /// The records, each well-formed JSON.
    pub records: &'a [&'a str],
    /// What says which calls they are.
    pub call: CallFrom,
    /// What they have in common.
    pub shared: Shared<'a>,
}

/// What became of a request.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// How many records are durable in the log.
    pub accepted: usize,
    /// How many were refused.
    pub refused: usize,
    /// The first [`MAX_REFUSED_LISTED`] of the refused ones, by their place in the request.
    pub refusals: Vec<(usize, Refusal)>,
}

impl IngestState {
    /// Fails with 503 while the pipeline is too far behind.
    pub(super) fn check_pressure(&self) -> Result<(), Problem> {
        if self.pressure.load(Ordering::Relaxed) {
            return Err(Problem::with(Code::Overloaded, "the pipeline is too far behind").retry_after(5));
        }
        Ok(())
    }

    /// Takes in the records of one request. When this returns `Ok`, every record is either durable in the log or
    /// refused, and the refused ones are in the dead letters. When it fails, none was appended.
    pub(super) async fn accept(&self, sender: &Sender, delivery: Delivery<'_>) -> Result<Outcome, Problem> {
        self.check_pressure()?;
        self.limiter.charge(sender.number, delivery.records.len(), self.clock.monotonic()).map_err(|seconds| {
            metrics::counter!("hearth_ingest_rate_limited_total").increment(1);
            Problem::with(Code::RateLimited, "this key sends more events than it may").retry_after(seconds)
        })?;
        let (records, outcome) = self.normalise(sender, delivery);
        // The refused records are kept first: a sender that gets an error afterwards sends all of it again, and a
        // refused record that is kept twice does less harm than an accepted one without an id that counts twice.
        if !outcome.refusals.is_empty() {
            let letters = outcome.refusals.iter().filter_map(|(index, refusal)| {
                let json = delivery.records.get(*index)?;
                Some(DeadLetter {
                    workspace: sender.workspace,
                    source: sender.source.clone(),
                    code: refusal.code,
                    message: refusal.message.to_string(),
                    payload: letter::payload(json, delivery.call, delivery.shared),
                })
            });
            self.bury(letters.collect()).await?;
        }
        self.append(records).await?;
        metrics::counter!("hearth_ingest_events_total", "outcome" => "accepted").increment(outcome.accepted as u64);
        if outcome.refused > 0 {
            metrics::counter!("hearth_ingest_events_total", "outcome" => "refused").increment(outcome.refused as u64);
        }
        Ok(outcome)
    }

    fn normalise(&self, sender: &Sender, delivery: Delivery<'_>) -> (Vec<NewRecord>, Outcome) {
        let now = self.clock.now();
        let origin = origin(sender, now, now);
        let bytes = delivery.records.iter().map(|json| json.len().min(super::MAX_EVENT_BYTES) + 64).sum();
        let size = (bytes, delivery.records.len());
        let mut records = Records::new(origin, delivery.shared, &self.ids, self.log.partitions(), size);
        let mut outcome = Outcome::default();
        for (index, json) in delivery.records.iter().enumerate() {
            let Err(refusal) = records.add(json, delivery.call, None) else { continue };
            outcome.refused += 1;
            if outcome.refusals.len() < MAX_REFUSED_LISTED {
                outcome.refusals.push((index, refusal));
            }
        }
        outcome.accepted = records.count();
        (records.finish(), outcome)
    }

    /// Brings a kept record to the log after all, as it arrived at `received_at`. Without a `messageId` of its
    /// own it gets the letter's id, so that replaying it twice counts once.
    pub(super) fn normalise_again(
        &self,
        sender: &Sender,
        json: &str,
        received_at: Time,
        letter: DeadLetterId,
    ) -> Result<Vec<NewRecord>, Refusal> {
        let origin = origin(sender, received_at, self.clock.now());
        let size = (json.len() + 256, 1);
        let mut records = Records::new(origin, Shared::default(), &self.ids, self.log.partitions(), size);
        records.add(json, CallFrom::ItemOrTrack, Some(&letter.to_string()))?;
        Ok(records.finish())
    }

    /// Appends; durable when this returns `Ok`.
    pub(super) async fn append(&self, records: Vec<NewRecord>) -> Result<(), Problem> {
        if records.is_empty() {
            return Ok(());
        }
        self.log.append(records).await.map(|_| ()).map_err(problem_of)
    }

    /// Keeps refused records, in one transaction.
    pub(super) async fn bury(&self, letters: Vec<DeadLetter>) -> Result<(), Problem> {
        let keep = async {
            let tx = self.db.begin().await?;
            dead_letters::bury(&tx, &self.ids, self.clock.now(), letters).await?;
            tx.commit().await
        };
        keep.await.map_err(|error| api::ApiError::from(error).0)
    }
}

fn origin(sender: &Sender, received_at: Time, now: Time) -> Origin<'_> {
    Origin { workspace: sender.workspace, source: &sender.source, arrival: Arrival { received_at, now } }
}

fn problem_of(error: LogError) -> Problem {
    match error {
        LogError::DiskFull => Problem::new(Code::DiskFull).retry_after(5),
        LogError::Overloaded => Problem::new(Code::Overloaded).retry_after(1),
        LogError::Closed => Problem::with(Code::Unavailable, "the server is shutting down").retry_after(5),
        LogError::TooLarge { .. } => Problem::new(Code::BatchTooLarge),
        other => {
            tracing::error!(error = %other, "appending to the log failed");
            Problem::new(Code::Internal)
        }
    }
}
