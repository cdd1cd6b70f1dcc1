//! `/api/v1/deliveries`: the ledger.

use std::{collections::BTreeMap, sync::Arc};

use api::{ApiResult, Area, Caller, Json, Page, PageQuery, Path, ProblemBody, Query, Verb};
use axum::extract::State;
use base::{
    Code, Problem, Time,
    ids::{ChannelId, DeliveryId, JourneyId, MemberId, RunId, TemplateId},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    intervene,
    ledger::{self, DeliveryRow, STATES, StateCount, TrailEntry, Wanted, Whose},
    policy_routes, queue_routes, suppression_routes,
    words::Reason,
};
use crate::Outreach;

/// The ledger's routes.
pub fn routes(state: Arc<Outreach>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list_deliveries))
        .routes(routes!(summarise_deliveries))
        .routes(routes!(get_delivery))
        .with_state(state.clone())
        .merge(policy_routes::routes(state.clone()))
        .merge(queue_routes::routes(state.clone()))
        .merge(intervene::routes(state.clone()))
        .merge(suppression_routes::routes(state))
}

/// One message to one recipient.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Delivery {
    /// Its id.
    #[schema(value_type = String)]
    id: DeliveryId,
    /// To whom.
    #[schema(value_type = String)]
    member: MemberId,
    /// Through which channel.
    #[schema(value_type = String)]
    channel: ChannelId,
    /// Kind of that channel.
    channel_kind: String,
    /// Which template; `null` for a webhook without one.
    #[schema(value_type = Option<String>)]
    template: Option<TemplateId>,
    /// Which journey asked for it.
    #[schema(value_type = Option<String>)]
    journey: Option<JourneyId>,
    /// In which run of the journey.
    #[schema(value_type = Option<String>)]
    run: Option<RunId>,
    /// At which step.
    step: String,
    /// What it is about, for consent.
    topic: String,
    /// Where it goes.
    address: String,
    /// `queued`, `sending`, `accepted`, `delivered`, `bounced`, `failed`, `unknown`, `suppressed`,
    /// `expired` or `cancelled`.
    state: String,
    /// Why it is in that state.
    reason: Option<String>,
    /// The same in words: why it waits, or why it was not sent and what can be done; `null` when it simply went.
    why: Option<Reason>,
    /// The higher, the earlier it goes; 50 is normal, 100 critical.
    priority: i64,
    /// How often it was tried.
    attempts: i64,
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime)]
    queued_at: Time,
    /// When it is tried next, while it waits.
    #[schema(value_type = Option<String>, format = DateTime)]
    next_attempt_at: Option<Time>,
    /// When it is not sent any more, if it says so itself.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Time>,
    /// When the other side took it.
    #[schema(value_type = Option<String>, format = DateTime)]
    accepted_at: Option<Time>,
    /// When it was reported as delivered.
    #[schema(value_type = Option<String>, format = DateTime)]
    delivered_at: Option<Time>,
    /// When it was first opened.
    #[schema(value_type = Option<String>, format = DateTime)]
    opened_at: Option<Time>,
    /// When a link in it was first followed.
    #[schema(value_type = Option<String>, format = DateTime)]
    clicked_at: Option<Time>,
    /// When it came to its end.
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Time>,
    /// Openings and clicks that were a scanner's and are not counted.
    scanner_hits: i64,
    /// What the other side said last.
    error: Option<String>,
}

impl Delivery {
    pub(super) fn of(row: DeliveryRow, now: Time) -> Self {
        let why = match (row.state.as_str(), row.reason.as_deref()) {
            ("queued", Some(reason)) => Some(Reason::of(reason)),
            ("queued", None) if row.next_attempt_at > now.millis() => Some(Reason::of("scheduled")),
            ("queued", None) => Some(Reason::of("due")),
            (_, reason) => reason.map(Reason::of_end),
        };
        let time = |at: Option<i64>| at.map(Time::from_millis);
        Delivery {
            id: DeliveryId(row.id),
            member: MemberId(row.member_id),
            channel: ChannelId(row.channel_id),
            channel_kind: row.channel_kind,
            template: (row.template_id != 0).then_some(TemplateId(row.template_id)),
            journey: row.journey_id.map(JourneyId),
            run: row.run_id.map(RunId),
            step: row.step,
            topic: row.topic,
            address: row.address,
            next_attempt_at: (row.state == "queued").then_some(Time::from_millis(row.next_attempt_at)),
            state: row.state,
            reason: row.reason,
            why,
            priority: row.priority,
            expires_at: time(row.expires_at),
            attempts: row.attempts,
            queued_at: Time::from_millis(row.queued_at),
            accepted_at: time(row.accepted_at),
            delivered_at: time(row.delivered_at),
            opened_at: time(row.opened_at),
            clicked_at: time(row.clicked_at),
            ended_at: time(row.ended_at),
            scanner_hits: row.scanner_hits,
            error: row.error,
        }
    }
}

/// One message with its whole history.
#[derive(Debug, Serialize, ToSchema)]
struct DeliveryWithHistory {
    #[serde(flatten)]
    delivery: Delivery,
    /// What happened to it, in order.
    history: Vec<TrailEntry>,
}

/// Which messages are asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct DeliveryQuery {
    /// Only those to this member.
    #[param(value_type = Option<String>)]
    member: Option<MemberId>,
    /// Only those of this journey.
    #[param(value_type = Option<String>)]
    journey: Option<JourneyId>,
    /// Only those through this channel.
    #[param(value_type = Option<String>)]
    channel: Option<ChannelId>,
    /// Only those in this state.
    state: Option<String>,
    /// Only those that are in their state for this reason.
    reason: Option<String>,
    /// Only those made from this template.
    #[param(value_type = Option<String>)]
    template: Option<TemplateId>,
    /// Only those about this topic.
    topic: Option<String>,
    /// Only those asked for at this moment or later.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Time>,
    /// Only those asked for before this moment.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Time>,
    /// How many items at most (1 to 500, default 50).
    limit: Option<u64>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

/// Lists messages, newest first.
#[utoipa::path(get, path = "/api/v1/deliveries", tag = "deliveries", params(DeliveryQuery),
    responses((status = 200, body = Page<Delivery>), (status = 400, body = ProblemBody)))]
async fn list_deliveries(
    State(outreach): State<Arc<Outreach>>,
    caller: Caller,
    Query(query): Query<DeliveryQuery>,
) -> ApiResult<Json<Page<Delivery>>> {
    caller.require(Area::Outreach, Verb::Read)?;
    let state = query.state.as_deref().map(|asked| {
        let known = STATES.iter().copied().find(|state| *state == asked);
        known.ok_or_else(|| Problem::at(Code::InvalidQuery, "state", format!("is not one of {}", STATES.join(", "))))
    });
    for (field, text) in [("reason", &query.reason), ("topic", &query.topic)] {
        if text.as_deref().is_some_and(|text| text.contains('\0')) {
            return Err(Problem::at(Code::InvalidQuery, field, "contains the NUL character").into());
        }
    }
    let page = PageQuery { limit: query.limit, cursor: query.cursor };
    let wanted = Wanted {
        member: query.member,
        journey: query.journey,
        channel: query.channel,
        state: state.transpose()?,
        reason: query.reason,
        template: query.template,
        topic: query.topic,
        from: query.from,
    };
    let before = page.position(i64::MAX)?.min(query.to.map_or(i64::MAX, ledger::first_id));
    let rows = ledger::list(outreach.db.read(), caller.workspace, &wanted, before, page.limit() + 1).await?;
    let now = outreach.clock.now();
    Ok(Json(Page::from_rows(rows, page.limit(), |row| row.id, |row| Delivery::of(row, now))))
}

/// Whose messages are added up.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SummaryQuery {
    /// Only those of this journey.
    #[param(value_type = Option<String>)]
    journey: Option<JourneyId>,
    /// Only those of this step of it.
    step: Option<String>,
    /// Only those through this channel.
    #[param(value_type = Option<String>)]
    channel: Option<ChannelId>,
}

/// What became of messages. `audience` is the sum of all the others but `delivered` and `reasons`, which say more of
/// `sent` and of all.
#[derive(Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
struct DeliverySummary {
    /// How many there are.
    audience: i64,
    /// Waiting to be sent.
    waiting: i64,
    /// Under way.
    sending: i64,
    /// Taken by the other side.
    sent: i64,
    /// Of those: reported as delivered.
    delivered: i64,
    /// Taken and then sent back.
    bounced: i64,
    /// Not sent, for a reason such as a missing consent.
    refused: i64,
    /// Not sent, for an error.
    failed: i64,
    /// Nobody knows.
    unknown: i64,
    /// Waited too long.
    expired: i64,
    /// Called off.
    cancelled: i64,
    /// By state, how many for which reason.
    reasons: BTreeMap<String, BTreeMap<String, i64>>,
}

impl DeliverySummary {
    fn of(counts: Vec<StateCount>) -> DeliverySummary {
        let mut completion = DeliverySummary::default();
        for StateCount { state, reason, number } in counts {
            completion.audience += number;
            let place = match state.as_str() {
                "queued" => &mut completion.waiting,
                "sending" => &mut completion.sending,
                "accepted" => &mut completion.sent,
                "delivered" => {
                    completion.delivered += number;
                    &mut completion.sent
                }
                "bounced" => &mut completion.bounced,
                "suppressed" => &mut completion.refused,
                "unknown" => &mut completion.unknown,
                "expired" => &mut completion.expired,
                "cancelled" => &mut completion.cancelled,
                // A state that this program does not know is not one in which anything was sent.
                _ => &mut completion.failed,
            };
            *place += number;
            if !reason.is_empty() {
                *completion.reasons.entry(state).or_default().entry(reason).or_default() += number;
            }
        }
        completion
    }
}

/// How far messages have come: every one is counted in exactly one place.
#[utoipa::path(get, path = "/api/v1/deliveries/summary", tag = "deliveries", params(SummaryQuery),
    responses((status = 200, body = DeliverySummary), (status = 400, body = ProblemBody)))]
async fn summarise_deliveries(
    State(outreach): State<Arc<Outreach>>,
    caller: Caller,
    Query(query): Query<SummaryQuery>,
) -> ApiResult<Json<DeliverySummary>> {
    caller.require(Area::Outreach, Verb::Read)?;
    if query.step.as_deref().is_some_and(|step| step.contains('\0')) {
        return Err(Problem::at(Code::InvalidQuery, "step", "contains the NUL character").into());
    }
    let whose = Whose { journey: query.journey, channel: query.channel, step: query.step };
    let counts = ledger::count_states(outreach.db.read(), caller.workspace, &whose).await?;
    Ok(Json(DeliverySummary::of(counts)))
}

/// One message with its whole history.
#[utoipa::path(get, path = "/api/v1/deliveries/{id}", tag = "deliveries",
    params(("id" = String, Path, description = "The delivery")),
    responses((status = 200, body = DeliveryWithHistory), (status = 404, body = ProblemBody)))]
async fn get_delivery(
    State(outreach): State<Arc<Outreach>>,
    caller: Caller,
    Path(id): Path<DeliveryId>,
) -> ApiResult<Json<DeliveryWithHistory>> {
    caller.require(Area::Outreach, Verb::Read)?;
    let row = ledger::get(outreach.db.read(), caller.workspace, id).await?.ok_or(Code::NotFound)?;
    let history = ledger::trail(outreach.db.read(), caller.workspace, &[id]).await?;
    Ok(Json(DeliveryWithHistory { delivery: Delivery::of(row, outreach.clock.now()), history }))
}
