//! One event of the demo, before it is given to a workspace.

use base::{
    Event, EventKind, Time,
    ids::{EventId, WorkspaceId},
};
use serde::Serialize;
use serde_json::value::RawValue;

/// One event of the demo: what an SDK, a shop or a chat platform would have sent.
#[derive(Clone, Debug)]
pub struct DemoEvent {
    /// Which call of the tracking API would have made it.
    pub kind: EventKind,
    /// Name of the event.
    pub name: &'static str,
    /// The shop's id of the member, once he has said who he is.
    pub user_id: Option<String>,
    /// The id of the device.
    pub anonymous_id: Option<String>,
    /// When it happened.
    pub timestamp: Time,
    /// Different for each event, equal for equal plans.
    pub message_id: String,
    /// A JSON object: properties, or the traits of an identify.
    pub properties: Box<RawValue>,
    /// A JSON object: locale, where it was done, campaign.
    pub context: Box<RawValue>,
}

impl DemoEvent {
    /// The event as the log keeps it. `source` says who sent it.
    pub fn into_event(self, workspace: WorkspaceId, id: EventId, received_at: Time, source: &str) -> Event {
        Event {
            id,
            workspace,
            kind: self.kind,
            name: self.name.to_owned(),
            user_id: self.user_id,
            anonymous_id: self.anonymous_id,
            previous_id: None,
            member: None,
            timestamp: self.timestamp,
            received_at,
            message_id: self.message_id,
            source: source.to_owned(),
            trusted: true,
            properties: self.properties,
            context: self.context,
        }
    }

    /// The event as one item of the body of `POST /v1/batch`, in one line.
    pub fn to_batch_item(&self) -> String {
        let named = self.kind == EventKind::Track;
        let about_traits = self.kind == EventKind::Identify;
        let item = BatchItem {
            kind: self.kind,
            event: named.then_some(self.name),
            user_id: self.user_id.as_deref(),
            anonymous_id: self.anonymous_id.as_deref(),
            message_id: &self.message_id,
            timestamp: self.timestamp,
            traits: about_traits.then_some(&self.properties),
            properties: (!about_traits).then_some(&self.properties),
            context: &self.context,
        };
        serde_json::to_string(&item).unwrap_or_default()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BatchItem<'a> {
    #[serde(rename = "type")]
    kind: EventKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    anonymous_id: Option<&'a str>,
    message_id: &'a str,
    timestamp: Time,
    #[serde(skip_serializing_if = "Option::is_none")]
    traits: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    properties: Option<&'a RawValue>,
    context: &'a RawValue,
}
