//! `/api/v1/outbox/policy`.

use std::sync::Arc;

use api::{ApiResult, Area, Caller, Json, ProblemBody, Verb};
use axum::extract::State;
use base::{Code, Problem, Time};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    policy::{self, Policy, Rules},
    queued::is_to_people,
};
use crate::Outreach;

/// The route of the policy.
pub(super) fn routes(state: Arc<Outreach>) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(get_policy, put_policy)).with_state(state)
}

/// The policy of a workspace, as it is now.
#[derive(Debug, Serialize, ToSchema)]
struct CurrentPolicy {
    /// To be sent along with a change; 0 while nothing was decided.
    revision: i64,
    /// What was decided.
    policy: Policy,
    /// When it was last changed.
    #[schema(value_type = Option<String>, format = DateTime)]
    updated_at: Option<Time>,
    /// By whom.
    updated_by: Option<String>,
}

impl From<Rules> for CurrentPolicy {
    fn from(rules: Rules) -> CurrentPolicy {
        let is_decided = rules.revision > 0;
        CurrentPolicy {
            revision: rules.revision,
            policy: rules.policy,
            updated_at: is_decided.then_some(rules.changed_at),
            updated_by: is_decided.then_some(rules.changed_by),
        }
    }
}

/// A policy that replaces the one before.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewPolicy {
    /// Of the policy that it replaces; when that is not the present one any more, there is a conflict.
    revision: i64,
    /// What is decided.
    policy: Policy,
}

async fn current(outreach: &Outreach, caller: &Caller) -> ApiResult<CurrentPolicy> {
    let mut rules = policy::load_rules(outreach.db.read(), Some(&[caller.workspace])).await?;
    Ok(rules.remove(&caller.workspace.0).ok_or(Code::NotFound)?.into())
}

/// When, and how often, members are written to.
#[utoipa::path(get, path = "/api/v1/outbox/policy", tag = "outbox", responses((status = 200, body = CurrentPolicy)))]
async fn get_policy(State(outreach): State<Arc<Outreach>>, caller: Caller) -> ApiResult<Json<CurrentPolicy>> {
    caller.require(Area::Outreach, Verb::Read)?;
    Ok(Json(current(&outreach, &caller).await?))
}

/// Decides when, and how often, members are written to. What waits is looked at again; what was queued before is never
/// dropped by the change.
#[utoipa::path(put, path = "/api/v1/outbox/policy", tag = "outbox", request_body = NewPolicy,
    responses((status = 200, body = CurrentPolicy), (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
async fn put_policy(
    State(outreach): State<Arc<Outreach>>,
    caller: Caller,
    Json(body): Json<NewPolicy>,
) -> ApiResult<Json<CurrentPolicy>> {
    caller.require(Area::Settings, Verb::Write)?;
    if body.revision < 0 {
        return Err(Problem::at(Code::InvalidBody, "revision", "is less than 0").into());
    }
    let kinds: Vec<&str> = outreach.registry.kinds().into_iter().filter(|kind| is_to_people(&outreach, kind)).collect();
    body.policy.check(&kinds)?;
    let now = outreach.clock.now();
    let tx = outreach.db.begin().await?;
    let who = (now, caller.actor.as_str());
    if !policy::save(&tx, caller.workspace, &body.policy, body.revision, who).await? {
        return Err(Code::Conflict.into());
    }
    let detail = json!({"revision": body.revision + 1, "policy": body.policy});
    outreach.audit(&tx, &caller, "outbox_policy.updated", caller.workspace, detail).await?;
    tx.commit().await?;
    outreach.wake.notify_one();
    Ok(Json(current(&outreach, &caller).await?))
}
