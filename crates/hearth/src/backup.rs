//! `hearth backup` and `hearth restore`.
//!
//! A backup is a directory: every table as JSON lines, all from one snapshot of the database, then a copy of the
//! log, and the key file. The log is copied after the snapshot, so it holds at least what the
//! cursors in the snapshot have passed; after a restore the pipeline takes up the rest. A backup
//! of one kind of database can be restored into the other.

use std::{
    fs::{self, File},
    io::{BufReader, BufWriter, Write},
    path::Path,
};

use anyhow::Context;
use log::{EventLog, LocalLog, LocalLogOptions};
use serde_json::json;
use store::Db;

use crate::{
    config::{Config, KEY_FILE},
    house::Ground,
    private,
    tables::{self, file_of},
};

const FORMAT: u64 = 1;

/// Writes a backup of a data directory, also beside a running server.
pub async fn backup(config: Config, target: &Path) -> anyhow::Result<()> {
    config.ensure_data()?;
    anyhow::ensure!(!target.exists(), "cannot make {}: it exists", target.display());
    private::make_dir(target).with_context(|| format!("cannot make {}", target.display()))?;
    fs::create_dir(target.join("tables"))?;
    let data = config.data.clone();
    let ground = Ground::open(config).await?;
    let snapshot = ground.db.snapshot().await?;
    let mut rows = 0;
    for table in tables::list(&snapshot).await? {
        let mut out = BufWriter::new(File::create(file_of(target, &table.name))?);
        rows += table.write(&snapshot, &mut out).await?;
        out.flush()?;
        out.get_ref().sync_all()?;
    }
    snapshot.commit().await?;
    copy_log(&data.join("log"), &target.join("log")).await?;
    let key = target.join(KEY_FILE);
    fs::copy(data.join(KEY_FILE), &key)?;
    File::open(&key)?.sync_all()?;
    let manifest =
        json!({"format": FORMAT, "hearth": env!("CARGO_PKG_VERSION"), "at": ground.clock.now(), "rows": rows});
    // The manifest comes last: a backup without one is not complete.
    fs::write(target.join("backup.json"), format!("{manifest:#}\n"))?;
    File::open(target)?.sync_all()?;
    ground.db.close().await?;
    crate::say(&format!(
        "{rows} rows and the log are in {}\nIt holds the key that opens its secrets; keep it safe.\n",
        target.display()
    ))
}

/// With no server running, the log is opened and copied; beside a server, its files are copied as
/// they are: appends only add to them, and a torn tail is cut when the copy is opened.
async fn copy_log(from: &Path, to: &Path) -> anyhow::Result<()> {
    if !from.exists() {
        return Ok(());
    }
    match LocalLog::open(from, LocalLogOptions::default()) {
        Ok((log, _)) => Ok(log.snapshot(to).await?),
        Err(log::LogError::PartitionsChanged { .. }) | Err(log::LogError::Locked) => copy_files(from, to),
        Err(error) => Err(error.into()),
    }
}

fn copy_files(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_files(&entry.path(), &target)?;
            continue;
        }
        // A segment that retention deletes meanwhile is one that the snapshot does not need.
        match fs::copy(entry.path(), &target) {
            Ok(_) => File::open(&target)?.sync_all()?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Puts a backup into an empty data directory and database. When it fails, both are as before.
pub async fn restore(config: Config, source: &Path) -> anyhow::Result<()> {
    let manifest = fs::read_to_string(source.join("backup.json"))
        .with_context(|| format!("{} is not a complete backup", source.display()))?;
    let manifest: serde_json::Value = serde_json::from_str(&manifest)?;
    anyhow::ensure!(manifest["format"] == json!(FORMAT), "this backup was made by another version of Hearth");
    let data = config.data.clone();
    let is_empty = !data.exists() || fs::read_dir(&data)?.next().is_none();
    anyhow::ensure!(is_empty, "{} is not empty; a backup is restored into an empty directory", data.display());
    let existed = data.exists();
    let outcome = fill(config, source).await;
    if outcome.is_err() {
        // Half a restored directory would pass for a whole one.
        clear(&data, existed)?;
    }
    let rows = outcome?;
    crate::say(&format!("{rows} rows and the log are in {}\n", data.display()))
}

/// Fills an empty data directory and database; returns how many rows there are.
async fn fill(config: Config, source: &Path) -> anyhow::Result<u64> {
    let data = config.data.clone();
    private::make_dir(&data)?;
    private::write_new(&data.join(KEY_FILE), &fs::read(source.join(KEY_FILE))?)?;
    let ground = Ground::open(config).await?;
    let rows = fill_tables(&ground.db, source, &data).await;
    ground.db.close().await?;
    rows
}

/// The rows come in one transaction, which is committed when the log is in its place, too.
async fn fill_tables(db: &Db, source: &Path, data: &Path) -> anyhow::Result<u64> {
    let tx = db.begin().await?;
    let tables = tables::list(&tx).await?;
    for table in &tables {
        anyhow::ensure!(table.is_empty(&tx).await?, "the database is not empty: there are rows in {}", table.name);
    }
    let mut rows = 0;
    for table in &tables {
        let file = file_of(source, &table.name);
        if file.exists() {
            rows += table.read(&tx, BufReader::new(File::open(file)?)).await?;
        }
    }
    if source.join("log").exists() {
        copy_files(&source.join("log"), &data.join("log"))?;
    }
    tx.commit().await?;
    Ok(rows)
}

/// Removes what a restore that failed has left in a directory that was empty or not there.
fn clear(data: &Path, keep: bool) -> std::io::Result<()> {
    if !data.exists() {
        return Ok(());
    }
    if !keep {
        return fs::remove_dir_all(data);
    }
    for entry in fs::read_dir(data)? {
        let entry = entry?;
        match entry.file_type()?.is_dir() {
            true => fs::remove_dir_all(entry.path())?,
            false => fs::remove_file(entry.path())?,
        }
    }
    Ok(())
}
