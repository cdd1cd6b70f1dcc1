//! How much room is taken, and how much is left.

use std::path::{Path, PathBuf};

use server::Disk;
use store::{Db, Sql};

/// Looks at the data directory, at the database and at the disk on which they lie.
pub async fn look(db: &Db, dir: PathBuf, log_kept_days: u64) -> Disk {
    let looking = tokio::task::spawn_blocking(move || {
        let database = ["hearth.db", "hearth.db-wal", "hearth.db-shm"].map(|name| bytes_of(&dir.join(name)));
        let (free_bytes, free_share) = free(&dir).unzip();
        Disk {
            data_bytes: bytes_of(&dir),
            database_bytes: database.into_iter().sum(),
            log_bytes: bytes_of(&dir.join("log")),
            free_bytes,
            free_share,
            log_kept_days,
        }
    });
    let mut disk = looking.await.unwrap_or_default();
    if !db.is_sqlite() {
        let sql = "SELECT CAST(pg_database_size(current_database()) AS BIGINT)";
        let bytes: Option<i64> = db.read().scalar(sql, Vec::new()).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "the size of the database is not known");
            None
        });
        disk.database_bytes = bytes.and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or_default();
    }
    disk
}

/// What a file takes, or a directory with all that is in it. What goes meanwhile counts nothing; links are not followed.
fn bytes_of(path: &Path) -> u64 {
    let Ok(about) = std::fs::symlink_metadata(path) else { return 0 };
    if !about.is_dir() {
        return about.len();
    }
    let Ok(entries) = std::fs::read_dir(path) else { return 0 };
    entries.flatten().map(|entry| bytes_of(&entry.path())).sum()
}

/// What is free for us on the disk of a path, in bytes and as a share of the whole.
#[cfg(unix)]
fn free(path: &Path) -> Option<(u64, f64)> {
    let disk = rustix::fs::statvfs(path).ok()?;
    let whole = disk.f_blocks.checked_mul(disk.f_frsize).filter(|whole| *whole > 0)?;
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    Some((free, (free as f64 / whole as f64 * 10_000.0).round() / 10_000.0))
}

#[cfg(not(unix))]
fn free(_: &Path) -> Option<(u64, f64)> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_lies_in_the_directory_is_added_up_and_the_disk_has_some_room() {
        let dir = tempfile::tempdir().unwrap();
        let db = Db::open(None, dir.path()).await.unwrap();
        std::fs::create_dir(dir.path().join("log")).unwrap();
        std::fs::write(dir.path().join("log/0"), [0u8; 1_000]).unwrap();
        let disk = look(&db, dir.path().to_owned(), 30).await;
        assert_eq!((disk.log_bytes, disk.log_kept_days), (1_000, 30));
        assert!(disk.database_bytes > 0 && disk.data_bytes >= disk.database_bytes + 1_000, "{disk:?}");
        if cfg!(unix) {
            assert!(disk.free_bytes.is_some() && (0.0..=1.0).contains(&disk.free_share.unwrap()), "{disk:?}");
        }
    }
}
