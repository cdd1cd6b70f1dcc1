//! A store in a test.

use std::future::Future;

use base::{IdSource, Time};
use hearth_store::{Db, SimulatedClock, Sql, Tx};
use testing::TestDatabase;

pub const START: i64 = 1_774_500_000_000;

/// A database, a clock that stands still, and ids that are the same on every run.
#[derive(Clone)]
pub struct Bench {
    pub db: Db,
    pub clock: SimulatedClock,
    pub ids: IdSource,
    pub database: TestDatabase,
}

impl Bench {
    /// Another process on the same database.
    pub async fn connect_again(&self) -> Db {
        self.database.connect_again().await
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
    testing::on_every_database(async |database| {
        let clock = SimulatedClock::at(Time::from_millis(START));
        let ids = IdSource::from_seed(clock.shared(), 7);
        test(Bench { db: database.db.clone(), clock, ids, database }).await;
    })
    .await;
}
