//! The ways in, through the real router on a real database; only the log is a double in memory.

mod bad_input;
mod dialects;
mod letters;
mod properties;
mod requests;
mod trust;

use std::{
    collections::HashSet,
    ops::Range,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use api::{Caller, Role};
use async_trait::async_trait;
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode, header},
    response::Response,
};
use base::{
    Event, IdSource, Time,
    ids::{KeyId, WorkspaceId},
};
use log::{EventLog, LogError, NewRecord, Offset, Position, Record};
use serde_json::Value;
use store::{Db, DbErr, SimulatedClock};
use testing::TestDatabase;
use tokio::sync::watch;
use tower::ServiceExt;
use utoipa_axum::router::OpenApiRouter;

use super::{IngestState, RateLimit, RateLimiter, WriteKey, WriteKeys, api_routes, public_routes};

pub const WORKSPACE: WorkspaceId = WorkspaceId(1);
pub const KEY: KeyId = KeyId(77);
pub const SECRET: &str = "wk_secret";
/// Of a key that is trusted.
pub const SERVER_KEY: KeyId = KeyId(78);
pub const SERVER_SECRET: &str = "wk_server_secret";

/// 2023-11-14T22:13:20Z.
pub fn now() -> Time {
    Time::from_millis(1_700_000_000_000)
}

/// A log that keeps its records in memory, and fails when it is told to.
pub struct MemoryLog {
    records: Mutex<Vec<NewRecord>>,
    calls: AtomicU32,
    failure: Mutex<Option<LogError>>,
    commits: watch::Sender<u64>,
}

impl MemoryLog {
    fn new() -> MemoryLog {
        MemoryLog {
            records: Mutex::new(Vec::new()),
            calls: AtomicU32::new(0),
            failure: Mutex::new(None),
            commits: watch::Sender::new(0),
        }
    }

    /// The next append fails.
    pub fn fail_with(&self, error: LogError) {
        *self.failure.lock().unwrap() = Some(error);
    }

    /// What was appended, in order.
    pub fn records(&self) -> Vec<NewRecord> {
        self.records.lock().unwrap().clone()
    }

    /// What was appended, read as the pipeline reads it.
    pub fn events(&self) -> Vec<Event> {
        self.records().iter().map(|record| Event::from_record(&record.payload).unwrap()).collect()
    }

    /// How many appends there were.
    pub fn calls(&self) -> u32 {
        self.calls.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl EventLog for MemoryLog {
    fn partitions(&self) -> u32 {
        4
    }

    async fn append(&self, records: Vec<NewRecord>) -> Result<Vec<Position>, LogError> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        if let Some(error) = self.failure.lock().unwrap().take() {
            return Err(error);
        }
        let mut all = self.records.lock().unwrap();
        let positions = records.iter().map(|record| Position { partition: record.partition, offset: 0 }).collect();
        all.extend(records);
        Ok(positions)
    }

    async fn read(&self, _: u32, _: Offset, _: usize, _: usize) -> Result<Vec<Record>, LogError> {
        Ok(Vec::new())
    }

    fn range(&self, _: u32) -> Range<Offset> {
        0..0
    }

    fn subscribe(&self) -> watch::Receiver<u64> {
        self.commits.subscribe()
    }

    async fn erase(&self, _: u32, _: Offset, upto: Offset, _: log::IsConcerned) -> Result<log::Erased, LogError> {
        Ok(log::Erased { next: upto, ..log::Erased::default() })
    }

    async fn retain(&self, _: &[Offset], _: i64) -> Result<u64, LogError> {
        Ok(0)
    }

    async fn snapshot(&self, _: &Path) -> Result<(), LogError> {
        Ok(())
    }
}

/// One key that stands in a page, and one that stays on a server.
struct TwoKeys;

#[async_trait]
impl WriteKeys for TwoKeys {
    async fn write_key(&self, secret: &str) -> Result<Option<WriteKey>, DbErr> {
        Ok(match secret {
            SECRET => Some(WriteKey { id: KEY, workspace: WORKSPACE, trusted: false }),
            SERVER_SECRET => Some(WriteKey { id: SERVER_KEY, workspace: WORKSPACE, trusted: true }),
            _ => None,
        })
    }

    async fn trusted(&self, keys: &[KeyId]) -> Result<HashSet<KeyId>, DbErr> {
        Ok(keys.iter().copied().filter(|key| *key == SERVER_KEY).collect())
    }
}

/// A server with only the ways in.
pub struct House {
    pub log: Arc<MemoryLog>,
    pub db: Db,
    pub clock: SimulatedClock,
    pub pressure: Arc<AtomicBool>,
    pub ids: IdSource,
    router: Router,
    _database: TestDatabase,
}

impl House {
    /// On SQLite in a directory of its own.
    pub async fn new() -> House {
        House::with_limit(RateLimit::default()).await
    }

    pub async fn with_limit(limit: RateLimit) -> House {
        House::on(TestDatabase::sqlite().await, limit)
    }

    /// On SQLite, and on PostgreSQL where the environment names a server.
    pub async fn on_every_database() -> Vec<House> {
        let mut houses = vec![House::new().await];
        if let Some(postgres) = TestDatabase::postgres().await {
            houses.push(House::on(postgres, RateLimit::default()));
        }
        houses
    }

    pub fn on(database: TestDatabase, limit: RateLimit) -> House {
        let db = database.db.clone();
        let clock = SimulatedClock::at(now());
        let log = Arc::new(MemoryLog::new());
        let pressure = Arc::new(AtomicBool::new(false));
        let ids = IdSource::from_seed(clock.shared(), 7);
        let state = Arc::new(IngestState {
            db: db.clone(),
            log: log.clone(),
            write_keys: Arc::new(TwoKeys),
            clock: clock.shared(),
            ids: ids.clone(),
            pressure: pressure.clone(),
            limiter: RateLimiter::new(limit),
            letters: RateLimiter::new(RateLimit::LETTERS),
            meter: Arc::default(),
        });
        let (router, _) =
            OpenApiRouter::new().merge(public_routes(state.clone())).merge(api_routes(state)).split_for_parts();
        House { log, db, clock, pressure, ids, router, _database: database }
    }

    pub async fn send(&self, request: Request<Body>) -> Reply {
        Reply::read(self.router.clone().oneshot(request).await.unwrap()).await
    }

    /// A call of the tracking API with the key in the header.
    pub async fn post(&self, path: &str, body: impl Into<Body>) -> Reply {
        let request = Request::post(path)
            .header(header::AUTHORIZATION, format!("Bearer {SECRET}"))
            .header(header::CONTENT_TYPE, "application/json")
            .body(body.into())
            .unwrap();
        self.send(request).await
    }

    /// A call of the API as an operator with this role.
    pub async fn call_as(&self, role: Role, method: &str, path: &str, body: impl Into<Body>) -> Reply {
        self.call_in(WORKSPACE, role, method, path, body).await
    }

    pub async fn call_in(
        &self,
        workspace: WorkspaceId,
        role: Role,
        method: &str,
        path: &str,
        body: impl Into<Body>,
    ) -> Reply {
        let caller = Caller { workspace, actor: "user:usr_0000000000001".to_owned(), role, scopes: None };
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::CONTENT_TYPE, "application/json")
            .extension(caller)
            .body(body.into())
            .unwrap();
        self.send(request).await
    }

    pub fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}

/// A reply, read to its end.
pub struct Reply {
    pub status: StatusCode,
    pub headers: axum::http::HeaderMap,
    pub text: String,
}

impl Reply {
    async fn read(response: Response) -> Reply {
        let (head, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        Reply { status: head.status, headers: head.headers, text: String::from_utf8(bytes.to_vec()).unwrap() }
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_else(|| panic!("no code: {}", self.text)).to_owned()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}
