//! Journeys in a test: the whole pipeline over a real log and a real database, the real routes for
//! changes of a journey, and a clock that stands still until the test moves it.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::Router;
use base::{
    Clock, Event, EventKind, IdSource, Time,
    event::{empty_object, partition_of},
    ids::{EventId, SegmentId, WorkspaceId},
};
use log::{EventLog, LocalLog, LocalLogOptions, NewRecord};
use outreach::journeys::JourneyStage;
use people::{
    identity::IdentifyStage,
    members::ProfileStage,
    pipeline::{Emitter, Runner, RunnerOptions, RunnerWakes, Stage},
    segments::SegmentStage,
    tags::TagStage,
};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection};
use serde_json::{Value, json, value::to_raw_value};
use store::{Db, FromQueryResult, SimulatedClock, Sql};
use tempfile::TempDir;

pub mod journeys;

pub const WORKSPACE: WorkspaceId = WorkspaceId(1);
/// 2026-03-26T10:00:00Z, three days before the clocks of Berlin go forward.
pub const START: i64 = 1_774_519_200_000;
pub const MINUTE: i64 = 60_000;
pub const HOUR: i64 = 60 * MINUTE;
pub const DAY: i64 = 24 * HOUR;

const TABLES: &[&str] = &[
    "timers",
    "cursors",
    "emitted_events",
    "message_ids",
    "dead_letters",
    "members",
    "identities",
    "member_tags",
    "merges",
    "channels",
    "templates",
    "journeys",
    "journey_versions",
    "journey_runs",
    "journey_trace",
    "journey_counts",
    "deliveries",
    "delivery_history",
    "audit_log",
    "event_names",
    "events",
    "segments",
    "segment_members",
    "segment_changes",
    "workspaces",
];

/// A database of the test's own.
pub struct TestDatabase {
    pub db: Db,
    dir: Arc<TempDir>,
    server: Option<(DatabaseConnection, String)>,
}

impl TestDatabase {
    pub async fn sqlite() -> TestDatabase {
        let dir = Arc::new(tempfile::tempdir().unwrap());
        TestDatabase { db: Db::open(None, dir.path()).await.unwrap(), dir, server: None }
    }

    /// `None` when there is no server for tests.
    pub async fn postgres() -> Option<TestDatabase> {
        let server = std::env::var("HEARTH_TEST_POSTGRES_URL").unwrap_or_default();
        if server.is_empty() {
            let required = std::env::var("HEARTH_TEST_REQUIRE_POSTGRES").is_ok_and(|value| value == "1");
            assert!(!required, "HEARTH_TEST_REQUIRE_POSTGRES=1, but HEARTH_TEST_POSTGRES_URL is not set");
            return None;
        }
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let name = format!("hearth_journeys_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let admin = Database::connect(&server).await.unwrap();
        admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
        let dir = Arc::new(tempfile::tempdir().unwrap());
        let db = Db::open(Some(&on_database(&server, &name)), dir.path()).await.unwrap();
        Some(TestDatabase { db, dir, server: Some((admin, name)) })
    }

    /// A pipeline on this database, which is emptied first.
    pub async fn bench(&self) -> Bench {
        let tx = self.db.begin().await.unwrap();
        for table in TABLES {
            tx.run(&format!("DELETE FROM {table}"), vec![]).await.unwrap();
        }
        tx.run(
            "INSERT INTO workspaces (id, name, time_zone, created_at) VALUES ($1, '酒铺', 'Europe/Berlin', 0)",
            vec![WORKSPACE.0.into()],
        )
        .await
        .unwrap();
        journeys::channel_and_template(&tx).await;
        tx.commit().await.unwrap();
        static LOGS: AtomicU64 = AtomicU64::new(0);
        let dir = self.dir.path().join(format!("log-{}", LOGS.fetch_add(1, Ordering::Relaxed)));
        let options = LocalLogOptions { now_ms: Arc::new(|| START), ..LocalLogOptions::default() };
        let (log, _) = LocalLog::open(&dir, options).unwrap();
        let clock = SimulatedClock::at(Time::from_millis(START));
        let ids = IdSource::from_seed(clock.shared(), 7);
        let log: Arc<dyn EventLog> = Arc::new(log);
        let options = RunnerOptions::default();
        let router = journeys::router(&self.db, &clock, &ids, self.dir.path());
        let mut bench = Bench { db: self.db.clone(), clock, ids, log, router, runner: None, options };
        bench.restart().await;
        bench
    }

    pub async fn drop_database(self) {
        let _ = self.db.close().await;
        if let Some((admin, name)) = self.server {
            admin.execute_unprepared(&format!("DROP DATABASE {name} WITH (FORCE)")).await.unwrap();
        }
    }
}

/// Runs a test on SQLite, and on PostgreSQL when there is a server for tests.
pub async fn on_every_database<F: Future<Output = ()>>(test: impl Fn(Bench) -> F) {
    let sqlite = TestDatabase::sqlite().await;
    test(sqlite.bench().await).await;
    sqlite.drop_database().await;
    if let Some(postgres) = TestDatabase::postgres().await {
        test(postgres.bench().await).await;
        postgres.drop_database().await;
    }
}

/// The same server's address with another database.
fn on_database(server: &str, name: &str) -> String {
    let (address, query) = server.split_once('?').map_or((server, None), |(a, q)| (a, Some(q)));
    let authority_at = address.find("://").map_or(0, |at| at + 3);
    let end = address[authority_at..].find('/').map_or(address.len(), |at| authority_at + at);
    let query = query.map_or(String::new(), |query| format!("?{query}"));
    format!("{}/{name}{query}", &address[..end])
}

fn stages() -> Vec<Box<dyn Stage>> {
    vec![
        Box::new(IdentifyStage),
        Box::new(ProfileStage),
        Box::new(TagStage),
        Box::new(SegmentStage),
        Box::new(JourneyStage::default()),
    ]
}

/// A pipeline under test.
pub struct Bench {
    pub db: Db,
    pub clock: SimulatedClock,
    pub ids: IdSource,
    pub log: Arc<dyn EventLog>,
    pub options: RunnerOptions,
    pub router: Router,
    runner: Option<Runner>,
}

/// Who does something.
pub fn user(id: &str) -> (Option<String>, Option<String>) {
    (Some(id.to_owned()), None)
}

pub fn visitor(id: &str) -> (Option<String>, Option<String>) {
    (None, Some(id.to_owned()))
}

pub fn both(id: &str, anonymous: &str) -> (Option<String>, Option<String>) {
    (Some(id.to_owned()), Some(anonymous.to_owned()))
}

impl Bench {
    /// Drops the runner, with all that it has in memory, and starts the next from the database.
    pub async fn restart(&mut self) {
        self.runner = None;
        let runner = Runner::new(
            self.db.clone(),
            self.log.clone(),
            self.clock.shared(),
            self.ids.clone(),
            stages(),
            self.options,
            RunnerWakes::default(),
        );
        self.runner = Some(runner.await.unwrap());
    }

    pub fn now(&self) -> Time {
        self.clock.now()
    }

    pub fn advance(&self, millis: i64) {
        self.clock.advance(Duration::from_millis(millis as u64));
    }

    /// One batch; true when there was nothing to do.
    pub async fn step(&mut self) -> bool {
        self.runner.as_mut().unwrap().step().await.unwrap().is_idle()
    }

    /// Runs until nothing is left to do.
    pub async fn idle(&mut self) {
        for _ in 0..10_000 {
            if self.step().await {
                return;
            }
        }
        panic!("the pipeline finds no rest");
    }

    /// An event that happens and arrives now.
    pub fn event(
        &self,
        kind: EventKind,
        name: &str,
        who: (Option<String>, Option<String>),
        properties: Value,
    ) -> Event {
        let id = self.ids.next(EventId);
        Event {
            id,
            workspace: WORKSPACE,
            kind,
            name: name.to_owned(),
            user_id: who.0,
            anonymous_id: who.1,
            previous_id: None,
            member: None,
            timestamp: self.now(),
            received_at: self.now(),
            message_id: id.to_string(),
            source: "test".to_owned(),
            properties: to_raw_value(&properties).unwrap(),
            context: empty_object(),
        }
    }

    pub fn identify(&self, who: (Option<String>, Option<String>), traits: Value) -> Event {
        self.event(EventKind::Identify, "Identified", who, traits)
    }

    pub fn track(&self, who: (Option<String>, Option<String>), name: &str, properties: Value) -> Event {
        self.event(EventKind::Track, name, who, properties)
    }

    pub fn tag(&self, who: (Option<String>, Option<String>), name: &str, tag: &str) -> Event {
        self.event(EventKind::Command, name, who, json!({"tags": [tag]}))
    }

    pub async fn append(&self, events: &[Event]) {
        let partitions = self.log.partitions();
        let record = |event: &Event| NewRecord {
            partition: partition_of(event.workspace, &event.partition_key(), partitions),
            payload: event.to_record().into(),
        };
        self.log.append(events.iter().map(record).collect()).await.unwrap();
    }

    /// Appends and runs until nothing is left to do.
    pub async fn take(&mut self, events: &[Event]) {
        self.append(events).await;
        self.idle().await;
    }

    pub async fn run(&self, sql: &str, values: Vec<store::Value>) {
        let tx = self.db.begin().await.unwrap();
        tx.run(sql, values).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// A segment as the routes would make it; it is built when the runner next runs.
    pub async fn segment(&self, id: i64, rule: &Value) -> SegmentId {
        base::rule::Rule::parse(rule).unwrap_or_else(|problem| panic!("{rule}: {problem:?}"));
        self.run(
            "INSERT INTO segments (id, workspace_id, name, rule_json, state, created_by, created_at, updated_at)
             VALUES ($1, $2, 'segment', $3, 'building', 'user:test', 0, 0)",
            vec![id.into(), WORKSPACE.0.into(), rule.to_string().into()],
        )
        .await;
        self.run("UPDATE workspaces SET rules_version = rules_version + 1", vec![]).await;
        SegmentId(id)
    }

    pub async fn number(&self, sql: &str) -> i64 {
        self.db.read().scalar(sql, vec![]).await.unwrap().unwrap()
    }

    /// How many members are in a segment.
    pub async fn size(&self, segment: SegmentId) -> i64 {
        self.number(&format!("SELECT COUNT(*) FROM segment_members WHERE segment_id = {}", segment.0)).await
    }

    pub async fn texts(&self, sql: &str) -> Vec<String> {
        let rows: Vec<TextRow> = self.db.read().all(sql, vec![]).await.unwrap();
        rows.into_iter().map(|row| row.text).collect()
    }

    /// Runs until nothing is left to do, with all facts that were made on the way.
    pub async fn settle(&mut self) {
        loop {
            self.idle().await;
            if self.emit().await == 0 {
                return;
            }
        }
    }

    /// Appends to the log what the pipeline has emitted.
    pub async fn emit(&self) -> usize {
        Emitter::new(self.db.clone(), self.log.clone(), self.clock.shared(), Arc::default()).drain().await.unwrap()
    }
}

#[derive(FromQueryResult)]
struct TextRow {
    text: String,
}
