//! What happened to members in a journey, run by run.

use std::collections::BTreeMap;

use base::{
    Time,
    ids::{JourneyId, MemberId, RunId},
};
use sea_orm::{DbErr, FromQueryResult};
use serde::Serialize;
use serde_json::Value;
use store::Sql;
use utoipa::ToSchema;

use super::runs::MAX_TRACE;

/// Lines of each run's trace that a list of runs shows.
const LINES_OF_A_RUN: i64 = 50;

/// One member's way through a journey, with its last decisions.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RunDto {
    /// `run_…`
    #[schema(value_type = String)]
    pub id: RunId,
    /// `mem_…`
    #[schema(value_type = String)]
    pub member: MemberId,
    /// The version that it is on; who was moved began on another.
    pub version: i64,
    /// Value of the correlation key, if the journey has one.
    pub key: String,
    /// `active`, `completed`, `exited`, `held_out`, `failed` or `stopped`.
    pub state: String,
    /// Where it is now.
    pub step: Option<String>,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    pub entered_at: Time,
    /// When its wait is over.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub wake_at: Option<Time>,
    /// When it ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Time>,
    /// Why it ended.
    pub end_reason: Option<String>,
    /// When the goal was reached.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub goal_at: Option<Time>,
    /// What happened last, in order: some fifty lines.
    pub trace: Vec<TraceDto>,
    /// Lines that come before these; `…/runs/{run}/trace` has them all.
    pub earlier_lines: i64,
}

/// One line of a run's trace.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TraceDto {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Time,
    /// At which step; empty for the run as a whole.
    pub step: String,
    /// What happened.
    pub action: String,
    /// Particulars.
    #[schema(value_type = Object)]
    pub detail: Value,
}

/// A row of the table of runs.
#[derive(FromQueryResult)]
pub struct RunRow {
    /// Number behind the id.
    pub id: i64,
    member_id: i64,
    version: i64,
    entry_key: String,
    state: String,
    step: Option<String>,
    entered_at: i64,
    wake_at: Option<i64>,
    ended_at: Option<i64>,
    end_reason: Option<String>,
    goal_at: Option<i64>,
    trace_length: i64,
}

/// A line of a trace.
#[derive(FromQueryResult)]
pub struct TraceRow {
    run_id: i64,
    /// Its number in its trace, from 0.
    pub seq: i64,
    at: i64,
    step: String,
    action: String,
    detail_json: String,
}

impl RunRow {
    /// The first line of its trace that is shown. What is not kept stands behind all others.
    fn first_line(&self) -> i64 {
        (self.trace_length.min(MAX_TRACE) - LINES_OF_A_RUN).max(0)
    }
}

impl From<TraceRow> for TraceDto {
    fn from(line: TraceRow) -> TraceDto {
        TraceDto {
            at: Time::from_millis(line.at),
            step: line.step,
            action: line.action,
            detail: serde_json::from_str(&line.detail_json).unwrap_or_default(),
        }
    }
}

/// Lines of a run's trace after the line `after`, in order; `None` when the journey has no such run.
pub async fn trace(
    db: &impl Sql,
    journey: JourneyId,
    run: RunId,
    after: i64,
    limit: u64,
) -> Result<Option<Vec<TraceRow>>, DbErr> {
    let sql = "SELECT id FROM journey_runs WHERE id = $1 AND journey_id = $2";
    if db.scalar::<i64>(sql, vec![run.0.into(), journey.0.into()]).await?.is_none() {
        return Ok(None);
    }
    let lines = db.all(
        "SELECT run_id, seq, at, step, action, detail_json FROM journey_trace
         WHERE run_id = $1 AND seq > $2 ORDER BY seq LIMIT $3",
        vec![run.0.into(), after.into(), (limit as i64).into()],
    );
    lines.await.map(Some)
}

/// Which runs of a journey are asked for: those to which all that is given applies.
#[derive(Debug, Default)]
pub struct WantedRuns<'a> {
    /// Of this member.
    pub member: Option<MemberId>,
    /// In this state, one of [`RUN_STATES`].
    pub state: Option<&'static str>,
    /// Standing at this step now.
    pub step: Option<&'a str>,
    /// On this version.
    pub version: Option<i64>,
    /// Whether the last lines of their traces are told.
    pub trace: bool,
}

/// The states of runs.
pub const RUN_STATES: [&str; 6] = ["active", "completed", "exited", "held_out", "failed", "stopped"];

/// Runs of a journey, newest first.
pub async fn runs(
    db: &impl Sql,
    journey: JourneyId,
    wanted: &WantedRuns<'_>,
    before: i64,
    limit: u64,
) -> Result<Vec<RunDto>, DbErr> {
    let mut values: Vec<store::Value> = vec![journey.0.into(), before.into(), (limit as i64).into()];
    // Written out, so that the indexes of those under way can be used.
    let state = wanted.state.or(wanted.step.map(|_| "active"));
    let mut only = state.map(|state| format!(" AND state = '{state}'")).unwrap_or_default();
    let mut also = |column: &str, value: store::Value| {
        values.push(value);
        only += &format!(" AND {column} = ${}", values.len());
    };
    if let Some(member) = wanted.member {
        also("member_id", member.0.into());
    }
    if let Some(step) = wanted.step {
        also("step", step.into());
    }
    if let Some(version) = wanted.version {
        // Who stands at a step is found by the step.
        also(if wanted.step.is_some() { "version + 0" } else { "version" }, version.into());
    }
    let rows: Vec<RunRow> = db
        .all(
            &format!(
                "SELECT id, member_id, version, entry_key, state, step, entered_at, wake_at, ended_at, end_reason, goal_at,
                   trace_length
                 FROM journey_runs WHERE journey_id = $1 AND id < $2{only} ORDER BY id DESC LIMIT $3"
            ),
            values,
        )
        .await?;
    let told = rows.iter().filter(|_| wanted.trace);
    let keys: Vec<(i64, i64)> = told.map(|row| (row.id, row.first_line())).collect();
    let lines: Vec<TraceRow> = db
        .all_rows(
            "SELECT t.run_id, t.seq, t.at, t.step, t.action, t.detail_json
             FROM {rows} JOIN journey_trace t
               ON t.run_id = CAST(r.value->>0 AS BIGINT) AND t.seq >= CAST(r.value->>1 AS BIGINT)
             ORDER BY t.run_id, t.seq",
            &keys,
            Vec::new(),
        )
        .await?;
    let mut traces: BTreeMap<i64, Vec<TraceDto>> = BTreeMap::new();
    for line in lines {
        traces.entry(line.run_id).or_default().push(line.into());
    }
    Ok(rows
        .into_iter()
        .map(|row| RunDto {
            earlier_lines: if wanted.trace { row.first_line() } else { row.trace_length.min(MAX_TRACE) },
            id: RunId(row.id),
            member: MemberId(row.member_id),
            version: row.version,
            key: row.entry_key,
            state: row.state,
            step: row.step,
            entered_at: Time::from_millis(row.entered_at),
            wake_at: row.wake_at.map(Time::from_millis),
            ended_at: row.ended_at.map(Time::from_millis),
            end_reason: row.end_reason,
            goal_at: row.goal_at.map(Time::from_millis),
            trace: traces.remove(&row.id).unwrap_or_default(),
        })
        .collect())
}
