//! `hearth backup` and `hearth restore`.
//!
//! A backup is a directory: every table as JSON lines, all from one snapshot of the database, then a copy of the
//! log, and the key file. The log is copied after the snapshot, so it holds at least what the
//! cursors in the snapshot have passed; after a restore the pipeline takes up the rest. A backup
//! of one kind of database can be restored into the other.
//!
//! Whoever was erased after a backup is erased again when it is restored: the register of erasures lies beside the data,
//! no restore touches it, and each backup carries a copy.

use std::{
    fs::{self, File},
    io::{BufReader, BufWriter, Write},
    path::{Path, PathBuf},
};

use anyhow::Context;
use log::{EventLog, LocalLog, LocalLogOptions};
use people::privacy::{Entry, REGISTER_FILE, Reapplied, Register, read_register, reapply};
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
    copy_register(&ground.register(), target)?;
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

/// So that a later restore elsewhere knows who was erased until now.
fn copy_register(register: &Register, target: &Path) -> anyhow::Result<()> {
    let entries = register.entries()?;
    register.beside(target).add(&entries)
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

/// `hearth erasures export`: writes the register of erasures to a file, for the restore of an old backup elsewhere.
pub async fn export_erasures(config: Config, file: &Path) -> anyhow::Result<()> {
    config.ensure_data()?;
    let ground = Ground::open(config).await?;
    let entries = ground.register().entries()?;
    ground.db.close().await?;
    anyhow::ensure!(!file.exists(), "cannot make {}: it exists", file.display());
    let from = ground.config.data.join(REGISTER_FILE);
    let bytes = if from.exists() { fs::read(&from)? } else { Vec::new() };
    private::write_new(file, &bytes)?;
    crate::say(&format!("{} erasures are in {}\n", entries.len(), file.display()))
}

/// Puts a backup into an empty data directory and database, and erases again who was erased since: by the register of
/// erasures in that directory, which may stay there, by `erasures`, and by the backup's own. When it fails, directory
/// and database are as before.
pub async fn restore(config: Config, source: &Path, erasures: Option<&Path>) -> anyhow::Result<()> {
    let manifest = fs::read_to_string(source.join("backup.json"))
        .with_context(|| format!("{} is not a complete backup", source.display()))?;
    let manifest: serde_json::Value = serde_json::from_str(&manifest)?;
    anyhow::ensure!(manifest["format"] == json!(FORMAT), "this backup was made by another version of Hearth");
    let data = config.data.clone();
    let is_empty = !data.exists() || others_than_register(&data)?.is_empty();
    anyhow::ensure!(is_empty, "{} is not empty; a backup is restored into an empty directory", data.display());
    let existed = data.exists();
    let registers: Vec<PathBuf> =
        [Some(data.join(REGISTER_FILE)), erasures.map(Path::to_owned), Some(source.join(REGISTER_FILE))]
            .into_iter()
            .flatten()
            .collect();
    if let Some(erasures) = erasures {
        anyhow::ensure!(erasures.exists(), "there is no file {}", erasures.display());
    }
    let outcome = fill(config, source, &registers).await;
    if outcome.is_err() {
        // Half a restored directory would pass for a whole one.
        clear(&data, existed)?;
    }
    let (rows, again) = outcome?;
    crate::say(&format!("{rows} rows and the log are in {}\n", data.display()))?;
    crate::say(&format!(
        "{} erasures were carried out again: {} members and {} records of the log\n",
        again.erasures, again.members, again.records
    ))
}

/// Fills an empty data directory and database, and erases in them again; returns how many rows there were.
async fn fill(config: Config, source: &Path, registers: &[PathBuf]) -> anyhow::Result<(u64, Reapplied)> {
    let data = config.data.clone();
    private::make_dir(&data)?;
    private::write_new(&data.join(KEY_FILE), &fs::read(source.join(KEY_FILE))?)?;
    let ground = Ground::open(config).await?;
    let outcome = async {
        // Before anything is written: a register of another installation is no reason to leave half a restore.
        let mut entries: Vec<Entry> = Vec::new();
        for register in registers {
            for entry in read_register(register, &ground.marks().of_key())? {
                if !entries.iter().any(|known| known.erasure == entry.erasure) {
                    entries.push(entry);
                }
            }
        }
        let rows = fill_tables(&ground.db, source, &data).await?;
        ground.register().add(&entries)?;
        Ok((rows, erase_again(&ground, &entries).await?))
    }
    .await;
    ground.db.close().await?;
    outcome
}

/// Before the restored house serves.
async fn erase_again(ground: &Ground, entries: &[Entry]) -> anyhow::Result<Reapplied> {
    let dir = ground.config.data.join("log");
    let log_of = |dir: &Path| -> anyhow::Result<LocalLog> {
        let partitions = partitions_of(dir)?.unwrap_or(ground.config.log.partitions);
        Ok(LocalLog::open(dir, LocalLogOptions { partitions, ..LocalLogOptions::default() })?.0)
    };
    if entries.is_empty() {
        return Ok(Reapplied::default());
    }
    private::make_dir(&dir)?;
    let log = log_of(&dir)?;
    let again = reapply(&ground.db, &log, &ground.eraser(), &ground.ids, entries).await;
    log.close().await;
    again
}

/// How many partitions the log in this directory has, if there is one.
fn partitions_of(dir: &Path) -> anyhow::Result<Option<u32>> {
    let text = match fs::read_to_string(dir.join("log.meta")) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    Ok(text.lines().find_map(|line| line.strip_prefix("partitions ")).and_then(|number| number.parse().ok()))
}

/// What is in a directory besides the register of erasures.
fn others_than_register(dir: &Path) -> std::io::Result<Vec<fs::DirEntry>> {
    let entries: Vec<fs::DirEntry> = fs::read_dir(dir)?.collect::<Result<_, _>>()?;
    Ok(entries.into_iter().filter(|entry| entry.file_name() != REGISTER_FILE).collect())
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
    for entry in others_than_register(data)? {
        match entry.file_type()?.is_dir() {
            true => fs::remove_dir_all(entry.path())?,
            false => fs::remove_file(entry.path())?,
        }
    }
    Ok(())
}
