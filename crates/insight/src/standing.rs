//! `GET /api/v1/insight/standing`: what is kept, and how far it has come.

use std::sync::{Arc, atomic::Ordering};

use api::{ApiResult, Caller, Json, ProblemBody};
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::Insight;

pub(crate) fn routes() -> OpenApiRouter<Arc<Insight>> {
    OpenApiRouter::new().routes(routes!(show_standing))
}

/// What is kept of a workspace's histories.
#[derive(Serialize, ToSchema)]
struct HistoryStandingDto {
    /// Events that questions are answered from.
    events: u64,
    /// Those of them that are not on disk yet.
    waiting: u64,
    /// Files.
    files: u64,
    /// What the files take, in bytes.
    bytes_on_disk: u64,
    /// What is kept in memory of all workspaces, in bytes.
    bytes_in_memory: u64,
    /// How much may be kept there.
    memory_bound: u64,
    /// Records of the log that have taken effect and are not in the answers yet.
    behind: u64,
    /// While everything is being read: how far that is.
    filling: Option<FillingDto>,
    /// The file that was found to be damaged, and is being made anew.
    fault: Option<String>,
}

/// How far it is.
#[derive(Serialize, ToSchema)]
struct FillingDto {
    /// Events that have been read.
    done: u64,
    /// About how many there are.
    total: u64,
}

/// What is kept, and how far it has come.
#[utoipa::path(get, path = "/api/v1/insight/standing", tag = "insight",
    responses((status = 200, body = HistoryStandingDto), (status = "4XX", body = ProblemBody)))]
async fn show_standing(State(insight): State<Arc<Insight>>, caller: Caller) -> ApiResult<Json<HistoryStandingDto>> {
    insight.check(&caller)?;
    let mut standing = HistoryStandingDto {
        events: 0,
        waiting: 0,
        files: 0,
        bytes_on_disk: 0,
        bytes_in_memory: insight.memory().bytes() as u64,
        memory_bound: insight.memory().most() as u64,
        behind: insight.behind(),
        filling: None,
        fault: None,
    };
    if let Some(kept) = insight.of(caller.workspace) {
        let manifest = kept.engine.columns().manifest();
        standing.waiting = kept.engine.waiting() as u64;
        standing.events = manifest.parts.iter().map(|part| part.rows).sum::<u64>() + standing.waiting;
        standing.files = manifest.parts.len() as u64;
        standing.bytes_on_disk = manifest.parts.iter().map(|part| part.bytes).sum();
        // The name of the file, not where the server keeps it.
        let name = |path: String| path.rsplit('/').next().unwrap_or_default().to_owned();
        standing.fault = kept.fault().map(name);
        if !kept.is_ready.load(Ordering::Acquire) {
            let (done, total) = (kept.done.load(Ordering::Relaxed), kept.total.load(Ordering::Relaxed));
            standing.filling = Some(FillingDto { done, total });
        }
    }
    Ok(Json(standing))
}
