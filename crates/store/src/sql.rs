//! Running SQL on either back end.

use async_trait::async_trait;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement, TryGetable, Value};
use serde::Serialize;

/// SQL on a connection or a transaction. Placeholders are `$1`, `$2` … on both back ends.
#[async_trait]
pub trait Sql: ConnectionTrait {
    /// Runs a statement; returns how many rows it changed.
    async fn run(&self, sql: &str, values: Vec<Value>) -> Result<u64, DbErr> {
        let statement = Statement::from_sql_and_values(self.get_database_backend(), sql, values);
        Ok(self.execute_raw(statement).await?.rows_affected())
    }

    /// All rows of a query.
    async fn all<T: FromQueryResult + Send>(&self, sql: &str, values: Vec<Value>) -> Result<Vec<T>, DbErr> {
        let statement = Statement::from_sql_and_values(self.get_database_backend(), sql, values);
        self.query_all_raw(statement).await?.iter().map(|row| T::from_query_result(row, "")).collect()
    }

    /// The first row of a query, if there is one.
    async fn one<T: FromQueryResult + Send>(&self, sql: &str, values: Vec<Value>) -> Result<Option<T>, DbErr> {
        let statement = Statement::from_sql_and_values(self.get_database_backend(), sql, values);
        self.query_one_raw(statement).await?.map(|row| T::from_query_result(&row, "")).transpose()
    }

    /// The first column of the first row, if there is one.
    async fn scalar<T: TryGetable + Send>(&self, sql: &str, values: Vec<Value>) -> Result<Option<T>, DbErr> {
        let statement = Statement::from_sql_and_values(self.get_database_backend(), sql, values);
        self.query_one_raw(statement).await?.map(|row| row.try_get_by_index(0)).transpose()
    }

    /// Runs a statement over many rows at once. `rows` becomes one JSON parameter, and `{rows}` in
    /// the SQL becomes a table `r` with one JSON `value` per row:
    ///
    /// ```sql
    /// INSERT INTO t (a, b) SELECT CAST(r.value->>0 AS BIGINT), r.value->>1 FROM {rows}
    /// ```
    ///
    /// JSON that is to be kept as it is travels as a text: as a part of the row it would be written anew.
    ///
    /// Does nothing when there are no rows. Returns how many rows it changed.
    async fn run_rows<R: Serialize + Sync>(&self, sql: &str, rows: &[R]) -> Result<u64, DbErr> {
        let mut chunks = rows.chunks(ROWS_AT_ONCE);
        let mut encoded = || {
            let statement = |chunk| statement_over_rows(self.get_database_backend(), sql, chunk, Vec::new());
            chunks.next().map(statement).transpose()
        };
        let mut changed = 0;
        let mut next = encoded()?;
        while let Some(statement) = next {
            // While the database is at it, what comes next is encoded.
            let (done, following) = tokio::join!(self.execute_raw(statement), async { encoded() });
            changed += done?.rows_affected();
            next = following?;
        }
        Ok(changed)
    }

    /// Queries with many keys at once; `{rows}` as in [`Sql::run_rows`], further parameters from `$2` on.
    async fn all_rows<T, R>(&self, sql: &str, rows: &[R], values: Vec<Value>) -> Result<Vec<T>, DbErr>
    where
        T: FromQueryResult + Send,
        R: Serialize + Sync,
    {
        let mut chunks = rows.chunks(ROWS_AT_ONCE);
        let mut encoded = || {
            let statement = |chunk| statement_over_rows(self.get_database_backend(), sql, chunk, values.clone());
            chunks.next().map(statement).transpose()
        };
        let mut found = Vec::new();
        let mut next = encoded()?;
        while let Some(statement) = next {
            let (rows, following) = tokio::join!(self.query_all_raw(statement), async { encoded() });
            for row in rows? {
                found.push(T::from_query_result(&row, "")?);
            }
            next = following?;
        }
        Ok(found)
    }
}

impl<C: ConnectionTrait + ?Sized> Sql for C {}

/// Writes that are made ready before they are run, so that other work can go on while they are.
#[derive(Debug)]
pub struct Writes {
    backend: DbBackend,
    statements: Vec<Statement>,
}

impl Writes {
    /// None yet, for this kind of database.
    pub fn new(backend: DbBackend) -> Writes {
        Writes { backend, statements: Vec::new() }
    }

    /// Adds a statement over many rows, as [`Sql::run_rows`] would run it.
    pub fn rows<R: Serialize>(&mut self, sql: &str, rows: &[R]) -> Result<(), DbErr> {
        for chunk in rows.chunks(ROWS_AT_ONCE) {
            self.statements.push(statement_over_rows(self.backend, sql, chunk, Vec::new())?);
        }
        Ok(())
    }

    /// Adds what others are to write after it.
    pub fn append(&mut self, others: Writes) {
        self.statements.extend(others.statements);
    }

    /// Runs them in their order.
    pub async fn run(self, db: &impl ConnectionTrait) -> Result<(), DbErr> {
        for statement in self.statements {
            db.execute_raw(statement).await?;
        }
        Ok(())
    }
}

const ROWS_AT_ONCE: usize = 2_000;

/// Who is told of statements over rows; see [`watch`].
#[cfg(debug_assertions)]
static WATCHER: std::sync::OnceLock<fn(DbBackend, &str)> = std::sync::OnceLock::new();

/// Has each statement over rows told to `watcher`, as it is written, with `{rows}` in it: for tests that ask a database how
/// it goes about them. Only in debug builds; whoever comes first stays.
#[cfg(debug_assertions)]
pub fn watch(watcher: fn(DbBackend, &str)) {
    let _ = WATCHER.set(watcher);
}

/// The table that `{rows}` stands for.
pub fn rows_table(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => "jsonb_array_elements(CAST($1 AS jsonb)) AS r(value)",
        _ => "jsonb_each($1) AS r",
    }
}

fn statement_over_rows<R: Serialize>(
    backend: DbBackend,
    sql: &str,
    rows: &[R],
    mut values: Vec<Value>,
) -> Result<Statement, DbErr> {
    #[cfg(debug_assertions)]
    if let Some(watcher) = WATCHER.get() {
        watcher(backend, sql);
    }
    let json = serde_json::to_string(rows).map_err(|error| DbErr::Custom(error.to_string()))?;
    values.insert(0, json.into());
    Ok(Statement::from_sql_and_values(backend, sql.replace("{rows}", rows_table(backend)), values))
}

/// Whether a write failed because a row with that key is there already.
pub fn is_unique_violation(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(sea_orm::SqlErr::UniqueConstraintViolation(_)))
}

/// Whether a write failed for want of disk space.
pub fn is_disk_full(error: &DbErr) -> bool {
    let text = error.to_string();
    text.contains("database or disk is full") || text.contains("No space left on device") || text.contains("disk full")
}
