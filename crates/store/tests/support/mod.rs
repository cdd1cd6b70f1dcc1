//! Databases for tests: SQLite in a directory of its own, and a PostgreSQL database of its own.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use base::{IdSource, Time};
use hearth_store::{Db, SimulatedClock, Sql, Tx};
use sea_orm::{ConnectionTrait, Database};
use tempfile::TempDir;

pub const START: i64 = 1_774_500_000_000;

/// A database, a clock that stands still, and ids that are the same on every run.
#[derive(Clone)]
pub struct Bench {
    pub db: Db,
    pub clock: SimulatedClock,
    pub ids: IdSource,
    pub dir: Arc<TempDir>,
    pub url: Option<String>,
}

impl Bench {
    async fn open(url: Option<String>) -> Bench {
        let dir = Arc::new(tempfile::tempdir().unwrap());
        let clock = SimulatedClock::at(Time::from_millis(START));
        let ids = IdSource::from_seed(clock.shared(), 7);
        let db = Db::open(url.as_deref(), dir.path()).await.unwrap();
        Bench { db, clock, ids, dir, url }
    }

    /// Another process on the same database.
    pub async fn connect_again(&self) -> Db {
        Db::open(self.url.as_deref(), self.dir.path()).await.unwrap()
    }

    /// One statement in a transaction of its own.
    pub async fn run(&self, sql: &str, values: Vec<hearth_store::Value>) -> u64 {
        let tx = self.db.begin().await.unwrap();
        let changed = tx.run(sql, values).await.unwrap();
        tx.commit().await.unwrap();
        changed
    }

    /// A transaction, to be committed by the test.
    pub async fn begin(&self) -> Tx {
        self.db.begin().await.unwrap()
    }

    pub async fn number(&self, sql: &str) -> i64 {
        self.db.read().scalar(sql, vec![]).await.unwrap().unwrap()
    }
}

/// Runs a test on SQLite, and on PostgreSQL when there is a server for tests.
pub async fn on_every_database<F: Future<Output = ()>>(test: impl Fn(Bench) -> F) {
    test(Bench::open(None).await).await;
    let server = std::env::var("HEARTH_TEST_POSTGRES_URL").unwrap_or_default();
    if server.is_empty() {
        let required = std::env::var("HEARTH_TEST_REQUIRE_POSTGRES").is_ok_and(|value| value == "1");
        assert!(!required, "HEARTH_TEST_REQUIRE_POSTGRES=1, but HEARTH_TEST_POSTGRES_URL is not set");
        return;
    }
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let name = format!("hearth_store_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    let admin = Database::connect(&server).await.unwrap();
    admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
    let bench = Bench::open(Some(on_database(&server, &name))).await;
    let db = bench.db.clone();
    test(bench).await;
    let _ = db.close().await;
    admin.execute_unprepared(&format!("DROP DATABASE {name} WITH (FORCE)")).await.unwrap();
}

/// The same server's address with another database.
fn on_database(server: &str, name: &str) -> String {
    let (address, query) = server.split_once('?').map_or((server, None), |(a, q)| (a, Some(q)));
    let authority_at = address.find("://").map_or(0, |at| at + 3);
    let end = address[authority_at..].find('/').map_or(address.len(), |at| authority_at + at);
    let query = query.map_or(String::new(), |query| format!("?{query}"));
    format!("{}/{name}{query}", &address[..end])
}
