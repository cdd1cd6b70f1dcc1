//! `/api/v1/home`: a day of the workspace on one page. Each feature counts its own part; here they are put together and kept
//! for a while, so that a hundred who look cost as much as one.

mod body;
mod gather;
mod kept;

use std::sync::Arc;

use api::{ApiResult, Area, Caller, Json, Query, Verb};
use axum::extract::State;
use base::{Code, Problem};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::accounts::Accounts;
use body::HomeBody;
use kept::Kept;

pub(crate) fn routes(accounts: Arc<Accounts>) -> OpenApiRouter {
    let state = Arc::new(HomeState { accounts, kept: Kept::default() });
    OpenApiRouter::new().routes(routes!(show_home)).with_state(state)
}

struct HomeState {
    accounts: Arc<Accounts>,
    kept: Kept<HomeBody>,
}

/// What to compare the day with.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct HomeQuery {
    /// `yesterday`, until the same time: the part `before`. It is there in any case; the parameter says that one means it.
    compare: Option<String>,
}

/// Shows the day so far, the ladder with its movement, what needs care, what runs, and what was done last night. The
/// answer may be half a minute old, of a very large workspace some minutes; `at` says when it was made. Parts that the
/// caller may not see are `null`.
#[utoipa::path(get, path = "/api/v1/home", tag = "home", params(HomeQuery),
    responses((status = 200, description = "The day", body = HomeBody)))]
async fn show_home(
    State(state): State<Arc<HomeState>>,
    caller: Caller,
    Query(query): Query<HomeQuery>,
) -> ApiResult<Json<HomeBody>> {
    if query.compare.is_some_and(|compare| compare != "yesterday") {
        return Err(Problem::with(Code::InvalidQuery, "compare: is not yesterday").into());
    }
    let may_see = |area: Area| caller.require(area, Verb::Read).is_ok();
    if !may_see(Area::People) && !may_see(Area::Outreach) {
        caller.require(Area::People, Verb::Read)?;
    }
    let accounts = &state.accounts;
    let gather = || gather::home(accounts, caller.workspace);
    let whole = state.kept.get(accounts.clock.as_ref(), caller.workspace, gather).await?;
    Ok(Json(whole.as_seen_by(&caller)))
}
