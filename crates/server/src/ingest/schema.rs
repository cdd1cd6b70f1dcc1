//! The forms of requests and replies, for OpenAPI. Bodies of events are read by `envelope.rs`, not through these.

use base::Time;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

/// One event, as the Segment HTTP API writes it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EventItem {
    /// `identify`, `track`, `page`, `screen`, `group` or `alias`; required in a batch, `track` if absent in `/api/v1/events`,
    /// and said by the address elsewhere.
    #[schema(example = "track")]
    pub r#type: Option<String>,
    /// The brand's own id of the member (a number counts as its text), at most 512 bytes. This or `anonymousId` is required.
    #[schema(example = "user-1")]
    pub user_id: Option<String>,
    /// The id of a device or visitor who has not said who he is.
    pub anonymous_id: Option<String>,
    /// The name of what happened, for `track`: 1 to 200 characters.
    #[schema(example = "Order Completed")]
    pub event: Option<String>,
    /// At most 1,000 at the top level and 20 levels deep. Those of "Consent Given" and "Consent Withdrawn" are
    /// `channel` (`email` …), `purpose` (the topic, `*` for everything; a withdrawal without one covers everything),
    /// and whatever proves the decision, such as `text` and `version` of what was shown. The decision is recorded as
    /// `PUT /api/v1/members/{id}/consent` does; one that cannot be understood is kept as a dead letter. A consent that
    /// is given with a write key that is not trusted counts as long as nobody has decided otherwise; a withdrawal is
    /// believed with every key.
    #[schema(value_type = Option<Object>)]
    pub properties: Option<Value>,
    /// Of `identify` and `group`. In those of `identify`, `email` and `phone` become identities, and `email_verified`
    /// and `phone_verified` (`true`) say that the address was verified: members with the same verified address become
    /// one. Only a trusted write key, an API key and an operator are believed about that. Sent with another key, these
    /// two are left out: the address becomes an identity that is not verified, one that another member has is suggested
    /// as a merge, and the context of the event names what was left out as `traits_not_believed`.
    #[schema(value_type = Option<Object>)]
    pub traits: Option<Value>,
    /// Of `group`: becomes the property `group_id`.
    pub group_id: Option<String>,
    /// Of `alias`: the id by which the member was known until now.
    pub previous_id: Option<String>,
    /// Of `page` and `screen`: becomes the property `name`.
    pub name: Option<String>,
    /// Of `page` and `screen`: becomes the property `category`.
    pub category: Option<String>,
    /// Library, page, locale, campaign … In `externalIds` stand further ids of the member, at most 20: `[{"type":
    /// "unionid", "id": "o6_bm…"}]`, as the Segment specification has them. Types are `unionid`, `openid` (WeChat),
    /// `external_userid` (WeCom), `telegram`, `matrix`, `qq`, `discord`, `slack`, `weibo`, `feishu`, `dingtalk`,
    /// `device_id`, `push_token`, `advertising_id`, `ga_client_id`, `email` and `phone`; any other becomes
    /// `external:<type>`. An event without `userId` and `anonymousId` may name its member by such an account alone.
    /// What a trusted write key, an API key or an import says of an account is believed: whoever is known by that
    /// account and by no name becomes one with the member; two who have names are suggested as a merge. A device
    /// connects nobody.
    #[schema(value_type = Option<Object>)]
    pub context: Option<Value>,
    /// Kept in the context.
    #[schema(value_type = Option<Object>)]
    pub integrations: Option<Value>,
    /// When it happened: RFC 3339 text, or milliseconds since 1970; the time of arrival if absent.
    #[schema(example = "2026-11-21T08:00:00.000Z")]
    pub timestamp: Option<String>,
    /// What the sender's clock showed when it was sent; corrects `timestamp`.
    pub sent_at: Option<String>,
    /// The second of two events with one id is dropped; at most 200 bytes.
    pub message_id: Option<String>,
    /// The write key, where no `Authorization` header carries it.
    pub write_key: Option<String>,
}

/// Many events.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EventBatch {
    /// The events, each at most 32 KB; 500 KB together.
    pub batch: Vec<EventItem>,
    /// Merged under the context of each event.
    #[schema(value_type = Option<Object>)]
    pub context: Option<Value>,
    /// Merged under those of each event.
    #[schema(value_type = Option<Object>)]
    pub integrations: Option<Value>,
    /// For events that have none of their own.
    pub sent_at: Option<String>,
    /// The write key, where no `Authorization` header carries it.
    pub write_key: Option<String>,
}

/// Many events, for `/api/v1/events`; the body may also be one event.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EventList {
    /// The events, each at most 32 KB; 500 KB together.
    pub events: Vec<EventItem>,
    /// Merged under the context of each event.
    #[schema(value_type = Option<Object>)]
    pub context: Option<Value>,
    /// For events that have none of their own.
    pub sent_at: Option<String>,
}

/// What became of the events. When all were accepted, only `success`.
#[derive(Serialize, ToSchema)]
pub struct EventsAccepted {
    /// True.
    pub success: bool,
    /// How many are durable.
    pub accepted: Option<u64>,
    /// How many were refused; they are kept as dead letters.
    pub rejected_count: Option<u64>,
    /// The refused ones, at most 1,000.
    pub rejected: Option<Vec<RejectedEvent>>,
}

/// An event that was refused.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RejectedEvent {
    /// Its place in the list, from 0.
    pub index: u64,
    /// Its own id, where it could be read.
    pub message_id: Option<String>,
    /// The stable code of the reason.
    pub code: String,
    /// The reason in one sentence.
    pub message: String,
}

/// Which dead letters are asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DeadLetterQuery {
    /// How many items at most (1 to 500, default 50).
    pub limit: Option<u64>,
    /// The `next` of the page before.
    pub cursor: Option<String>,
    /// Only those that were refused for this reason.
    pub code: Option<String>,
}

/// A record that was refused at the door or could not be processed.
#[derive(Serialize, ToSchema)]
pub struct DeadLetterItem {
    /// Its id.
    #[schema(example = "ded_01jd2q7w8k3xv")]
    pub id: String,
    /// Who sent it: a key's id, `import:…`, `operator:…`.
    pub source: String,
    /// The stable code of the reason.
    pub code: String,
    /// The reason in one sentence.
    pub message: String,
    /// When it arrived.
    #[schema(value_type = String, format = DateTime)]
    pub received_at: Time,
    /// When it was replayed.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub replayed_at: Option<Time>,
    /// The record as text (at most 64 KB are kept), one of another product's SDK as `{"dialect":…,"record":…}`; only when
    /// one letter is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payload: Option<String>,
}

/// How to replay one dead letter.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplayOne {
    /// A corrected record to take in its place, in the form of one event of the tracking API, or as the letter shows it.
    #[schema(value_type = Option<Object>)]
    pub payload: Option<Value>,
}

/// Which dead letters to replay: either `ids` or `code`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplayMany {
    /// These, at most 200.
    pub ids: Option<Vec<String>>,
    /// Those with this code that have not been replayed, oldest first, 200 at a time.
    pub code: Option<String>,
    /// With `code`: the `next` of the reply before.
    pub after: Option<String>,
}

/// What became of a replay.
#[derive(Serialize, ToSchema)]
pub struct Replayed {
    /// How many records are now in the log.
    pub replayed: u64,
    /// How many had been replayed before and were left alone.
    pub skipped: u64,
    /// Those that were refused again; they stay as they are.
    pub failed: Vec<ReplayFailure>,
    /// With `code`: pass it as `after` to go on; `null` at the end.
    pub next: Option<String>,
}

/// A dead letter that was refused again.
#[derive(Serialize, ToSchema)]
pub struct ReplayFailure {
    /// Its id.
    pub id: String,
    /// The stable code of the reason.
    pub code: String,
    /// The reason in one sentence.
    pub message: String,
}
