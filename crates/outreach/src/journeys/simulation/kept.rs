//! Simulations as they are kept: the last of each journey.

use std::collections::BTreeSet;

use api::{Caller, ErrorWords};
use base::{
    Code, IdSource, Time,
    ids::{JobId, JourneyId, WorkspaceId},
};
use serde::Serialize;
use serde_json::Value;
use store::{
    DbErr, FromQueryResult, Sql, Tx,
    jobs::{self, JobEnd, JobRow, NewJob},
};
use utoipa::ToSchema;

use super::{asked::Asked, job::SimulateJob, telling::tell};

/// So many of each journey are kept.
const KEPT: i64 = 20;
/// So many may wait or run in a workspace.
const AT_ONCE: i64 = 2;

/// A simulation.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct SimulationDto {
    /// `job_…`, the id of its job.
    #[schema(value_type = String)]
    pub(super) id: JobId,
    /// `queued`, `running`, `done`, `failed` or `cancelled`.
    state: String,
    /// Members copied and events told, of both versions.
    done: i64,
    /// How many there are, as far as that is known.
    total: i64,
    /// From when.
    #[schema(value_type = String, format = DateTime)]
    from: Time,
    /// Until when.
    #[schema(value_type = String, format = DateTime)]
    to: Time,
    /// Who asked for it.
    created_by: String,
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime)]
    created_at: Time,
    /// When it ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(super) ended_at: Option<Time>,
    /// Why it failed: what was wrong this time, in English.
    error: Option<String>,
    /// The kind of error, with words for people.
    why: Option<ErrorWords>,
    /// What came of it; lists leave it out.
    #[schema(value_type = Option<Object>)]
    pub(super) result: Option<Value>,
}

#[derive(FromQueryResult)]
struct IdRow {
    id: i64,
}

/// A row, with or without its result.
#[derive(FromQueryResult)]
pub(super) struct SimulationRow {
    pub(super) id: i64,
    asked_json: String,
    result_json: Option<String>,
    created_by: String,
    created_at: i64,
    ended_at: Option<i64>,
    state: Option<String>,
    error: Option<String>,
    error_code: Option<String>,
}

/// Asks for a simulation: the job and its row. `None` when enough are under way.
pub(super) async fn ask(
    tx: &Tx,
    ids: &IdSource,
    caller: &Caller,
    asked: &Asked,
    now: Time,
) -> Result<Option<JobId>, DbErr> {
    let busy: Option<i64> = tx
        .scalar(
            "SELECT COUNT(*) FROM jobs WHERE workspace_id = $1 AND kind = $2 AND state IN ('queued', 'running')",
            vec![caller.workspace.0.into(), SimulateJob::KIND.into()],
        )
        .await?;
    if busy.unwrap_or_default() >= AT_ONCE {
        return Ok(None);
    }
    let payload = serde_json::to_value(asked).map_err(|error| DbErr::Custom(error.to_string()))?;
    let asked_json = payload.to_string();
    let new = NewJob {
        workspace: caller.workspace,
        kind: SimulateJob::KIND,
        payload,
        unique_key: None,
        created_by: &caller.actor,
    };
    let Some(id) = jobs::enqueue(tx, ids, now, new).await? else { return Ok(None) };
    tx.run(
        "INSERT INTO journey_simulations (id, workspace_id, journey_id, asked_json, created_by, created_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        vec![
            id.0.into(),
            caller.workspace.0.into(),
            asked.journey.0.into(),
            asked_json.into(),
            caller.actor.as_str().into(),
            now.millis().into(),
        ],
    )
    .await?;
    tx.run(
        "DELETE FROM journey_simulations WHERE journey_id = $1 AND ended_at IS NOT NULL AND id NOT IN
           (SELECT id FROM journey_simulations WHERE journey_id = $1 ORDER BY id DESC LIMIT $2)",
        vec![asked.journey.0.into(), KEPT.into()],
    )
    .await?;
    Ok(Some(id))
}

/// Keeps what came of a simulation.
pub(super) async fn keep(tx: &Tx, id: i64, result: &str, now: Time) -> Result<(), DbErr> {
    tx.run(
        "UPDATE journey_simulations SET result_json = $2, ended_at = $3, state = 'done' WHERE id = $1",
        vec![id.into(), result.into(), now.millis().into()],
    )
    .await?;
    Ok(())
}

/// Notes how the job of a simulation ended; it may be gone one day.
pub(super) async fn end(tx: &Tx, id: i64, end: &JobEnd, now: Time) -> Result<(), DbErr> {
    tx.run(
        "UPDATE journey_simulations SET state = $2, error = $3, error_code = $4, ended_at = COALESCE(ended_at, $5) WHERE id = $1",
        vec![
            id.into(),
            end.state.into(),
            end.error.clone().into(),
            end.error_code.map(Code::as_str).into(),
            now.millis().into(),
        ],
    )
    .await?;
    Ok(())
}

/// Whether one of these members was erased.
pub(super) async fn is_anyone_gone(tx: &Tx, members: &BTreeSet<i64>) -> Result<bool, DbErr> {
    let keys: Vec<(i64,)> = members.iter().map(|id| (*id,)).collect();
    let there: Vec<IdRow> = tx
        .all_rows("SELECT m.id FROM {rows} JOIN members m ON m.id = CAST(r.value->>0 AS BIGINT)", &keys, Vec::new())
        .await?;
    let there: BTreeSet<i64> = there.into_iter().map(|row| row.id).collect();
    Ok(there.len() < members.len())
}

/// One simulation, in words for people as well.
pub(super) async fn get(
    db: &impl Sql,
    workspace: WorkspaceId,
    journey: JourneyId,
    id: JobId,
) -> Result<Option<SimulationDto>, DbErr> {
    let row: Option<SimulationRow> = db
        .one(
            "SELECT id, asked_json, result_json, created_by, created_at, ended_at, state, error, error_code
             FROM journey_simulations
             WHERE workspace_id = $1 AND journey_id = $2 AND id = $3",
            vec![workspace.0.into(), journey.0.into(), id.0.into()],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    let job = jobs::get(db, workspace, id).await?;
    let asked: Option<Asked> = serde_json::from_str(&row.asked_json).ok();
    let mut shown = shown(row, job.as_ref());
    if let Some(result) = &mut shown.result {
        tell(db, workspace, asked.as_ref(), result).await?;
    }
    Ok(Some(shown))
}

/// Simulations of a journey, newest first, without their results.
pub(super) async fn list(
    db: &impl Sql,
    workspace: WorkspaceId,
    journey: JourneyId,
    before: i64,
    limit: u64,
) -> Result<(Vec<SimulationRow>, Vec<JobRow>), DbErr> {
    let rows: Vec<SimulationRow> = db
        .all(
            "SELECT id, asked_json, CAST(NULL AS TEXT) AS result_json, created_by, created_at, ended_at, state, error,
               error_code
             FROM journey_simulations WHERE workspace_id = $1 AND journey_id = $2 AND id < $3 ORDER BY id DESC LIMIT $4",
            vec![workspace.0.into(), journey.0.into(), before.into(), (limit as i64).into()],
        )
        .await?;
    let ids: Vec<JobId> = rows.iter().map(|row| JobId(row.id)).collect();
    let jobs = jobs::get_many(db, workspace, &ids).await?;
    Ok((rows, jobs))
}

/// A row with what its job says, as long as it has not ended. One whose job is gone and that knows no end of its own was
/// cancelled while it waited: in every other way a job ends, it is told.
pub(super) fn shown(row: SimulationRow, job: Option<&JobRow>) -> SimulationDto {
    let asked: Option<Asked> = serde_json::from_str(&row.asked_json).ok();
    let result: Option<Value> = row.result_json.as_deref().and_then(|text| serde_json::from_str(text).ok());
    let own = row.state.is_some();
    let state = row.state.or_else(|| job.map(|job| job.state.clone())).unwrap_or_else(|| "cancelled".to_owned());
    let (error, error_code) = match job {
        Some(job) if !own => (job.error.clone(), job.error_code.clone()),
        _ => (row.error, row.error_code),
    };
    SimulationDto {
        id: JobId(row.id),
        state,
        done: job.map_or(0, |job| job.done),
        total: job.map_or(0, |job| job.total),
        from: asked.as_ref().map_or(Time::EPOCH, |asked| asked.from),
        to: asked.as_ref().map_or(Time::EPOCH, |asked| asked.to),
        created_by: row.created_by,
        created_at: Time::from_millis(row.created_at),
        ended_at: row.ended_at.or(job.and_then(|job| job.ended_at)).map(Time::from_millis),
        error,
        why: error_code.as_deref().map(ErrorWords::of),
        result,
    }
}
