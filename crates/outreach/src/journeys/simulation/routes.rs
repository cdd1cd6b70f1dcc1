//! `/api/v1/journeys/{id}/simulate` and `…/simulations`.

use std::{pin::pin, sync::Arc, time::Duration};

use api::{ApiResult, Area, Caller, Json, Page, PageQuery, Path, ProblemBody, Query, Verb};
use axum::{extract::State, http::StatusCode};
use base::{
    Code, Problem,
    ids::{JobId, JourneyId},
};
use serde_json::json;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    asked::NewSimulation,
    kept::{self, SimulationDto},
};
use crate::{
    Outreach,
    journeys::service::{self, JourneyDto},
};

/// How long a request waits for its result.
const PATIENCE: Duration = Duration::from_secs(10);

/// The routes of this part.
pub(in crate::journeys) fn routes(outreach: Arc<Outreach>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(simulate_journey))
        .routes(routes!(list_simulations))
        .routes(routes!(get_simulation))
        .with_state(outreach)
}

async fn journey_of(outreach: &Outreach, caller: &Caller, id: JourneyId) -> ApiResult<JourneyDto> {
    let journey = service::get(outreach.db.read(), caller.workspace, id).await?;
    Ok(journey.ok_or(Problem::new(Code::NotFound))?)
}

/// Simulates what the journey would have done: the members' past between two moments is played again in a copy, with the
/// journey published at the first of them. Nothing is sent and nothing changes. Each message is judged as the outbox would have,
/// by the policy of today: it has a time at which it would leave, or a reason for which it would not. Waits up to ten seconds for the result; what
/// takes longer goes on as a job, which `/api/v1/jobs/{id}/cancel` stops.
#[utoipa::path(post, path = "/api/v1/journeys/{id}/simulate", tag = "journeys", params(("id" = String, Path,)),
    request_body = NewSimulation,
    responses((status = 200, description = "It has ended: done, failed or cancelled", body = SimulationDto),
        (status = 202, description = "It is under way", body = SimulationDto), (status = "4XX", body = ProblemBody)))]
async fn simulate_journey(
    State(outreach): State<Arc<Outreach>>,
    caller: Caller,
    Path(id): Path<JourneyId>,
    Json(new): Json<NewSimulation>,
) -> ApiResult<(StatusCode, Json<SimulationDto>)> {
    caller.require(Area::Outreach, Verb::Write)?;
    // The trails of some members are part of what comes of it.
    caller.require(Area::People, Verb::Read)?;
    let journey = journey_of(&outreach, &caller, id).await?;
    let now = outreach.clock.now();
    let tx = outreach.db.begin().await?;
    let asked = new.checked(&tx, caller.workspace, &journey, now).await?;
    let Some(job) = kept::ask(&tx, &outreach.ids, &caller, &asked, now).await? else {
        let problem = Problem::with(Code::RateLimited, "two simulations of this workspace are under way");
        return Err(problem.retry_after(10).into());
    };
    let detail = json!({"job": job, "from": asked.from, "to": asked.to});
    outreach.audit(&tx, &caller, "journey.simulated", id, detail).await?;
    tx.commit().await?;
    let mut out_of_patience = pin!(outreach.clock.sleep(PATIENCE));
    loop {
        // Whoever ends a job tells it, also one that only waited.
        let mut ended = pin!(outreach.db.job_ended().notified());
        ended.as_mut().enable();
        let found = kept::get(outreach.db.read(), caller.workspace, id, job).await?;
        let found = found.ok_or(Problem::new(Code::NotFound))?;
        if found.ended_at.is_some() {
            return Ok((StatusCode::OK, Json(found)));
        }
        tokio::select! {
            () = &mut ended => {}
            () = &mut out_of_patience => return Ok((StatusCode::ACCEPTED, Json(found))),
        }
    }
}

/// Simulations of a journey, newest first, without their results; the last twenty are kept.
#[utoipa::path(get, path = "/api/v1/journeys/{id}/simulations", tag = "journeys", params(("id" = String, Path,), PageQuery),
    responses((status = 200, body = Page<SimulationDto>), (status = "4XX", body = ProblemBody)))]
async fn list_simulations(
    State(outreach): State<Arc<Outreach>>,
    caller: Caller,
    Path(id): Path<JourneyId>,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<Page<SimulationDto>>> {
    caller.require(Area::Outreach, Verb::Read)?;
    journey_of(&outreach, &caller, id).await?;
    let (limit, before) = (page.limit(), page.position(i64::MAX)?);
    let (rows, jobs) = kept::list(outreach.db.read(), caller.workspace, id, before, limit + 1).await?;
    Ok(Json(Page::from_rows(
        rows,
        limit,
        |row| row.id,
        |row| {
            let job = jobs.iter().find(|job| job.id == row.id);
            kept::shown(row, job)
        },
    )))
}

/// One simulation with its result.
#[utoipa::path(get, path = "/api/v1/journeys/{id}/simulations/{job}", tag = "journeys",
    params(("id" = String, Path,), ("job" = String, Path, description = "`job_…`")),
    responses((status = 200, body = SimulationDto), (status = "4XX", body = ProblemBody)))]
async fn get_simulation(
    State(outreach): State<Arc<Outreach>>,
    caller: Caller,
    Path((id, job)): Path<(JourneyId, JobId)>,
) -> ApiResult<Json<SimulationDto>> {
    caller.require(Area::Outreach, Verb::Read)?;
    caller.require(Area::People, Verb::Read)?;
    let found = kept::get(outreach.db.read(), caller.workspace, id, job).await?;
    Ok(Json(found.ok_or(Problem::new(Code::NotFound))?))
}
