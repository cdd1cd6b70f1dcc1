//! `/api/v1/journeys/check`: what is wrong with a document in the making.

use std::collections::BTreeMap;

use api::{ApiResult, Area, Caller, Json, ProblemBody, Verb};
use axum::extract::State;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::Sql;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    checking::{self, JourneyProblem},
    naming::{Mentioned, Names},
    routes::JourneysState,
    service, states,
    words::{Sayer, entries, steps},
};

/// The routes of checking.
pub(super) fn routes() -> OpenApiRouter<JourneysState> {
    OpenApiRouter::new().routes(routes!(check_journey))
}

/// A document in the making.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct JourneyToCheck {
    /// The document, however unfinished.
    #[schema(value_type = Object)]
    document: Value,
}

/// What a document is, and what is wrong with it.
#[derive(Serialize, ToSchema)]
struct JourneyCheck {
    /// Everything that keeps it from being published, and then what may be wrong; at most 100.
    problems: Vec<JourneyProblem>,
    /// What it does, in a few words.
    words: JourneyWords,
}

/// What a document does, in a few words.
#[derive(Serialize, ToSchema)]
struct JourneyWords {
    /// What lets members in.
    entry: states::Words,
    /// What each step does.
    steps: BTreeMap<String, states::Words>,
}

/// Tells everything that is wrong with a document, each problem at its path. Nothing is saved.
#[utoipa::path(post, path = "/api/v1/journeys/check", tag = "journeys", request_body = JourneyToCheck,
    responses((status = 200, body = JourneyCheck), (status = "4XX", body = ProblemBody)))]
async fn check_journey(
    State(state): State<JourneysState>,
    caller: Caller,
    Json(JourneyToCheck { document }): Json<JourneyToCheck>,
) -> ApiResult<Json<JourneyCheck>> {
    caller.require(Area::Outreach, Verb::Read)?;
    service::check_size(&document)?;
    let db = state.outreach.db.read();
    let problems = checking::examine(db, caller.workspace, &document).await?;
    let mut mentioned = Mentioned::default();
    mentioned.note(&document.to_string());
    let names = Names::load(db, caller.workspace, &mentioned).await?;
    let zone: Option<String> =
        db.scalar("SELECT time_zone FROM workspaces WHERE id = $1", vec![caller.workspace.0.into()]).await?;
    let zone = zone.and_then(|name| TimeZone::get(&name).ok()).unwrap_or(TimeZone::UTC);
    let sayer = Sayer { names: &names, zone: &zone };
    let entry = entries::in_words(document.get("entry").unwrap_or(&Value::Null), &sayer).into();
    let steps = document.get("steps").and_then(Value::as_object).into_iter().flatten();
    let steps = steps.map(|(name, step)| (name.clone(), steps::in_words(step, &sayer).into())).collect();
    Ok(Json(JourneyCheck { problems, words: JourneyWords { entry, steps } }))
}
