//! What is to become of candidates: the rows that go, that are refused and that wait, with what their histories say.

use std::collections::HashMap;

use base::Time;

use super::{
    PUT_OFF,
    claim::Candidate,
    facts::HistoryLine,
    hours::local_period,
    judge::{Asked, Standing, Verdict, periods},
    policy::Rules,
    queued::QueuedRow,
    refusals::Refusal,
    rows::{DeferredRow, RefusedRow},
};

/// What is to become of candidates.
#[derive(Default)]
pub(super) struct Sorted {
    pub going: HashMap<i64, Candidate>,
    /// Ids, and when they go.
    pub going_rows: Vec<(i64, i64)>,
    pub refused_rows: Vec<RefusedRow>,
    pub deferred_rows: Vec<DeferredRow>,
    /// Members whose messages end without being sent, and when.
    pub freed: Vec<(i64, i64)>,
    pub lines: Vec<HistoryLine>,
}

impl Sorted {
    /// Adds a candidate by what speaks against it, if anything does.
    pub(super) fn add(&mut self, candidate: Candidate, refusal: Option<Refusal>, verdict: Verdict, now: Time) {
        let row = &candidate.row;
        match (refusal, verdict) {
            (Some((state, reason)), _) => self.refuse(row, state, reason, reason.to_owned(), now),
            (None, Verdict::Drop(hold)) => {
                self.refuse(row, "suppressed", hold.why.reason(), hold.detail(false), now);
            }
            (None, Verdict::Wait(hold)) => {
                self.deferred_rows.push((row.id, hold.until.millis(), hold.why.word(), hold.why.reason()));
                // What waits for others is looked at again and again; its history says so once.
                if row.waits_for.as_deref() != Some(hold.why.word()) {
                    self.lines.push(HistoryLine { delivery: row.id, state: "deferred", detail: hold.detail(true) });
                }
            }
            (None, Verdict::Go) => {
                if !row.reason.as_deref().is_some_and(|reason| PUT_OFF.contains(&reason)) {
                    let detail = format!("attempt {}", row.attempts + 1);
                    self.lines.push(HistoryLine { delivery: row.id, state: "sending", detail });
                }
                self.going_rows.push((row.id, now.millis()));
                self.going.insert(row.id, candidate);
            }
        }
    }

    fn refuse(&mut self, row: &QueuedRow, state: &'static str, reason: &'static str, detail: String, now: Time) {
        self.refused_rows.push((row.id, state, reason, now.millis()));
        self.freed.push((row.member_id, now.millis()));
        self.lines.push(HistoryLine { delivery: row.id, state, detail });
    }
}

/// Notes with a member what becomes of one of his messages, for the next ones of the same batch.
pub(super) fn note(
    standing: &mut Standing,
    rules: &Rules,
    row: &QueuedRow,
    asked: &Asked<'_>,
    (is_refused, verdict): (bool, &Verdict),
    now: Time,
) {
    if asked.is_exempt {
        return;
    }
    // What is put off stays planned for the periods in which it still is; what expires before it could go was not
    // counted.
    let was_planned = row.expires_at.is_none_or(|at| at > row.next_attempt_at && at > now.millis());
    let until = if let Verdict::Wait(hold) = verdict { hold.until } else { Time::MAX };
    for per in periods(rules) {
        if was_planned && until >= local_period(per, now, &standing.zone).end {
            standing.leaves_queue(asked, per);
        }
    }
    if !is_refused && *verdict == Verdict::Go {
        standing.goes(rules, asked);
    }
}
