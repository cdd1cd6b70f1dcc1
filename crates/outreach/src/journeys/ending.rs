//! Ending runs, and journeys that have come to their end.

use base::{
    Time,
    ids::{JourneyId, WorkspaceId},
};
use sea_orm::{DbErr, FromQueryResult};
use serde_json::{Value, json};
use store::{Sql, Tx};

use super::{
    book::JourneyBook,
    changes::{RUNS_AT_ONCE, Slice},
    runs::TraceLine,
    tallies::{self, Counting},
    touched,
};

/// What is written of a run that is ended from outside.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ending {
    /// In the run's `end_reason`.
    pub(super) reason: &'static str,
    /// In the trace's `reason`.
    pub(super) word: &'static str,
}

/// Its journey was stopped.
const STOPPED: Ending = Ending { reason: "journey stopped", word: "journey_stopped" };

/// The mapping of a move ends it.
pub(super) const MOVED_OUT: Ending = Ending { reason: "moved out", word: "moved_out" };

/// A run that is under way.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct UnderWay {
    pub(super) id: i64,
    pub(super) workspace_id: i64,
    pub(super) member_id: i64,
    pub(super) version: i64,
    pub(super) step: String,
    pub(super) trace_length: i64,
}

/// Their ids, as rows.
pub(super) fn ids(runs: &[UnderWay]) -> Vec<(i64,)> {
    runs.iter().map(|run| (run.id,)).collect()
}

/// The next runs of a journey that are under way on versions before `version`.
pub(super) async fn under_way(tx: &Tx, journey: JourneyId, version: i64, after: i64) -> Result<Vec<UnderWay>, DbErr> {
    tx.all(
        "SELECT id, workspace_id, member_id, version, COALESCE(step, '') AS step, trace_length FROM journey_runs
         WHERE journey_id = $1 AND state = 'active' AND version < $2 AND id > $3 ORDER BY id LIMIT $4",
        vec![journey.0.into(), version.into(), after.into(), RUNS_AT_ONCE.into()],
    )
    .await
}

/// Ends the next runs of a journey that was stopped.
pub(super) async fn slice(tx: &Tx, journey: JourneyId, after: i64, now: Time) -> Result<Slice, DbErr> {
    let runs = under_way(tx, journey, i64::MAX, after).await?;
    end(tx, journey, &runs, STOPPED, &json!({}), now).await?;
    let ended = runs.len() as i64;
    Ok(Slice { runs: ended, last: runs.last().map(|run| run.id), ended, ..Slice::default() })
}

/// Ends these runs, with a line of the trace for each that also has what is in `detail`. The pipeline reads their members
/// anew.
pub(super) async fn end(
    tx: &Tx,
    journey: JourneyId,
    runs: &[UnderWay],
    ending: Ending,
    detail: &Value,
    now: Time,
) -> Result<(), DbErr> {
    let mut detail = detail.clone();
    detail["reason"] = json!(ending.word);
    trace(tx, journey, runs, "exited", |_| detail.clone(), now).await?;
    let ids = ids(runs);
    tallies::count(tx, Counting::Out, &ids).await?;
    let rows: Vec<(i64, &str, i64)> = runs.iter().map(|run| (run.id, ending.reason, now.millis())).collect();
    tx.run_rows(
        "UPDATE journey_runs SET state = 'exited', end_reason = x.reason, ended_at = x.at, wake_at = NULL,
           wait_json = NULL, arriving = 0, trace_length = trace_length + 1
         FROM (SELECT CAST(r.value->>0 AS BIGINT) AS run, r.value->>1 AS reason, CAST(r.value->>2 AS BIGINT) AS at
               FROM {rows}) AS x
         WHERE journey_runs.id = x.run",
        &rows,
    )
    .await?;
    tallies::count(tx, Counting::In, &ids).await?;
    touched::note(tx, runs).await?;
    // A task for which a run waited is nobody's any more.
    let rows: Vec<(i64, i64)> = runs.iter().map(|run| (run.id, now.millis())).collect();
    tx.run_rows(
        "UPDATE journey_tasks SET state = 'cancelled', closed_at = x.at
         FROM (SELECT CAST(r.value->>0 AS BIGINT) AS run, CAST(r.value->>1 AS BIGINT) AS at FROM {rows}) AS x
         WHERE journey_tasks.run_id = x.run AND journey_tasks.state = 'open'",
        &rows,
    )
    .await?;
    Ok(())
}

/// One line of the trace for each of these runs, at the step at which it stands, counted there.
pub(super) async fn trace(
    tx: &Tx,
    journey: JourneyId,
    runs: &[UnderWay],
    action: &str,
    detail: impl Fn(&UnderWay) -> Value,
    now: Time,
) -> Result<(), DbErr> {
    let lines: Vec<(i64, i64, i64, &str, &str, String)> = runs
        .iter()
        .map(|run| (run.id, run.trace_length, now.millis(), run.step.as_str(), action, detail(run).to_string()))
        .collect();
    tx.run_rows(
        "INSERT INTO journey_trace (run_id, seq, at, step, action, detail_json)
         SELECT CAST(r.value->>0 AS BIGINT), CAST(r.value->>1 AS BIGINT), CAST(r.value->>2 AS BIGINT), r.value->>3,
                r.value->>4, r.value->>5 FROM {rows}",
        &lines,
    )
    .await?;
    let counts: Vec<(i64, i64, &str, &str)> =
        runs.iter().map(|run| (journey.0, run.version, run.step.as_str(), action)).collect();
    tx.run_rows(
        "INSERT INTO journey_counts (journey_id, version, step, action, happened)
         SELECT c.journey, c.version, c.step, c.action, COUNT(*) FROM
           (SELECT CAST(r.value->>0 AS BIGINT) AS journey, CAST(r.value->>1 AS BIGINT) AS version, r.value->>2 AS step,
                   r.value->>3 AS action FROM {rows}) AS c
         WHERE true GROUP BY c.journey, c.version, c.step, c.action
         ON CONFLICT (journey_id, version, step, action)
         DO UPDATE SET happened = journey_counts.happened + excluded.happened",
        &counts,
    )
    .await?;
    Ok(())
}

/// Journeys that were only to be finished are stopped once nobody is under way in them any more. Journeys in other states
/// are left alone.
pub(super) async fn stop_finished(tx: &Tx, journeys: &[JourneyId], now: Time) -> Result<(), DbErr> {
    let rows: Vec<(i64, i64)> = journeys.iter().map(|journey| (journey.0, now.millis())).collect();
    tx.run_rows(
        "UPDATE journeys SET state = 'stopped', updated_at = x.at
         FROM (SELECT CAST(r.value->>0 AS BIGINT) AS journey, CAST(r.value->>1 AS BIGINT) AS at FROM {rows}) AS x
         WHERE journeys.id = x.journey AND journeys.state = 'finishing'
           AND NOT EXISTS (SELECT 1 FROM journey_runs WHERE journey_id = journeys.id AND journey_runs.state = 'active')",
        &rows,
    )
    .await?;
    Ok(())
}

/// Stops those of these journeys that were only to be finished and in which the batch ended the last run.
pub(super) async fn after_batch<'a>(
    tx: &Tx,
    books: impl Iterator<Item = &'a JourneyBook>,
    trace: &[TraceLine],
) -> Result<(), DbErr> {
    let Some(last) = trace.last() else { return Ok(()) };
    let finishing: Vec<JourneyId> = books.flat_map(JourneyBook::finishing).collect();
    stop_finished(tx, &finishing, last.at).await
}

/// The same for all journeys of a workspace, after runs have ended in another way, such as an erasure.
pub(crate) async fn stop_emptied(tx: &Tx, workspace: WorkspaceId, now: Time) -> Result<(), DbErr> {
    tx.run(
        "UPDATE journeys SET state = 'stopped', updated_at = $2 WHERE workspace_id = $1 AND state = 'finishing'
           AND NOT EXISTS (SELECT 1 FROM journey_runs WHERE journey_id = journeys.id AND journey_runs.state = 'active')",
        vec![workspace.0.into(), now.millis().into()],
    )
    .await?;
    Ok(())
}
