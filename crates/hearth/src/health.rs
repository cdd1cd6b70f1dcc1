//! What the running program knows about itself.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use base::{
    Clock, Code, Event, Problem, Time,
    ids::{WorkspaceId, moment_of_number},
};
use jiff::tz::TimeZone;
use log::EventLog;
use people::pipeline::Progress;
use sea_orm::FromQueryResult;
use serde_json::{Map, Value};
use server::{Vitals, ingest::Meter};
use store::{Db, DbErr, Sql};

use crate::disk;

/// A pipeline that has not moved for this long while records wait is stuck.
const STUCK_AFTER: Duration = Duration::from_secs(120);

/// For how long counts from the database are good enough for a page that asks every two seconds.
const COUNTS_KEPT: Duration = Duration::from_secs(2);

fn end(log: &dyn EventLog) -> u64 {
    (0..log.partitions()).map(|partition| log.range(partition).end).sum()
}

/// Health of a house.
pub struct HouseHealth {
    db: Db,
    log: Arc<dyn EventLog>,
    clock: Arc<dyn Clock>,
    progress: Progress,
    /// When the process started.
    started_at: Time,
    /// What comes in, and whether it is refused since too much waits.
    meter: Arc<Meter>,
    pressure: Arc<AtomicBool>,
    /// The data directory, and how many days the log is kept.
    data: Option<(PathBuf, u64)>,
    seen: Mutex<Seen>,
    counts: Mutex<HashMap<WorkspaceId, Counted>>,
}

/// What was counted in the database, and when.
#[derive(Clone)]
struct Counted {
    at: Duration,
    counts: Map<String, Value>,
}

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
        let now = clock.monotonic();
        let seen = Seen { moved_at: now, done: 0, rated_at: now, rated_end: end(log.as_ref()), rate: 0.0 };
        let started_at = clock.now();
        HouseHealth {
            db,
            log,
            clock,
            progress,
            started_at,
            meter: Arc::default(),
            pressure: Arc::default(),
            data: None,
            seen: Mutex::new(seen),
            counts: Mutex::default(),
        }
    }

    /// The same, which also reads this meter and sees when too much waits.
    pub fn reading(self, meter: Arc<Meter>, pressure: Arc<AtomicBool>) -> HouseHealth {
        HouseHealth { meter, pressure, ..self }
    }

    /// The same, which also looks at the disk.
    pub fn in_dir(self, data: PathBuf, log_kept_days: u64) -> HouseHealth {
        HouseHealth { data: Some((data, log_kept_days)), ..self }
    }

    /// How old the first record of the log is that has yet to take effect, in milliseconds.
    async fn pipeline_lag(&self) -> Option<i64> {
        let now = self.clock.now();
        let mut oldest: Option<Time> = None;
        for (partition, cursor) in (0..).zip(self.progress.cursors()) {
            if cursor >= self.log.range(partition).end {
                continue;
            }
            let records = self.log.read(partition, cursor, 1, 64 << 10).await.unwrap_or_default();
            let event = records.first().and_then(|record| Event::from_record(&record.payload).ok());
            let arrived = event.map(|event| event.received_at);
            oldest = [oldest, arrived].into_iter().flatten().min();
        }
        oldest.map(|oldest| (now - oldest).max(0))
    }

    /// How many facts have yet to be appended to the log, and how old the first of them is.
    async fn emitter(&self) -> Result<(i64, Option<i64>), DbErr> {
        const MOST: i64 = 100_000;
        let db = self.db.read();
        let sql = "SELECT COUNT(*) FROM (SELECT id FROM emitted_events LIMIT $1) AS e";
        let waiting: Option<i64> = db.scalar(sql, vec![MOST.into()]).await?;
        let first: Option<i64> = db.scalar("SELECT id FROM emitted_events ORDER BY id LIMIT 1", Vec::new()).await?;
        let age = first.map(|id| (self.clock.now() - moment_of_number(id)).max(0));
        Ok((waiting.unwrap_or_default(), age))
    }

    /// Records of the log that have yet to take effect.
    pub fn waiting(&self) -> u64 {
        self.progress.waiting(self.log.as_ref())
    }

    /// Records of the log that have taken effect.
    pub fn done(&self) -> u64 {
        self.progress.cursors().iter().sum()
    }

    fn is_stuck(&self) -> bool {
        let now = self.clock.monotonic();
        let done = self.done();
        let mut seen = lock(&self.seen);
        if seen.done != done || self.waiting() == 0 {
            seen.done = done;
            seen.moved_at = now;
        }
        now.saturating_sub(seen.moved_at) > STUCK_AFTER
    }

    /// How many events came in within a second, lately; to one decimal.
    pub fn events_per_second(&self) -> f64 {
        let now = self.clock.monotonic();
        let end = end(self.log.as_ref());
        let mut seen = lock(&self.seen);
        let passed = now.saturating_sub(seen.rated_at).as_secs_f64();
        if passed >= 1.0 {
            seen.rate = end.saturating_sub(seen.rated_end) as f64 / passed;
            seen.rated_at = now;
            seen.rated_end = end;
        }
        (seen.rate * 10.0).round() / 10.0
    }

    /// What is counted in the database; the answer may be two seconds old.
    async fn counts(&self, workspace: WorkspaceId) -> Result<Map<String, Value>, DbErr> {
        let now = self.clock.monotonic();
        let kept = lock(&self.counts).get(&workspace).filter(|kept| now.saturating_sub(kept.at) < COUNTS_KEPT).cloned();
        if let Some(kept) = kept {
            return Ok(kept.counts);
        }
        let counts = self.count(workspace).await?;
        lock(&self.counts).insert(workspace, Counted { at: now, counts: counts.clone() });
        Ok(counts)
    }

    async fn count(&self, workspace: WorkspaceId) -> Result<Map<String, Value>, DbErr> {
        let db = self.db.read();
        let id = || vec![workspace.0.into()];
        let one =
            async |sql: &str| -> Result<Value, DbErr> { Ok(db.scalar::<i64>(sql, id()).await?.unwrap_or(0).into()) };
        let zone: Option<String> = db.scalar("SELECT time_zone FROM workspaces WHERE id = $1", id()).await?;
        let zone = zone.and_then(|zone| TimeZone::get(&zone).ok()).unwrap_or(TimeZone::UTC);
        // Ids sort by time of arrival, so the day is a range of the primary key.
        let first_id = base::ids::first_number_at(self.clock.now().start_of_day(&zone));
        let today: Option<i64> = db
            .scalar(
                "SELECT COUNT(*) FROM events WHERE id >= $2 AND workspace_id = $1",
                vec![workspace.0.into(), first_id.into()],
            )
            .await?;
        let states: Vec<StateCount> = db
            .all("SELECT state, COUNT(*) AS number FROM deliveries WHERE workspace_id = $1 GROUP BY state", id())
            .await?;
        let deliveries: Map<String, Value> =
            states.into_iter().map(|row| (row.state, Value::from(row.number))).collect();
        let members = one("SELECT COUNT(*) FROM members WHERE workspace_id = $1 AND merged_into IS NULL").await?;
        let segments = one("SELECT COUNT(*) FROM segments WHERE workspace_id = $1 AND deleted_at IS NULL").await?;
        let in_journeys = one("SELECT COUNT(DISTINCT r.member_id) FROM journeys j
             JOIN journey_runs r ON r.journey_id = j.id AND r.state = 'active' WHERE j.workspace_id = $1")
        .await?;
        Ok(Map::from_iter([
            ("members".to_owned(), members),
            ("events_today".to_owned(), today.unwrap_or(0).into()),
            ("segments".to_owned(), segments),
            ("journeys_running".to_owned(), in_journeys),
            ("deliveries".to_owned(), deliveries.into()),
        ]))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
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

    async fn vitals(&self, workspace: WorkspaceId) -> Vitals {
        let emitter = self.emitter().await.unwrap_or_else(|error| {
            tracing::warn!(%error, "the facts that wait cannot be counted");
            (0, None)
        });
        let disk = match &self.data {
            Some((dir, log_kept_days)) => disk::look(&self.db, dir.clone(), *log_kept_days).await,
            None => server::Disk::default(),
        };
        Vitals {
            ingest: self.meter.read(workspace, self.clock.now()),
            is_under_pressure: self.pressure.load(Ordering::Relaxed),
            pipeline: (self.waiting(), self.pipeline_lag().await),
            emitter,
            disk,
            started_at: Some(self.started_at),
        }
    }

    async fn numbers(&self, workspace: WorkspaceId) -> Value {
        let mut numbers = self.counts(workspace).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "live numbers cannot be read");
            Map::new()
        });
        numbers.insert("events_per_second".to_owned(), self.events_per_second().into());
        numbers.insert("pipeline_waiting".to_owned(), self.waiting().into());
        numbers.into()
    }
}

#[cfg(test)]
mod tests {
    use base::{
        IdSource, Time,
        event::{empty_object, partition_of},
        ids::EventId,
    };
    use log::{LocalLog, LocalLogOptions, NewRecord};
    use serde_json::json;
    use server::{Health, accounts};
    use store::SimulatedClock;

    use super::*;

    #[tokio::test]
    async fn the_numbers_of_the_home_page_are_those_of_the_workspace_and_its_day() {
        let dir = tempfile::tempdir().unwrap();
        // In Shanghai it is one o'clock in the morning.
        let now: Time = "2026-03-01T17:00:00Z".parse().unwrap();
        let clock = SimulatedClock::at(now);
        let shared: Arc<dyn Clock> = clock.shared();
        let ids = IdSource::from_seed(shared.clone(), 1);
        let db = Db::open(None, dir.path()).await.unwrap();
        let workspace = accounts::default_workspace(&db, &shared, &ids, None, Some("Asia/Shanghai")).await.unwrap();
        let (log, _) = LocalLog::open(&dir.path().join("log"), LocalLogOptions::default()).unwrap();
        let log: Arc<dyn EventLog> = Arc::new(log);
        let event = base::Event {
            id: EventId(1),
            workspace,
            kind: base::EventKind::Track,
            name: "E".to_owned(),
            user_id: Some("u".to_owned()),
            anonymous_id: None,
            previous_id: None,
            member: None,
            timestamp: now,
            received_at: now,
            message_id: "m".to_owned(),
            source: "test".to_owned(),
            trusted: true,
            properties: empty_object(),
            context: empty_object(),
        };
        let record = || NewRecord {
            partition: partition_of(workspace, "u", log.partitions()),
            payload: event.to_record().into(),
        };
        log.append(vec![record(); 5]).await.unwrap();
        let progress = Progress::new(log.partitions());
        let health = HouseHealth::new(db.clone(), log.clone(), shared, progress);

        let tx = db.begin().await.unwrap();
        for minutes in [30i64, 59, 61, 600] {
            let id = (now.millis() - minutes * 60_000) << 21;
            let sql = format!(
                "INSERT INTO events (id, workspace_id, identity_id, name_id, kind, happened_at, received_at, message_id,
                   source, properties_json, context_json)
                 VALUES ({id}, {}, 1, 1, 'track', 0, 0, 'm', 's', '{{}}', '{{}}')",
                workspace.0
            );
            tx.run(&sql, vec![]).await.unwrap();
        }
        for (run, member, state) in [(1, 7, "active"), (2, 7, "active"), (3, 8, "active"), (4, 9, "done")] {
            let sql = format!(
                "INSERT INTO journey_runs (id, workspace_id, journey_id, version, member_id, origin_member_id, entry_key,
                   state, entered_at, step_at, trace_length, entry_json)
                 VALUES ({run}, {0}, 1, 1, {member}, {member}, 'k{run}', '{state}', 0, 0, 0, '{{}}')",
                workspace.0
            );
            tx.run(&sql, vec![]).await.unwrap();
        }
        let journey = format!(
            "INSERT INTO journeys (id, workspace_id, name, state, draft_json, created_by, created_at, updated_at)
             VALUES (1, {}, 'J', 'live', '{{}}', 'cli', 0, 0)",
            workspace.0
        );
        tx.run(&journey, vec![]).await.unwrap();
        tx.commit().await.unwrap();

        let numbers = health.numbers(workspace).await;
        assert_eq!(numbers["events_today"], json!(2));
        assert_eq!(numbers["journeys_running"], json!(2), "members, not journeys and not runs");
        assert_eq!(numbers["pipeline_waiting"], json!(5));
        clock.advance(Duration::from_secs(1));
        assert_eq!(health.numbers(workspace).await["events_per_second"], json!(0.0), "what was there does not count");
        log.append(vec![record(); 3]).await.unwrap();
        clock.advance(Duration::from_secs(1));
        let numbers = health.numbers(workspace).await;
        assert_eq!((&numbers["events_per_second"], &numbers["pipeline_waiting"]), (&json!(3.0), &json!(8)));
    }
}
