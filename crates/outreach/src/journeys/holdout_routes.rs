//! `/api/v1/holdout`.

use api::{ApiResult, Area, Caller, Json, ProblemBody, Query, Verb};
use axum::extract::State;
use base::{Code, Problem, Time};
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    holdout::{self, Holdout, HoldoutChange, HoldoutReport},
    routes::JourneysState,
};

/// The routes of the workspace's holdout.
pub(super) fn routes() -> OpenApiRouter<JourneysState> {
    OpenApiRouter::new().routes(routes!(get_holdout, put_holdout)).routes(routes!(report_holdout))
}

/// The share of members whom no journey addresses.
#[utoipa::path(get, path = "/api/v1/holdout", tag = "journeys",
    responses((status = 200, body = Holdout), (status = "4XX", body = ProblemBody)))]
async fn get_holdout(State(state): State<JourneysState>, caller: Caller) -> ApiResult<Json<Holdout>> {
    caller.require(Area::Outreach, Verb::Read)?;
    Ok(Json(holdout::get(state.outreach.db.read(), caller.workspace).await?))
}

/// Sets the share of members whom no journey addresses. It holds for whoever enters from now on. Everybody stays on his
/// side as far as the new share allows, unless `reshuffle` is set.
#[utoipa::path(put, path = "/api/v1/holdout", tag = "journeys", request_body = HoldoutChange,
    responses((status = 200, body = Holdout), (status = "4XX", body = ProblemBody)))]
async fn put_holdout(
    State(state): State<JourneysState>,
    caller: Caller,
    Json(change): Json<HoldoutChange>,
) -> ApiResult<Json<Holdout>> {
    caller.require(Area::Outreach, Verb::Write)?;
    caller.require(Area::Settings, Verb::Write)?;
    let millionths = holdout::check(&change)?;
    let outreach = &state.outreach;
    let tx = outreach.begin_rules_change(caller.workspace).await?;
    let now = outreach.clock.now();
    if holdout::set(&tx, &outreach.ids, caller.workspace, millionths, change.reshuffle, now).await? {
        let detail = json!({"share": change.share, "reshuffle": change.reshuffle});
        outreach.audit(&tx, &caller, "holdout.changed", caller.workspace, detail).await?;
        tx.commit().await?;
        outreach.rules_changed.notify_one();
    }
    Ok(Json(holdout::get(outreach.db.read(), caller.workspace).await?))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ReportQuery {
    /// The event that counts, such as `Order Completed`.
    goal_event: String,
    /// From when it counts; by default since the holdout is as it is, at most thirty days back.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Time>,
    /// Until when it counts; by default until now. At most 400 days after `from`.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Time>,
}

/// What came of addressing everybody but the holdout: to how many on either side the event happened.
#[utoipa::path(get, path = "/api/v1/holdout/report", tag = "journeys", params(ReportQuery),
    responses((status = 200, body = HoldoutReport), (status = "4XX", body = ProblemBody)))]
async fn report_holdout(
    State(state): State<JourneysState>,
    caller: Caller,
    Query(query): Query<ReportQuery>,
) -> ApiResult<Json<HoldoutReport>> {
    caller.require(Area::Outreach, Verb::Read)?;
    if query.goal_event.is_empty() || query.goal_event.len() > 200 || query.goal_event.contains('\0') {
        return Err(Problem::at(Code::InvalidQuery, "goal_event", "must have 1 to 200 bytes").into());
    }
    let db = state.outreach.db.read();
    let now = state.outreach.clock.now();
    let period = holdout::period(db, caller.workspace, query.from, query.to, now).await??;
    Ok(Json(holdout::report(db, caller.workspace, &query.goal_event, period).await?))
}
