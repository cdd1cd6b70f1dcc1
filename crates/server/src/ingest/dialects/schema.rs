//! The forms of requests and replies of the dialects, for OpenAPI. Bodies are not read through these.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::ingest::schema::RejectedEvent;

/// What PostHog's SDKs send; the body may also be one event with `api_key`.
#[derive(Serialize, ToSchema)]
pub struct PostHogBatch {
    /// The write key, where no header carries it.
    pub api_key: Option<String>,
    /// The events, each at most 32 KB.
    #[schema(value_type = Vec<Object>)]
    pub batch: Vec<Value>,
    /// Whether `sent_at` says nothing about the clock that wrote the timestamps.
    pub historical_migration: Option<bool>,
    /// What the sender's clock showed when it was sent.
    pub sent_at: Option<String>,
}

/// What became of PostHog's events.
#[derive(Serialize, ToSchema)]
pub struct PostHogAccepted {
    /// 1.
    pub status: u64,
    /// How many are durable, when some were refused.
    pub accepted: Option<u64>,
    /// How many were refused; they are kept as dead letters.
    pub rejected_count: Option<u64>,
    /// The refused ones, at most 1,000.
    pub rejected: Option<Vec<RejectedEvent>>,
}

/// What became of PostHog's events, by their `uuid`.
#[derive(Serialize, ToSchema)]
pub struct PostHogResults {
    /// `{"result":"drop","details":…}` for each that was refused and has a `uuid`.
    #[schema(value_type = Object)]
    pub results: Value,
    /// How many are durable, when some were refused.
    pub accepted: Option<u64>,
    /// How many were refused; they are kept as dead letters.
    pub rejected_count: Option<u64>,
    /// The refused ones, at most 1,000.
    pub rejected: Option<Vec<RejectedEvent>>,
}

/// One event as PostHog writes it.
#[derive(Serialize, ToSchema)]
pub struct PostHogEvent {
    /// The write key; `token` is as good.
    pub api_key: String,
    /// The name of what happened.
    pub event: String,
    /// Who; it may also stand in the properties.
    pub distinct_id: String,
    /// What is known of it.
    #[schema(value_type = Option<Object>)]
    pub properties: Option<Value>,
    /// When it happened.
    pub timestamp: Option<String>,
    /// The second of two events with one id is dropped.
    pub uuid: Option<String>,
}

/// What Mixpanel's SDKs send as a form; JSON with the records themselves is taken as well.
#[derive(Serialize, ToSchema)]
pub struct MixpanelForm {
    /// A record or a list of records, as JSON or as base64 of it. Each carries the write key as its `token`.
    pub data: String,
    /// 0 for a reply that is only a number.
    pub verbose: Option<u64>,
}

/// One event as Mixpanel writes it.
#[derive(Serialize, ToSchema)]
pub struct MixpanelEvent {
    /// The name of what happened.
    pub event: String,
    /// What is known of it; `token` (the write key), `distinct_id`, `time` and `$insert_id` among them.
    #[schema(value_type = Object)]
    pub properties: Value,
}

/// What became of Mixpanel's records.
#[derive(Serialize, ToSchema)]
pub struct MixpanelStatus {
    /// 1, or 0 when nothing was accepted.
    pub status: u64,
    /// What is wrong.
    pub error: Option<String>,
    /// The stable code of it.
    pub code: Option<String>,
    /// What to do about it.
    pub help: Option<String>,
    /// How many are durable, when some were refused.
    pub accepted: Option<u64>,
    /// How many were refused; they are kept as dead letters.
    pub rejected_count: Option<u64>,
    /// The refused ones, at most 1,000.
    pub rejected: Option<Vec<RejectedEvent>>,
}

/// What became of events imported from Mixpanel.
#[derive(Serialize, ToSchema)]
pub struct MixpanelImported {
    /// The HTTP status.
    pub code: u64,
    /// Its name.
    pub status: String,
    /// How many are durable.
    pub num_records_imported: Option<u64>,
    /// What is wrong.
    pub error: Option<String>,
    /// The refused ones, at most 1,000; they are kept as dead letters.
    pub failed_records: Option<Vec<MixpanelFailed>>,
}

/// An event that was not imported.
#[derive(Serialize, ToSchema)]
pub struct MixpanelFailed {
    /// Its place in the list, from 0.
    pub index: u64,
    /// Its own id, where it could be read.
    pub insert_id: Option<String>,
    /// Which part is wrong.
    pub field: String,
    /// The stable code and the reason.
    pub message: String,
}

/// What Amplitude's SDKs send.
#[derive(Serialize, ToSchema)]
pub struct AmplitudeUpload {
    /// The write key.
    pub api_key: String,
    /// At most 2,000 events, each at most 32 KB.
    #[schema(value_type = Vec<Object>)]
    pub events: Vec<Value>,
    /// What the sender's clock showed when it was sent.
    pub client_upload_time: Option<String>,
}

/// Amplitude's events are durable.
#[derive(Serialize, ToSchema)]
pub struct AmplitudeAccepted {
    /// 200.
    pub code: u64,
    /// How many there were.
    pub events_ingested: u64,
    /// How many bytes the body had.
    pub payload_size_bytes: u64,
    /// When it arrived, in milliseconds since 1970.
    pub server_upload_time: i64,
}

/// None of Amplitude's events was accepted; those that are not named may be sent again.
#[derive(Serialize, ToSchema)]
pub struct AmplitudeRefused {
    /// The HTTP status.
    pub code: u64,
    /// What is wrong.
    pub error: String,
    /// The stable code of it, when it concerns the whole request.
    pub problem: Option<String>,
    /// What the request lacks.
    pub missing_field: Option<String>,
    /// The places of events by the field they lack.
    #[schema(value_type = Option<Object>)]
    pub events_with_missing_fields: Option<Value>,
    /// The places of events by the field that is wrong.
    #[schema(value_type = Option<Object>)]
    pub events_with_invalid_fields: Option<Value>,
    /// 0.
    pub accepted: Option<u64>,
    /// How many were refused; they are kept as dead letters.
    pub rejected_count: Option<u64>,
    /// The refused ones with their codes, at most 1,000.
    pub rejected: Option<Vec<RejectedEvent>>,
}

/// What the SDKs of Sensors Analytics send as a form. The write key is the parameter `token` of the address.
#[derive(Serialize, ToSchema)]
pub struct SensorsForm {
    /// A record: base64 of JSON, which may be packed with gzip.
    pub data: Option<String>,
    /// A list of records, in the same way.
    pub data_list: Option<String>,
    /// 1 when it is packed.
    pub gzip: Option<u64>,
}

/// What became of the records of Sensors Analytics.
#[derive(Serialize, ToSchema)]
pub struct SensorsAccepted {
    /// False when `/debug` refused a record.
    pub success: bool,
    /// How many are durable, when some were refused.
    pub accepted: Option<u64>,
    /// How many were refused; they are kept as dead letters.
    pub rejected_count: Option<u64>,
    /// The refused ones, at most 1,000.
    pub rejected: Option<Vec<RejectedEvent>>,
}

/// There are no feature flags.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NoFlags {
    /// Empty.
    #[schema(value_type = Object)]
    pub flags: Value,
    /// Empty.
    #[schema(value_type = Object)]
    pub feature_flags: Value,
}
