//! Writing down what became of messages, many in one transaction.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use base::{Event, IdSource, Time, ids::WorkspaceId};
use channels::{Attempted, Outcome};
use store::{DbErr, FromQueryResult, Sql, Tx};

use super::{
    CHANNEL_DELETED, Outbox, PUT_OFF, Progress,
    facts::{HistoryLine, fact, kind_word, write_history},
    retry::class_of,
    send::{Done, Ended},
    states,
    suppressions::{self, SuppressionRow},
};

const PAUSE_AFTER_FAULT: Duration = Duration::from_secs(5);
/// The least that a message waits whose turn it is not.
const SHORTEST_WAIT: Duration = Duration::from_secs(1);
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
    /// More for the history.
    notes: Vec<String>,
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
            notes: Vec::new(),
        }
    }
}

#[derive(FromQueryResult)]
struct IdRow {
    id: i64,
}

#[derive(FromQueryResult)]
struct FirstRow {
    delivery_id: i64,
    at: i64,
}

impl Outbox {
    /// Records outcomes, with the facts that follow from them.
    pub(super) async fn record(&self, batch: &[Done]) -> Result<Progress, DbErr> {
        let now = self.outreach.clock.now();
        // What a power cut takes back is unknown after it, and not sent again.
        let tx = self.outreach.db.begin_replayable().await?;
        let firsts = first_attempts(&tx, batch).await?;
        let mut nexts: Vec<Next> = batch.iter().map(|done| self.next_of(done, &firsts)).collect();
        let answers: Vec<Option<Event>> =
            batch.iter().zip(&mut nexts).map(|(done, next)| self.answer_of(done, next)).collect();
        let recorded = update(&tx, batch, &nexts).await?;
        complete(&tx, batch, &nexts, &recorded).await?;
        let mut events = Vec::new();
        let mut dead: Vec<(WorkspaceId, SuppressionRow)> = Vec::new();
        let mut lines = Vec::with_capacity(batch.len());
        let mut progress = Progress::default();
        for ((done, next), answer) in batch.iter().zip(&nexts).zip(answers) {
            let row = &done.claimed.row;
            count(&mut progress, done, next);
            if !is_put_off_again(done, next) {
                lines.push(HistoryLine { delivery: row.id, state: next.state, detail: detail(next) });
            }
            let was_accepted = next.accepted_at.is_some();
            if !recorded.contains(&row.id) && !was_accepted {
                // A report was faster than our own record; it stays.
                continue;
            }
            events.extend(answer);
            if crate::templates::is_test(&row.topic, row.member_id) {
                // It went to no member.
                continue;
            }
            let Ended::Answered(attempted) = &done.result else { continue };
            let subject = row.subject();
            let word = kind_word(&row.channel_kind);
            match &attempted.outcome {
                Outcome::Accepted { .. } => {
                    events.push(fact(&self.outreach, &subject, format!("{word} Sent"), "sent", done.at, &[]));
                }
                Outcome::Refused { reason, suppress: lasting } => {
                    if *lasting {
                        let source = subject.delivery().to_string();
                        let entry = SuppressionRow::of(&subject, "bounced", source, now);
                        dead.push((subject.workspace(), entry));
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
        suppressions::add_all(&tx, &dead).await?;
        write_history(&tx, &self.outreach, now, &lines).await?;
        store::emitted::put(&tx, &events).await?;
        let changed = states::save_breakers(&tx, &self.outreach, batch, now).await?;
        tx.commit().await?;
        for (gate, change) in changed {
            gate.saved(change);
        }
        if !events.is_empty() {
            self.outreach.emitted.notify_one();
        }
        measure(batch, &nexts);
        Ok(progress)
    }

    fn next_of(&self, done: &Done, firsts: &HashMap<i64, i64>) -> Next {
        let mut next = next_of(done, firsts, &self.outreach.ids);
        if next.state != "queued" {
            next.notes.extend(done.claimed.note.clone());
        }
        if next.state == "queued" && self.outreach.live.get(done.claimed.live.id).is_none() {
            let ended_at = Some(done.at.millis());
            return Next { reason: Some(CHANNEL_DELETED), error: next.error, ended_at, ..Next::new("cancelled") };
        }
        next
    }

    /// What the answer says to whoever wanted it; the history tells as well.
    fn answer_of(&self, done: &Done, next: &mut Next) -> Option<Event> {
        let wish = done.wish.as_ref().filter(|_| next.state != "queued")?;
        let answer = match &done.result {
            Ended::Answered(attempted) => attempted.answer.as_ref(),
            _ => None,
        };
        let ok = next.state == "accepted";
        if !ok && !wish.waits() {
            return None;
        }
        // Only an answer that says yes says anything about the member.
        let read = if ok { wish.read(answer) } else { Default::default() };
        if !read.note.is_empty() {
            next.notes.push(clipped(&read.note));
        }
        let told = (&read, answer.map(|answer| answer.status), ok);
        wish.told(&self.outreach, &done.claimed.row.subject(), told, done.at)
    }
}

/// Whether a message is put off for the same reason as before, which its history says already.
fn is_put_off_again(done: &Done, next: &Next) -> bool {
    let is_same = next.reason.is_some() && next.reason == done.claimed.row.reason.as_deref();
    is_same && next.state == "queued" && next.reason.is_some_and(|reason| PUT_OFF.contains(&reason))
}

/// When messages that are to be tried once more failed first. What was put off before that was not tried, and what
/// failed before a person had it sent again counts no more.
async fn first_attempts(tx: &Tx, batch: &[Done]) -> Result<HashMap<i64, i64>, DbErr> {
    let is_repeated = |done: &&Done| {
        let retry = matches!(&done.result, Ended::Answered(Attempted { outcome: Outcome::Retry { .. }, .. }));
        retry && done.claimed.nth() > 1
    };
    let ids: Vec<(i64,)> = batch.iter().filter(is_repeated).map(|done| (done.claimed.row.id,)).collect();
    let rows: Vec<FirstRow> = tx
        .all_rows(
            "SELECT h.delivery_id, MIN(h.at) AS at FROM {rows}
             JOIN delivery_history h ON h.delivery_id = CAST(r.value->>0 AS BIGINT)
               AND h.state = 'queued' AND h.detail LIKE '%attempt 1 of %'
               AND NOT EXISTS (SELECT 1 FROM delivery_history s WHERE s.delivery_id = h.delivery_id AND s.id > h.id
                                 AND s.state = 'queued' AND s.detail LIKE 'settled by %')
             GROUP BY h.delivery_id",
            &ids,
            Vec::new(),
        )
        .await?;
    Ok(rows.into_iter().map(|row| (row.delivery_id, row.at)).collect())
}

fn next_of(done: &Done, firsts: &HashMap<i64, i64>, ids: &IdSource) -> Next {
    let at = done.at;
    let attempt = done.claimed.nth();
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
    let attempted = match &done.result {
        Ended::Answered(attempted) => attempted,
        Ended::ChannelBroken { reason, pause } => {
            return Next { reason: Some("breaker"), ..again(reason, *pause, 1) };
        }
        // It keeps its place before those that came later.
        Ended::GivenBack { why, detail } => {
            return Next { reason: *why, given_back: 1, notes: vec![detail.clone()], ..Next::new("queued") };
        }
        Ended::NotMade(problem) => return ended("failed", reason_of(problem), &problem.to_string()),
        Ended::NotTried => return again("nothing was sent; the server could not prepare it", PAUSE_AFTER_FAULT, 1),
    };
    let mut next = match &attempted.outcome {
        Outcome::Accepted { provider_id } => Next {
            provider_id: provider_id.as_deref().map(clipped),
            accepted_at: Some(at.millis()),
            ..Next::new("accepted")
        },
        Outcome::Retry { reason, after } => {
            let class = class_of(attempted.later);
            let pause = class.pause(attempt, *after, ids);
            let first = firsts.get(&done.claimed.row.id).copied().unwrap_or(at.millis());
            let too_late = at.plus(pause) - Time::from_millis(first) > class.age.as_millis() as i64;
            let attempts = format!("attempt {attempt} of {}", class.attempts);
            match attempt >= class.attempts || too_late {
                true => Next { notes: vec![attempts], ..ended("failed", "retries_exhausted", reason) },
                false => Next { notes: vec![attempts], ..again(reason, pause, 0) },
            }
        }
        Outcome::Refused { reason, .. } => ended("failed", "refused", reason),
        Outcome::Unknown { reason } => ended("unknown", "outcome_unknown", reason),
        Outcome::Broken { reason } => again(reason, PAUSE_AFTER_FAULT, 1),
        Outcome::NotNow { reason, retry_after } => {
            let pause = (*retry_after).max(SHORTEST_WAIT);
            Next { reason: Some(reason), error: None, ..again("", pause, 1) }
        }
    };
    next.notes.extend(attempted.through.as_deref().map(|through| format!("through {}", clipped(through))));
    next
}

fn reason_of(problem: &base::Problem) -> &'static str {
    match problem.code {
        base::Code::TemplateTooCostly => "template_too_costly",
        _ => "template_failed",
    }
}

fn clipped(text: &str) -> String {
    text.chars().filter(|c| *c != '\0').take(MAX_ERROR).collect()
}

fn detail(next: &Next) -> String {
    let mut parts: Vec<String> = Vec::new();
    parts.extend(next.reason.map(str::to_owned));
    parts.extend(next.error.clone());
    parts.extend(next.provider_id.clone());
    parts.extend(next.notes.iter().filter(|note| !note.is_empty()).cloned());
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
