//! The service behind every way in: normalise, bury what is refused, append the rest, say what became of it.

use std::sync::atomic::Ordering;

use base::{Code, Problem, Time, ids::WorkspaceId};
use log::{LogError, NewRecord};
use store::dead_letters::{self, DeadLetter};

use super::{
    IngestState,
    dialects::{Foreign, KeptForeign},
    envelope::Shared,
    letter,
    moment::Arrival,
    normalise::{CallFrom, MessageId, Origin, Records},
    refusal::Refusal,
};

/// How many refused records the reply to one request lists. All of them are kept.
pub const MAX_REFUSED_LISTED: usize = 1_000;
/// How many bytes one request may become, records and dead letters together. What a batch shares is
/// copied into each, so a small body may become many times its size.
pub const MAX_REQUEST_BYTES: usize = 8 << 20;
/// What a row of a dead letter takes beside its payload and message, about.
const LETTER_ROW_BYTES: usize = 256;

/// Who sends.
#[derive(Clone, Debug)]
pub struct Sender {
    /// Whose data it is.
    pub workspace: WorkspaceId,
    /// As an event's `source` says it: a key's id, or `operator:usr_…`.
    pub source: String,
    /// The number of the key's or the user's id, for counting what he sends.
    pub number: i64,
    /// Whether he may vouch for verified addresses ([`base::Event::trusted`]).
    pub trusted: bool,
}

/// What one request brings.
#[derive(Clone, Copy, Debug)]
pub struct Delivery<'a> {
    /// The records, each well-formed JSON.
    pub records: &'a [&'a str],
    /// How they are to be read.
    pub form: Form<'a>,
    /// What they have in common.
    pub shared: Shared<'a>,
    /// What becomes of the others when one is refused.
    pub manner: Manner,
}

/// How records are to be read.
#[derive(Clone, Copy, Debug)]
pub enum Form<'a> {
    /// As records of the tracking API, which say by this which call they are.
    Own(CallFrom),
    /// As a dialect writes them.
    Foreign(Foreign<'a>),
}

/// What becomes of the other records when one is refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Manner {
    /// They are accepted.
    #[default]
    Each,
    /// They are not, and the sender sends them again without the refused ones, which are kept.
    AllOrNone,
    /// All are only looked at: none is accepted, none kept.
    DryRun,
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

    /// Fails while the pipeline is too far behind, or when the sender sends too much. A request without events, or one
    /// that cannot be read, counts as one event.
    pub(super) fn admit(&self, sender: &Sender, events: usize) -> Result<(), Problem> {
        self.check_pressure()?;
        self.limiter.charge(sender.number, events.max(1), self.clock.monotonic()).map_err(|seconds| {
            metrics::counter!("hearth_ingest_rate_limited_total").increment(1);
            Problem::with(Code::RateLimited, "this key sends more events than it may").retry_after(seconds)
        })
    }

    /// Takes in the records of one request. When this returns `Ok`, every record is either durable in the log or
    /// refused, and the refused ones are in the dead letters ([`Manner`] has the exceptions). When it fails, none was
    /// appended.
    pub(super) async fn accept(&self, sender: &Sender, delivery: Delivery<'_>) -> Result<Outcome, Problem> {
        self.admit(sender, delivery.records.len())?;
        let (mut records, letters, mut outcome) = self.normalise(sender, delivery)?;
        match delivery.manner {
            Manner::Each => {}
            Manner::DryRun => return Ok(outcome),
            Manner::AllOrNone if letters.is_empty() => {}
            Manner::AllOrNone => {
                outcome.accepted = 0;
                records = Vec::new();
            }
        }
        // The refused records are kept first: a sender that gets an error afterwards sends all of it again, and a
        // refused record that is kept twice does less harm than an accepted one without an id that counts twice.
        if !letters.is_empty() {
            self.bury(sender, letters).await?;
        }
        self.append(records).await?;
        self.meter.note(sender.workspace, &sender.source, outcome.accepted, outcome.refused, self.clock.now());
        metrics::counter!("hearth_ingest_events_total", "outcome" => "accepted").increment(outcome.accepted as u64);
        if outcome.refused > 0 {
            metrics::counter!("hearth_ingest_events_total", "outcome" => "refused").increment(outcome.refused as u64);
        }
        Ok(outcome)
    }

    /// The records to append and the letters to keep. Fails when both together are larger than
    /// [`MAX_REQUEST_BYTES`], as soon as they are.
    fn normalise(
        &self,
        sender: &Sender,
        delivery: Delivery<'_>,
    ) -> Result<(Vec<NewRecord>, Vec<DeadLetter>, Outcome), Problem> {
        let now = self.clock.now();
        let origin = origin(sender, now, now);
        let bytes = delivery.records.iter().map(|json| json.len().min(super::MAX_EVENT_BYTES) + 64).sum();
        let size = (bytes, delivery.records.len());
        let mut records = Records::new(origin, delivery.shared, &self.ids, self.log.partitions(), size);
        let mut outcome = Outcome::default();
        let (mut letters, mut letter_bytes) = (Vec::new(), 0);
        for (index, json) in delivery.records.iter().enumerate() {
            let added = match delivery.form {
                Form::Own(call) => records.add(json, call, MessageId::Own),
                Form::Foreign(foreign) => foreign.add(json, &mut records, now),
            };
            match added {
                Ok(()) => outcome.accepted += 1,
                Err(refusal) => {
                    outcome.refused += 1;
                    let letter = DeadLetter {
                        workspace: sender.workspace,
                        source: sender.source.clone(),
                        code: refusal.code,
                        message: refusal.message.to_string(),
                        payload: match delivery.form {
                            Form::Own(call) => letter::payload(json, call, delivery.shared),
                            Form::Foreign(foreign) => foreign.letter(json, delivery.shared),
                        },
                    };
                    letter_bytes += letter.payload.len() + letter.message.len() + LETTER_ROW_BYTES;
                    letters.push(letter);
                    if outcome.refusals.len() < MAX_REFUSED_LISTED {
                        outcome.refusals.push((index, refusal));
                    }
                }
            }
            if records.bytes() + letter_bytes > MAX_REQUEST_BYTES {
                let detail = "with what they share, the records have more than 8 MB; send fewer at a time";
                return Err(Problem::with(Code::BatchTooLarge, detail));
            }
        }
        Ok((records.finish(), letters, outcome))
    }

    /// Brings a kept record to the log after all, as it arrived at `received_at`. One of a dialect is translated anew.
    pub(super) fn normalise_again(
        &self,
        sender: &Sender,
        json: &str,
        received_at: Time,
        named: MessageId<'_>,
    ) -> Result<Vec<NewRecord>, Refusal> {
        let origin = origin(sender, received_at, self.clock.now());
        let size = (json.len() + 256, 1);
        let foreign = KeptForeign::read(json);
        let shared = Shared { sent_at: foreign.as_ref().and_then(|kept| kept.sent_at), ..Shared::default() };
        let mut records = Records::new(origin, shared, &self.ids, self.log.partitions(), size);
        match foreign {
            Some(kept) => kept.add(&mut records, received_at, named)?,
            None => records.add(json, CallFrom::ItemOrTrack, named)?,
        }
        Ok(records.finish())
    }

    /// Appends; durable when this returns `Ok`.
    pub(super) async fn append(&self, records: Vec<NewRecord>) -> Result<(), Problem> {
        if records.is_empty() {
            return Ok(());
        }
        self.log.append(records).await.map(|_| ()).map_err(problem_of)
    }

    /// Keeps what was refused of a sender, in one transaction. A row of the database costs more than a record of the
    /// log, so refused records have a rate of their own.
    pub(super) async fn bury(&self, sender: &Sender, letters: Vec<DeadLetter>) -> Result<(), Problem> {
        self.letters.charge(sender.number, letters.len(), self.clock.monotonic()).map_err(|seconds| {
            metrics::counter!("hearth_ingest_rate_limited_total").increment(1);
            Problem::with(Code::RateLimited, "this key sends more that has to be refused than is kept")
                .retry_after(seconds)
        })?;
        let keep = async {
            let tx = self.db.begin().await?;
            dead_letters::bury(&tx, &self.ids, self.clock.now(), letters).await?;
            tx.commit().await
        };
        keep.await.map_err(|error| api::ApiError::from(error).0)
    }
}

fn origin(sender: &Sender, received_at: Time, now: Time) -> Origin<'_> {
    Origin {
        workspace: sender.workspace,
        source: &sender.source,
        trusted: sender.trusted,
        arrival: Arrival { received_at, now },
    }
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
