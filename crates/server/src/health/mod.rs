//! What watches the process from outside: `/healthz`, `/readyz`, `/metrics` and `/live`; and for people how data flows
//! through it.

mod vitals;

use std::sync::Arc;

use api::{ApiError, ApiResult, Area, Json, Verb};
use async_trait::async_trait;
use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, Method, header},
    response::{IntoResponse, Response},
    routing::get,
};
use base::{Code, Problem, ids::WorkspaceId};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    accounts::{Accounts, signed_in},
    address::Client,
};

pub use vitals::{Disk, Vitals};

/// What the running program knows about itself.
#[async_trait]
pub trait Health: Send + Sync + 'static {
    /// Whether requests can be served: the database answers, the log is open, the pipeline moves.
    /// Fails with a problem that says which does not.
    async fn ready(&self) -> Result<(), Problem>;

    /// Live numbers of a workspace:
    ///
    /// ```json
    /// {"members": 5000, "events_today": 120, "events_per_second": 3.5, "pipeline_waiting": 12,
    ///  "segments": 8, "journeys_running": 40, "deliveries": {"queued": 1, "accepted": 20}}
    /// ```
    async fn numbers(&self, workspace: WorkspaceId) -> serde_json::Value;

    /// What it knows of the way that data takes through it.
    async fn vitals(&self, _workspace: WorkspaceId) -> Vitals {
        Vitals::default()
    }
}

/// Writes all metrics in the text format of Prometheus.
pub type RenderMetrics = Arc<dyn Fn() -> String + Send + Sync>;

pub(crate) struct HealthState {
    pub accounts: Arc<Accounts>,
    pub health: Arc<dyn Health>,
    pub metrics: RenderMetrics,
}

pub(crate) fn routes(state: Arc<HealthState>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(healthz))
        .routes(routes!(readyz))
        .routes(routes!(show_metrics))
        .route("/live", get(numbers))
        .with_state(state)
}

/// Routes that need a caller.
pub(crate) fn private_routes(state: Arc<HealthState>) -> OpenApiRouter {
    vitals::routes(state)
}

/// A process that answers.
#[derive(Serialize, ToSchema)]
struct HealthBody {
    /// `ok`
    status: &'static str,
}

/// Says that the process is alive.
#[utoipa::path(get, path = "/healthz", tag = "operations",
    responses((status = 200, description = "The process is alive", body = HealthBody)))]
async fn healthz() -> Json<HealthBody> {
    Json(HealthBody { status: "ok" })
}

/// Says whether requests can be served.
#[utoipa::path(get, path = "/readyz", tag = "operations",
    responses((status = 200, description = "Requests can be served", body = HealthBody)))]
async fn readyz(State(state): State<Arc<HealthState>>) -> ApiResult<Json<HealthBody>> {
    let Err(problem) = state.health.ready().await else { return Ok(Json(HealthBody { status: "ok" })) };
    tracing::warn!(%problem, "not ready");
    // Whatever the cause, those who ask here look for 503.
    let detail = problem.detail.unwrap_or_else(|| problem.code.title().to_owned());
    let code = if problem.code.status() == 503 { problem.code } else { Code::Unavailable };
    Err(Problem::with(code, detail).retry_after(problem.retry_after.unwrap_or(1)).into())
}

/// Shows metrics in the text format of Prometheus, to an API key with `settings:read`, and to
/// anybody on this machine where the configuration says so.
#[utoipa::path(get, path = "/metrics", tag = "operations", security((), ("bearer" = [])),
    responses((status = 200, description = "Metrics", body = String, content_type = "text/plain")))]
async fn show_metrics(
    State(state): State<Arc<HealthState>>,
    client: Option<Extension<Client>>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let is_local = client.is_some_and(|Extension(client)| client.is_local);
    if !(is_local && state.accounts.config.metrics_open_on_loopback) {
        let (caller, _) =
            signed_in(&state.accounts, &Method::GET, &headers).await?.ok_or(ApiError::from(Code::Unauthenticated))?;
        caller.require(Area::Settings, Verb::Read)?;
    }
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    Ok((kind, (state.metrics)()).into_response())
}

/// The numbers of a workspace, for those who have a session in it.
async fn numbers(State(state): State<Arc<HealthState>>, headers: HeaderMap) -> ApiResult<Json<serde_json::Value>> {
    match signed_in(&state.accounts, &Method::GET, &headers).await? {
        Some((caller, Some(_))) => Ok(Json(state.health.numbers(caller.workspace).await)),
        _ => Err(Code::Unauthenticated.into()),
    }
}
