//! `hearth import`: CSV and workbooks in. Beside a running server the work is a job of that server; without one
//! this process runs the pipeline itself. Either way it can be interrupted and goes on where it
//! was, and no row is imported twice.

use std::{
    convert::Infallible,
    fs::File,
    io::IsTerminal,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::Context;
use async_trait::async_trait;
use base::{
    Clock, IdSource, Problem,
    ids::{JobId, WorkspaceId},
};
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use log::LogError;
use serde_json::{Value, json};
use server::{
    accounts,
    ingest::imports::{
        self, ImportKind, ImportMap, ImportTarget, Provenance,
        detect::{Detected, Hints, detect},
        job::{self, ImportJob, ImportTask},
        mappings,
        preview::{self, Counts, Onlooker, Question},
        suggest::suggest,
        words::Language,
    },
};
use store::{
    Db, SystemClock, audit,
    jobs::{self, JobError, JobRow, NewJob},
};
use tokio::sync::watch;

use crate::{
    config::{Config, KEY_FILE},
    house::{Foundation, Ground, House},
    serve,
    workers::Workers,
};

/// How often progress is told where there is no terminal.
const SECONDS_BETWEEN_LINES: u64 = 5;

/// What to import.
#[derive(Args)]
pub struct Options {
    /// What the file holds.
    kind: Kind,
    /// The file: CSV in any encoding, or a workbook (.xlsx).
    file: PathBuf,
    /// What the columns mean: the name of a saved mapping, a JSON or TOML file, or text like `user_id=customer;
    /// timestamp=date`. Without it a saved one that fits, or else what the names of the columns suggest.
    #[arg(long, alias = "map", value_name = "NAME|FILE|TEXT")]
    mapping: Option<String>,
    /// Save the mapping under this name, to be used again.
    #[arg(long, value_name = "NAME")]
    save_mapping: Option<String>,
    /// Only check: count which rows would create, update or merge members, and which would be rejected.
    #[arg(long)]
    dry_run: bool,
    /// Where rejected rows go, with line and reason; FILE.rejects.csv when left out.
    #[arg(long)]
    rejects: Option<PathBuf>,
    /// In which language questions and reasons are told: en or zh.
    #[arg(long, env = "LANG", default_value = "en", value_parser = language_of)]
    language: Language,
}

/// Whatever a locale is called, one of the two languages comes nearest.
fn language_of(locale: &str) -> Result<Language, Infallible> {
    Ok(Language::of_wishes(locale))
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
}

/// Runs `hearth import`.
pub async fn run(config: Config, options: Options) -> anyhow::Result<()> {
    let file =
        std::fs::canonicalize(&options.file).with_context(|| format!("cannot read {}", options.file.display()))?;
    // A server that does the work has another current directory.
    let rejects = match &options.rejects {
        Some(rejects) => std::path::absolute(rejects)?,
        None => rejects_beside(&file),
    };
    let kind = options.kind.import_kind();
    let language = options.language;
    let is_dry = options.dry_run && options.save_mapping.is_none();
    if is_dry && !config.data.join(KEY_FILE).exists() {
        let map = find_map(None, kind, options.mapping.as_deref(), &file, language).await?;
        let partitions = config.log.partitions;
        return dry_run(None, partitions, (&task_of(kind, file, &map, rejects, language)?, map)).await;
    }
    let ground = Ground::open(config).await?;
    let workspace = accounts::default_workspace(&ground.db, &ground.clock, &ground.ids, None, None).await?;
    let map = find_map(Some((&ground.db, workspace)), kind, options.mapping.as_deref(), &file, language).await?;
    job::check_tags(ground.db.read(), workspace, &map).await.map_err(plain)?;
    if let Some(name) = &options.save_mapping {
        let source = (&ground.ids, ground.clock.now());
        mappings::save(&ground.db, source, workspace, name, &map, "cli").await.map_err(plain)?;
    }
    let mut task = task_of(kind, file, &map, rejects, language)?;
    if options.dry_run {
        return dry_run(Some((&ground.db, workspace)), ground.config.log.partitions, (&task, map)).await;
    }
    task.content = imports::fingerprints(File::open(&task.file)?, &map, workspace)?.content;
    let (db, clock) = (ground.db.clone(), ground.clock.clone());
    let tx = db.begin().await?;
    let job = NewJob {
        workspace,
        kind: ImportJob::KIND,
        payload: serde_json::to_value(&task)?,
        unique_key: Some(ImportTask::unique_key(&task.content)),
        created_by: "cli",
    };
    let id = jobs::enqueue(&tx, &ground.ids, clock.now(), job).await?;
    if let Some(id) = id {
        let detail = json!({"kind": task.kind, "file": task.name});
        let target = id.to_string();
        audit::record(&tx, &ground.ids, clock.now(), workspace, "cli", "import.started", &target, detail).await?;
    }
    tx.commit().await?;
    let id = match id {
        Some(id) => id,
        None => running_import(&db, workspace, &task, &map).await?,
    };
    match Foundation::open(ground) {
        Ok(foundation) => with_own_pipeline(foundation, &db, &clock, workspace, id).await,
        // A server has the log; it does the job.
        Err(error) if is_locked(&error) => follow(&db, &clock, workspace, id).await,
        Err(error) => Err(error),
    }
}

/// What is to be done, but for the hash of the content.
fn task_of(
    kind: ImportKind,
    file: PathBuf,
    map: &ImportMap,
    rejects: PathBuf,
    language: Language,
) -> anyhow::Result<ImportTask> {
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let (kind, map) = (kind.word().to_owned(), serde_json::to_string(map.entries())?);
    Ok(ImportTask { kind, file, map, rejects, content: String::new(), import: None, name, language })
}

fn is_locked(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref::<LogError>(), Some(LogError::Locked))
}

/// A problem as the command line tells it.
fn plain(problem: Problem) -> anyhow::Error {
    anyhow::anyhow!("{}", problem.detail.as_deref().unwrap_or(problem.code.title()))
}

/// The job that imports the same file already; it is joined when it reads it the same way.
async fn running_import(db: &Db, workspace: WorkspaceId, task: &ImportTask, map: &ImportMap) -> anyhow::Result<JobId> {
    let key = ImportTask::unique_key(&task.content);
    let running = jobs::with_key(db.read(), workspace, &key).await?;
    let running: JobRow = running.context("the same import has just ended; run it again")?;
    let its_task: ImportTask = serde_json::from_str(&running.payload_json)?;
    let is_same = its_task.mapping().is_ok_and(|its_map| its_map.canonical() == map.canonical());
    anyhow::ensure!(is_same, "the same file is being imported with another mapping; wait until that has ended");
    Ok(JobId(running.id))
}

/// The mapping that was named, or else one that fits.
async fn find_map(
    saved: Option<(&Db, WorkspaceId)>,
    kind: ImportKind,
    named: Option<&str>,
    file: &Path,
    language: Language,
) -> anyhow::Result<ImportMap> {
    if let Some(named) = named {
        let path = Path::new(named);
        if named.len() < 1_000 && path.is_file() {
            let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {named}"))?;
            return Ok(ImportMap::parse(kind, &text)?);
        }
        if let (Some((db, workspace)), false) = (saved, named.contains('=') || named.starts_with('{')) {
            let row = mappings::named(db.read(), workspace, named).await?;
            let row = row.with_context(|| format!("there is no mapping and no file called {named}"))?;
            return checked_kind(row.parse().map_err(plain)?, kind, named);
        }
        return Ok(ImportMap::parse(kind, named)?);
    }
    let path = file.to_owned();
    let detected = tokio::task::spawn_blocking(move || detect(&path, &Hints::default())).await?.map_err(plain)?;
    if let Some((db, workspace)) = saved {
        let rows: Vec<_> = mappings::all(db.read(), workspace).await?;
        let rows: Vec<_> = rows.into_iter().filter(|row| row.kind == kind.word()).collect();
        if let Some(offered) = mappings::that_fits(&rows, &detected)
            && let Some(row) = rows.iter().find(|row| row.name == offered.name)
        {
            eprintln!("mapping: the saved one called {}", offered.name);
            return row.parse().map_err(plain);
        }
    }
    suggested_map(kind, &detected, language)
}

fn checked_kind(map: ImportMap, kind: ImportKind, name: &str) -> anyhow::Result<ImportMap> {
    anyhow::ensure!(map.kind() == kind, "the mapping {name} is for {}", map.kind().word());
    Ok(map)
}

fn suggested_map(kind: ImportKind, detected: &Detected, language: Language) -> anyhow::Result<ImportMap> {
    let suggestion = suggest(detected);
    for question in &suggestion.questions {
        eprintln!("{}", question.message.say(language));
    }
    anyhow::ensure!(
        suggestion.kind == kind,
        "the columns look like {}; say with --mapping what they mean",
        suggestion.kind.word()
    );
    let text = serde_json::to_string(&suggestion.entries)?;
    eprintln!("mapping: {text}");
    ImportMap::parse(kind, &text).context("say with --mapping what the columns mean")
}

fn rejects_beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".rejects.csv");
    PathBuf::from(name)
}

/// Reads everything and writes nothing but the rejects.
async fn dry_run(
    house: Option<(&Db, WorkspaceId)>,
    partitions: u32,
    (task, map): (&ImportTask, ImportMap),
) -> anyhow::Result<()> {
    let clock = SystemClock::start();
    let workspace = house.map_or(WorkspaceId(0), |(_, workspace)| workspace);
    let whence = match house {
        Some((db, workspace)) => task.whence(db.read(), workspace).await?,
        None => Provenance { file: task.name.clone(), ..Provenance::default() },
    };
    let ImportTask { file, rejects, language, .. } = task;
    let target = ImportTarget {
        workspace,
        partitions,
        fingerprint: imports::fingerprints(File::open(file)?, &map, workspace)?.import,
        clock: clock.clone(),
        ids: IdSource::from_entropy(clock.clone()),
        whence,
    };
    let question = Question { file: file.to_owned(), map, target, rejects: rejects.to_owned(), language: *language };
    let display = Display::new(clock);
    let counts = preview::count(question, house.map(|(db, _)| db), &display).await?;
    display.clear();
    let counts = counts.map_err(|_| anyhow::anyhow!("stopped"))?;
    let more = brought(&counts);
    let Counts { rows, create, update, merge, reject, duplicate, complete, .. } = counts;
    let place = if reject > 0 { format!(" ({})", rejects.display()) } else { String::new() };
    let before = if duplicate > 0 { format!(", {duplicate} imported before") } else { String::new() };
    let only = if complete { String::new() } else { format!("; of the first {rows} rows") };
    crate::say(&format!(
        "dry run: {create} create, {update} update, {merge} merge, {reject} reject{place}{before}{more}{only}\n"
    ))
}

/// What rows bring beside themselves, where they do.
fn brought(counts: &Counts) -> String {
    let parts = [
        (counts.tags, "tags to put on"),
        (counts.ruled_tags, "tags of rules passed over"),
        (counts.consents_given, "consents given"),
        (counts.consents_withdrawn, "consents withdrawn"),
    ];
    let some = parts.into_iter().filter(|(count, _)| *count > 0);
    some.map(|(count, what)| format!(", {count} {what}")).collect()
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
    let display = Display::new(clock.clone());
    loop {
        let job = jobs::get(db.read(), workspace, id).await?.context("the job has disappeared")?;
        display.show(job.done.max(0) as u64, job.total.max(0) as u64, phase_of(&job));
        match job.state.as_str() {
            "queued" | "running" => clock.sleep(Duration::from_millis(200)).await,
            "done" => {
                display.clear();
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
                display.clear();
                anyhow::bail!("the import {state}: {}", job.error.unwrap_or_else(|| "stopped".to_owned()));
            }
        }
    }
}

/// What a job does now, in words.
fn phase_of(job: &JobRow) -> &'static str {
    let checkpoint: Value =
        job.checkpoint_json.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    match checkpoint.get("phase").and_then(Value::as_str) {
        Some("taking_effect") => "rows are safe and take effect",
        _ => "rows",
    }
}

/// A bar on a terminal, and a line now and then elsewhere.
struct Display {
    bar: ProgressBar,
    clock: Arc<dyn Clock>,
    is_terminal: bool,
    told: std::sync::atomic::AtomicU64,
}

impl Display {
    fn new(clock: Arc<dyn Clock>) -> Display {
        let told = clock.monotonic().as_secs().into();
        Display { bar: progress_bar(0, "{msg}"), clock, is_terminal: std::io::stderr().is_terminal(), told }
    }

    fn show(&self, rows: u64, total: u64, phase: &'static str) {
        use std::sync::atomic::Ordering;
        if self.is_terminal {
            self.bar.set_message(phase);
            self.bar.set_length(total);
            self.bar.set_position(rows);
            return;
        }
        let now = self.clock.monotonic().as_secs();
        if now >= self.told.load(Ordering::Relaxed) + SECONDS_BETWEEN_LINES {
            self.told.store(now, Ordering::Relaxed);
            eprintln!("import: {rows} of about {total} {phase}");
        }
    }

    fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

#[async_trait]
impl Onlooker for Display {
    async fn see(&self, rows: u64, total: u64) -> Result<(), JobError> {
        self.show(rows, total, "rows");
        Ok(())
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
