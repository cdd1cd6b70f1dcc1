//! Databases of a test's own.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use sea_orm::{ConnectionTrait, Database, DatabaseConnection};
use store::{Db, Sql};
use tempfile::TempDir;

use crate::plans;

/// A database of the test's own, with a directory. Cheap to clone.
#[derive(Clone)]
pub struct TestDatabase {
    /// It.
    pub db: Db,
    /// Its address, unless it is a file.
    pub url: Option<String>,
    dir: Arc<TempDir>,
    server: Option<(DatabaseConnection, String)>,
}

impl TestDatabase {
    /// SQLite in the directory.
    pub async fn sqlite() -> TestDatabase {
        TestDatabase::open(None, None).await
    }

    /// A new database on the server that `HEARTH_TEST_POSTGRES_URL` names; `None` when there is no server for tests,
    /// which `HEARTH_TEST_REQUIRE_POSTGRES=1` makes a failure.
    pub async fn postgres() -> Option<TestDatabase> {
        let server = std::env::var("HEARTH_TEST_POSTGRES_URL").unwrap_or_default();
        if server.is_empty() {
            let required = std::env::var("HEARTH_TEST_REQUIRE_POSTGRES").is_ok_and(|value| value == "1");
            assert!(!required, "HEARTH_TEST_REQUIRE_POSTGRES=1, but HEARTH_TEST_POSTGRES_URL is not set");
            return None;
        }
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let name = format!("hearth_test_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let admin = Database::connect(&server).await.unwrap();
        // The process that had this number before may have left one.
        admin.execute_unprepared(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await.unwrap();
        admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
        let url = on_database(&server, &name);
        Some(TestDatabase::open(Some(url), Some((admin, name))).await)
    }

    async fn open(url: Option<String>, server: Option<(DatabaseConnection, String)>) -> TestDatabase {
        let dir = Arc::new(tempfile::tempdir().unwrap());
        let db = Db::open(url.as_deref(), dir.path()).await.unwrap();
        TestDatabase { db, url, dir, server }
    }

    /// Connects as another process would.
    pub async fn connect_again(&self) -> Db {
        Db::open(self.url.as_deref(), self.dir.path()).await.unwrap()
    }

    /// The directory of the test.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Deletes every row, of every table but the list of migrations.
    pub async fn empty(&self) {
        let list = match self.server {
            None => "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
            Some(_) => "SELECT CAST(tablename AS TEXT) AS name FROM pg_tables WHERE schemaname = 'public'",
        };
        let tables: Vec<Table> = self.db.read().all(list, Vec::new()).await.unwrap();
        let tx = self.db.begin().await.unwrap();
        for Table { name } in tables.iter().filter(|table| table.name != "schema_steps") {
            tx.run(&format!("DELETE FROM {name}"), Vec::new()).await.unwrap();
        }
        tx.commit().await.unwrap();
    }

    /// Closes it and removes what is on a server.
    pub async fn drop_database(self) {
        self.db.close().await.unwrap();
        if let Some((admin, name)) = self.server {
            admin.execute_unprepared(&format!("DROP DATABASE {name} WITH (FORCE)")).await.unwrap();
        }
    }
}

#[derive(store::FromQueryResult)]
struct Table {
    name: String,
}

/// Runs a test on SQLite, and on PostgreSQL when there is a server for tests.
pub async fn on_every_database(test: impl AsyncFn(TestDatabase)) {
    let sqlite = TestDatabase::sqlite().await;
    plans::watch();
    test(sqlite.clone()).await;
    plans::check(&sqlite.db).await;
    sqlite.drop_database().await;
    if let Some(postgres) = TestDatabase::postgres().await {
        test(postgres.clone()).await;
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
