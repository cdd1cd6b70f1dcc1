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

/// One member's way through a journey, with every decision.
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
    /// What happened, in order.
    pub trace: Vec<TraceDto>,
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
}

#[derive(FromQueryResult)]
struct TraceRow {
    run_id: i64,
    at: i64,
    step: String,
    action: String,
    detail_json: String,
}

/// Runs of a journey, newest first, perhaps of one member.
pub async fn runs(
    db: &impl Sql,
    journey: JourneyId,
    member: Option<MemberId>,
    before: i64,
    limit: u64,
) -> Result<Vec<RunDto>, DbErr> {
    let mut values = vec![journey.0.into(), before.into(), (limit as i64).into()];
    let mut only = "";
    if let Some(member) = member {
        values.push(member.0.into());
        only = "AND member_id = $4";
    }
    let rows: Vec<RunRow> = db
        .all(
            &format!(
                "SELECT id, member_id, version, entry_key, state, step, entered_at, wake_at, ended_at, end_reason, goal_at
                 FROM journey_runs WHERE journey_id = $1 AND id < $2 {only} ORDER BY id DESC LIMIT $3"
            ),
            values,
        )
        .await?;
    let keys: Vec<(i64,)> = rows.iter().map(|row| (row.id,)).collect();
    let lines: Vec<TraceRow> = db
        .all_rows(
            "SELECT t.run_id, t.at, t.step, t.action, t.detail_json
             FROM {rows} JOIN journey_trace t ON t.run_id = CAST(r.value->>0 AS BIGINT) ORDER BY t.run_id, t.seq",
            &keys,
            Vec::new(),
        )
        .await?;
    let mut traces: BTreeMap<i64, Vec<TraceDto>> = BTreeMap::new();
    for line in lines {
        traces.entry(line.run_id).or_default().push(TraceDto {
            at: Time::from_millis(line.at),
            step: line.step,
            action: line.action,
            detail: serde_json::from_str(&line.detail_json).unwrap_or_default(),
        });
    }
    Ok(rows
        .into_iter()
        .map(|row| RunDto {
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
