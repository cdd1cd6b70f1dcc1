//! `/api/v1/deliveries` and `/api/v1/suppressions`.

use std::{collections::BTreeMap, sync::Arc};

use api::{ApiResult, Area, Caller, Json, Page, PageQuery, Path, ProblemBody, Query, Verb};
use axum::{extract::State, http::StatusCode};
use base::{
    Code, Problem, Time,
    ids::{ChannelId, DeliveryId, JourneyId, MemberId, RunId, TemplateId},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use people::{
    consent::normal_address,
    privacy::withheld::{self, Withheld},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    intervene,
    ledger::{self, DeliveryRow, StateCount, TrailEntry, Wanted, Whose},
    policy_routes, queue_routes,
    suppressions::{self, SuppressionRow},
};
use crate::Outreach;

const STATES: &[&str] = &[
    "queued",
    "sending",
    "accepted",
    "delivered",
    "bounced",
    "failed",
    "unknown",
    "suppressed",
    "expired",
    "cancelled",
];

/// The ledger's routes.
pub fn routes(state: Arc<Outreach>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list_deliveries))
        .routes(routes!(summarise_deliveries))
        .routes(routes!(get_delivery))
        .routes(routes!(list_suppressions, add_suppression, remove_suppression))
        .with_state(state.clone())
        .merge(policy_routes::routes(state.clone()))
        .merge(queue_routes::routes(state.clone()))
        .merge(intervene::routes(state))
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

impl From<DeliveryRow> for Delivery {
    fn from(row: DeliveryRow) -> Self {
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
    /// Only those in this state.
    state: Option<String>,
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
    if query.state.as_deref().is_some_and(|state| !STATES.contains(&state)) {
        return Err(Problem::at(Code::InvalidQuery, "state", format!("is not one of {}", STATES.join(", "))).into());
    }
    let page = PageQuery { limit: query.limit, cursor: query.cursor };
    let wanted = Wanted { member: query.member, journey: query.journey, state: query.state };
    let before = page.position(i64::MAX)?;
    let rows = ledger::list(outreach.db.read(), caller.workspace, &wanted, before, page.limit() + 1).await?;
    Ok(Json(Page::from_rows(rows, page.limit(), |row| row.id, Delivery::from)))
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
    Ok(Json(DeliveryWithHistory { delivery: row.into(), history }))
}

/// An address that gets nothing.
#[derive(Debug, Serialize, ToSchema)]
struct Suppression {
    /// Kind of channel.
    channel_kind: String,
    /// The address.
    address: String,
    /// `bounced`, `complained`, `unsubscribed` or `manual`; for a topic, `consent_withdrawn`.
    reason: String,
    /// The delivery or the person that caused it. An erasure (`ers_…`): whoever had the address was erased, and all
    /// that is kept of it is a keyed hash, so it is shown to those only who ask for this address.
    source: String,
    /// About what it gets nothing; `null` for everything. Only withdrawals of somebody who was erased have one here;
    /// they end when the member who has the address now grants his consent.
    topic: Option<String>,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    created_at: Time,
}

impl From<SuppressionRow> for Suppression {
    fn from(row: SuppressionRow) -> Self {
        Suppression {
            channel_kind: row.channel_kind,
            address: row.address,
            reason: row.reason,
            source: row.source,
            topic: None,
            created_at: Time::from_millis(row.created_at),
        }
    }
}

impl Suppression {
    /// What an address does not get because of somebody who had it and was erased.
    fn of_erased(address: &str, withheld: Withheld) -> Suppression {
        Suppression {
            address: normal_address(&withheld.channel_kind, address),
            channel_kind: withheld.channel_kind,
            reason: withheld.reason,
            source: withheld.erasure.to_string(),
            topic: withheld.topic,
            created_at: withheld.since,
        }
    }
}

/// Which suppressions are asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SuppressionQuery {
    /// Only this address. The last page then also shows what it does not get because of somebody who had it and was
    /// erased; no list shows those otherwise.
    address: Option<String>,
    /// How many items at most (1 to 500, default 50).
    limit: Option<u64>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

/// An address to suppress, or to write to again.
#[derive(Debug, Deserialize, ToSchema, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct SuppressedAddress {
    /// Kind of channel.
    channel_kind: String,
    /// The address.
    address: String,
}

impl SuppressedAddress {
    fn checked(&self, outreach: &Outreach) -> Result<String, Problem> {
        let kind = outreach.registry.kind(&self.channel_kind);
        let kind =
            kind.map_err(|problem| Problem::at(Code::InvalidBody, "channel_kind", problem.detail.unwrap_or_default()))?;
        if !kind.needs_address() {
            return Err(Problem::at(Code::InvalidBody, "channel_kind", "is a kind that needs no address"));
        }
        let address = normal_address(&self.channel_kind, &self.address);
        if address.is_empty() || address.len() > 512 || address.contains('\0') {
            return Err(Problem::at(Code::InvalidBody, "address", "has 1 to 512 characters"));
        }
        Ok(address)
    }
}

/// Lists addresses that get nothing.
#[utoipa::path(get, path = "/api/v1/suppressions", tag = "suppressions", params(SuppressionQuery),
    responses((status = 200, body = Page<Suppression>), (status = 400, body = ProblemBody)))]
async fn list_suppressions(
    State(outreach): State<Arc<Outreach>>,
    caller: Caller,
    Query(query): Query<SuppressionQuery>,
) -> ApiResult<Json<Page<Suppression>>> {
    caller.require(Area::Outreach, Verb::Read)?;
    if query.address.as_deref().is_some_and(|address| address.contains('\0')) {
        return Err(Problem::at(Code::InvalidQuery, "address", "contains the NUL character").into());
    }
    let limit = PageQuery { limit: query.limit, cursor: None }.limit();
    let (kind, after) = read_cursor(query.cursor.as_deref())?;
    let db = outreach.db.read();
    if let Some(address) = query.address.as_deref() {
        let forms: Vec<(&str, String)> =
            outreach.registry.kinds().into_iter().map(|kind| (kind, normal_address(kind, address))).collect();
        let rows = suppressions::find(db, caller.workspace, &forms).await?;
        let mut items: Vec<Suppression> = rows.into_iter().map(Suppression::from).collect();
        // Because of somebody who had it and was erased.
        let asked: Vec<(&str, &str)> = forms.iter().map(|(kind, address)| (*kind, address.as_str())).collect();
        let of_erased = withheld::find(db, &outreach.marks, caller.workspace, &asked).await?;
        items.extend(of_erased.into_iter().map(|withheld| Suppression::of_erased(address, withheld)));
        return Ok(Json(Page { items, next: None }));
    }
    let mut rows = suppressions::list(db, caller.workspace, (&kind, &after), limit + 1).await?;
    let more = rows.len() as u64 > limit;
    rows.truncate(limit as usize);
    let next = rows.last().filter(|_| more).map(write_cursor);
    Ok(Json(Page { items: rows.into_iter().map(Suppression::from).collect(), next }))
}

fn write_cursor(row: &SuppressionRow) -> String {
    URL_SAFE_NO_PAD.encode(format!("{}\n{}", row.channel_kind, row.address))
}

fn read_cursor(cursor: Option<&str>) -> Result<(String, String), Problem> {
    let Some(cursor) = cursor else { return Ok(Default::default()) };
    URL_SAFE_NO_PAD
        .decode(cursor)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .filter(|text| !text.contains('\0'))
        .and_then(|text| text.split_once('\n').map(|(kind, address)| (kind.to_owned(), address.to_owned())))
        .ok_or(Problem::new(Code::InvalidCursor))
}

/// Keeps all messages of a kind away from an address.
#[utoipa::path(post, path = "/api/v1/suppressions", tag = "suppressions", request_body = SuppressedAddress,
    responses((status = 201, body = Suppression), (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
async fn add_suppression(
    State(outreach): State<Arc<Outreach>>,
    caller: Caller,
    Json(body): Json<SuppressedAddress>,
) -> ApiResult<(StatusCode, Json<Suppression>)> {
    caller.require(Area::Outreach, Verb::Write)?;
    let row = SuppressionRow {
        address: body.checked(&outreach)?,
        channel_kind: body.channel_kind,
        reason: "manual".to_owned(),
        source: caller.actor.clone(),
        created_at: outreach.clock.now().millis(),
    };
    let tx = outreach.db.begin().await?;
    if !suppressions::add(&tx, caller.workspace, &row).await? {
        return Err(Code::AlreadyExists.into());
    }
    let detail = json!({"channel_kind": row.channel_kind});
    outreach.audit(&tx, &caller, "suppression.added", &row.address, detail).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(row.into())))
}

/// Lets messages of a kind go to an address again.
#[utoipa::path(delete, path = "/api/v1/suppressions", tag = "suppressions", params(SuppressedAddress),
    responses((status = 204), (status = 404, body = ProblemBody), (status = 422, body = ProblemBody)))]
async fn remove_suppression(
    State(outreach): State<Arc<Outreach>>,
    caller: Caller,
    Query(query): Query<SuppressedAddress>,
) -> ApiResult<StatusCode> {
    caller.require(Area::Outreach, Verb::Write)?;
    let address = query.checked(&outreach)?;
    let tx = outreach.db.begin().await?;
    let (marks, kind) = (&outreach.marks, &query.channel_kind);
    if !suppressions::remove(&tx, marks, caller.workspace, kind, &address, None).await? {
        return Err(Code::NotFound.into());
    }
    let detail = json!({"channel_kind": query.channel_kind});
    outreach.audit(&tx, &caller, "suppression.removed", &address, detail).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
