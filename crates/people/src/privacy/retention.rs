//! How long events are kept: a period for each name of an event, and one for all others.
//!
//! A job looks once a day for events whose time is over and lists them; the pipeline deletes what is listed, some at
//! a time, and decides the segments of the members concerned anew in the same transaction. So no rule counts an event
//! that is gone, and nobody but the pipeline changes memberships.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use base::{
    Clock, IdSource, Period, Time,
    ids::{JobId, WorkspaceId},
};
use jiff::tz::TimeZone;
use sea_orm::{DbErr, FromQueryResult};
use serde_json::{Value, json};
use store::{
    Db, Sql, Tx,
    jobs::{self, JobError, JobHandler, JobRun, NewJob},
};
use tokio::sync::Notify;

/// The kind of job.
pub const KIND: &str = "expire_events";

/// In the table, the name that stands for all others.
pub(super) const DEFAULT: &str = "";
const EVENTS_AT_ONCE: i64 = 20_000;
const LOOK_UP: Duration = Duration::from_millis(50);
/// How often the lease of the job is renewed while it waits for the pipeline.
const LOOKS_PER_LEASE: u32 = 200;

/// Finds events whose time is over.
pub struct RetentionJob {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Wakes the pipeline.
    pub wake: Arc<Notify>,
    /// Who else keeps events.
    pub keepers: Vec<Arc<dyn KeepsEvents>>,
}

/// Somebody who keeps events beside the table of events.
#[async_trait]
pub trait KeepsEvents: Send + Sync {
    /// Forgets the events of a workspace that happened before the moment that stands with their name, in milliseconds;
    /// returns how many there were. By now the pipeline has deleted them from the table.
    async fn expire(&self, workspace: WorkspaceId, before: &HashMap<String, i64>) -> anyhow::Result<u64>;
}

#[derive(FromQueryResult)]
struct SettingRow {
    event: String,
    keep: Option<String>,
}

#[derive(FromQueryResult)]
struct NameRow {
    id: i64,
    name: String,
}

#[derive(FromQueryResult)]
struct IdRow {
    id: i64,
}

/// The periods of a workspace, by name of event; [`DEFAULT`] for the others. `None`: for ever.
pub(super) async fn settings(db: &impl Sql, workspace: WorkspaceId) -> Result<BTreeMap<String, Option<String>>, DbErr> {
    let rows: Vec<SettingRow> =
        db.all("SELECT event, keep FROM retention WHERE workspace_id = $1", vec![workspace.0.into()]).await?;
    Ok(rows.into_iter().map(|row| (row.event, row.keep)).collect())
}

/// Asks the job to look at a workspace; `None` when one with this key is about to.
pub(super) async fn enqueue(
    tx: &Tx,
    ids: &IdSource,
    workspace: WorkspaceId,
    now: Time,
    by: &str,
    unique_key: Option<String>,
) -> Result<Option<JobId>, DbErr> {
    jobs::enqueue(tx, ids, now, NewJob { workspace, kind: KIND, payload: json!({}), unique_key, created_by: by }).await
}

/// Asks the job to look at every workspace that keeps something not for ever. To be called once a day.
pub async fn enqueue_all(db: &Db, ids: &IdSource, now: Time) -> Result<(), DbErr> {
    let workspaces: Vec<IdRow> =
        db.read().all("SELECT DISTINCT workspace_id AS id FROM retention WHERE keep IS NOT NULL", Vec::new()).await?;
    if workspaces.is_empty() {
        return Ok(());
    }
    let tx = db.begin().await?;
    for row in workspaces {
        let key = format!("{KIND}/{}", WorkspaceId(row.id));
        enqueue(&tx, ids, WorkspaceId(row.id), now, "housekeeping", Some(key)).await?;
    }
    tx.commit().await
}

#[async_trait]
impl JobHandler for RetentionJob {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn run(&self, run: &JobRun) -> Result<Value, JobError> {
        let workspace = WorkspaceId(run.job.workspace_id);
        let limits = self.limits(workspace).await?;
        if limits.is_empty() {
            return Ok(json!({"deleted": 0}));
        }
        let checkpoint = run.checkpoint().unwrap_or_default();
        let number = |name: &str| checkpoint[name].as_i64();
        let (mut after, mut done, mut deleted) =
            (number("after").unwrap_or(i64::MIN), number("done").unwrap_or(0), number("deleted").unwrap_or(0));
        let total: Option<i64> = self
            .db
            .read()
            .scalar("SELECT COUNT(*) FROM events WHERE workspace_id = $1", vec![workspace.0.into()])
            .await?;
        let total = total.unwrap_or(0).max(done);
        loop {
            let page: Vec<IdRow> = self
                .db
                .read()
                .all(
                    "SELECT id FROM events WHERE id > $1 ORDER BY id LIMIT $2",
                    vec![after.into(), EVENTS_AT_ONCE.into()],
                )
                .await?;
            let Some(last) = page.last() else { break };
            deleted += self.list(workspace, &limits, after, last.id).await? as i64;
            after = last.id;
            done += page.len() as i64;
            let checkpoint = json!({"after": after, "done": done, "deleted": deleted});
            run.progress(done, total.max(done), &checkpoint).await?;
            self.until_deleted(run, (done, total.max(done)), &checkpoint).await?;
        }
        let before = limits.into_iter().map(|limit| (limit.name, limit.before)).collect();
        for keeper in &self.keepers {
            keeper.expire(workspace, &before).await.map_err(JobError::Retry)?;
        }
        Ok(json!({"deleted": deleted}))
    }
}

/// The events of a name that do not stay for ever.
struct Limit {
    /// The number of the name.
    id: i64,
    name: String,
    /// The moment before which they go, in milliseconds.
    before: i64,
}

impl RetentionJob {
    /// What does not stay for ever.
    async fn limits(&self, workspace: WorkspaceId) -> Result<Vec<Limit>, JobError> {
        let settings = settings(self.db.read(), workspace).await?;
        let zone: Option<String> =
            self.db.read().scalar("SELECT time_zone FROM workspaces WHERE id = $1", vec![workspace.0.into()]).await?;
        let zone = zone.and_then(|name| TimeZone::get(&name).ok()).unwrap_or(TimeZone::UTC);
        let now = self.clock.now();
        let names: Vec<NameRow> = self
            .db
            .read()
            .all("SELECT id, name FROM event_names WHERE workspace_id = $1", vec![workspace.0.into()])
            .await?;
        let mut limits = Vec::new();
        for row in names {
            let keep = settings.get(&row.name).or_else(|| settings.get(DEFAULT)).cloned().flatten();
            let Some(keep) = keep else { continue };
            let period: Period = keep.parse().map_err(|error| JobError::Fail(anyhow::Error::new(error)))?;
            limits.push(Limit { id: row.id, before: period.before(now, &zone).millis(), name: row.name });
        }
        Ok(limits)
    }

    /// Lists what is to go of the events with these ids; returns how many.
    async fn list(&self, workspace: WorkspaceId, limits: &[Limit], after: i64, upto: i64) -> Result<u64, DbErr> {
        let tx = self.db.begin().await?;
        let sql = format!(
            "INSERT INTO expired_events (id, identity_id)
             SELECT e.id, e.identity_id FROM {{rows}} JOIN events e ON e.name_id = CAST(r.value->>0 AS BIGINT)
               AND e.happened_at < CAST(r.value->>1 AS BIGINT)
             WHERE e.id > {after} AND e.id <= {upto} AND e.workspace_id = {}
             ON CONFLICT (id) DO NOTHING",
            workspace.0
        );
        let limits: Vec<(i64, i64)> = limits.iter().map(|limit| (limit.id, limit.before)).collect();
        let listed = tx.run_rows(&sql, &limits).await?;
        tx.commit().await?;
        Ok(listed)
    }

    /// Waits until the pipeline has deleted what is listed, so that the list stays short.
    async fn until_deleted(&self, run: &JobRun, far: (i64, i64), checkpoint: &Value) -> Result<(), JobError> {
        for looks in 1_u32.. {
            let left: Option<i64> = self.db.read().scalar("SELECT id FROM expired_events LIMIT 1", Vec::new()).await?;
            if left.is_none() {
                return Ok(());
            }
            self.wake.notify_one();
            self.clock.sleep(LOOK_UP).await;
            if looks % LOOKS_PER_LEASE == 0 {
                run.progress(far.0, far.1, checkpoint).await?;
            }
        }
        Ok(())
    }
}
