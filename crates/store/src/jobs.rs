//! Durable background work: enqueued in the caller's transaction, run at least once, with progress,
//! retry with growing pauses, and cancellation.
//!
//! A job is leased while it runs; when its process dies, the lease ends and another run starts
//! from the last checkpoint. A handler must therefore be idempotent from its checkpoint. A job that
//! dies again and again without getting further fails, so that it cannot hold up the others for ever.

mod ending;

use std::{
    collections::HashMap,
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    task::Poll,
    time::Duration,
};

use async_trait::async_trait;
use base::{Clock, Code, IdSource, Time, ids::JobId, ids::WorkspaceId};
use sea_orm::{DbErr, FromQueryResult};
use serde_json::Value as Json;

use crate::{Db, Sql, Tx};

pub use ending::{JobEnd, JobError};

const LEASE: Duration = Duration::from_secs(60);

/// Does one kind of job.
#[async_trait]
pub trait JobHandler: Send + Sync + 'static {
    /// The word in the `kind` column.
    fn kind(&self) -> &'static str;
    /// How often it is tried without getting further before it fails for good.
    fn max_attempts(&self) -> i64 {
        5
    }
    /// Does the work, reporting to and asking `run`; the returned JSON is kept as the result.
    async fn run(&self, run: &JobRun) -> Result<Json, JobError>;
    /// Keeps how a job ended beside what it was for, in the transaction that ends it. One that is cancelled while it waits
    /// does not come here.
    async fn ended(&self, _tx: &Tx, _job: &JobRow, _end: &JobEnd, _now: Time) -> Result<(), DbErr> {
        Ok(())
    }
}

/// A job as it is listed.
#[derive(Clone, Debug, FromQueryResult)]
pub struct JobRow {
    /// Number behind the `job_…` id.
    pub id: i64,
    /// Whose it is.
    pub workspace_id: i64,
    /// Which handler does it.
    pub kind: String,
    /// `queued`, `running`, `done`, `failed` or `cancelled`.
    pub state: String,
    /// What to do.
    pub payload_json: String,
    /// Units done.
    pub done: i64,
    /// Units in all; 0 while unknown.
    pub total: i64,
    /// Where to go on after an interruption.
    pub checkpoint_json: Option<String>,
    /// What came of it.
    pub result_json: Option<String>,
    /// Why it failed, or why it is tried again, in English.
    pub error: Option<String>,
    /// The stable code of that, of the catalogue of problems.
    pub error_code: Option<String>,
    /// Runs so far, without those before the last progress.
    pub attempts: i64,
    /// Who asked for it.
    pub created_by: String,
    /// When it was asked for.
    pub created_at: i64,
    /// When it first ran.
    pub started_at: Option<i64>,
    /// When it ended.
    pub ended_at: Option<i64>,
}

const COLUMNS: &str = "id, workspace_id, kind, state, payload_json, done, total, checkpoint_json, result_json, error, error_code, \
                       attempts, created_by, created_at, started_at, ended_at";

/// What to enqueue.
#[derive(Clone, Debug)]
pub struct NewJob<'a> {
    /// Whose it is.
    pub workspace: WorkspaceId,
    /// Which handler does it.
    pub kind: &'a str,
    /// What to do.
    pub payload: Json,
    /// While a job with this key is waiting or running, another one is not added.
    pub unique_key: Option<String>,
    /// Who asked for it.
    pub created_by: &'a str,
}

/// Adds a job in the caller's transaction; `None` when one with its key is there already.
pub async fn enqueue(tx: &Tx, ids: &IdSource, now: Time, job: NewJob<'_>) -> Result<Option<JobId>, DbErr> {
    let id = ids.next(JobId);
    let added = tx
        .run(
            "INSERT INTO jobs (id, workspace_id, kind, unique_key, state, payload_json, run_at, created_by, created_at)
             VALUES ($1, $2, $3, $4, 'queued', $5, $6, $7, $6) ON CONFLICT (unique_key) DO NOTHING",
            vec![
                id.0.into(),
                job.workspace.0.into(),
                job.kind.into(),
                job.unique_key.into(),
                job.payload.to_string().into(),
                now.millis().into(),
                job.created_by.into(),
            ],
        )
        .await?;
    Ok((added > 0).then_some(id))
}

/// One job of a workspace.
pub async fn get(db: &impl Sql, workspace: WorkspaceId, id: JobId) -> Result<Option<JobRow>, DbErr> {
    db.one(
        &format!("SELECT {COLUMNS} FROM jobs WHERE workspace_id = $1 AND id = $2"),
        vec![workspace.0.into(), id.0.into()],
    )
    .await
}

/// The job of a workspace that waits or runs and has this key.
pub async fn with_key(db: &impl Sql, workspace: WorkspaceId, key: &str) -> Result<Option<JobRow>, DbErr> {
    db.one(
        &format!("SELECT {COLUMNS} FROM jobs WHERE workspace_id = $1 AND unique_key = $2"),
        vec![workspace.0.into(), key.into()],
    )
    .await
}

/// These jobs of a workspace, as far as they are there.
pub async fn get_many(db: &impl Sql, workspace: WorkspaceId, ids: &[JobId]) -> Result<Vec<JobRow>, DbErr> {
    let keys: Vec<(i64,)> = ids.iter().map(|id| (id.0,)).collect();
    let columns = COLUMNS.split(", ").map(|column| format!("j.{column}")).collect::<Vec<_>>().join(", ");
    db.all_rows(
        &format!(
            "SELECT {columns} FROM {{rows}} CROSS JOIN jobs j
             WHERE j.id = CAST(r.value->>0 AS BIGINT) AND j.workspace_id = $2"
        ),
        &keys,
        vec![workspace.0.into()],
    )
    .await
}

/// Which jobs are looked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct JobFilter<'a> {
    /// Only those that this one asked for.
    pub created_by: Option<&'a str>,
    /// Only those in one of these states; in any when there are none.
    pub states: &'a [&'static str],
    /// Only those of this kind.
    pub kind: Option<&'a str>,
}

/// Jobs of a workspace that match, newest first, those before `before`.
pub async fn find(
    db: &impl Sql,
    workspace: WorkspaceId,
    filter: &JobFilter<'_>,
    before: i64,
    limit: u64,
) -> Result<Vec<JobRow>, DbErr> {
    let mut values = vec![workspace.0.into(), before.into()];
    let mut conditions = String::new();
    if !filter.states.is_empty() {
        // What waits and runs is little among all that ever ran, and found by its state.
        let states = filter.states.join("', '");
        conditions += &format!(" AND id IN (SELECT s.id FROM jobs s WHERE s.state IN ('{states}'))");
    }
    for (column, wanted) in [("created_by", filter.created_by), ("kind", filter.kind)] {
        if let Some(wanted) = wanted {
            values.push(wanted.into());
            conditions += &format!(" AND {column} = ${}", values.len());
        }
    }
    values.push((limit as i64).into());
    let sql = format!(
        "SELECT {COLUMNS} FROM jobs WHERE workspace_id = $1 AND id < $2{conditions} ORDER BY id DESC LIMIT ${}",
        values.len()
    );
    db.all(&sql, values).await
}

/// Asks a job to stop; one that waits is ended at once, of which those who wait for it are to be told after the commit
/// ([`Db::job_ended`]). False when it had ended already.
pub async fn cancel(tx: &Tx, workspace: WorkspaceId, id: JobId, now: Time) -> Result<bool, DbErr> {
    let changed = tx
        .run(
            "UPDATE jobs SET cancel_requested = 1,
               ended_at = CASE WHEN state = 'queued' THEN $3 ELSE ended_at END,
               unique_key = CASE WHEN state = 'queued' THEN NULL ELSE unique_key END,
               state = CASE WHEN state = 'queued' THEN 'cancelled' ELSE state END
             WHERE workspace_id = $1 AND id = $2 AND state IN ('queued', 'running')",
            vec![workspace.0.into(), id.0.into(), now.millis().into()],
        )
        .await?;
    Ok(changed > 0)
}

/// A run in progress, as its handler sees it.
pub struct JobRun {
    /// The job.
    pub job: JobRow,
    db: Db,
    clock: Arc<dyn Clock>,
    /// As [`JobRow::attempts`], now.
    attempts: AtomicI64,
}

#[derive(FromQueryResult)]
struct Renewed {
    attempts: i64,
    cancel_requested: i64,
}

impl JobRun {
    /// The payload.
    pub fn payload(&self) -> Json {
        serde_json::from_str(&self.job.payload_json).unwrap_or_default()
    }

    /// Where an earlier run had come.
    pub fn checkpoint(&self) -> Option<Json> {
        self.job.checkpoint_json.as_deref().and_then(|text| serde_json::from_str(text).ok())
    }

    /// Saves progress and a checkpoint, renews the lease, and says whether to stop. Where more is done
    /// than before, earlier attempts no longer count. Call it at least every thirty seconds.
    pub async fn progress(&self, done: i64, total: i64, checkpoint: &Json) -> Result<(), JobError> {
        let tx = self.db.begin().await?;
        let renewed: Option<Renewed> = tx
            .one(
                "UPDATE jobs SET attempts = CASE WHEN done < $2 THEN 1 ELSE attempts END,
                   done = $2, total = $3, checkpoint_json = $4, lease_until = $5
                 WHERE id = $1 RETURNING attempts, cancel_requested",
                vec![
                    self.job.id.into(),
                    done.into(),
                    total.into(),
                    checkpoint.to_string().into(),
                    self.clock.now().plus(LEASE).millis().into(),
                ],
            )
            .await?;
        tx.commit().await?;
        let Some(renewed) = renewed else { return Err(JobError::Cancelled) };
        self.attempts.store(renewed.attempts, Ordering::Relaxed);
        if renewed.cancel_requested == 1 { Err(JobError::Cancelled) } else { Ok(()) }
    }
}

/// Runs jobs one after the other.
pub struct JobRunner {
    db: Db,
    clock: Arc<dyn Clock>,
    ids: IdSource,
    handlers: HashMap<&'static str, Arc<dyn JobHandler>>,
    /// Which jobs it looks at, as a condition.
    whose: String,
}

impl JobRunner {
    /// A runner for these handlers.
    pub fn new(db: Db, clock: Arc<dyn Clock>, ids: IdSource, handlers: Vec<Arc<dyn JobHandler>>) -> JobRunner {
        let handlers = handlers.into_iter().map(|h| (h.kind(), h)).collect();
        JobRunner { db, clock, ids, handlers, whose: String::new() }
    }

    /// The same, which leaves jobs of these kinds to others.
    pub fn leaving(self, kinds: &[&'static str]) -> JobRunner {
        let whose =
            if kinds.is_empty() { String::new() } else { format!("AND kind NOT IN ('{}')", kinds.join("', '")) };
        JobRunner { whose, ..self }
    }

    /// The same, which takes only jobs for which it has a handler.
    pub fn only_its_kinds(self) -> JobRunner {
        let kinds: Vec<&str> = self.handlers.keys().copied().collect();
        let whose = format!("AND kind IN ('{}')", kinds.join("', '"));
        JobRunner { whose, ..self }
    }

    /// Ends the leases of a process that died. Only for the one process that runs jobs, before it
    /// runs the first.
    pub async fn take_over(&self) -> Result<u64, DbErr> {
        let tx = self.db.begin().await?;
        let freed = tx.run("UPDATE jobs SET lease_until = 0 WHERE state = 'running'", Vec::new()).await?;
        tx.commit().await?;
        Ok(freed)
    }

    /// Runs the next job that is ready, if there is one. True when one was run.
    pub async fn run_next(&self) -> Result<bool, DbErr> {
        let Some(job) = self.claim().await? else { return Ok(false) };
        let attempts = AtomicI64::new(job.attempts);
        let run = JobRun { job, db: self.db.clone(), clock: self.clock.clone(), attempts };
        let Some(handler) = self.handlers.get(run.job.kind.as_str()).cloned() else {
            let error = "no handler for this kind".to_owned();
            self.end(None, &run.job, JobEnd::failed(Code::Internal, error)).await?;
            return Ok(true);
        };
        if run.job.attempts > handler.max_attempts() {
            let error = format!("begun {} times and never ended; did it end the process?", run.job.attempts - 1);
            tracing::error!(job = %JobId(run.job.id), kind = run.job.kind, error, "job failed");
            self.end(Some(&*handler), &run.job, JobEnd::failed(Code::Interrupted, error)).await?;
            return Ok(true);
        }
        match run_to_its_end(handler.as_ref(), &run).await {
            Ok(result) => {
                let end = JobEnd { state: "done", result: Some(result), error: None, error_code: None };
                self.end(Some(&*handler), &run.job, end).await?;
            }
            Err(JobError::Cancelled) => {
                let end = JobEnd { state: "cancelled", result: None, error: None, error_code: None };
                self.end(Some(&*handler), &run.job, end).await?;
            }
            Err(JobError::Retry(error)) if run.attempts.load(Ordering::Relaxed) < handler.max_attempts() => {
                let error = JobError::Retry(error);
                tracing::warn!(job = %JobId(run.job.id), kind = run.job.kind, error = error.for_log(), "job will be tried again");
                self.postpone(&run, &error).await?;
            }
            Err(error) => {
                tracing::error!(job = %JobId(run.job.id), kind = run.job.kind, error = error.for_log(), "job failed");
                let code = error.code().unwrap_or(Code::Internal);
                self.end(Some(&*handler), &run.job, JobEnd::failed(code, error.text())).await?;
            }
        }
        Ok(true)
    }

    async fn claim(&self) -> Result<Option<JobRow>, DbErr> {
        let now = self.clock.now();
        let tx = self.db.begin().await?;
        let ready: Option<i64> = tx
            .scalar(
                &format!(
                    "SELECT id FROM jobs
                     WHERE ((state = 'queued' AND run_at <= $1) OR (state = 'running' AND lease_until < $1)) {}
                     ORDER BY id LIMIT 1",
                    self.whose
                ),
                vec![now.millis().into()],
            )
            .await?;
        let Some(id) = ready else { return Ok(None) };
        let claimed = tx
            .run(
                "UPDATE jobs SET state = 'running', attempts = attempts + 1, lease_until = $2,
                   started_at = COALESCE(started_at, $3)
                 WHERE id = $1 AND (state = 'queued' OR lease_until < $3)",
                vec![id.into(), now.plus(LEASE).millis().into(), now.millis().into()],
            )
            .await?;
        let job = tx.one(&format!("SELECT {COLUMNS} FROM jobs WHERE id = $1"), vec![id.into()]).await?;
        tx.commit().await?;
        Ok(job.filter(|_| claimed > 0))
    }

    async fn end(&self, handler: Option<&dyn JobHandler>, job: &JobRow, end: JobEnd) -> Result<(), DbErr> {
        let now = self.clock.now();
        let tx = self.db.begin().await?;
        tx.run(
            "UPDATE jobs SET state = $2, result_json = $3, error = $4, error_code = $5, ended_at = $6, unique_key = NULL
             WHERE id = $1",
            vec![
                job.id.into(),
                end.state.into(),
                end.result.as_ref().map(Json::to_string).into(),
                end.error.clone().into(),
                end.error_code.map(Code::as_str).into(),
                now.millis().into(),
            ],
        )
        .await?;
        if let Some(handler) = handler {
            handler.ended(&tx, job, &end, now).await?;
        }
        tx.commit().await?;
        self.db.job_ended().notify_waiters();
        Ok(())
    }

    /// Pauses of 1 s, 4 s, 16 s … with jitter.
    async fn postpone(&self, run: &JobRun, error: &JobError) -> Result<(), DbErr> {
        let attempts = run.attempts.load(Ordering::Relaxed);
        let seconds = 4f64.powi(i32::try_from(attempts - 1).unwrap_or(6).clamp(0, 6));
        let pause = Duration::from_secs_f64(seconds * (0.75 + 0.5 * self.ids.unit()));
        let tx = self.db.begin().await?;
        tx.run(
            "UPDATE jobs SET state = 'queued', run_at = $2, error = $3, error_code = $4 WHERE id = $1",
            vec![
                run.job.id.into(),
                self.clock.now().plus(pause).millis().into(),
                error.text().into(),
                error.code().map(Code::as_str).into(),
            ],
        )
        .await?;
        tx.commit().await
    }
}

/// Runs a handler; one that panics has failed, and those who run jobs live on.
async fn run_to_its_end(handler: &dyn JobHandler, run: &JobRun) -> Result<Json, JobError> {
    let mut work = pin!(handler.run(run));
    poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))) {
        Ok(poll) => poll,
        // The panic hook has written the cause.
        Err(_) => Poll::Ready(Err(JobError::Fail(anyhow::anyhow!("it panicked; the log of the server says where")))),
    })
    .await
}
