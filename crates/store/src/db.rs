//! Connections and transactions.

use std::{
    fs::{File, OpenOptions},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    SqliteTransactionMode, TransactionOptions, TransactionTrait, sqlx::Connection,
};

use tokio::sync::{Mutex, Notify, watch};

use crate::{Sql, checkpoint, migrate};

/// A transaction that may write. Rolled back when dropped without `commit`.
pub type Tx = DatabaseTransaction;

/// The database: a writer and readers. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Db {
    inner: Arc<Connections>,
}

#[derive(Debug)]
pub(crate) struct Connections {
    reader: DatabaseConnection,
    pub(crate) writer: DatabaseConnection,
    backend: DbBackend,
    /// Copies pages of SQLite's write-ahead log; locked while it does. None on PostgreSQL, and once closed.
    pub(crate) copier: Mutex<Option<DatabaseConnection>>,
    /// Notified when a transaction begins, and at the end.
    began: Arc<Notify>,
    /// How SQLite's writer is set now; locked while a transaction begins.
    pub(crate) settings: Mutex<Settings>,
    /// What the cache of SQLite's writer should be, in kilobytes.
    pub(crate) wanted_cache: AtomicU64,
    /// Told when a job has come to an end.
    job_ended: Notify,
    /// How many transactions have begun.
    begun: watch::Sender<u64>,
}

/// How SQLite's writer is set.
#[derive(Debug)]
pub(crate) struct Settings {
    /// What its commits wait for.
    commits: Commits,
    /// Its cache in kilobytes.
    cache: u64,
}

const AT_FIRST: Settings = Settings { commits: Commits::Durable, cache: checkpoint::SMALLEST_CACHE };

/// In bytes. Rewriting more would keep writers waiting for minutes.
const LARGEST_TO_COMPACT: i64 = 8 << 30;

/// What a commit waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Commits {
    /// The disk.
    Durable,
    /// Nothing: the next durable commit brings it to the disk, too.
    Replayable,
}

impl Db {
    /// Connects and brings the schema up to date.
    ///
    /// `url` is `postgres://…`; without one, SQLite in `dir/hearth.db` is used.
    pub async fn open(url: Option<&str>, dir: &Path) -> Result<Db, DbErr> {
        let file = dir.join("hearth.db");
        let connections = match url {
            Some(url) => open_postgres(url).await?,
            None => open_sqlite(&file).await?,
        };
        let db = Db { inner: Arc::new(connections) };
        if url.is_none() {
            let began = db.inner.began.clone();
            tokio::spawn(checkpoint::keep_short(Arc::downgrade(&db.inner), began, file));
        }
        migrate::run(&db).await?;
        Ok(db)
    }

    /// A database of its own in memory, with the schema of the day; gone when the last handle is. It has one connection,
    /// for reading and writing: whoever holds a transaction must not ask [`Db::read`].
    pub async fn in_memory() -> Result<Db, DbErr> {
        let mut options = options("sqlite:", 1);
        options.map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .filename(":memory:")
                .in_memory(true)
                .shared_cache(false)
                .statement_cache_capacity(300)
                .pragma("journal_mode", "MEMORY")
                .pragma("temp_store", "MEMORY")
                .pragma("foreign_keys", "OFF")
        });
        let only = Database::connect(options).await?;
        let connections = Connections {
            reader: only.clone(),
            writer: only,
            backend: DbBackend::Sqlite,
            copier: Mutex::new(None),
            began: Arc::default(),
            settings: Mutex::new(AT_FIRST),
            wanted_cache: AtomicU64::new(AT_FIRST.cache),
            job_ended: Notify::new(),
            begun: watch::Sender::new(0),
        };
        let db = Db { inner: Arc::new(connections) };
        migrate::run(&db).await?;
        Ok(db)
    }

    /// For queries. On SQLite a pool of read-only connections.
    pub fn read(&self) -> &DatabaseConnection {
        &self.inner.reader
    }

    /// Begins a transaction that may write; on SQLite it waits for the writer's turn. What is committed survives a
    /// power cut.
    pub async fn begin(&self) -> Result<Tx, DbErr> {
        self.begin_with(Commits::Durable).await
    }

    /// Begins a transaction whose commit survives the end of this process, but a power cut only once a durable
    /// transaction was committed after it. For what is told again then, because a cursor that stands in the same
    /// transaction goes back with it. Nothing of it may leave the house before a [`Db::make_durable`] or a
    /// durable commit.
    pub async fn begin_replayable(&self) -> Result<Tx, DbErr> {
        self.begin_with(Commits::Replayable).await
    }

    /// Brings everything to the disk that was committed before.
    pub async fn make_durable(&self) -> Result<(), DbErr> {
        let tx = self.begin().await?;
        // A commit that changes nothing would not reach the disk.
        tx.execute_unprepared(
            "INSERT INTO cursors (consumer, part, next_offset) VALUES ('durable', 0, 1)
             ON CONFLICT (consumer, part) DO UPDATE SET next_offset = cursors.next_offset + 1",
        )
        .await?;
        tx.commit().await
    }

    async fn begin_with(&self, wanted: Commits) -> Result<Tx, DbErr> {
        let Connections { writer, backend, settings, wanted_cache, began, begun, .. } = self.inner.as_ref();
        began.notify_one();
        begun.send_modify(|begun| *begun += 1);
        if *backend == DbBackend::Postgres {
            let tx = writer.begin().await?;
            if wanted == Commits::Replayable {
                tx.execute_unprepared("SET LOCAL synchronous_commit TO off").await?;
            }
            return Ok(tx);
        }
        let mut settings = settings.lock().await;
        let cache = wanted_cache.load(Ordering::Relaxed);
        if settings.cache != cache {
            writer.execute_unprepared(&format!("PRAGMA cache_size = -{cache}")).await?;
            settings.cache = cache;
        }
        if settings.commits != wanted {
            let level = if wanted == Commits::Durable { "FULL" } else { "NORMAL" };
            writer.execute_unprepared(&format!("PRAGMA synchronous = {level}")).await?;
            settings.commits = wanted;
        }
        writer
            .begin_with_options(TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..Default::default()
            })
            .await
    }

    /// Begins a transaction that sees one unchanging state of the whole database.
    pub async fn snapshot(&self) -> Result<Tx, DbErr> {
        self.inner
            .reader
            .begin_with_options(TransactionOptions {
                isolation_level: (self.backend() == DbBackend::Postgres)
                    .then_some(sea_orm::IsolationLevel::RepeatableRead),
                ..Default::default()
            })
            .await
    }

    /// Rewrites the database without its free space, in which deleted rows can still be read, and empties the write-ahead
    /// log. Writers wait meanwhile. True when that was done: not where the database is too large for it, and not on
    /// PostgreSQL, whose `VACUUM` only lets the space be used again.
    pub async fn compact(&self) -> Result<bool, DbErr> {
        let writer = self.writer();
        if self.backend() == DbBackend::Postgres {
            writer.execute_unprepared("VACUUM").await?;
            return Ok(false);
        }
        let pages: Option<i64> = self.read().scalar("PRAGMA page_count", Vec::new()).await?;
        let page_size: Option<i64> = self.read().scalar("PRAGMA page_size", Vec::new()).await?;
        if pages.unwrap_or_default() * page_size.unwrap_or_default() > LARGEST_TO_COMPACT {
            return Ok(false);
        }
        let _nobody_copies = self.inner.copier.lock().await;
        // Otherwise the copy that it makes would be held in memory.
        writer.execute_unprepared("PRAGMA temp_store = FILE").await?;
        let rewritten = writer.execute_unprepared("VACUUM").await;
        writer.execute_unprepared("PRAGMA temp_store = MEMORY").await?;
        rewritten?;
        // The first column says whether readers stood in the way longer than the busy timeout.
        let busy: Option<i64> = writer.scalar("PRAGMA wal_checkpoint(TRUNCATE)", Vec::new()).await?;
        match busy {
            Some(0) | None => Ok(true),
            Some(_) => Err(DbErr::Custom("readers kept the write-ahead log from being emptied".to_owned())),
        }
    }

    /// Tells those who wait when a job has ended, of whatever kind. Whoever ends one calls `notify_waiters` after his commit.
    pub fn job_ended(&self) -> &Notify {
        &self.inner.job_ended
    }

    /// Whether this is SQLite, in a file or in memory, rather than PostgreSQL.
    pub fn is_sqlite(&self) -> bool {
        self.backend() == DbBackend::Sqlite
    }

    /// Changes whenever this process begins a transaction that may write, so soon there may be something new to read.
    pub fn about_to_change(&self) -> watch::Receiver<u64> {
        self.inner.begun.subscribe()
    }

    /// Which kind of database this is.
    pub fn backend(&self) -> DbBackend {
        self.inner.backend
    }

    #[cfg(test)]
    pub(crate) fn connections(&self) -> &Connections {
        &self.inner
    }

    pub(crate) fn writer(&self) -> &DatabaseConnection {
        &self.inner.writer
    }

    /// Closes all connections; SQLite then folds its write-ahead log into the file.
    pub async fn close(self) -> Result<(), DbErr> {
        if let Some(copier) = self.inner.copier.lock().await.take() {
            copier.close().await?;
        }
        self.inner.reader.clone().close().await?;
        self.inner.writer.clone().close().await
    }
}

impl Drop for Connections {
    fn drop(&mut self) {
        self.began.notify_one();
    }
}

fn options(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(60))
        .idle_timeout(None)
        .max_lifetime(None)
        .sqlx_logging(false)
        .record_stmt_in_spans(false)
        .test_before_acquire(false);
    options
}

async fn open_sqlite(file: &Path) -> Result<Connections, DbErr> {
    let alone =
        prepare(file.to_owned()).await.map_err(|error| DbErr::Custom(format!("{}: {error}", file.display())))?;
    // The path goes in through `filename` below, since a path may hold characters that a URL may not.
    let connect = |connections: u32, cache: u64, read_only: bool| {
        let file = file.to_owned();
        let mut options = options("sqlite:", connections);
        options.map_sqlx_sqlite_opts(move |sqlite| {
            let sqlite = sqlite
                .filename(&file)
                .in_memory(false)
                .shared_cache(false)
                .busy_timeout(Duration::from_secs(20))
                .statement_cache_capacity(300)
                .pragma("journal_mode", "WAL")
                .pragma("synchronous", "FULL")
                .pragma("temp_store", "MEMORY")
                // Whoever commits would wait for it: see `checkpoint`.
                .pragma("wal_autocheckpoint", "0")
                .pragma("foreign_keys", "OFF");
            sqlite.pragma("cache_size", format!("-{cache}")).read_only(read_only).create_if_missing(!read_only)
        });
        options.map_sqlx_sqlite_before_acquire(|connection, _| {
            // On a full disk SQLite ends a transaction by itself, and the driver, which then cannot roll it back, takes
            // all that follows for parts of it. Such a connection is closed and the next one begins anew.
            let is_usable = !connection.is_in_transaction();
            Box::pin(std::future::ready(Ok(is_usable)))
        });
        options
    };
    let writer = Database::connect(connect(1, AT_FIRST.cache, false)).await?;
    drop(alone);
    let reader = Database::connect(connect(4, 4_000, true)).await?;
    let mut copier = connect(1, 100, false);
    copier.min_connections(0).connect_lazy(true);
    let copier = Mutex::new(Some(Database::connect(copier).await?));
    Ok(Connections {
        reader,
        writer,
        backend: DbBackend::Sqlite,
        copier,
        began: Arc::default(),
        settings: Mutex::new(AT_FIRST),
        wanted_cache: AtomicU64::new(AT_FIRST.cache),
        job_ended: Notify::new(),
        begun: watch::Sender::new(0),
    })
}

/// Makes the file with mode 0600 unless it is there; SQLite gives the files beside it the same mode. Waits until nobody
/// else opens it for the first time, as long as the answer is held: of two that give a file its write-ahead log at once,
/// SQLite tells one that the database is locked, however long it may wait.
async fn prepare(file: PathBuf) -> std::io::Result<File> {
    let private = |path: &Path| {
        let mut options = OpenOptions::new();
        options.append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.create(true).open(path)
    };
    let prepare = move || {
        let alone = private(&file.with_extension("db-opening"))?;
        alone.lock()?;
        // Closing any handle of a file takes the locks of this process off it, SQLite's as well.
        if !file.exists() {
            private(&file)?;
        }
        Ok(alone)
    };
    tokio::task::spawn_blocking(prepare).await?
}

async fn open_postgres(url: &str) -> Result<Connections, DbErr> {
    let mut options = options(url, 16);
    options.test_before_acquire_if_idle_for(Duration::from_secs(5));
    options.map_sqlx_postgres_opts(|postgres| {
        postgres
            .statement_cache_capacity(300)
            .application_name("hearth")
            // A plan that was made while a table was small would be kept when the table has grown: each statement
            // is planned anew.
            .options([("plan_cache_mode", "force_custom_plan"), ("jit", "off"), ("random_page_cost", "1.1")])
    });
    let pool = Database::connect(options).await?;
    Ok(Connections {
        reader: pool.clone(),
        writer: pool,
        backend: DbBackend::Postgres,
        copier: Mutex::new(None),
        began: Arc::default(),
        settings: Mutex::new(AT_FIRST),
        wanted_cache: AtomicU64::new(AT_FIRST.cache),
        job_ended: Notify::new(),
        begun: watch::Sender::new(0),
    })
}
