//! `/api/v1/explain`.

use std::sync::Arc;

use api::{ApiResult, Area, Caller, Json, ProblemBody, Query, Verb};
use axum::extract::State;
use base::{
    Code, Problem,
    ids::{DeliveryId, JourneyId, MemberId},
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    explain::{self, Explanation},
    explain_messages, explain_rows, service,
};
use crate::Outreach;

/// The routes of this feature.
pub(super) fn routes(outreach: Arc<Outreach>) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(explain_member)).with_state(outreach)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ExplainQuery {
    /// Whom (`mem_…`). Needed with a journey.
    #[param(value_type = Option<String>)]
    member: Option<MemberId>,
    /// In which journey (`jrn_…`).
    #[param(value_type = Option<String>)]
    journey: Option<JourneyId>,
    /// Which message (`dlv_…`), instead of a journey.
    #[param(value_type = Option<String>)]
    delivery: Option<DeliveryId>,
}

/// Why a member got, or did not get, what a journey sends, or what became of one message: every decision, in order and
/// in words.
#[utoipa::path(get, path = "/api/v1/explain", tag = "journeys", params(ExplainQuery),
    responses((status = 200, body = Explanation), (status = "4XX", body = ProblemBody)))]
async fn explain_member(
    State(outreach): State<Arc<Outreach>>,
    caller: Caller,
    Query(query): Query<ExplainQuery>,
) -> ApiResult<Json<Explanation>> {
    caller.require(Area::Outreach, Verb::Read)?;
    let (db, now) = (outreach.db.read(), outreach.clock.now());
    let missing = || Problem::new(Code::NotFound);
    if let Some(delivery) = query.delivery {
        if query.journey.is_some() {
            return Err(Problem::at(Code::InvalidQuery, "journey", "give a journey or a delivery, not both").into());
        }
        let message = explain_messages::message(db, caller.workspace, delivery).await?.ok_or_else(missing)?;
        let member = MemberId(message.member_id);
        let person = explain_rows::person(db, caller.workspace, member, now).await?.ok_or_else(missing)?;
        if query.member.is_some_and(|asked| asked != person.id && asked != member) {
            return Err(missing().into());
        }
        return Ok(Json(explain::of_delivery(db, caller.workspace, &person, &message, now).await?));
    }
    let needed =
        |field: &str| Problem::at(Code::InvalidQuery, field, "is missing; give member and journey, or delivery");
    let member = query.member.ok_or_else(|| needed("member"))?;
    let journey = query.journey.ok_or_else(|| needed("journey"))?;
    let journey = service::get(db, caller.workspace, journey).await?.ok_or_else(missing)?;
    let person = explain_rows::person(db, caller.workspace, member, now).await?.ok_or_else(missing)?;
    Ok(Json(explain::of_journey(db, caller.workspace, &person, &journey, now).await?))
}
