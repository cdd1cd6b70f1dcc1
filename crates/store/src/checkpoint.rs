//! Copying pages from SQLite's write-ahead log into its file, beside whoever writes.
//!
//! SQLite would do it within the commit that makes the log long enough, and who commits then waits for the disk. Here a
//! connection of its own does it, so that pages are copied while the next transaction is decided and written. A log
//! starts anew only when all of it was copied, which never comes while one transaction follows the other: when it is
//! too long, the rest is copied between two of them.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Weak, atomic::Ordering},
};

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement};
use tokio::sync::Notify;

use super::db::Connections;

/// When something is to be done, in pages of 4 KB.
#[derive(Clone, Copy, Debug)]
struct Lengths {
    /// So many wait for being copied before that is begun. With fewer, those that one transaction after the other changes
    /// would be copied again and again.
    enough: i64,
    /// At so many in the log, copied or not, it starts anew.
    longest: i64,
}

const LENGTHS: Lengths = Lengths { enough: 16_000, longest: 128_000 };
/// With the head of each page, in bytes.
const PAGE: u64 = 4_096 + 24;

/// What the writer's cache has at the least and at the most, in kilobytes.
pub(crate) const SMALLEST_CACHE: u64 = 16 << 10;
const LARGEST_CACHE: u64 = 192 << 10;

/// The writer's cache for a database of so many bytes, in kilobytes: a sixteenth, in steps of 8 MB. What is not in it comes
/// from the file, which the system has in its own cache.
fn cache_for(length: u64) -> u64 {
    ((length / 16 / (8 << 20)) * (8 << 10)).clamp(SMALLEST_CACHE, LARGEST_CACHE)
}

/// The log beside a database.
fn log_of(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push("-wal");
    PathBuf::from(name)
}

/// Looks at the log of a database whenever a transaction begins, as long as these connections are there; and at the
/// database, with which the writer's cache grows.
pub(crate) async fn keep_short(connections: Weak<Connections>, began: Arc<Notify>, file: PathBuf) {
    let log = log_of(&file);
    loop {
        began.notified().await;
        let Some(connections) = connections.upgrade() else { return };
        if let Ok(about) = tokio::fs::metadata(&file).await {
            connections.wanted_cache.store(cache_for(about.len()), Ordering::Relaxed);
        }
        // The file keeps its length when the log starts anew; as long as it is short, nothing is asked.
        let length = tokio::fs::metadata(&log).await.map_or(0, |about| about.len());
        if length < LENGTHS.enough as u64 * PAGE {
            continue;
        }
        if let Err(error) = copy_if_long(&connections, LENGTHS).await {
            tracing::warn!(%error, "pages of the write-ahead log cannot be copied yet");
        }
    }
}

async fn copy_if_long(connections: &Connections, lengths: Lengths) -> Result<(), DbErr> {
    let Connections { copier, writer, settings, .. } = connections;
    let copier = copier.lock().await;
    let Some(copier) = copier.as_ref() else { return Ok(()) };
    let (in_log, copied) = checkpoint(copier, "NOOP").await?;
    if in_log - copied < lengths.enough && in_log < lengths.longest {
        return Ok(());
    }
    checkpoint(copier, "PASSIVE").await?;
    if in_log < lengths.longest {
        return Ok(());
    }
    // Nobody begins, and who has begun comes to his end before the writer's connection is free.
    let _nobody_begins = settings.lock().await;
    let (in_log, _) = checkpoint(writer, "NOOP").await?;
    if in_log >= lengths.longest {
        checkpoint(writer, "PASSIVE").await?;
    }
    Ok(())
}

/// How many pages are in the log, and how many of them are in the file as well.
async fn checkpoint(connection: &DatabaseConnection, how: &str) -> Result<(i64, i64), DbErr> {
    let statement = Statement::from_string(DbBackend::Sqlite, format!("PRAGMA wal_checkpoint({how})"));
    let Some(row) = connection.query_one_raw(statement).await? else { return Ok((0, 0)) };
    Ok((row.try_get_by_index::<i64>(1)?, row.try_get_by_index::<i64>(2)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Db, Sql};

    const SHORT: Lengths = Lengths { enough: 50, longest: 300 };

    /// Rewrites the same some 25 pages.
    async fn write(db: &Db) {
        let tx = db.begin_replayable().await.unwrap();
        tx.execute_unprepared("CREATE TABLE IF NOT EXISTS pages (id INTEGER PRIMARY KEY, what BLOB)").await.unwrap();
        tx.execute_unprepared(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 25)
             INSERT OR REPLACE INTO pages SELECT i, randomblob(3500) FROM n",
        )
        .await
        .unwrap();
        tx.commit().await.unwrap();
    }

    async fn lengths(db: &Db) -> (i64, i64) {
        checkpoint(&db.connections().writer, "NOOP").await.unwrap()
    }

    #[test]
    fn the_cache_of_the_writer_grows_with_the_database() {
        assert_eq!(cache_for(0), 16 << 10);
        assert_eq!(cache_for(400 << 20), 24 << 10);
        assert_eq!(cache_for(1 << 30), 64 << 10);
        assert_eq!(cache_for(1 << 40), 192 << 10);
    }

    #[tokio::test]
    async fn the_writer_takes_the_cache_that_its_database_wants() {
        let directory = tempfile::tempdir().unwrap();
        let db = Db::open(None, directory.path()).await.unwrap();
        let cache = async || db.writer().scalar::<i64>("PRAGMA cache_size", Vec::new()).await.unwrap();
        assert_eq!(cache().await, Some(-(16 << 10)));
        db.connections().wanted_cache.store(32 << 10, Ordering::Relaxed);
        let tx = db.begin().await.unwrap();
        assert_eq!(tx.scalar::<i64>("PRAGMA cache_size", Vec::new()).await.unwrap(), Some(-(32 << 10)));
    }

    #[tokio::test]
    async fn pages_are_copied_once_there_are_enough_of_them() {
        let directory = tempfile::tempdir().unwrap();
        let db = Db::open(None, directory.path()).await.unwrap();
        checkpoint(&db.connections().writer, "TRUNCATE").await.unwrap();
        write(&db).await;
        copy_if_long(db.connections(), SHORT).await.unwrap();
        assert!(matches!(lengths(&db).await, (20..50, 0)), "too few for the trouble: {:?}", lengths(&db).await);
        write(&db).await;
        copy_if_long(db.connections(), SHORT).await.unwrap();
        let (in_log, copied) = lengths(&db).await;
        assert!(in_log >= 50 && copied == in_log, "{copied} of {in_log}");
        // Nobody wrote meanwhile: the next transaction starts the log anew.
        write(&db).await;
        assert!(matches!(lengths(&db).await, (20..50, 0)), "{:?}", lengths(&db).await);
    }

    #[tokio::test]
    async fn a_log_in_which_somebody_always_writes_does_not_grow_without_end() {
        let directory = tempfile::tempdir().unwrap();
        let db = Db::open(None, directory.path()).await.unwrap();
        let mut longest = 0;
        for _ in 0..60 {
            write(&db).await;
            // Another transaction has begun to write when the pages are copied.
            let tx = db.begin_replayable().await.unwrap();
            tx.execute_unprepared("UPDATE pages SET what = randomblob(3500) WHERE id = 7").await.unwrap();
            let connections = db.connections();
            let (copied, committed) = tokio::join!(copy_if_long(connections, SHORT), tx.commit());
            copied.unwrap();
            committed.unwrap();
            longest = longest.max(lengths(&db).await.0);
        }
        assert!(longest < SHORT.longest + 60, "{longest} pages");
        let rows: Option<i64> = db.read().scalar("SELECT count(*) FROM pages", Vec::new()).await.unwrap();
        assert_eq!(rows, Some(25));
    }

    #[tokio::test]
    async fn a_reader_keeps_what_he_sees() {
        let directory = tempfile::tempdir().unwrap();
        let db = Db::open(None, directory.path()).await.unwrap();
        write(&db).await;
        let what = "SELECT hex(what) FROM pages WHERE id = 3";
        let reader = db.snapshot().await.unwrap();
        let before: Option<String> = reader.scalar(what, Vec::new()).await.unwrap();
        for _ in 0..20 {
            write(&db).await;
            copy_if_long(db.connections(), SHORT).await.unwrap();
        }
        assert_eq!(reader.scalar::<String>(what, Vec::new()).await.unwrap(), before);
        drop(reader);
        let now: Option<String> = db.read().scalar(what, Vec::new()).await.unwrap();
        assert_ne!(now, before);
        copy_if_long(db.connections(), SHORT).await.unwrap();
        write(&db).await;
        assert!(lengths(&db).await.0 < 50, "the log starts anew when the reader is gone");
    }
}
