//! Facts about messages, as events for the log.

use base::{
    Event, EventKind, Time,
    event::empty_object,
    ids::{ChannelId, DeliveryId, EventId, JourneyId, MemberId, RunId, TemplateId, WorkspaceId},
};
use serde_json::{Map, Value as Json, value::RawValue};
use store::{DbErr, FromQueryResult, Sql, Tx};

use crate::Outreach;

/// What a fact about a message says of it.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Subject {
    pub id: i64,
    pub workspace_id: i64,
    pub member_id: i64,
    pub channel_id: i64,
    pub channel_kind: String,
    pub template_id: i64,
    pub journey_id: Option<i64>,
    pub run_id: Option<i64>,
    pub step: String,
    pub topic: String,
    pub address: String,
    /// When it was accepted; when it left, as long as that is not recorded.
    pub accepted_at: Option<i64>,
}

const COLUMNS: &str = "id, workspace_id, member_id, channel_id, channel_kind, template_id, journey_id, run_id, step, \
                       topic, address, COALESCE(accepted_at, claimed_at) AS accepted_at";

impl Subject {
    /// The message with this id, in whatever workspace; none when its member was erased, or when it is a test, of which
    /// no facts are told.
    pub(crate) async fn load(db: &impl Sql, delivery: DeliveryId) -> Result<Option<Subject>, DbErr> {
        db.one(
            &format!("SELECT {COLUMNS} FROM deliveries WHERE id = $1 AND erased_at IS NULL AND member_id <> 0"),
            vec![delivery.0.into()],
        )
        .await
    }

    /// The same of many at once, those that there are.
    pub(crate) async fn load_many(db: &impl Sql, ids: &[(i64,)]) -> Result<Vec<Subject>, DbErr> {
        db.all_rows(
            &format!(
                "SELECT {COLUMNS} FROM deliveries
                 WHERE id IN (SELECT CAST(r.value->>0 AS BIGINT) FROM {{rows}}) AND erased_at IS NULL AND member_id <> 0"
            ),
            ids,
            Vec::new(),
        )
        .await
    }

    /// The message of a channel that the provider knows by this name.
    pub(crate) async fn by_provider_id(
        db: &impl Sql,
        channel: ChannelId,
        provider_id: &str,
        since: Time,
    ) -> Result<Option<Subject>, DbErr> {
        db.one(
            &format!(
                "SELECT {COLUMNS} FROM deliveries
                 WHERE channel_id = $1 AND provider_id = $2 AND deliveries.accepted_at >= $3 AND member_id <> 0 ORDER BY id DESC LIMIT 1"
            ),
            vec![channel.0.into(), provider_id.into(), since.millis().into()],
        )
        .await
    }

    pub(crate) fn delivery(&self) -> DeliveryId {
        DeliveryId(self.id)
    }

    pub(crate) fn workspace(&self) -> WorkspaceId {
        WorkspaceId(self.workspace_id)
    }

    pub(crate) fn member(&self) -> MemberId {
        MemberId(self.member_id)
    }
}

/// `Email` for `email`, and so on.
pub(crate) fn kind_word(channel_kind: &str) -> String {
    let mut letters = channel_kind.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// A fact about a message. The same `mark` makes the same message id, so a fact that is told
/// twice counts once.
pub(crate) fn fact(
    outreach: &Outreach,
    subject: &Subject,
    name: String,
    mark: &str,
    at: Time,
    more: &[(&str, &str)],
) -> Event {
    let mut properties = Map::new();
    let mut put = |name: &str, value: Json| properties.insert(name.to_owned(), value);
    put("delivery", subject.delivery().to_string().into());
    put("channel", ChannelId(subject.channel_id).to_string().into());
    if subject.template_id != 0 {
        put("template", TemplateId(subject.template_id).to_string().into());
    }
    if let Some(journey) = subject.journey_id {
        put("journey", JourneyId(journey).to_string().into());
    }
    if let Some(run) = subject.run_id {
        put("run", RunId(run).to_string().into());
    }
    put("step", subject.step.as_str().into());
    put("topic", subject.topic.as_str().into());
    for (name, value) in more {
        put(name, (*value).into());
    }
    Event {
        id: outreach.ids.next(EventId),
        workspace: subject.workspace(),
        kind: EventKind::Delivery,
        name,
        user_id: None,
        anonymous_id: None,
        previous_id: None,
        member: Some(subject.member()),
        timestamp: at,
        received_at: at,
        message_id: format!("{}:{mark}", subject.delivery()),
        source: "outbox".to_owned(),
        trusted: true,
        properties: RawValue::from_string(Json::Object(properties).to_string()).unwrap_or_else(|_| empty_object()),
        context: empty_object(),
    }
}

/// A line of a message's history.
#[derive(Clone, Debug)]
pub(crate) struct HistoryLine {
    pub delivery: i64,
    pub state: &'static str,
    pub detail: String,
}

/// Adds lines to histories, in this order.
pub(crate) async fn write_history(tx: &Tx, outreach: &Outreach, at: Time, lines: &[HistoryLine]) -> Result<(), DbErr> {
    let rows: Vec<(i64, i64, i64, &str, &str)> = lines
        .iter()
        .map(|line| (outreach.ids.next_number(), line.delivery, at.millis(), line.state, line.detail.as_str()))
        .collect();
    tx.run_rows(
        "INSERT INTO delivery_history (id, delivery_id, at, state, detail)
         SELECT CAST(r.value->>0 AS BIGINT), CAST(r.value->>1 AS BIGINT), CAST(r.value->>2 AS BIGINT),
                r.value->>3, r.value->>4 FROM {rows}",
        &rows,
    )
    .await?;
    Ok(())
}
