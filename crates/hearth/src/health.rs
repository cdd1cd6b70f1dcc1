//! What the running program knows about itself.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use base::{Clock, Code, Problem, ids::WorkspaceId};
use log::EventLog;
use people::pipeline::Progress;
use sea_orm::FromQueryResult;
use serde_json::{Map, Value, json};
use store::{Db, DbErr, Sql};

/// A pipeline that has not moved for this long while records wait is stuck.
const STUCK_AFTER: Duration = Duration::from_secs(120);

/// Health of a house.
pub struct HouseHealth {
    db: Db,
    log: Arc<dyn EventLog>,
    clock: Arc<dyn Clock>,
    progress: Progress,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    moved_at: Duration,
    done: u64,
    rated_at: Duration,
    rated_end: u64,
    rate: f64,
}

#[derive(FromQueryResult)]
struct StateCount {
    state: String,
    number: i64,
}

impl HouseHealth {
    /// Watches this house.
    pub fn new(db: Db, log: Arc<dyn EventLog>, clock: Arc<dyn Clock>, progress: Progress) -> HouseHealth {
        HouseHealth { db, log, clock, progress, seen: Mutex::default() }
    }

    fn end(&self) -> u64 {
        (0..self.log.partitions()).map(|partition| self.log.range(partition).end).sum()
    }

    fn waiting(&self) -> u64 {
        self.end().saturating_sub(self.progress.cursors().iter().sum())
    }

    fn is_stuck(&self) -> bool {
        let now = self.clock.monotonic();
        let done: u64 = self.progress.cursors().iter().sum();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.done != done || self.waiting() == 0 {
            seen.done = done;
            seen.moved_at = now;
        }
        now.saturating_sub(seen.moved_at) > STUCK_AFTER
    }

    fn events_per_second(&self) -> f64 {
        let now = self.clock.monotonic();
        let end = self.end();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = now.saturating_sub(seen.rated_at).as_secs_f64();
        if passed >= 1.0 {
            seen.rate = end.saturating_sub(seen.rated_end) as f64 / passed;
            seen.rated_at = now;
            seen.rated_end = end;
        }
        (seen.rate * 10.0).round() / 10.0
    }

    async fn count(&self, workspace: WorkspaceId) -> Result<Value, DbErr> {
        let db = self.db.read();
        let id = || vec![workspace.0.into()];
        let one = async |sql: &str| -> Result<i64, DbErr> { Ok(db.scalar(sql, id()).await?.unwrap_or(0)) };
        let day_ago = self.clock.now().minus(Duration::from_secs(86_400)).millis();
        // Ids sort by time of arrival, so the last day is a range of the primary key.
        let today: Option<i64> = db
            .scalar(
                "SELECT COUNT(*) FROM events WHERE id >= $2 AND workspace_id = $1",
                vec![workspace.0.into(), (day_ago << 21).into()],
            )
            .await?;
        let states: Vec<StateCount> = db
            .all("SELECT state, COUNT(*) AS number FROM deliveries WHERE workspace_id = $1 GROUP BY state", id())
            .await?;
        let deliveries: Map<String, Value> =
            states.into_iter().map(|row| (row.state, Value::from(row.number))).collect();
        Ok(json!({
            "members": one("SELECT COUNT(*) FROM members WHERE workspace_id = $1 AND merged_into IS NULL").await?,
            "events_today": today.unwrap_or(0),
            "events_per_second": self.events_per_second(),
            "pipeline_waiting": self.waiting(),
            "segments": one("SELECT COUNT(*) FROM segments WHERE workspace_id = $1 AND deleted_at IS NULL").await?,
            "journeys_running": one(
                "SELECT COUNT(*) FROM journeys WHERE workspace_id = $1 AND state = 'live' AND deleted_at IS NULL").await?,
            "deliveries": deliveries,
        }))
    }
}

#[async_trait]
impl server::Health for HouseHealth {
    async fn ready(&self) -> Result<(), Problem> {
        let answer: Result<Option<i64>, DbErr> = self.db.read().scalar("SELECT CAST(1 AS BIGINT)", Vec::new()).await;
        if answer.is_err() {
            return Err(Problem::with(Code::Unavailable, "the database does not answer"));
        }
        if self.is_stuck() {
            return Err(Problem::with(Code::Unavailable, "the pipeline does not move; see the log of the server"));
        }
        Ok(())
    }

    async fn numbers(&self, workspace: WorkspaceId) -> Value {
        self.count(workspace).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "live numbers cannot be read");
            json!({})
        })
    }
}
