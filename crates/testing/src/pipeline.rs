//! A pipeline under test.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use base::{
    Clock, Event, EventKind, IdSource, Time,
    event::{empty_object, partition_of},
    ids::{EventId, MemberId, SegmentId, WorkspaceId},
};
use log::{EventLog, LocalLog, LocalLogOptions, NewRecord};
use people::{
    members::Columns,
    pipeline::{Emitter, Progress, Runner, RunnerOptions, RunnerWakes, Stage},
    privacy::{Eraser, Marks},
};
use serde_json::{Value, json, value::to_raw_value};
use store::{Db, FromQueryResult, SimulatedClock, Sql, Tx};

use crate::TestDatabase;

/// The workspace of the test; its clocks are those of Berlin.
pub const WORKSPACE: WorkspaceId = WorkspaceId(1);
/// 2026-03-26T10:00:00Z, three days before the clocks of Berlin go forward.
pub const START: i64 = 1_774_519_200_000;
/// In milliseconds.
pub const MINUTE: i64 = 60_000;
/// In milliseconds.
pub const HOUR: i64 = 60 * MINUTE;
/// In milliseconds.
pub const DAY: i64 = 24 * HOUR;

/// A real runner over a real log and a real database.
pub struct Bench {
    /// Its database.
    pub db: Db,
    /// Stands still until the test moves it.
    pub clock: SimulatedClock,
    /// Gives the same ids on every run.
    pub ids: IdSource,
    /// What the runner reads.
    pub log: Arc<dyn EventLog>,
    /// For the next [`Bench::restart`].
    pub options: RunnerOptions,
    /// Carries out erasures: of what the room of people keeps, unless the test puts another one here and restarts.
    pub eraser: Arc<Eraser>,
    /// For previews; the runner keeps them up to date.
    pub columns: Arc<Columns>,
    stages: fn() -> Vec<Box<dyn Stage>>,
    runner: Option<Runner>,
}

/// A user id and an anonymous id: who does something.
pub type Who = (Option<String>, Option<String>);

/// Somebody who has a user id.
pub fn user(id: &str) -> Who {
    (Some(id.to_owned()), None)
}

/// Somebody whom nobody knows yet.
pub fn visitor(id: &str) -> Who {
    (None, Some(id.to_owned()))
}

/// Somebody with both ids.
pub fn both(id: &str, anonymous: &str) -> Who {
    (Some(id.to_owned()), Some(anonymous.to_owned()))
}

/// A workspace with the clocks of Berlin.
pub async fn add_workspace(tx: &Tx, id: WorkspaceId) {
    let sql = "INSERT INTO workspaces (id, name, time_zone, created_at) VALUES ($1, '酒铺', 'Europe/Berlin', 0)";
    tx.run(sql, vec![id.0.into()]).await.unwrap();
}

/// A segment as the routes would make it.
pub async fn add_segment(tx: &Tx, workspace: WorkspaceId, id: SegmentId, rule: &Value) {
    base::rule::Rule::parse(rule).unwrap_or_else(|problem| panic!("{rule}: {problem:?}"));
    tx.run(
        "INSERT INTO segments (id, workspace_id, name, rule_json, state, created_by, created_at, updated_at)
         VALUES ($1, $2, 'segment', $3, 'building', 'user:test', 0, 0)",
        vec![id.0.into(), workspace.0.into(), rule.to_string().into()],
    )
    .await
    .unwrap();
    let sql = "UPDATE workspaces SET rules_version = rules_version + 1 WHERE id = $1";
    tx.run(sql, vec![workspace.0.into()]).await.unwrap();
}

impl TestDatabase {
    /// A pipeline with these stages on this database, which is emptied first and gets one workspace.
    pub async fn bench(&self, stages: fn() -> Vec<Box<dyn Stage>>) -> Bench {
        self.empty().await;
        let tx = self.db.begin().await.unwrap();
        add_workspace(&tx, WORKSPACE).await;
        tx.commit().await.unwrap();
        static LOGS: AtomicU64 = AtomicU64::new(0);
        let dir = self.dir().join(format!("log-{}", LOGS.fetch_add(1, Ordering::Relaxed)));
        let options = LocalLogOptions { now_ms: Arc::new(|| START), ..LocalLogOptions::default() };
        let (log, _) = LocalLog::open(&dir, options).unwrap();
        let clock = SimulatedClock::at(Time::from_millis(START));
        let mut bench = Bench {
            db: self.db.clone(),
            ids: IdSource::from_seed(clock.shared(), 7),
            clock,
            log: Arc::new(log),
            options: RunnerOptions { part: 7, ..RunnerOptions::default() },
            eraser: Arc::new(Eraser { sections: people::privacy::sections(), marks: Marks::new([7; 32]) }),
            columns: Arc::default(),
            stages,
            runner: None,
        };
        bench.restart().await;
        bench
    }
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
            (self.stages)(),
            self.options,
            RunnerWakes::default(),
        );
        let runner = runner.await.unwrap().with_eraser(self.eraser.clone());
        self.runner = Some(runner.with_columns(self.columns.clone()));
    }

    /// What the clock shows.
    pub fn now(&self) -> Time {
        self.clock.now()
    }

    /// Moves the clock.
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
    pub fn event(&self, kind: EventKind, name: &str, who: Who, properties: Value) -> Event {
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
            trusted: true,
            properties: to_raw_value(&properties).unwrap(),
            context: empty_object(),
        }
    }

    /// Somebody says who he is.
    pub fn identify(&self, who: Who, traits: Value) -> Event {
        self.event(EventKind::Identify, "Identified", who, traits)
    }

    /// Somebody does something.
    pub fn track(&self, who: Who, name: &str, properties: Value) -> Event {
        self.event(EventKind::Track, name, who, properties)
    }

    /// The command `name` for one tag.
    pub fn tag(&self, who: Who, name: &str, tag: &str) -> Event {
        self.event(EventKind::Command, name, who, json!({"tags": [tag]}))
    }

    /// An operator's command about a member.
    pub fn command(&self, about: MemberId, name: &str, properties: Value) -> Event {
        Event { member: Some(about), ..self.event(EventKind::Command, name, (None, None), properties) }
    }

    /// The member who has an identity of this value.
    pub async fn owner(&self, value: &str) -> MemberId {
        MemberId(self.number(&format!("SELECT member_id FROM identities WHERE value = '{value}'")).await)
    }

    /// Appends to the log.
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

    /// One statement in a transaction of its own.
    pub async fn run(&self, sql: &str, values: Vec<store::Value>) {
        let tx = self.db.begin().await.unwrap();
        tx.run(sql, values).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// A segment as the routes would make it; it is built when the runner next runs.
    pub async fn segment(&self, id: i64, rule: &Value) -> SegmentId {
        let tx = self.db.begin().await.unwrap();
        add_segment(&tx, WORKSPACE, SegmentId(id), rule).await;
        tx.commit().await.unwrap();
        SegmentId(id)
    }

    /// The first column of the first row.
    pub async fn number(&self, sql: &str) -> i64 {
        self.db.read().scalar(sql, vec![]).await.unwrap().unwrap()
    }

    /// How many members are in a segment.
    pub async fn size(&self, segment: SegmentId) -> i64 {
        self.number(&format!("SELECT COUNT(*) FROM segment_members WHERE segment_id = {}", segment.0)).await
    }

    /// The column `text` of all rows.
    pub async fn texts(&self, sql: &str) -> Vec<String> {
        let rows: Vec<TextRow> = self.db.read().all(sql, vec![]).await.unwrap();
        rows.into_iter().map(|row| row.text).collect()
    }
}

#[derive(FromQueryResult)]
struct TextRow {
    text: String,
}
