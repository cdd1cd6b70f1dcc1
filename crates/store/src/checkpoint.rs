//! Copying pages from SQLite's write-ahead log into its file, beside whoever writes.
//!
//! SQLite would do it within the commit that makes the log long enough, and who commits then waits for the disk. Here a
//! connection of its own does it, so that pages are copied while the next transaction is decided and written. A log
//! starts anew only when all of it was copied, which never comes while one transaction follows the other: when it is
//! too long, the rest is copied between two of them.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Weak},
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

/// The log beside a database.
pub(crate) fn log_of(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push("-wal");
    PathBuf::from(name)
}

/// Looks at the log whenever a transaction begins, as long as these connections are there.
pub(crate) async fn keep_short(connections: Weak<Connections>, began: Arc<Notify>, log: PathBuf) {
    loop {
        began.notified().await;
        let Some(connections) = connections.upgrade() else { return };
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
    let Connections { copier, writer, commits, .. } = connections;
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
    let _nobody_begins = commits.lock().await;
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
