//! Writing down what became of messages, many in one transaction.

use std::{collections::HashSet, time::Duration};

use base::{IdSource, Time};
use channels::Outcome;
use store::{DbErr, FromQueryResult, Sql, Tx};

use super::{
    CHANNEL_DELETED, MAX_ATTEMPTS, Outbox, Progress,
    facts::{HistoryLine, fact, kind_word, write_history},
    send::{Done, Ended},
    suppressions::{self, SuppressionRow},
};

/// Pauses before the second, third … attempt.
const PAUSES: [u64; 7] = [60, 300, 900, 3_600, 4 * 3_600, 8 * 3_600, 16 * 3_600];
/// The longest pause that the other side may ask for.
const LONGEST_ASKED: Duration = Duration::from_secs(24 * 3_600);
const PAUSE_AFTER_FAULT: Duration = Duration::from_secs(5);
const MAX_ERROR: usize = 500;

/// The next state of a row.
struct Next {
    state: &'static str,
    reason: Option<&'static str>,
    error: Option<String>,
    next_attempt_at: Option<i64>,
    provider_id: Option<String>,
    accepted_at: Option<i64>,
    ended_at: Option<i64>,
    /// 1 when the attempt does not count.
    given_back: i64,
}

impl Next {
    fn new(state: &'static str) -> Next {
        Next {
            state,
            reason: None,
            error: None,
            next_attempt_at: None,
            provider_id: None,
            accepted_at: None,
            ended_at: None,
            given_back: 0,
        }
    }
}

#[derive(FromQueryResult)]
struct IdRow {
    id: i64,
}

impl Outbox {
    /// Records outcomes, with the facts that follow from them.
    pub(super) async fn record(&self, batch: &[Done]) -> Result<Progress, DbErr> {
        let now = self.outreach.clock.now();
        let nexts: Vec<Next> = batch.iter().map(|done| self.next_of(done)).collect();
        // What a power cut takes back is unknown after it, and not sent again.
        let tx = self.outreach.db.begin_replayable().await?;
        let recorded = update(&tx, batch, &nexts).await?;
        complete(&tx, batch, &nexts, &recorded).await?;
        let mut events = Vec::new();
        let mut lines = Vec::with_capacity(batch.len());
        let mut progress = Progress::default();
        for (done, next) in batch.iter().zip(&nexts) {
            let row = &done.claimed.row;
            count(&mut progress, done, next);
            lines.push(HistoryLine { delivery: row.id, state: next.state, detail: detail(next) });
            let was_accepted = matches!(done.result, Ended::Answered(Outcome::Accepted { .. }));
            if !recorded.contains(&row.id) && !was_accepted {
                // A report was faster than our own record; it stays.
                continue;
            }
            if crate::templates::is_test(&row.topic, row.member_id) {
                // It went to no member.
                continue;
            }
            let subject = row.subject();
            let word = kind_word(&row.channel_kind);
            match &done.result {
                Ended::Answered(Outcome::Accepted { .. }) => {
                    events.push(fact(&self.outreach, &subject, format!("{word} Sent"), "sent", done.at, &[]));
                }
                Ended::Answered(Outcome::Refused { reason, suppress: lasting }) => {
                    if *lasting {
                        let source = subject.delivery().to_string();
                        let entry = SuppressionRow::of(&subject, "bounced", source, now);
                        suppressions::add(&tx, subject.workspace(), &entry).await?;
                    }
                    let kind = self.outreach.registry.kind(&row.channel_kind);
                    let verb = if kind.is_ok_and(|kind| kind.needs_address()) { "Bounced" } else { "Refused" };
                    let more = [
                        ("bounce_type", if *lasting { "permanent" } else { "transient" }),
                        ("diagnostic", reason.as_str()),
                    ];
                    events.push(fact(&self.outreach, &subject, format!("{word} {verb}"), "bounced", done.at, &more));
                }
                _ => {}
            }
        }
        write_history(&tx, &self.outreach, now, &lines).await?;
        store::emitted::put(&tx, &events).await?;
        tx.commit().await?;
        if !events.is_empty() {
            self.outreach.emitted.notify_one();
        }
        measure(batch, &nexts);
        Ok(progress)
    }

    fn next_of(&self, done: &Done) -> Next {
        let next = next_of(done, &self.outreach.ids);
        if next.state == "queued" && self.outreach.live.get(done.claimed.live.id).is_none() {
            let ended_at = Some(done.at.millis());
            return Next { reason: Some(CHANNEL_DELETED), error: next.error, ended_at, ..Next::new("cancelled") };
        }
        next
    }
}

fn next_of(done: &Done, ids: &IdSource) -> Next {
    let at = done.at;
    let ended = |state, reason, error: &str| Next {
        reason: Some(reason),
        error: Some(clipped(error)),
        ended_at: Some(at.millis()),
        ..Next::new(state)
    };
    let again = |error: &str, pause: Duration, given_back| Next {
        error: Some(clipped(error)),
        next_attempt_at: Some(at.plus(pause).millis()),
        given_back,
        ..Next::new("queued")
    };
    match &done.result {
        Ended::Answered(Outcome::Accepted { provider_id }) => Next {
            provider_id: provider_id.as_deref().map(clipped),
            accepted_at: Some(at.millis()),
            ..Next::new("accepted")
        },
        Ended::Answered(Outcome::Retry { reason, .. }) if done.claimed.attempt >= MAX_ATTEMPTS => {
            ended("failed", "retries_exhausted", reason)
        }
        Ended::Answered(Outcome::Retry { reason, after }) => {
            again(reason, pause_before_next(done.claimed.attempt, *after, ids), 0)
        }
        Ended::Answered(Outcome::Refused { reason, .. }) => ended("failed", "refused", reason),
        Ended::Answered(Outcome::Unknown { reason }) => ended("unknown", "outcome_unknown", reason),
        Ended::Answered(Outcome::Broken { reason }) => again(reason, PAUSE_AFTER_FAULT, 1),
        Ended::ChannelBroken { reason, pause } => again(reason, *pause, 1),
        Ended::NotMade(problem) => ended("failed", reason_of(problem), &problem.to_string()),
        Ended::NotTried => again("nothing was sent; the server could not prepare it", PAUSE_AFTER_FAULT, 1),
    }
}

fn reason_of(problem: &base::Problem) -> &'static str {
    match problem.code {
        base::Code::TemplateTooCostly => "template_too_costly",
        _ => "template_failed",
    }
}

/// The pause before the next attempt, longer each time and never quite the same, so that messages
/// that failed together do not come back together. What the other side asks for can only make it longer: a
/// server that says "in a minute" each time shall not use up all attempts within minutes.
fn pause_before_next(attempt: i64, asked: Option<Duration>, ids: &IdSource) -> Duration {
    let nth = usize::try_from(attempt - 1).unwrap_or(0).min(PAUSES.len() - 1);
    let pause = Duration::from_secs(PAUSES[nth]).max(asked.unwrap_or_default()).min(LONGEST_ASKED);
    pause.mul_f64(1.0 + 0.1 * ids.unit())
}

fn clipped(text: &str) -> String {
    text.chars().filter(|c| *c != '\0').take(MAX_ERROR).collect()
}

fn detail(next: &Next) -> String {
    let mut parts: Vec<String> = Vec::new();
    parts.extend(next.reason.map(str::to_owned));
    parts.extend(next.error.clone());
    parts.extend(next.provider_id.clone());
    parts.extend(next.next_attempt_at.map(|at| format!("next attempt at {}", Time::from_millis(at))));
    parts.join("; ")
}

fn count(progress: &mut Progress, done: &Done, next: &Next) {
    match (&done.result, next.state) {
        (_, "accepted") => progress.accepted += 1,
        (_, "queued") => progress.retried += 1,
        (_, "unknown") => progress.unknown += 1,
        (_, "cancelled") => progress.refused += 1,
        _ => progress.failed += 1,
    }
}

fn measure(batch: &[Done], nexts: &[Next]) {
    for (done, next) in batch.iter().zip(nexts) {
        metrics::counter!("hearth_deliveries_total", "state" => next.state, "reason" => next.reason.unwrap_or_default())
            .increment(1);
        if next.state == "accepted" && done.claimed.attempt == 1 {
            let waited = done.at - Time::from_millis(done.claimed.row.queued_at);
            metrics::histogram!("hearth_delivery_seconds").record(waited.max(0) as f64 / 1_000.0);
        }
    }
}

type UpdateRow<'a> =
    (i64, &'a str, Option<&'a str>, Option<&'a str>, Option<i64>, Option<&'a str>, Option<i64>, Option<i64>, i64);

/// Gives rows their next state; returns those that were still ours. A row that another process took
/// for lost is ours as well: now the outcome is known.
async fn update(tx: &Tx, batch: &[Done], nexts: &[Next]) -> Result<HashSet<i64>, DbErr> {
    let rows: Vec<UpdateRow<'_>> = batch
        .iter()
        .zip(nexts)
        .map(|(done, next)| {
            (
                done.claimed.row.id,
                next.state,
                next.reason,
                next.error.as_deref(),
                next.next_attempt_at,
                next.provider_id.as_deref(),
                next.accepted_at,
                next.ended_at,
                next.given_back,
            )
        })
        .collect();
    let updated: Vec<IdRow> = tx
        .all_rows(
            "UPDATE deliveries SET state = x.state, reason = x.reason, error = x.error,
               next_attempt_at = COALESCE(x.next_attempt_at, deliveries.next_attempt_at),
               provider_id = COALESCE(x.provider_id, deliveries.provider_id),
               accepted_at = COALESCE(deliveries.accepted_at, x.accepted_at),
               ended_at = x.ended_at, attempts = deliveries.attempts - x.given_back
             FROM (SELECT CAST(r.value->>0 AS BIGINT) AS id, r.value->>1 AS state, r.value->>2 AS reason,
                          r.value->>3 AS error, CAST(r.value->>4 AS BIGINT) AS next_attempt_at,
                          r.value->>5 AS provider_id, CAST(r.value->>6 AS BIGINT) AS accepted_at,
                          CAST(r.value->>7 AS BIGINT) AS ended_at, CAST(r.value->>8 AS BIGINT) AS given_back
                   FROM {rows}) AS x
             WHERE deliveries.id = x.id
               AND (deliveries.state = 'sending' OR (deliveries.state = 'unknown' AND deliveries.reason = 'process_ended'))
             RETURNING deliveries.id",
            &rows,
            Vec::new(),
        )
        .await?;
    Ok(updated.into_iter().map(|row| row.id).collect())
}

/// Fills in what is known of messages that were accepted and had been reported on before we could record it.
/// Their state is what the report says.
async fn complete(tx: &Tx, batch: &[Done], nexts: &[Next], recorded: &HashSet<i64>) -> Result<(), DbErr> {
    let overtaken = batch
        .iter()
        .zip(nexts)
        .filter(|(done, next)| next.accepted_at.is_some() && !recorded.contains(&done.claimed.row.id));
    let rows: Vec<(i64, Option<i64>, Option<&str>)> =
        overtaken.map(|(done, next)| (done.claimed.row.id, next.accepted_at, next.provider_id.as_deref())).collect();
    tx.run_rows(
        "UPDATE deliveries SET accepted_at = COALESCE(deliveries.accepted_at, x.accepted_at),
           provider_id = COALESCE(deliveries.provider_id, x.provider_id)
         FROM (SELECT CAST(r.value->>0 AS BIGINT) AS id, CAST(r.value->>1 AS BIGINT) AS accepted_at,
                      r.value->>2 AS provider_id FROM {rows}) AS x
         WHERE deliveries.id = x.id",
        &rows,
    )
    .await?;
    Ok(())
}
