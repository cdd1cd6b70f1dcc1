//! The pipeline in a test: a real runner over a real log and a real database, and a clock that
//! stands still until the test moves it.

use std::{
    collections::{BTreeMap, BTreeSet},
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use base::{
    Clock, Event, EventKind, IdSource, Time,
    event::{empty_object, partition_of},
    ids::{EventId, SegmentId, WorkspaceId},
};
use log::{EventLog, LocalLog, LocalLogOptions, NewRecord};
use people::{
    identity::IdentifyStage,
    members::ProfileStage,
    pipeline::{Poison, Progress, Runner, RunnerOptions, RunnerWakes, Stage, Turn},
    segments::SegmentStage,
    tags::TagStage,
};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection};
use serde_json::{Value, json, value::to_raw_value};
use store::{Db, FromQueryResult, SimulatedClock, Sql};
use tempfile::TempDir;

pub mod naive;

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
    dir: TempDir,
    server: Option<(DatabaseConnection, String)>,
}

impl TestDatabase {
    pub async fn sqlite() -> TestDatabase {
        let dir = tempfile::tempdir().unwrap();
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
        let name = format!("hearth_people_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let admin = Database::connect(&server).await.unwrap();
        admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
        let dir = tempfile::tempdir().unwrap();
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
        tx.commit().await.unwrap();
        static LOGS: AtomicU64 = AtomicU64::new(0);
        let dir = self.dir.path().join(format!("log-{}", LOGS.fetch_add(1, Ordering::Relaxed)));
        let options = LocalLogOptions { now_ms: Arc::new(|| START), ..LocalLogOptions::default() };
        let (log, _) = LocalLog::open(&dir, options).unwrap();
        let clock = SimulatedClock::at(Time::from_millis(START));
        let ids = IdSource::from_seed(clock.shared(), 7);
        let log: Arc<dyn EventLog> = Arc::new(log);
        let mut bench = Bench { db: self.db.clone(), clock, ids, log, runner: None, options: RunnerOptions::default() };
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
        Box::new(FaultyStage),
    ]
}

/// The name of an event at which the last stage fails.
pub const EXPLODES: &str = "Exploded";

/// A stage with an error in it.
struct FaultyStage;

impl Stage for FaultyStage {
    fn name(&self) -> &'static str {
        "faulty"
    }

    fn apply(&mut self, turn: &mut Turn<'_>) -> Result<(), Poison> {
        assert!(turn.event().is_none_or(|event| event.name != EXPLODES), "this is meant to fail");
        Ok(())
    }
}

/// A pipeline under test.
pub struct Bench {
    pub db: Db,
    pub clock: SimulatedClock,
    pub ids: IdSource,
    pub log: Arc<dyn EventLog>,
    pub options: RunnerOptions,
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

    /// How far the runner is.
    pub fn progress(&self) -> Progress {
        self.runner.as_ref().unwrap().progress()
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

    /// Whether anybody is in a segment: how many.
    pub async fn size(&self, segment: SegmentId) -> i64 {
        self.number(&format!("SELECT COUNT(*) FROM segment_members WHERE segment_id = {}", segment.0)).await
    }

    pub async fn texts(&self, sql: &str) -> Vec<String> {
        let rows: Vec<TextRow> = self.db.read().all(sql, vec![]).await.unwrap();
        rows.into_iter().map(|row| row.text).collect()
    }

    /// Identities by member, as sorted lists.
    pub async fn people(&self) -> BTreeSet<Vec<String>> {
        let rows: Vec<IdentityRow> = self
            .db
            .read()
            .all("SELECT member_id, kind, value FROM identities ORDER BY kind, value", vec![])
            .await
            .unwrap();
        let mut people: BTreeMap<i64, Vec<String>> = BTreeMap::new();
        for row in rows {
            people.entry(row.member_id).or_default().push(format!("{}:{}", row.kind, row.value));
        }
        people.into_values().collect()
    }

    /// Everything that the pipeline has made, without the numbers that it gave out.
    pub async fn state(&self) -> BTreeMap<&'static str, Vec<String>> {
        let who = "(SELECT MIN(i.kind || ':' || i.value) FROM identities i WHERE i.member_id = m.id)";
        let queries = [
            ("traits", "SELECT kind || ':' || value || ' ' || CAST(verified AS TEXT) || ' ' || traits_json AS text FROM identities".to_owned()),
            ("members", format!("SELECT {who} || ' ' || CAST(m.created_at AS TEXT) || ' ' || CAST(m.last_seen_at AS TEXT) AS text FROM members m WHERE m.merged_into IS NULL")),
            ("tags", "SELECT i.value || ' ' || t.tag AS text FROM member_tags t JOIN identities i ON i.id = t.identity_id".to_owned()),
            ("events", "SELECT e.message_id || ' ' || i.value AS text FROM events e JOIN identities i ON i.id = e.identity_id".to_owned()),
            ("merges", "SELECT reason || ' ' || CAST(merged_at AS TEXT) AS text FROM merges".to_owned()),
            ("memberships", format!("SELECT CAST(s.segment_id AS TEXT) || ' ' || {who} || ' ' || CAST(s.entered_at AS TEXT) AS text FROM segment_members s JOIN members m ON m.id = s.member_id")),
            ("changes", "SELECT CAST(segment_id AS TEXT) || ' ' || CAST(entered AS TEXT) || ' ' || CAST(changed_at AS TEXT) AS text FROM segment_changes".to_owned()),
            ("sizes", "SELECT CAST(id AS TEXT) || ' ' || CAST(size AS TEXT) AS text FROM segments".to_owned()),
            ("dead letters", "SELECT source || ' ' || code || ' ' || message AS text FROM dead_letters".to_owned()),
        ];
        let mut state = BTreeMap::new();
        for (name, query) in queries {
            let mut rows = self.texts(&query).await;
            rows.sort();
            state.insert(name, rows);
        }
        let mut people: Vec<String> = self.people().await.into_iter().map(|ids| ids.join(" ")).collect();
        people.sort();
        state.insert("people", people);
        state
    }
}

#[derive(FromQueryResult)]
struct TextRow {
    text: String,
}

#[derive(FromQueryResult)]
struct IdentityRow {
    member_id: i64,
    kind: String,
    value: String,
}
