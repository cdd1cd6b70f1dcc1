//! `/api/v1/health`: how data flows through the house, for administrators.

use std::{collections::BTreeMap, sync::Arc};

use api::{ApiResult, Area, Caller, Json, Verb};
use axum::extract::State;
use base::Time;
use serde::Serialize;
use store::{DbErr, FromQueryResult, Sql, dead_letters};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::HealthState;
use crate::ingest::{MeterReading, MinuteOfIngest, SourceOfIngest};

/// What the running program knows of the way that data takes through it. What it does not know is left at nothing.
#[derive(Clone, Debug, Default)]
pub struct Vitals {
    /// What came into the workspace.
    pub ingest: MeterReading,
    /// Whether so much waits that nothing more is taken.
    pub is_under_pressure: bool,
    /// Records of the log that have yet to take effect, and how old the first of them is, in milliseconds.
    pub pipeline: (u64, Option<i64>),
    /// Facts that have yet to be appended to the log, and how old the first of them is.
    pub emitter: (i64, Option<i64>),
    /// Bytes on the disk, where they are known.
    pub disk: Disk,
    /// When this process started.
    pub started_at: Option<Time>,
}

/// Bytes on the disk.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct Disk {
    /// The whole data directory.
    pub data_bytes: u64,
    /// The database; on PostgreSQL as it says itself.
    pub database_bytes: u64,
    /// The log.
    pub log_bytes: u64,
    /// What is free where the data directory lies.
    pub free_bytes: Option<u64>,
    /// The same as a share of the whole disk, from 0 to 1.
    pub free_share: Option<f64>,
    /// How many days the log is kept at most.
    pub log_kept_days: u64,
}

/// How data flows.
#[derive(Serialize, ToSchema)]
struct SystemHealth {
    /// What comes in.
    ingest: IngestHealth,
    /// The stages that data goes through, in their order.
    stages: Vec<StageHealth>,
    /// Records that were refused.
    dead_letters: DeadLettersHealth,
    /// Bytes on the disk.
    disk: Disk,
    /// Background work.
    jobs: JobsHealth,
    /// `sqlite` or `postgres`.
    database: &'static str,
    /// The version of the program.
    version: &'static str,
    /// When the process started.
    #[schema(value_type = Option<String>, format = DateTime)]
    started_at: Option<Time>,
    /// When this was found.
    #[schema(value_type = String, format = DateTime)]
    at: Time,
}

/// What comes in by the tracking API and its dialects, since the process started; files that are imported come another way.
#[derive(Serialize, ToSchema)]
struct IngestHealth {
    /// Records taken in a second, over the last minute or two.
    per_second: f64,
    /// Events of the day that have taken effect, of whatever origin.
    today: i64,
    /// Records refused within the last 24 hours.
    refused_24h: u64,
    /// Whether so much waits that nothing more is taken.
    under_pressure: bool,
    /// The last hour, minute by minute, the oldest first.
    minutes: Vec<MinuteOfIngest>,
    /// By sender, those who sent most first; at most 50.
    by_source: Vec<SourceOfIngest>,
}

/// A stage that data goes through.
#[derive(Serialize, ToSchema)]
struct StageHealth {
    /// `pipeline` (from the log into the profiles), `emitter` (facts back into the log), `outbox` (messages that could go
    /// now), `building` (rules evaluated over history: members that are yet to be looked at).
    name: &'static str,
    /// How much waits.
    waiting: i64,
    /// How old the oldest of it is, in milliseconds; `null` where nothing waits or no age is known.
    lag_ms: Option<i64>,
}

/// Records that were refused and wait to be put right.
#[derive(Serialize, ToSchema)]
struct DeadLettersHealth {
    /// All of them.
    waiting: i64,
    /// By the code of the reason.
    by_code: BTreeMap<String, i64>,
}

/// Background work.
#[derive(Serialize, ToSchema)]
struct JobsHealth {
    /// Waiting.
    queued: i64,
    /// Running.
    running: i64,
    /// Failed within the last 24 hours.
    failed_24h: i64,
}

#[derive(FromQueryResult)]
struct StateRow {
    state: String,
    number: i64,
}

pub(super) fn routes(state: Arc<HealthState>) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(show_health)).with_state(state)
}

/// Shows what comes in, what waits where, what was refused, how full the disk is and what works in the background.
#[utoipa::path(get, path = "/api/v1/health", tag = "operations",
    responses((status = 200, description = "How data flows", body = SystemHealth)))]
async fn show_health(State(state): State<Arc<HealthState>>, caller: Caller) -> ApiResult<Json<SystemHealth>> {
    caller.require(Area::Settings, Verb::Read)?;
    let accounts = &state.accounts;
    let (db, workspace, now) = (accounts.db.read(), caller.workspace, accounts.clock.now());
    let vitals = state.health.vitals(workspace).await;
    let letters = dead_letters::waiting_by_code(db, workspace).await?;
    let outbox = outreach::home::outbox_standing(db, workspace, now).await?;
    let building = people::directory::building(db, workspace).await?;
    let unbuilt: i64 = building.iter().map(|one| (one.total - one.done).max(0)).sum();
    let stage = |name, (waiting, lag_ms): (i64, Option<i64>)| StageHealth { name, waiting, lag_ms };
    Ok(Json(SystemHealth {
        ingest: IngestHealth {
            per_second: vitals.ingest.per_second,
            today: people::home::events_today(db, workspace, now).await?,
            refused_24h: vitals.ingest.sources.iter().map(|source| source.refused_24h).sum(),
            under_pressure: vitals.is_under_pressure,
            minutes: vitals.ingest.minutes,
            by_source: vitals.ingest.sources,
        },
        stages: vec![
            stage("pipeline", (vitals.pipeline.0 as i64, vitals.pipeline.1)),
            stage("emitter", vitals.emitter),
            stage("outbox", (outbox.due, outbox.oldest.filter(|_| outbox.due > 0).map(|oldest| now - oldest))),
            stage("building", (unbuilt, None)),
        ],
        dead_letters: DeadLettersHealth {
            waiting: letters.iter().map(|letter| letter.number).sum(),
            by_code: letters.into_iter().map(|letter| (letter.code, letter.number)).collect(),
        },
        disk: vitals.disk,
        jobs: jobs(db, &caller, now).await?,
        database: if accounts.db.is_sqlite() { "sqlite" } else { "postgres" },
        version: env!("CARGO_PKG_VERSION"),
        started_at: vitals.started_at,
        at: now,
    }))
}

async fn jobs(db: &impl Sql, caller: &Caller, now: Time) -> Result<JobsHealth, DbErr> {
    const DAY: i64 = 86_400_000;
    // Failed ones are found among all of that state, which are few beside those that are done.
    let rows: Vec<StateRow> = db
        .all(
            "SELECT state, COUNT(*) AS number FROM jobs
             WHERE workspace_id = $1 AND (state IN ('queued', 'running') OR (state = 'failed' AND ended_at >= $2))
             GROUP BY state",
            vec![caller.workspace.0.into(), (now.millis() - DAY).into()],
        )
        .await?;
    let count = |state: &str| rows.iter().filter(|row| row.state == state).map(|row| row.number).sum();
    Ok(JobsHealth { queued: count("queued"), running: count("running"), failed_24h: count("failed") })
}
