//! `hearth import`: CSV in. Beside a running server the work is a job of that server; without one
//! this process runs the pipeline itself. Either way it can be interrupted and goes on where it
//! was, and no row is imported twice.

use std::{
    fs::{File, OpenOptions},
    io::{BufRead, BufReader, BufWriter, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    pin::pin,
    sync::Arc,
    time::Duration,
};

use anyhow::Context;
use async_trait::async_trait;
use base::{
    Clock, IdSource,
    ids::{JobId, WorkspaceId},
};
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use log::{EventLog, LogError, Position};
use people::{
    pipeline::Progress,
    privacy::{Counts, MemberSection, Needles, Part, Subject},
};
use sea_orm::FromQueryResult;
use serde_json::{Value, json};
use server::{
    accounts,
    ingest::csv_import::{self, ImportKind, ImportMap, ImportTarget, Importer},
};
use store::{
    Db, DbErr, Sql, SystemClock, Tx,
    jobs::{self, JobError, JobHandler, JobRun, NewJob},
};
use tokio::sync::watch;

use crate::{
    config::Config,
    house::{Foundation, Ground, House},
    serve,
    workers::Workers,
};

const ROWS_AT_ONCE: usize = 5_000;
/// How often an import that waits for the pipeline looks whether it is to stop.
const LOOK_UP: Duration = Duration::from_secs(2);

/// What to import.
#[derive(Args)]
pub struct Options {
    /// What the file holds.
    kind: Kind,
    /// The CSV file.
    file: PathBuf,
    /// What the columns mean: a JSON or TOML file, or text like `user_id=customer; timestamp=date`.
    #[arg(long)]
    map: String,
    /// Only check: count what would be imported and what rejected.
    #[arg(long)]
    dry_run: bool,
    /// Where rejected rows go, with line and reason; FILE.rejects.csv when left out.
    #[arg(long)]
    rejects: Option<PathBuf>,
}

/// What a file holds.
#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    /// One event per row.
    Events,
    /// One member per row.
    Members,
}

impl Kind {
    fn import_kind(self) -> ImportKind {
        match self {
            Kind::Events => ImportKind::Events,
            Kind::Members => ImportKind::Members,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Kind::Events => "events",
            Kind::Members => "members",
        }
    }
}

/// Runs `hearth import`.
pub async fn run(config: Config, options: Options) -> anyhow::Result<()> {
    let map_text = read_map(&options.map)?;
    let map = ImportMap::parse(options.kind.import_kind(), &map_text)?;
    let file =
        std::fs::canonicalize(&options.file).with_context(|| format!("cannot read {}", options.file.display()))?;
    // A server that does the work has another current directory.
    let rejects = match &options.rejects {
        Some(rejects) => std::path::absolute(rejects)?,
        None => rejects_beside(&file),
    };
    if options.dry_run {
        return dry_run(&config, &file, map, &rejects);
    }
    let ground = Ground::open(config).await?;
    let workspace = accounts::default_workspace(&ground.db, &ground.clock, &ground.ids, None, None).await?;
    let fingerprint = csv_import::fingerprint(File::open(&file)?, &map, workspace)?;
    let payload = json!({"kind": options.kind.word(), "file": file, "map": map_text, "rejects": rejects,
        "fingerprint": fingerprint});
    let (db, clock) = (ground.db.clone(), ground.clock.clone());
    let tx = db.begin().await?;
    let job = NewJob {
        workspace,
        kind: ImportJob::KIND,
        payload,
        unique_key: Some(format!("import/{fingerprint}")),
        created_by: "cli",
    };
    let id = jobs::enqueue(&tx, &ground.ids, clock.now(), job).await?;
    tx.commit().await?;
    let id = match id {
        Some(id) => id,
        None => running_import(&db, &fingerprint).await?,
    };
    match Foundation::open(ground) {
        Ok(foundation) => with_own_pipeline(foundation, &db, &clock, workspace, id).await,
        // A server has the log; it does the job.
        Err(error) if is_locked(&error) => follow(&db, &clock, workspace, id).await,
        Err(error) => Err(error),
    }
}

fn is_locked(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref::<LogError>(), Some(LogError::Locked))
}

async fn running_import(db: &Db, fingerprint: &str) -> anyhow::Result<JobId> {
    let id: Option<i64> = db
        .read()
        .scalar("SELECT id FROM jobs WHERE unique_key = $1", vec![format!("import/{fingerprint}").into()])
        .await?;
    id.map(JobId).context("the same import has just ended; run it again")
}

fn read_map(map: &str) -> anyhow::Result<String> {
    let path = Path::new(map);
    match map.len() < 1_000 && path.is_file() {
        true => std::fs::read_to_string(path).with_context(|| format!("cannot read {map}")),
        false => Ok(map.to_owned()),
    }
}

fn rejects_beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".rejects.csv");
    PathBuf::from(name)
}

/// Reads everything and writes nothing but the rejects; needs no data directory.
fn dry_run(config: &Config, file: &Path, map: ImportMap, rejects: &Path) -> anyhow::Result<()> {
    let clock = SystemClock::start();
    let target = ImportTarget {
        workspace: WorkspaceId(0),
        partitions: config.log.partitions,
        fingerprint: "dry-run".to_owned(),
        clock: clock.clone(),
        ids: IdSource::from_entropy(clock),
    };
    let bytes = std::fs::metadata(file)?.len();
    let bar = progress_bar(bytes, "bytes");
    let mut importer = Importer::open(BufReader::new(File::open(file)?), map, target)?;
    let mut writer = RejectsFile::new(rejects);
    let (mut accepted, mut rejected) = (0, 0);
    while let Some(batch) = importer.next_batch(ROWS_AT_ONCE)? {
        accepted += batch.records.len();
        rejected += batch.rejects.len();
        writer.write(&batch.rejects)?;
        bar.set_position(batch.progress.bytes);
    }
    bar.finish_and_clear();
    let saved = if rejected > 0 { format!(" ({})", rejects.display()) } else { String::new() };
    crate::say(&format!("dry run: {accepted} rows would be imported, {rejected} rejected{saved}\n"))
}

/// Runs the pipeline in this process until the job is done and everything has taken effect.
async fn with_own_pipeline(
    foundation: Foundation,
    db: &Db,
    clock: &Arc<dyn Clock>,
    workspace: WorkspaceId,
    id: JobId,
) -> anyhow::Result<()> {
    let house = House::build(foundation).await?;
    house.jobs.take_over().await?;
    let (stop, stopped) = watch::channel(false);
    let mut workers = Workers::default();
    workers.spawn("the pipeline", house.runner.run(serve::until(&stopped)));
    workers.spawn("the emitter", house.emitter.run(serve::until(&stopped)));
    workers.spawn("the runner of jobs", serve::run_jobs(house.jobs, clock.clone(), serve::until(&stopped)));
    let outcome = tokio::select! {
        outcome = follow(db, clock, workspace, id) => outcome,
        error = workers.first_end() => Err(error),
    };
    let _ = stop.send(true);
    outcome.and(workers.finish().await)
}

/// Shows the progress of the job until it has ended.
async fn follow(db: &Db, clock: &Arc<dyn Clock>, workspace: WorkspaceId, id: JobId) -> anyhow::Result<()> {
    let bar = progress_bar(0, "rows");
    loop {
        let job = jobs::get(db.read(), workspace, id).await?.context("the job has disappeared")?;
        bar.set_length(job.total.max(0) as u64);
        bar.set_position(job.done.max(0) as u64);
        match job.state.as_str() {
            "queued" | "running" => clock.sleep(Duration::from_millis(200)).await,
            "done" => {
                bar.finish_and_clear();
                let result: Value = serde_json::from_str(&job.result_json.unwrap_or_default()).unwrap_or_default();
                let number = |field: &str| result.get(field).and_then(Value::as_u64).unwrap_or(0);
                let rejected = number("rejected");
                let place = result.get("rejects").and_then(Value::as_str).filter(|_| rejected > 0);
                let place = place.map(|place| format!(" ({place})")).unwrap_or_default();
                let before = match number("resumed_after") {
                    0 => String::new(),
                    rows => format!("; an earlier run did the first {rows} rows"),
                };
                let imported = number("imported");
                return crate::say(&format!("{imported} rows imported, {rejected} rejected{place}{before}\n"));
            }
            state => {
                bar.finish_and_clear();
                anyhow::bail!("the import {state}: {}", job.error.unwrap_or_else(|| "stopped".to_owned()));
            }
        }
    }
}

/// A bar with rate and time left.
pub fn progress_bar(total: u64, unit: &str) -> ProgressBar {
    let style = ProgressStyle::with_template(&format!(
        "{{bar:32}} {{human_pos}}/{{human_len}} {unit}  {{per_sec}}  {{eta}} left"
    ));
    let bar = ProgressBar::new(total);
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Rejected rows, as CSV: line, code, message, row.
struct RejectsFile {
    path: PathBuf,
    /// How long the file is, as far as it is ours; 0 before the first row.
    length: u64,
    writer: Option<BufWriter<File>>,
}

impl RejectsFile {
    /// A file that begins anew.
    fn new(path: &Path) -> RejectsFile {
        RejectsFile { path: path.to_owned(), length: 0, writer: None }
    }

    /// The file of an interrupted run, which had `length` bytes when that last said how far it was. What stands
    /// behind them is about rows that are read again. When the file is gone, it begins anew.
    fn resume(path: &Path, length: u64) -> RejectsFile {
        let is_there = std::fs::metadata(path).is_ok_and(|file| file.len() >= length);
        RejectsFile { path: path.to_owned(), length: if is_there { length } else { 0 }, writer: None }
    }

    fn open(&self) -> anyhow::Result<BufWriter<File>> {
        let file = OpenOptions::new().create(true).write(true).truncate(self.length == 0).open(&self.path);
        let mut file = file.with_context(|| format!("cannot write {}", self.path.display()))?;
        file.set_len(self.length)?;
        file.seek(SeekFrom::End(0))?;
        let mut writer = BufWriter::new(file);
        if self.length == 0 {
            writer.write_all(b"line,code,message,row\n")?;
        }
        Ok(writer)
    }

    fn write(&mut self, rejects: &[csv_import::Reject]) -> anyhow::Result<()> {
        if rejects.is_empty() {
            return Ok(());
        }
        let mut writer = match self.writer.take() {
            Some(writer) => writer,
            None => self.open()?,
        };
        for reject in rejects {
            let quote = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
            writeln!(
                writer,
                "{},{},{},{}",
                reject.line,
                reject.code.as_str(),
                quote(&reject.message),
                quote(&reject.row)
            )?;
        }
        writer.flush()?;
        writer.get_ref().sync_data()?;
        self.length = writer.stream_position()?;
        self.writer = Some(writer);
        Ok(())
    }
}

/// Rejected rows, which stand in files beside what was imported.
pub struct RejectsSection;

#[derive(FromQueryResult)]
struct RejectsRow {
    rejects: String,
}

#[async_trait]
impl MemberSection for RejectsSection {
    fn tables(&self) -> &'static [&'static str] {
        &["imports"]
    }

    fn parts(&self) -> &'static [Part] {
        &[]
    }

    async fn erase(&self, _tx: &Tx, _ids: &IdSource, _subject: &Subject) -> Result<Counts, DbErr> {
        Ok(Counts::default())
    }

    /// The files that we have written, as far as they are still where they were.
    async fn sweep(&self, db: &Db, _subject: &Subject, needles: &Needles) -> anyhow::Result<Counts> {
        let files: Vec<RejectsRow> =
            db.read().all("SELECT DISTINCT rejects FROM imports WHERE rejects <> ''", Vec::new()).await?;
        let needles = needles.clone();
        let lines = tokio::task::spawn_blocking(move || -> anyhow::Result<u64> {
            let mut lines = 0;
            for row in files {
                lines += without_lines(Path::new(&row.rejects), &needles)?;
            }
            Ok(lines)
        })
        .await??;
        let mut counts = Counts::default();
        counts.delete("rejected rows", lines);
        Ok(counts)
    }
}

/// Writes a file anew without the lines that name somebody; returns how many those were.
fn without_lines(path: &Path, needles: &Needles) -> anyhow::Result<u64> {
    let Ok(file) = File::open(path) else { return Ok(0) };
    let mut new = path.as_os_str().to_owned();
    new.push(".new");
    let new = PathBuf::from(new);
    let mut writer = BufWriter::new(File::create(&new)?);
    let mut removed = 0;
    for line in BufReader::new(file).lines() {
        let line = line?;
        match needles.find_in(&line) {
            true => removed += 1,
            false => writeln!(writer, "{line}")?,
        }
    }
    writer.flush()?;
    writer.get_ref().sync_all()?;
    match removed {
        0 => std::fs::remove_file(&new)?,
        _ => std::fs::rename(&new, path)?,
    }
    Ok(removed)
}

/// How far an import has come, as the database remembers it.
#[derive(Clone, Default, FromQueryResult)]
struct Remembered {
    rows_done: i64,
    imported: i64,
    rejected: i64,
    /// Where the rejects are.
    rejects: String,
    rejects_bytes: i64,
}

/// The job that does the work.
pub struct ImportJob {
    db: Db,
    log: Arc<dyn EventLog>,
    clock: Arc<dyn Clock>,
    ids: IdSource,
    progress: Progress,
}

impl ImportJob {
    /// The word in the table of jobs.
    pub const KIND: &'static str = "import";

    /// Appends to this house's log; `progress` is that of its pipeline.
    pub fn new(house: &Foundation, progress: Progress) -> ImportJob {
        let ground = &house.ground;
        ImportJob {
            db: ground.db.clone(),
            log: house.log.clone(),
            clock: ground.clock.clone(),
            ids: ground.ids.clone(),
            progress,
        }
    }

    async fn import(&self, run: &JobRun) -> anyhow::Result<Result<Value, JobError>> {
        let payload = run.payload();
        let text = |field: &str| payload.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
        let kind = if text("kind") == "members" { ImportKind::Members } else { ImportKind::Events };
        let map = ImportMap::parse(kind, &text("map"))?;
        let (file, fingerprint) = (PathBuf::from(text("file")), text("fingerprint"));
        let rejects_path = PathBuf::from(text("rejects"));
        let workspace = WorkspaceId(run.job.workspace_id);
        let actual = csv_import::fingerprint(File::open(&file)?, &map, workspace)?;
        anyhow::ensure!(actual == fingerprint, "the file was changed after the import began");

        let before: Option<Remembered> = self
            .db
            .read()
            .one(
                "SELECT rows_done, imported, rejected, rejects, rejects_bytes FROM imports WHERE fingerprint = $1",
                vec![fingerprint.clone().into()],
            )
            .await?;
        let mut state = before.unwrap_or_default();
        let rows_before = state.rows_done.max(0);
        let target = ImportTarget {
            workspace,
            partitions: self.log.partitions(),
            fingerprint: fingerprint.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        };
        let total = estimate_rows(&file)?;
        let mut importer = Importer::open(BufReader::new(File::open(&file)?), map, target)?;
        importer.skip_rows(rows_before as u64)?;
        let mut rejects = match state.rejects == text("rejects") {
            true => RejectsFile::resume(&rejects_path, state.rejects_bytes.max(0) as u64),
            false => RejectsFile::new(&rejects_path),
        };
        state.rejects = text("rejects");
        let mut appended = Vec::new();
        while let Some(batch) = importer.next_batch(ROWS_AT_ONCE)? {
            // An import is large and in no hurry: it leaves room for what is sent in meanwhile.
            if let Err(stop) = self.taken_effect(&appended, run, state.rows_done, total).await {
                return Ok(Err(stop));
            }
            state.imported += batch.records.len() as i64;
            state.rejected += batch.rejects.len() as i64;
            state.rows_done = batch.progress.rows as i64;
            rejects.write(&batch.rejects)?;
            state.rejects_bytes = rejects.length as i64;
            if !batch.records.is_empty() {
                appended = self.log.append(batch.records).await?;
            }
            self.remember(&fingerprint, &state).await?;
            if let Err(stop) = report(run, state.rows_done, total).await {
                return Ok(Err(stop));
            }
        }
        // Done means that everything has taken effect, also what an interrupted run appended.
        let end = (0..self.log.partitions()).filter_map(|partition| {
            let offset = self.log.range(partition).end.checked_sub(1)?;
            Some(Position { partition, offset })
        });
        if let Err(stop) = self.taken_effect(&end.collect::<Vec<_>>(), run, state.rows_done, total).await {
            return Ok(Err(stop));
        }
        let Remembered { imported, rejected, .. } = state;
        let rejects = (rejected > 0).then_some(state.rejects);
        Ok(Ok(json!({"imported": imported, "rejected": rejected, "resumed_after": rows_before, "rejects": rejects})))
    }

    /// Waits until these records have taken effect. Meanwhile it keeps the job's lease, and stops when that is asked for.
    async fn taken_effect(&self, positions: &[Position], run: &JobRun, done: i64, total: u64) -> Result<(), JobError> {
        let mut reached = pin!(async {
            for position in positions {
                self.progress.reached(*position).await;
            }
        });
        loop {
            tokio::select! {
                () = &mut reached => return Ok(()),
                () = self.clock.sleep(LOOK_UP) => report(run, done, total).await?,
            }
        }
    }

    async fn remember(&self, fingerprint: &str, state: &Remembered) -> anyhow::Result<()> {
        let tx = self.db.begin().await?;
        tx.run(
            "INSERT INTO imports (fingerprint, rows_done, imported, rejected, rejects, rejects_bytes, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (fingerprint) DO UPDATE SET rows_done = excluded.rows_done, imported = excluded.imported,
               rejected = excluded.rejected, rejects = excluded.rejects, rejects_bytes = excluded.rejects_bytes,
               updated_at = excluded.updated_at",
            vec![
                fingerprint.into(),
                state.rows_done.into(),
                state.imported.into(),
                state.rejected.into(),
                state.rejects.as_str().into(),
                state.rejects_bytes.into(),
                self.clock.now().millis().into(),
            ],
        )
        .await?;
        Ok(tx.commit().await?)
    }
}

async fn report(run: &JobRun, done: i64, total: u64) -> Result<(), JobError> {
    run.progress(done, (total as i64).max(done), &json!({"rows": done})).await
}

/// From the length of the first lines.
fn estimate_rows(file: &Path) -> anyhow::Result<u64> {
    use std::io::Read;
    let bytes = std::fs::metadata(file)?.len();
    let mut start = Vec::new();
    File::open(file)?.take(1 << 20).read_to_end(&mut start)?;
    let lines = start.iter().filter(|byte| **byte == b'\n').count().max(1) as u64;
    Ok(bytes * lines / (start.len() as u64).max(1))
}

/// Whether trying again later can help.
fn is_passing(error: &anyhow::Error) -> bool {
    match error.downcast_ref::<LogError>() {
        Some(LogError::TooLarge { .. }) => false,
        Some(_) => true,
        None => error.is::<store::DbErr>(),
    }
}

#[async_trait]
impl JobHandler for ImportJob {
    fn kind(&self) -> &'static str {
        ImportJob::KIND
    }

    async fn run(&self, run: &JobRun) -> Result<Value, JobError> {
        match self.import(run).await {
            Ok(outcome) => outcome,
            Err(error) if is_passing(&error) => Err(JobError::Retry(error)),
            Err(error) => Err(JobError::Fail(error)),
        }
    }
}
