//! The job that imports a file.
//!
//! A thread reads and encodes rows, this task appends them, and how far it is gets written down beside, once a moment: on
//! a small machine the pipeline, which works at the same time, would otherwise set the pace with each of its
//! transactions. A run that was killed goes on behind the last row that was written down; rows that it appends again have
//! the same message ids, and the pipeline drops them.

use std::{path::PathBuf, sync::Arc, time::Duration};

use anyhow::Context;
use async_trait::async_trait;
use base::{
    Code, Problem, Time,
    ids::{ImportId, WorkspaceId},
};
use log::LogError;
use people::tags::ruled_tags;
use sea_orm::{DbErr, FromQueryResult};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{
    Sql,
    jobs::{JobError, JobHandler, JobRun},
};
use tokio::{
    sync::{mpsc, oneshot, watch},
    task::JoinHandle,
};

use super::{
    ImportBatch, ImportError, ImportKind, ImportMap, ImportTarget, ImportsState, Provenance, fingerprints, open_file,
    rejects::RejectsFile, words::Language,
};

/// How many rows are appended at once.
pub const ROWS_AT_ONCE: usize = 5_000;
/// How often it is written down how far an import is.
const CHECKPOINT: Duration = Duration::from_millis(500);
/// How often an import that waits for the pipeline looks whether it is to stop.
const LOOK_UP: Duration = Duration::from_secs(2);

/// What to import, as it stands in the table of jobs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ImportTask {
    /// `events` or `members`.
    pub kind: String,
    /// Where the file is.
    pub file: PathBuf,
    /// The mapping, as text.
    pub map: String,
    /// Where rejected rows go.
    pub rejects: PathBuf,
    /// Of [`super::Fingerprints::content`].
    pub content: String,
    /// The uploaded file, if it is one.
    #[serde(default)]
    pub import: Option<ImportId>,
    /// The name of the file, as whoever sent it calls it.
    #[serde(default)]
    pub name: String,
    /// In which language it is said why rows are rejected.
    #[serde(default)]
    pub language: Language,
}

impl ImportTask {
    /// While a job with this key waits or runs, no other one imports the same content.
    pub fn unique_key(content: &str) -> String {
        format!("import/{content}")
    }

    /// The mapping.
    pub fn mapping(&self) -> anyhow::Result<ImportMap> {
        let kind = ImportKind::of_word(&self.kind).context("the job names no kind of import")?;
        Ok(ImportMap::parse(kind, &self.map)?)
    }

    /// Whence its rows come, as things stand now.
    pub async fn whence(&self, db: &impl Sql, workspace: WorkspaceId) -> Result<Provenance, DbErr> {
        let ruled_tags = Arc::new(ruled_tags(db, workspace).await?);
        Ok(Provenance { file: self.name.clone(), import: self.import, ruled_tags })
    }
}

/// Refuses a mapping that puts tags on everybody which a rule or a model gives.
pub async fn check_tags(db: &impl Sql, workspace: WorkspaceId, map: &ImportMap) -> Result<(), Problem> {
    if map.add_tags().is_empty() {
        return Ok(());
    }
    let ruled = ruled_tags(db, workspace).await.map_err(|error| api::ApiError::from(error).0)?;
    match map.add_tags().iter().find(|tag| ruled.contains(*tag)) {
        Some(tag) => Err(Problem::with(Code::TagIsDynamic, format!("\"{tag}\" is not given by hand"))),
        None => Ok(()),
    }
}

/// Batches of a file that a thread reads.
pub(super) struct Reading {
    /// About how many rows there are; nothing when the file cannot be read.
    pub(super) estimate: oneshot::Receiver<u64>,
    /// In their order.
    pub(super) batches: mpsc::Receiver<ImportBatch>,
    thread: JoinHandle<Result<(), ImportError>>,
}

impl Reading {
    /// Begins to read behind the first `skipped` rows.
    pub(super) fn begin(file: PathBuf, map: ImportMap, target: ImportTarget, skipped: u64) -> Reading {
        let (tell, estimate) = oneshot::channel();
        let (send, batches) = mpsc::channel(2);
        let thread = tokio::task::spawn_blocking(move || {
            let (mut importer, detected) = open_file(&file, &map, target)?;
            let _ = tell.send(detected.rows_estimated);
            importer.skip_rows(skipped)?;
            while let Some(batch) = importer.next_batch(ROWS_AT_ONCE)? {
                if send.blocking_send(batch).is_err() {
                    break;
                }
            }
            Ok(())
        });
        Reading { estimate, batches, thread }
    }

    /// Whether the file was read to its end without trouble.
    pub(super) async fn end(self) -> anyhow::Result<()> {
        drop(self.batches);
        self.thread.await?.map_err(|error| Problem::from(error).into())
    }
}

/// How far an import has come, as the database remembers it.
#[derive(Clone, Debug, Default, PartialEq, Eq, FromQueryResult)]
struct Remembered {
    rows_done: i64,
    imported: i64,
    rejected: i64,
    /// Where the rejects are.
    rejects: String,
    rejects_bytes: i64,
}

/// One run of the job.
struct Run<'r> {
    job: &'r JobRun,
    fingerprint: String,
    total: u64,
    began: Duration,
    rows_before: i64,
}

/// The job that does the work.
pub struct ImportJob {
    state: Arc<ImportsState>,
}

impl ImportJob {
    /// The word in the table of jobs.
    pub const KIND: &'static str = "import";

    /// Appends to this house's log.
    pub fn new(state: Arc<ImportsState>) -> ImportJob {
        ImportJob { state }
    }

    async fn import(&self, job: &JobRun) -> anyhow::Result<Result<Value, JobError>> {
        let task: ImportTask = serde_json::from_value(job.payload())?;
        let map = task.mapping()?;
        let workspace = WorkspaceId(job.job.workspace_id);
        let (file, its_map) = (task.file.clone(), map.clone());
        let hashing = move || {
            let file = std::fs::File::open(&file).context("the file is not there any more")?;
            anyhow::Ok(fingerprints(file, &its_map, workspace)?)
        };
        let found = tokio::task::spawn_blocking(hashing).await??;
        anyhow::ensure!(found.content == task.content, "the file was changed after the import began");
        let rejects_path = task.rejects.to_string_lossy().into_owned();
        let mut state = self.remembered(&found.import).await?;
        let rows_before = state.rows_done;
        let rejects = match state.rejects == rejects_path {
            true => RejectsFile::resume(&task.rejects, task.language, state.rejects_bytes.max(0) as u64),
            false => RejectsFile::new(&task.rejects, task.language),
        };
        state.rejects = rejects_path;
        let target = ImportTarget {
            workspace,
            partitions: self.state.log.partitions(),
            fingerprint: found.import.clone(),
            clock: self.state.clock.clone(),
            ids: self.state.ids.clone(),
            whence: task.whence(self.state.db.read(), workspace).await?,
        };
        let mut reading = Reading::begin(task.file, map, target, rows_before.max(0) as u64);
        let total = (&mut reading.estimate).await.unwrap_or(0);
        let began = self.state.clock.monotonic();
        let run = Run { job, fingerprint: found.import, total, began, rows_before };
        let (tell, told) = watch::channel(state);
        let outcome = tokio::select! {
            outcome = self.append_all(&mut reading, rejects, &tell) => outcome,
            stop = self.keep_checkpoints(&run, told) => return Ok(Err(stop)),
        };
        outcome?;
        reading.end().await?;
        let state = tell.borrow().clone();
        self.remember(&run.fingerprint, &state).await?;
        // Done means that everything has taken effect, also what an interrupted run appended.
        if let Err(stop) = self.taken_effect(&run, state.rows_done).await {
            return Ok(Err(stop));
        }
        let Remembered { imported, rejected, .. } = state;
        let rejects = (rejected > 0).then_some(state.rejects);
        Ok(Ok(json!({"imported": imported, "rejected": rejected, "resumed_after": rows_before, "rejects": rejects})))
    }

    /// Appends what is read; tells how far it is whenever that is durable.
    async fn append_all(
        &self,
        reading: &mut Reading,
        mut rejects: RejectsFile,
        tell: &watch::Sender<Remembered>,
    ) -> anyhow::Result<()> {
        while let Some(batch) = reading.batches.recv().await {
            self.leave_room().await;
            rejects.write(&batch.rejects).context("the file of rejects cannot be written")?;
            let (imported, rejected) = (batch.imported() as i64, batch.rejects.len() as i64);
            if !batch.records.is_empty() {
                self.state.log.append(batch.records).await?;
            }
            tell.send_modify(|state| {
                state.imported += imported;
                state.rejected += rejected;
                state.rows_done = batch.progress.rows as i64;
                state.rejects_bytes = rejects.length() as i64;
            });
        }
        Ok(())
    }

    /// Waits while the pipeline is so far behind that what is sent in meanwhile would wait too long.
    async fn leave_room(&self) {
        let ImportsState { log, progress, limits, .. } = &*self.state;
        let mut commits = progress.subscribe();
        while progress.waiting(log.as_ref()) >= limits.rows_ahead.max(1) && commits.changed().await.is_ok() {}
    }

    /// Writes down how far it is, now and then; ends only with the word to stop.
    async fn keep_checkpoints(&self, run: &Run<'_>, mut told: watch::Receiver<Remembered>) -> JobError {
        loop {
            self.state.clock.sleep(CHECKPOINT).await;
            let (state, is_new) = {
                let state = told.borrow_and_update();
                (state.clone(), state.has_changed())
            };
            let kept = async {
                if is_new {
                    self.remember(&run.fingerprint, &state).await.map_err(JobError::Retry)?;
                }
                self.report(run, state.rows_done, "reading").await
            };
            if let Err(stop) = kept.await {
                return stop;
            }
        }
    }

    /// Waits until all that is in the log has taken effect. Meanwhile it keeps the job's lease, and stops when that is
    /// asked for.
    async fn taken_effect(&self, run: &Run<'_>, done: i64) -> Result<(), JobError> {
        let mut reached = std::pin::pin!(self.state.progress.reached_end(self.state.log.as_ref()));
        loop {
            self.report(run, done, "taking_effect").await?;
            tokio::select! {
                () = &mut reached => return Ok(()),
                () = self.state.clock.sleep(LOOK_UP) => {}
            }
        }
    }

    async fn report(&self, run: &Run<'_>, done: i64, phase: &str) -> Result<(), JobError> {
        let seconds = self.state.clock.monotonic().saturating_sub(run.began).as_secs_f64();
        let rate = (done - run.rows_before) as f64 / seconds.max(0.001);
        let total = if phase == "reading" { (run.total as i64).max(done) } else { done };
        let checkpoint = json!({"rows": done, "phase": phase, "rows_per_second": rate.round(),
            "waiting": self.state.progress.waiting(self.state.log.as_ref())});
        run.job.progress(done, total, &checkpoint).await
    }

    async fn remembered(&self, fingerprint: &str) -> anyhow::Result<Remembered> {
        let before: Option<Remembered> = self
            .state
            .db
            .read()
            .one(
                "SELECT rows_done, imported, rejected, rejects, rejects_bytes FROM imports WHERE fingerprint = $1",
                vec![fingerprint.into()],
            )
            .await?;
        Ok(before.unwrap_or_default())
    }

    async fn remember(&self, fingerprint: &str, state: &Remembered) -> anyhow::Result<()> {
        let now: Time = self.state.clock.now();
        let tx = self.state.db.begin().await?;
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
                now.millis().into(),
            ],
        )
        .await?;
        Ok(tx.commit().await?)
    }
}

/// Whether trying again later can help.
pub(super) fn is_passing(error: &anyhow::Error) -> bool {
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
