//! On which database something is measured.

use anyhow::Context;
use sea_orm::ConnectionTrait;

/// A database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    /// The embedded one.
    Sqlite,
    /// The server that `HEARTH_BENCH_POSTGRES_URL` names.
    Postgres,
}

impl Database {
    /// Those that there are here.
    pub fn all() -> Vec<Database> {
        let mut all = vec![Database::Sqlite];
        if Database::server().is_some() {
            all.push(Database::Postgres);
        } else {
            eprintln!("HEARTH_BENCH_POSTGRES_URL is not set: nothing is measured on PostgreSQL");
        }
        all
    }

    /// As people write it.
    pub fn name(self) -> &'static str {
        match self {
            Database::Sqlite => "SQLite",
            Database::Postgres => "PostgreSQL",
        }
    }

    /// An empty database of this kind: the URL for `hearth serve`, nothing for the embedded one.
    pub async fn create(self, name: &str) -> anyhow::Result<Option<String>> {
        let Some(server) = Database::server().filter(|_| self == Database::Postgres) else { return Ok(None) };
        let connection = sea_orm::Database::connect(&server).await?;
        connection.execute_unprepared(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
        connection.execute_unprepared(&format!("CREATE DATABASE {name}")).await?;
        connection.close().await?;
        let (address, database) = server.rsplit_once('/').context("HEARTH_BENCH_POSTGRES_URL names no database")?;
        let parameters = database.split_once('?').map(|(_, parameters)| format!("?{parameters}")).unwrap_or_default();
        Ok(Some(format!("{address}/{name}{parameters}")))
    }

    /// Removes it and has what is in memory written, so that the next measurement pays for nothing of this one.
    pub async fn remove(self, name: &str) -> anyhow::Result<()> {
        let Some(server) = Database::server().filter(|_| self == Database::Postgres) else { return Ok(()) };
        let connection = sea_orm::Database::connect(&server).await?;
        connection.execute_unprepared(&format!("DROP DATABASE {name} WITH (FORCE)")).await?;
        connection.execute_unprepared("CHECKPOINT").await?;
        Ok(connection.close().await?)
    }

    fn server() -> Option<String> {
        std::env::var("HEARTH_BENCH_POSTGRES_URL").ok().filter(|url| !url.is_empty())
    }
}
