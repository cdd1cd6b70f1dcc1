//! Reading the ledger.

use base::{
    Time,
    ids::{ChannelId, DeliveryId, JourneyId, MemberId, TemplateId, WorkspaceId},
};
use serde::Serialize;
use store::{DbErr, FromQueryResult, Sql, Value};
use utoipa::ToSchema;

/// A row of the ledger, as it is shown.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct DeliveryRow {
    pub id: i64,
    pub member_id: i64,
    pub channel_id: i64,
    pub channel_kind: String,
    pub template_id: i64,
    pub journey_id: Option<i64>,
    pub run_id: Option<i64>,
    pub step: String,
    pub topic: String,
    pub address: String,
    pub state: String,
    pub reason: Option<String>,
    pub attempts: i64,
    pub queued_at: i64,
    pub next_attempt_at: i64,
    pub priority: i64,
    pub expires_at: Option<i64>,
    pub accepted_at: Option<i64>,
    pub delivered_at: Option<i64>,
    pub opened_at: Option<i64>,
    pub clicked_at: Option<i64>,
    pub ended_at: Option<i64>,
    pub scanner_hits: i64,
    pub error: Option<String>,
}

const COLUMNS: &str = "d.id, d.member_id, d.channel_id, d.channel_kind, d.template_id, d.journey_id, d.run_id, d.step, \
                       d.topic, d.address, d.state, d.reason, d.attempts, d.queued_at, d.next_attempt_at, d.priority, d.expires_at, \
                       d.accepted_at, \
                       d.delivered_at, d.opened_at, d.clicked_at, d.ended_at, d.scanner_hits, d.error";

/// The states of the ledger.
pub(super) const STATES: &[&str] = &[
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

/// Which rows are wanted: those to which all that is given applies.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    pub member: Option<MemberId>,
    pub journey: Option<JourneyId>,
    pub channel: Option<ChannelId>,
    /// One of [`STATES`].
    pub state: Option<&'static str>,
    pub reason: Option<String>,
    pub template: Option<TemplateId>,
    pub topic: Option<String>,
    /// Those that were asked for at this moment or later.
    pub from: Option<Time>,
}

/// The first id that a message asked for at this moment can have: ids sort by time.
pub(super) fn first_id(at: Time) -> i64 {
    at.millis().clamp(0, i64::MAX >> 21) << 21
}

/// By which index the rows are found. Each gives them in their order, so no more is read than is shown; only what is asked for
/// beside it is looked up row by row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Member,
    Reason,
    /// Of a journey, in any state.
    Journey,
    /// Of a journey, in a state of which there may be few beside many others.
    JourneyAndState,
    Channel,
    State,
}

impl By {
    fn of(wanted: &Wanted) -> By {
        match wanted {
            // A member has fewer messages than a journey, and few have a reason.
            Wanted { member: Some(_), .. } => By::Member,
            Wanted { reason: Some(_), .. } => By::Reason,
            Wanted { journey: Some(_), state: None | Some("accepted"), .. } => By::Journey,
            // What is under way is never much.
            Wanted { journey: Some(_), state: Some("sending"), .. } => By::State,
            Wanted { journey: Some(_), .. } => By::JourneyAndState,
            Wanted { channel: Some(_), state: None | Some("accepted"), .. } => By::Channel,
            _ => By::State,
        }
    }
}

/// Newest first, those before `before`. A member has also what went to members he absorbed.
pub(super) async fn list(
    db: &impl Sql,
    workspace: WorkspaceId,
    wanted: &Wanted,
    before: i64,
    limit: u64,
) -> Result<Vec<DeliveryRow>, DbErr> {
    let by = By::of(wanted);
    let mut values: Vec<Value> = vec![workspace.0.into(), before.into(), (limit as i64).into()];
    let mut conditions = String::new();
    let mut condition = |text: &str, value: Value| {
        values.push(value);
        conditions += &text.replace('?', &format!("${}", values.len()));
    };
    if let Some(member) = wanted.member {
        condition(
            " AND d.member_id IN (SELECT CAST(? AS BIGINT) UNION ALL SELECT id FROM members WHERE merged_into = ?)",
            member.0.into(),
        );
    }
    if let Some(reason) = &wanted.reason {
        let column = if by == By::Reason { "d.reason" } else { "d.reason || ''" };
        condition(&format!(" AND {column} = ?"), reason.as_str().into());
    }
    if let Some(journey) = wanted.journey {
        let is_led = matches!(by, By::Journey | By::JourneyAndState);
        let column = if is_led { "d.journey_id" } else { "d.journey_id + 0" };
        condition(&format!(" AND {column} = ?"), journey.0.into());
    }
    if let Some(channel) = wanted.channel {
        let column = if by == By::Channel { "d.channel_id" } else { "d.channel_id + 0" };
        condition(&format!(" AND {column} = ?"), channel.0.into());
    }
    if let Some(template) = wanted.template {
        condition(" AND d.template_id = ?", template.0.into());
    }
    if let Some(topic) = &wanted.topic {
        condition(" AND d.topic = ?", topic.as_str().into());
    }
    if let Some(from) = wanted.from {
        condition(" AND d.id >= ?", first_id(from).into());
    }
    let own = if matches!(by, By::Reason | By::State) { "d.workspace_id" } else { "d.workspace_id + 0" };
    let in_state = match by {
        By::State => "d.state",
        // The last part is what the index says of itself.
        By::JourneyAndState => "d.state NOT IN ('sending', 'accepted') AND d.state",
        _ => "d.state || ''",
    };
    let one = |state: &str| {
        format!(
            "SELECT {COLUMNS} FROM deliveries d
             WHERE {own} = $1 AND d.id < $2{conditions}{state} ORDER BY d.id DESC LIMIT $3"
        )
    };
    let sql = match (wanted.state, by) {
        (Some(state), _) => one(&format!(" AND {in_state} = '{state}'")),
        // The first rows of each state, and of all these the first.
        (None, By::State) => {
            let part = |state: &&str| format!("SELECT * FROM ({}) AS part", one(&format!(" AND d.state = '{state}'")));
            let parts: Vec<String> = STATES.iter().map(part).collect();
            format!("SELECT * FROM ({}) AS parts ORDER BY id DESC LIMIT $3", parts.join(" UNION ALL "))
        }
        (None, _) => one(""),
    };
    db.all(&sql, values).await
}

pub(super) async fn get(db: &impl Sql, workspace: WorkspaceId, id: DeliveryId) -> Result<Option<DeliveryRow>, DbErr> {
    db.one(
        &format!("SELECT {COLUMNS} FROM deliveries d WHERE d.workspace_id = $1 AND d.id = $2"),
        vec![workspace.0.into(), id.0.into()],
    )
    .await
}

/// Whose messages are added up.
#[derive(Clone, Debug, Default)]
pub(super) struct Whose {
    pub journey: Option<JourneyId>,
    pub channel: Option<ChannelId>,
    pub step: Option<String>,
}

#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct StateCount {
    pub state: String,
    pub reason: String,
    pub number: i64,
}

/// How many messages are in which state for which reason. Every row is in exactly one of them.
pub(super) async fn count_states(
    db: &impl Sql,
    workspace: WorkspaceId,
    whose: &Whose,
) -> Result<Vec<StateCount>, DbErr> {
    let mut values: Vec<Value> = vec![workspace.0.into()];
    let mut conditions = String::new();
    let mut condition = |column: &str, value: Value| {
        values.push(value);
        conditions += &format!(" AND d.{column} = ${}", values.len());
    };
    if let Some(journey) = whose.journey {
        condition("journey_id", journey.0.into());
    }
    if let Some(channel) = whose.channel {
        condition("channel_id", channel.0.into());
    }
    if let Some(step) = &whose.step {
        condition("step", step.as_str().into());
    }
    let own = if whose.journey.is_some() { "d.workspace_id + 0" } else { "d.workspace_id" };
    db.all(
        &format!(
            "SELECT d.state, COALESCE(d.reason, '') AS reason, COUNT(*) AS number FROM deliveries d
             WHERE {own} = $1{conditions} GROUP BY d.state, COALESCE(d.reason, '')"
        ),
        values,
    )
    .await
}

/// One line of what happened to a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TrailEntry {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Time,
    /// Which message.
    #[schema(value_type = String)]
    pub delivery: DeliveryId,
    /// A state of the ledger, or `deferred` (it waits for another hour or day), `opened`, `clicked`, `scanner`, `unsubscribed`, `subscribed`,
    /// `complained`, `delayed`.
    pub state: String,
    /// What there is to say about it; may be empty.
    pub detail: String,
}

#[derive(FromQueryResult)]
struct TrailRow {
    delivery_id: i64,
    at: i64,
    state: String,
    detail: String,
}

/// What happened to messages of a workspace, in order of time.
pub async fn trail(db: &impl Sql, workspace: WorkspaceId, deliveries: &[DeliveryId]) -> Result<Vec<TrailEntry>, DbErr> {
    let keys: Vec<(i64,)> = deliveries.iter().map(|id| (id.0,)).collect();
    let mut rows: Vec<(i64, TrailEntry)> = Vec::new();
    let found: Vec<TrailRow> = db
        .all_rows(
            "SELECT h.delivery_id, h.at, h.state, h.detail FROM {rows}
             JOIN deliveries d ON d.id = CAST(r.value->>0 AS BIGINT) AND d.workspace_id + 0 = $2
             JOIN delivery_history h ON h.delivery_id = d.id
             ORDER BY h.at, h.id",
            &keys,
            vec![workspace.0.into()],
        )
        .await?;
    for row in found {
        let entry = TrailEntry {
            at: Time::from_millis(row.at),
            delivery: DeliveryId(row.delivery_id),
            state: row.state,
            detail: row.detail,
        };
        rows.push((row.at, entry));
    }
    // Long lists are read in several parts, each of them in order.
    rows.sort_by_key(|(at, _)| *at);
    Ok(rows.into_iter().map(|(_, entry)| entry).collect())
}
