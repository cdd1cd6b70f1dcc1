//! The event: an immutable fact about a member. Everything that happens is one.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{
    Time,
    ids::{EventId, MemberId, WorkspaceId},
    time::as_millis,
};

/// Which call of the tracking API, or which part of Hearth, made the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EventKind {
    /// A named action.
    Track,
    /// Traits of a member.
    Identify,
    /// A page view.
    Page,
    /// A screen view in an app.
    Screen,
    /// The member belongs to an organisation or account.
    Group,
    /// Two ids belong to one person.
    Alias,
    /// A change that an operator, a journey or an import asked for (a tag, a consent, a merge).
    Command,
    /// What became of a message (sent, opened, clicked, bounced).
    Delivery,
}

impl EventKind {
    /// The name under which an event without its own name is known.
    pub fn default_name(self) -> &'static str {
        match self {
            EventKind::Track | EventKind::Command | EventKind::Delivery => "Unnamed",
            EventKind::Identify => "Identified",
            EventKind::Page => "Page Viewed",
            EventKind::Screen => "Screen Viewed",
            EventKind::Group => "Group Identified",
            EventKind::Alias => "Aliased",
        }
    }
}

/// An immutable fact: who, what, when, where, properties.
///
/// The same JSON is the record in the log. `user_id` and `anonymous_id` name the member from
/// outside; facts that Hearth itself makes name him by `member`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Event {
    /// Given at arrival; sorts by time of arrival.
    pub id: EventId,
    /// Whose data this is.
    #[serde(rename = "ws")]
    pub workspace: WorkspaceId,
    /// The call that made it.
    pub kind: EventKind,
    /// Title Case object and past verb, after the Segment specs where one exists.
    pub name: String,
    /// The brand's own id of the member.
    #[serde(rename = "user", default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// The id of a device or visitor who has not said who he is.
    #[serde(rename = "anon", default, skip_serializing_if = "Option::is_none")]
    pub anonymous_id: Option<String>,
    /// For `alias`: the id by which the member was known until now.
    #[serde(rename = "prev", default, skip_serializing_if = "Option::is_none")]
    pub previous_id: Option<String>,
    /// The member himself, for facts that Hearth makes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<MemberId>,
    /// When it happened, corrected for the skew of the sender's clock.
    #[serde(rename = "at", with = "as_millis")]
    pub timestamp: Time,
    /// When it arrived.
    #[serde(rename = "recv", with = "as_millis")]
    pub received_at: Time,
    /// The sender's id of this message; the second of two equal ones is dropped.
    #[serde(rename = "msg")]
    pub message_id: String,
    /// Who sent it: a key's id, `import:…`, `journey:…`, `operator:…`, `outbox`.
    #[serde(rename = "src")]
    pub source: String,
    /// Whether the sender is believed when he says that an address was verified, which makes members one: operators, API
    /// keys, imports and Hearth itself are, and write keys that are marked as trusted. Senders cannot write this
    /// themselves. A record says it only when it is not so: all records from before there was a difference were
    /// believed when they were taken in, and have to be when they are taken in anew.
    #[serde(rename = "trust", default = "unless_said", skip_serializing_if = "is_usual")]
    pub trusted: bool,
    /// A JSON object: properties of a track call, traits of an identify or group call.
    #[serde(rename = "props")]
    pub properties: Box<RawValue>,
    /// A JSON object: library, page, locale, campaign …; `{}` if none.
    #[serde(rename = "ctx", default = "empty_object", skip_serializing_if = "is_empty_object")]
    pub context: Box<RawValue>,
}

/// The JSON text `{}`.
pub fn empty_object() -> Box<RawValue> {
    RawValue::from_string("{}".to_owned()).unwrap_or_default()
}

fn unless_said() -> bool {
    true
}

fn is_usual(trusted: &bool) -> bool {
    *trusted
}

fn is_empty_object(value: &RawValue) -> bool {
    value.get() == "{}"
}

/// Which partition of the log an event belongs to, by whom it is about: all events that name
/// a person in the same way go to one partition and so stay in order.
pub fn partition_of(workspace: WorkspaceId, who: &str, partitions: u32) -> u32 {
    let hash = xxhash_rust::xxh3::xxh3_64_with_seed(who.as_bytes(), workspace.0 as u64);
    (hash % u64::from(partitions.max(1))) as u32
}

impl Event {
    /// The text by which the event is assigned to a partition.
    pub fn partition_key(&self) -> String {
        match (&self.user_id, &self.anonymous_id, self.member) {
            (Some(user), _, _) => user.clone(),
            (None, Some(anonymous), _) => anonymous.clone(),
            (None, None, Some(member)) => member.to_string(),
            (None, None, None) => self.message_id.clone(),
        }
    }

    /// The record for the log.
    pub fn to_record(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads a record of the log.
    pub fn from_record(record: &[u8]) -> Result<Event, serde_json::Error> {
        serde_json::from_slice(record)
    }

    /// The properties as a JSON value; an empty object when they are not an object.
    pub fn properties_value(&self) -> serde_json::Map<String, serde_json::Value> {
        serde_json::from_str(self.properties.get()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_reads_back() {
        let event = Event {
            id: EventId(5),
            workspace: WorkspaceId(1),
            kind: EventKind::Track,
            name: "Order Completed".to_owned(),
            user_id: Some("u1".to_owned()),
            anonymous_id: None,
            previous_id: None,
            member: None,
            timestamp: Time::from_millis(1_000),
            received_at: Time::from_millis(2_000),
            message_id: "m1".to_owned(),
            source: "key_x".to_owned(),
            trusted: false,
            properties: RawValue::from_string(r#"{"revenue":12.50,"名":"酒"}"#.to_owned()).unwrap(),
            context: empty_object(),
        };
        let record = event.to_record();
        let back = Event::from_record(&record).unwrap();
        assert_eq!(back.to_record(), record);
        assert_eq!(back.properties.get(), event.properties.get());
        assert_eq!(back.context.get(), "{}");
        assert!(!back.trusted);
    }

    #[test]
    fn a_record_from_before_keys_were_marked_is_believed_as_it_was() {
        let old = concat!(
            r#"{"id":"evt_0000000000005","ws":"wrk_0000000000001","kind":"track","name":"E","user":"u","at":1,"#,
            r#""recv":2,"msg":"m","src":"key_x","props":{}}"#,
        );
        let event = Event::from_record(old.as_bytes()).unwrap();
        assert!(event.trusted);
        assert_eq!(event.to_record(), old.as_bytes(), "and what is usual takes no room");
    }
}
