//! Test messages: a template as it would be sent, to whoever tries it out.
//!
//! A test goes through the ledger and the channel like every message, under a topic of its own. It belongs to no member:
//! nothing of it stands in anybody's timeline, no link of it is tracked, and what it offers for leaving leads to a page that
//! changes nothing.

use api::Caller;
use base::{
    Code, Problem,
    ids::{ChannelId, DeliveryId, MemberId},
};
use serde_json::{Map, Value as Json, json};
use store::{DbErr, Sql, Tx};

use super::{Rendered, TemplateRow};
use crate::{Outreach, channel_config::Live};

/// The topic of tests.
const TEST_TOPIC: &str = "test";
/// What stands for a token in the links of tests and previews.
pub(crate) const TEST_PAGE: &str = "test";
/// The variable that names whose data a test shows; no template can ask for it.
const READER: &str = "__test_reader";

/// Whether a message is a test. A journey may call its own topic so; then there is a member.
pub(crate) fn is_test(topic: &str, member: i64) -> bool {
    topic == TEST_TOPIC && member == 0
}

/// Whose data a test shows; nobody's when it names none.
pub(crate) fn test_reader(variables_json: &str) -> MemberId {
    let variables: Json = serde_json::from_str(variables_json).unwrap_or_default();
    variables.get(READER).and_then(Json::as_str).and_then(|id| id.parse().ok()).unwrap_or(MemberId(0))
}

/// A message that says of itself that it is a test.
pub(crate) fn as_test(rendered: Rendered, context: &Json) -> Rendered {
    let is_chinese = context.get("language").and_then(Json::as_str) == Some("zh");
    let prefix = if is_chinese { "【测试】" } else { "[Test] " };
    if rendered.subject.is_empty() && rendered.html.is_empty() {
        return rendered;
    }
    Rendered { subject: format!("{prefix}{}", rendered.subject), ..rendered }
}

/// Finds the channel through which a test goes: the one that was named, or the first of the template's kind.
pub(super) fn channel_for(
    outreach: &Outreach,
    caller: &Caller,
    kind: &str,
    named: Option<ChannelId>,
) -> Result<Live, Problem> {
    let mut fitting: Vec<Live> = outreach.live.all();
    fitting.retain(|live| live.workspace == caller.workspace && named.is_none_or(|id| live.id == id));
    fitting.sort_by_key(|live| (live.state != "active", live.id.0));
    let Some(live) = fitting.iter().find(|live| live.kind == kind) else {
        let message = format!("there is no such channel for messages of the kind {kind}");
        return Err(Problem::at(Code::UnknownReference, "channel", message));
    };
    match live.state.as_str() {
        "active" => Ok(live.clone()),
        _ => Err(Problem::at(Code::WrongState, "channel", "the channel is paused")),
    }
}

/// Queues a test to each address, and returns the messages.
pub(super) async fn queue(
    tx: &Tx,
    outreach: &Outreach,
    row: &TemplateRow,
    channel: &Live,
    (member, mut variables): (Option<MemberId>, Map<String, Json>),
    addresses: &[String],
) -> Result<Vec<DeliveryId>, DbErr> {
    // Only the member who was asked for, and looked up in this workspace.
    variables.remove(READER);
    if let Some(member) = member {
        variables.insert(READER.to_owned(), json!(member));
    }
    let variables = Json::Object(variables).to_string();
    let now = outreach.clock.now().millis();
    let mut rows = Vec::new();
    let mut queued = Vec::new();
    for address in addresses {
        let id = outreach.ids.next(DeliveryId);
        let (key, kind) = (format!("test/{id}"), channel.kind.as_str());
        rows.push((id.0, row.workspace_id, channel.id.0, kind, row.id, key, address, &variables, now));
        queued.push(id);
    }
    tx.run_rows(
        "INSERT INTO deliveries (id, workspace_id, member_id, channel_id, channel_kind, template_id, step, intent_key,
           topic, address, variables_json, state, queued_at, next_attempt_at)
         SELECT CAST(r.value->>0 AS BIGINT), CAST(r.value->>1 AS BIGINT), 0, CAST(r.value->>2 AS BIGINT), r.value->>3,
           CAST(r.value->>4 AS BIGINT), '', r.value->>5, 'test', r.value->>6, r.value->>7, 'queued',
           CAST(r.value->>8 AS BIGINT), CAST(r.value->>8 AS BIGINT)
         FROM {rows}",
        &rows,
    )
    .await?;
    Ok(queued)
}
