//! `/api/v1/outbox`: the queues as they are.

use std::{collections::BTreeMap, sync::Arc};

use api::{ApiResult, Area, Caller, Json, Page, PageQuery, ProblemBody, Query, Verb};
use axum::extract::State;
use base::{
    Code, Problem, Time,
    ids::{ChannelId, DeliveryId, JourneyId, MemberId, TemplateId, WorkspaceId},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sea_orm::DbErr;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    counts,
    queue::{self, Place, Waiting, Which},
    words::Reason,
};
use crate::Outreach;

/// The routes of the queues.
pub(super) fn routes(state: Arc<Outreach>) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(get_outbox)).routes(routes!(list_queue)).with_state(state)
}

/// The outbox of a workspace.
#[derive(Debug, Serialize, ToSchema)]
struct Overview {
    /// Its channels.
    channels: Vec<ChannelQueue>,
}

/// The queue of one channel.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChannelQueue {
    /// Which channel.
    #[schema(value_type = String)]
    channel: ChannelId,
    /// `active` or `paused`.
    state: String,
    /// Why it does not send at the moment; `null` when nothing is known to be wrong.
    problem: Option<String>,
    /// When it is tried again.
    #[schema(value_type = Option<String>, format = DateTime)]
    retry_at: Option<Time>,
    /// Messages that it may be given within a second; `null` while it is not connected.
    per_second: Option<f64>,
    /// Messages that may be under way at once.
    concurrency: Option<usize>,
    /// All that is queued.
    queued: i64,
    /// Of these: what could go now.
    due: i64,
    /// Of these: how much waits for what, such as `quiet_hours`; what merely waits its turn or for another attempt is not
    /// among it.
    waits_for: BTreeMap<String, i64>,
    /// Under way.
    sending: i64,
    /// When the oldest of the queued was asked for.
    #[schema(value_type = Option<String>, format = DateTime)]
    oldest_queued_at: Option<Time>,
    /// In how many seconds what is due will have gone, at the channel's pace; `null` while it does not send.
    drained_in_seconds: Option<f64>,
}

/// The queues of all channels: how long, how fast, and what holds them up.
#[utoipa::path(get, path = "/api/v1/outbox", tag = "outbox", responses((status = 200, body = Overview)))]
async fn get_outbox(State(outreach): State<Arc<Outreach>>, caller: Caller) -> ApiResult<Json<Overview>> {
    caller.require(Area::Outreach, Verb::Read)?;
    Ok(Json(Overview { channels: overview(&outreach, caller.workspace).await? }))
}

/// What waits in each channel of a workspace, and how fast it gets less.
pub(crate) async fn overview(outreach: &Outreach, workspace: WorkspaceId) -> Result<Vec<ChannelQueue>, DbErr> {
    let now = outreach.clock.now();
    let states: BTreeMap<i64, String> = queue::states(outreach, workspace).await?.into_iter().collect();
    let ids: Vec<i64> = states.keys().copied().collect();
    // The numbers are those of one moment, whatever happens meanwhile.
    let snapshot = outreach.db.snapshot().await?;
    let mut lengths = counts::lengths(&snapshot, &ids, now).await?;
    snapshot.rollback().await?;
    let describe = |(id, state): (i64, String)| {
        let length = lengths.remove(&id).unwrap_or_default();
        let channel = outreach.live.get(ChannelId(id)).and_then(|live| live.channel.ok());
        let pace = channel.as_ref().map(|channel| channel.pace());
        let has_room = channel.and_then(|channel| channel.room()).is_none_or(|room| room.messages > 0);
        let health = outreach.live.health(ChannelId(id));
        let sends = state == "active" && health.is_none() && has_room;
        let rate = pace.map(|pace| pace.per_second).filter(|rate| sends && rate.is_finite() && *rate > 0.0);
        ChannelQueue {
            channel: ChannelId(id),
            state,
            retry_at: health.as_ref().and_then(|health| health.retry_at),
            problem: health.map(|health| health.problem),
            per_second: pace.map(|pace| pace.per_second),
            concurrency: pace.map(|pace| pace.concurrency),
            queued: length.queued,
            due: length.due,
            waits_for: length.waits_for.into_iter().collect(),
            sending: length.sending,
            oldest_queued_at: length.oldest,
            drained_in_seconds: rate.map(|rate| length.due as f64 / rate),
        }
    };
    Ok(states.into_iter().map(describe).collect())
}

/// Which part of the queue is asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct QueueQuery {
    /// Only what goes through this channel.
    #[param(value_type = Option<String>)]
    channel: Option<ChannelId>,
    /// Only what goes to this member.
    #[param(value_type = Option<String>)]
    member: Option<MemberId>,
    /// Only what this journey asked for.
    #[param(value_type = Option<String>)]
    journey: Option<JourneyId>,
    /// How many items at most (1 to 500, default 50).
    limit: Option<u64>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

/// A message that waits.
#[derive(Debug, Serialize, ToSchema)]
struct Queued {
    /// The delivery.
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
    /// At which step.
    step: String,
    /// What it is about.
    topic: String,
    /// The higher, the earlier it goes.
    priority: i64,
    /// How often it was tried.
    attempts: i64,
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime)]
    queued_at: Time,
    /// When it is not sent any more, if it says so itself.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Time>,
    /// Why it waits.
    why: Reason,
    /// Not before this moment; `null` when it may go at once, or when something else than time has to change.
    #[schema(value_type = Option<String>, format = DateTime)]
    not_before: Option<Time>,
}

impl From<Waiting> for Queued {
    fn from(waiting: Waiting) -> Queued {
        let row = waiting.row;
        Queued {
            id: DeliveryId(row.id),
            member: MemberId(row.member_id),
            channel: ChannelId(row.channel_id),
            channel_kind: row.channel_kind,
            template: (row.template_id != 0).then_some(TemplateId(row.template_id)),
            journey: row.journey_id.map(JourneyId),
            step: row.step,
            topic: row.topic,
            priority: row.priority,
            attempts: row.attempts,
            queued_at: Time::from_millis(row.queued_at),
            expires_at: row.expires_at.map(Time::from_millis),
            why: waiting.why,
            not_before: waiting.not_before,
        }
    }
}

/// What waits, in the order in which it will go: what is due by priority, then the rest as it becomes due. Pages keep to
/// the order that there was when the first was asked for.
#[utoipa::path(get, path = "/api/v1/outbox/queue", tag = "outbox", params(QueueQuery),
    responses((status = 200, body = Page<Queued>), (status = 400, body = ProblemBody)))]
async fn list_queue(
    State(outreach): State<Arc<Outreach>>,
    caller: Caller,
    Query(query): Query<QueueQuery>,
) -> ApiResult<Json<Page<Queued>>> {
    caller.require(Area::Outreach, Verb::Read)?;
    let limit = PageQuery { limit: query.limit, cursor: None }.limit() as usize;
    let (asked_at, after) = match query.cursor.as_deref() {
        None => (outreach.clock.now(), None),
        Some(cursor) => {
            let (asked_at, place) = read_cursor(cursor).ok_or(Problem::new(Code::InvalidCursor))?;
            (asked_at, Some(place))
        }
    };
    let which = Which { channel: query.channel, member: query.member, journey: query.journey };
    let mut rows = queue::page(&outreach, caller.workspace, &which, (asked_at, after), limit + 1).await?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|waiting| URL_SAFE_NO_PAD.encode(waiting.place.write(asked_at)));
    Ok(Json(Page { items: rows.into_iter().map(Queued::from).collect(), next }))
}

fn read_cursor(cursor: &str) -> Option<(Time, Place)> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    Place::read(&String::from_utf8(bytes).ok()?)
}
