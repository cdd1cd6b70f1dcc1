//! Pausing, resuming and stopping journeys.

use api::{ApiResult, Area, Caller, Json, Path, ProblemBody, Verb};
use axum::{
    body::Bytes,
    extract::{State, rejection::BytesRejection},
};
use base::{Code, Problem, Time, ids::JourneyId};
use serde_json::{Value, json};
use store::Tx;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    changes::Worked,
    routes::JourneysState,
    service::{self, JourneyDto},
    states::{self, Pause, Stop, StopRunning},
    version_routes::{ChangedJourney, optional},
};

/// The routes of states.
pub(super) fn routes() -> OpenApiRouter<JourneysState> {
    OpenApiRouter::new().routes(routes!(pause_journey)).routes(routes!(resume_journey)).routes(routes!(stop_journey))
}

/// Lets nobody in and moves nobody on until it is resumed. Messages that are queued already are sent unless
/// `cancel_queued` is set.
#[utoipa::path(post, path = "/api/v1/journeys/{id}/pause", tag = "journeys", params(("id" = String, Path,)),
    request_body = Option<Pause>,
    responses((status = 200, body = ChangedJourney), (status = "4XX", body = ProblemBody)))]
async fn pause_journey(
    State(state): State<JourneysState>,
    caller: Caller,
    Path(id): Path<JourneyId>,
    body: Result<Bytes, BytesRejection>,
) -> ApiResult<Json<ChangedJourney>> {
    let (tx, journey, now) = state.begin_change(&caller, id).await?;
    let pause: Pause = optional(body)?;
    let by = (caller.actor.as_str(), now);
    let worked = states::pause(&tx, &state.outreach, caller.workspace, &journey, &pause, by).await?;
    state.end_change(tx, &caller, ("journey.paused", id), json!({"cancel_queued": pause.cancel_queued}), worked).await
}

/// Goes on; members whose wait ended meanwhile move on at once.
#[utoipa::path(post, path = "/api/v1/journeys/{id}/resume", tag = "journeys", params(("id" = String, Path,)),
    responses((status = 200, body = ChangedJourney), (status = "4XX", body = ProblemBody)))]
async fn resume_journey(
    State(state): State<JourneysState>,
    caller: Caller,
    Path(id): Path<JourneyId>,
) -> ApiResult<Json<ChangedJourney>> {
    let (tx, journey, now) = state.begin_change(&caller, id).await?;
    let by = (caller.actor.as_str(), now);
    let worked = states::resume(&tx, &state.outreach, caller.workspace, &journey, by).await?;
    state.end_change(tx, &caller, ("journey.live", id), json!({}), worked).await
}

/// Stops the journey: with `{"running": "end"}` everybody's run in it ends now, with `{"running": "finish"}` runs go on to
/// their end and nobody enters. It can be published again.
#[utoipa::path(post, path = "/api/v1/journeys/{id}/stop", tag = "journeys", params(("id" = String, Path,)),
    request_body = Option<Stop>,
    responses((status = 200, body = ChangedJourney), (status = "4XX", body = ProblemBody)))]
async fn stop_journey(
    State(state): State<JourneysState>,
    caller: Caller,
    Path(id): Path<JourneyId>,
    body: Result<Bytes, BytesRejection>,
) -> ApiResult<Json<ChangedJourney>> {
    let (tx, journey, now) = state.begin_change(&caller, id).await?;
    let stop: Stop = optional(body)?;
    let by = (caller.actor.as_str(), now);
    let worked = states::stop(&tx, &state.outreach, caller.workspace, &journey, &stop, by).await?;
    let running = if stop.running == StopRunning::End { "end" } else { "finish" };
    let detail = json!({"running": running, "cancel_queued": stop.cancel_queued});
    state.end_change(tx, &caller, ("journey.stopped", id), detail, worked).await
}

impl JourneysState {
    /// Begins a change of a journey that touches who is in it; nobody else changes the rules meanwhile.
    pub(super) async fn begin_change(&self, caller: &Caller, id: JourneyId) -> ApiResult<(Tx, JourneyDto, Time)> {
        caller.require(Area::Outreach, Verb::Write)?;
        let tx = self.outreach.begin_rules_change(caller.workspace).await?;
        let journey = service::get(&tx, caller.workspace, id).await?.ok_or(Problem::new(Code::NotFound))?;
        Ok((tx, journey, self.outreach.clock.now()))
    }

    /// The line of the audit log also tells what was done.
    async fn end_change(
        &self,
        tx: Tx,
        caller: &Caller,
        (action, id): (&str, JourneyId),
        mut detail: Value,
        worked: Worked,
    ) -> ApiResult<Json<ChangedJourney>> {
        for (word, number) in [("ended", worked.ended), ("cancelled", worked.cancelled)] {
            detail[word] = number.into();
        }
        detail["job"] = json!(worked.job);
        self.finish(tx, caller, action, id, detail).await?;
        self.changed(caller, id, worked).await
    }
}
