//! `hearth import`: CSV in. Beside a running server the work is a job of that server; without one
//! this process runs the pipeline itself. Either way it can be interrupted and goes on where it
//! was, and no row is imported twice.

use std::{
    fs::{File, OpenOptions},
    io::{BufReader, BufWriter, Write},
    path::{Path, PathBuf},
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
use log::EventLog;
use people::pipeline::Progress;
use serde_json::{Value, json};
use server::{
    accounts,
    ingest::csv_import::{self, ImportKind, ImportMap, ImportTarget, Importer},
};
use store::{
    Db, Sql,
    jobs::{self, JobError, JobHandler, JobRun, NewJob},
};
use tokio::sync::watch;

use crate::{
    config::Config,
    house::{Foundation, Ground, House},
    serve,
};

const ROWS_AT_ONCE: usize = 5_000;

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
    let rejects = options.rejects.clone().unwrap_or_else(|| rejects_beside(&file));
    let ground = Ground::open(config).await?;
    let workspace = accounts::default_workspace(&ground.db, &ground.clock, &ground.ids, None, None).await?;
    if options.dry_run {
        return dry_run(&ground, workspace, &file, map, &rejects);
    }
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
    matches!(error.downcast_ref::<log::LogError>(), Some(log::LogError::Locked))
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

/// Reads everything and writes nothing but the rejects.
fn dry_run(ground: &Ground, workspace: WorkspaceId, file: &Path, map: ImportMap, rejects: &Path) -> anyhow::Result<()> {
    let target = ImportTarget {
        workspace,
        partitions: ground.config.log.partitions,
        fingerprint: "dry-run".to_owned(),
        clock: ground.clock.clone(),
        ids: ground.ids.clone(),
    };
    let bytes = std::fs::metadata(file)?.len();
    let bar = progress_bar(bytes, "bytes");
    let mut importer = Importer::open(BufReader::new(File::open(file)?), map, target)?;
    let mut writer = RejectsFile::new(rejects, false);
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
    let until_stop = || {
        let mut stopped = stopped.clone();
        async move {
            let _ = stopped.wait_for(|stop| *stop).await;
        }
    };
    let runner = tokio::spawn(house.runner.run(until_stop()));
    let emitter = tokio::spawn(house.emitter.run(until_stop()));
    let worker = tokio::spawn(serve::run_jobs(house.jobs, clock.clone(), until_stop()));
    let outcome = follow(db, clock, workspace, id).await;
    let _ = stop.send(true);
    runner.await?;
    emitter.await?;
    worker.await?;
    outcome
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
                return crate::say(&format!("{} rows imported, {rejected} rejected{place}\n", number("imported")));
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
    append: bool,
    writer: Option<BufWriter<File>>,
}

impl RejectsFile {
    fn new(path: &Path, append: bool) -> RejectsFile {
        RejectsFile { path: path.to_owned(), append, writer: None }
    }

    fn write(&mut self, rejects: &[csv_import::Reject]) -> anyhow::Result<()> {
        if rejects.is_empty() {
            return Ok(());
        }
        if self.writer.is_none() {
            let exists = self.append && self.path.exists();
            let file =
                OpenOptions::new().create(true).write(true).append(self.append).truncate(!self.append).open(&self.path);
            let mut writer = BufWriter::new(file.with_context(|| format!("cannot write {}", self.path.display()))?);
            if !exists {
                writer.write_all(b"line,code,message,row\n")?;
            }
            self.writer = Some(writer);
        }
        let Some(writer) = &mut self.writer else { return Ok(()) };
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
        Ok(())
    }
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

        let rows_before: Option<i64> = self
            .db
            .read()
            .scalar("SELECT rows_done FROM imports WHERE fingerprint = $1", vec![fingerprint.clone().into()])
            .await?;
        let rows_before = rows_before.unwrap_or(0).max(0) as u64;
        let target = ImportTarget {
            workspace,
            partitions: self.log.partitions(),
            fingerprint: fingerprint.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        };
        let total = estimate_rows(&file)?;
        let mut importer = Importer::open(BufReader::new(File::open(&file)?), map, target)?;
        importer.skip_rows(rows_before)?;
        let mut rejects = RejectsFile::new(&rejects_path, rows_before > 0);
        let mut imported: u64 = 0;
        let mut rejected: u64 = 0;
        while let Some(batch) = importer.next_batch(ROWS_AT_ONCE)? {
            imported += batch.records.len() as u64;
            rejected += batch.rejects.len() as u64;
            rejects.write(&batch.rejects)?;
            if !batch.records.is_empty() {
                self.log.append(batch.records).await?;
            }
            self.remember(&fingerprint, batch.progress.rows).await?;
            let done = batch.progress.rows as i64;
            if let Err(stop) = run.progress(done, (total as i64).max(done), &json!({"rows": done})).await {
                return Ok(Err(stop));
            }
        }
        // Done means that everything has taken effect, also what an interrupted run appended.
        self.progress.reached_end(self.log.as_ref()).await;
        let rejects = (rejected > 0).then(|| rejects_path.display().to_string());
        Ok(Ok(json!({"imported": imported, "rejected": rejected, "resumed_after": rows_before, "rejects": rejects})))
    }

    async fn remember(&self, fingerprint: &str, rows: u64) -> anyhow::Result<()> {
        let tx = self.db.begin().await?;
        tx.run(
            "INSERT INTO imports (fingerprint, rows_done, updated_at) VALUES ($1, $2, $3)
             ON CONFLICT (fingerprint) DO UPDATE SET rows_done = excluded.rows_done, updated_at = excluded.updated_at",
            vec![fingerprint.into(), (rows as i64).into(), self.clock.now().millis().into()],
        )
        .await?;
        Ok(tx.commit().await?)
    }
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

#[async_trait]
impl JobHandler for ImportJob {
    fn kind(&self) -> &'static str {
        ImportJob::KIND
    }

    async fn run(&self, run: &JobRun) -> Result<Value, JobError> {
        match self.import(run).await {
            Ok(outcome) => outcome,
            Err(error) if error.is::<log::LogError>() || error.is::<store::DbErr>() => Err(JobError::Retry(error)),
            Err(error) => Err(JobError::Fail(error)),
        }
    }
}
