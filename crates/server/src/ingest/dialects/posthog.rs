//! PostHog: `/batch/`, `/i/v0/e/` and its older names, and `/i/v1/analytics/events`. `distinct_id` is a `userId`, unless the event says that it is
//! a device or a person without a profile: `$is_identified` or `$process_person_profile` is false, or it equals
//! `$device_id`. Only `$identify`, `$create_alias` and `$merge_dangerously` connect ids, as they do there.

use std::borrow::Cow;

use axum::response::{IntoResponse, Response};
use base::{Code, EventKind, Problem, Time};
use serde::Deserialize;
use serde_json::{json, value::RawValue};

use super::{
    Dialect, Letterhead, Translation,
    draft::{Changes, Draft, Members},
    fields::{Fields, Json, Listed, json_of},
    sent::Sent,
};
use crate::ingest::{accept::Outcome, envelope, refusal::Refusal, reply};

/// How large a body may be: what the SDKs send at most (5 MiB and one event), with something to spare.
pub const MAX_BYTES: usize = 8 << 20;
/// How many events a request may bring.
const MAX_EVENTS: usize = 10_000;

/// What an event says of traits, beside its properties.
const TRAITS: [&str; 3] = ["$set", "$set_once", "$unset"];

#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow, default)]
    api_key: Option<&'a RawValue>,
    #[serde(borrow, default)]
    token: Option<&'a RawValue>,
    #[serde(borrow, default)]
    batch: Option<Listed<'a>>,
    #[serde(borrow, default)]
    historical_migration: Option<&'a RawValue>,
    #[serde(borrow, default)]
    sent_at: Option<&'a RawValue>,
}

/// Reads a body: `{"api_key":…,"batch":[…]}`, a list of events, or one event.
pub fn read(sent: &Sent) -> Result<Letterhead<'_>, Problem> {
    let text = sent.text()?;
    if text.starts_with('[') {
        let Listed(listed) = envelope::read(text)?;
        return letterhead(listed.into_iter().map(RawValue::get).collect(), None, None);
    }
    let body: Body<'_> = envelope::read(envelope::object_text(text.as_bytes())?)?;
    let token = envelope::write_key(body.api_key).or_else(|| envelope::write_key(body.token));
    // Events of the past are written by a program that knows when they were.
    let is_history = body.historical_migration.is_some_and(|json| json.get() == "true");
    let sent_at = body.sent_at.filter(|_| !is_history);
    match body.batch {
        Some(Listed(listed)) => letterhead(listed.into_iter().map(RawValue::get).collect(), token, sent_at),
        None => letterhead(vec![text], token, sent_at),
    }
}

fn letterhead<'a>(
    records: Vec<&'a str>,
    token: Option<String>,
    sent_at: Option<&'a RawValue>,
) -> Result<Letterhead<'a>, Problem> {
    if records.len() > MAX_EVENTS {
        return Err(Problem::with(Code::BodyTooLarge, "there are more than 10,000 events; send fewer at a time"));
    }
    Ok(Letterhead { dialect: Dialect::PostHog, token, records, sent_at })
}

/// What an event is in the tracking API.
pub fn translate(record: &Fields<'_>, arrived: Time) -> Result<Translation, Refusal> {
    let properties = record.object("properties")?;
    let message_id = record.text("uuid").or_else(|| properties.text("$insert_id"));
    let items = items(record, &properties, arrived, message_id.clone());
    match items {
        Ok(items) => Ok(Translation { message_id, items }),
        Err(refusal) => Err(refusal.of(message_id.as_deref())),
    }
}

fn items<'a>(
    record: &Fields<'a>,
    properties: &Fields<'a>,
    arrived: Time,
    message_id: Option<String>,
) -> Result<Vec<String>, Refusal> {
    let Some(name) = record.text("event") else {
        return Err(Refusal::new(Code::MissingField, "event, the name of what happened, is missing"));
    };
    let found = record.id("distinct_id").or_else(|| properties.id("distinct_id"));
    let Some(distinct) = found.or_else(|| record.id("$distinct_id")) else {
        return Err(Refusal::new(Code::MissingIdentity, "distinct_id is missing"));
    };
    let mut draft = Draft { message_id, timestamp: timestamp(record, properties, arrived), ..Draft::default() };
    draft.context = context(properties);
    let changes = changes(record, properties)?;
    match name.as_str() {
        "$identify" => {
            draft.user = Some(distinct);
            draft.anonymous = properties.id("$anon_distinct_id");
            return Ok(vec![draft.identify("", &changes)]);
        }
        "$create_alias" | "$merge_dangerously" => {
            let Some(alias) = properties.id("alias") else {
                return Err(Refusal::new(Code::MissingField, "alias, the other id, is missing"));
            };
            // An alias is the newer name, what is merged the older.
            let is_merge = name == "$merge_dangerously";
            let (user, previous) = if is_merge { (distinct, alias) } else { (alias, distinct) };
            draft.user = Some(user);
            return Ok(vec![draft.alias("", &previous)]);
        }
        _ => {}
    }
    let options = record.object("options")?;
    match options.is_false("process_person_profile") || is_device(properties, &distinct) {
        true => draft.anonymous = Some(distinct),
        false => draft.user = Some(distinct),
    }
    if name == "$groupidentify" {
        let Some(key) = properties.id("$group_key") else {
            return Err(Refusal::new(Code::MissingField, "$group_key is missing"));
        };
        let mut traits = Members::without(&properties.object("$group_set")?, &[]);
        if let Some(kind) = properties.id("$group_type") {
            traits.push("group_type", kind);
        }
        return Ok(vec![draft.group("", &key, &traits)]);
    }
    if name == "$set" || name == "$set_once" {
        return Ok(vec![draft.identify("", &changes)]);
    }
    let mut items = vec![deed(&draft, &name, record, properties)];
    if !changes.is_empty() {
        items.push(draft.identify("set", &changes));
    }
    Ok(items)
}

/// What somebody did.
fn deed(draft: &Draft<'_>, name: &str, record: &Fields<'_>, properties: &Fields<'_>) -> String {
    let unwanted = [&TRAITS[..], &["distinct_id", "token", "$insert_id", "$lib", "$lib_version"]].concat();
    let mut members = Members::without(properties, &unwanted);
    members.copy(record, "session_id", "$session_id");
    match name {
        "$pageview" => {
            for (from, to) in
                [("$current_url", "url"), ("$pathname", "path"), ("$referrer", "referrer"), ("$title", "title")]
            {
                members.copy(properties, from, to);
            }
            draft.view(EventKind::Page, None, &members)
        }
        "$screen" => {
            draft.view(EventKind::Screen, properties.text("$screen_name").map(|name| json_of(&name)), &members)
        }
        _ => draft.track(json_of(name), &members),
    }
}

/// Whether the id is that of a device, or made up for one event, rather than a person's.
fn is_device(properties: &Fields<'_>, distinct: &str) -> bool {
    properties.is_false("$is_identified")
        || properties.is_false("$process_person_profile")
        || (properties.id("$device_id").is_some_and(|device| device == distinct)
            && !properties.is_true("$is_identified"))
}

/// Both the event and its properties may say what is to be set.
fn changes<'a>(record: &Fields<'a>, properties: &Fields<'a>) -> Result<Changes<'a>, Refusal> {
    let mut changes = Changes::default();
    for place in [record, properties] {
        changes.set(&place.object("$set")?);
    }
    for place in [record, properties] {
        if let Some(names) = place.get("$unset") {
            changes.unset("$unset", names.get())?;
        }
        changes.set_once(&place.object("$set_once")?);
    }
    Ok(changes)
}

/// Browsers say how many milliseconds ago it was, instead of when.
fn timestamp<'a>(record: &Fields<'a>, properties: &Fields<'a>, arrived: Time) -> Option<Json<'a>> {
    if let Some(stated) = record.get("timestamp").or_else(|| properties.get("timestamp")) {
        return Some(Cow::Borrowed(stated.get()));
    }
    let offset = record.text("offset")?.parse::<f64>().ok().filter(|offset| offset.is_finite())?;
    Some(json_of(&Time::from_millis(arrived.millis().saturating_sub(offset as i64)).to_string()))
}

fn context<'a>(properties: &Fields<'a>) -> Members<'a> {
    let mut library = Members::default();
    library.copy(properties, "$lib", "name");
    library.copy(properties, "$lib_version", "version");
    let mut context = Members::default();
    context.nest("library", library);
    context.copy(properties, "$ip", "ip");
    context
}

/// `{"status":1}` with 200, which is the only status that the SDKs take for success; a problem otherwise.
pub fn reply(result: Result<Outcome, Problem>, now: Time) -> Response {
    let outcome = match result {
        Ok(outcome) if outcome.accepted > 0 || outcome.refused == 0 => outcome,
        Ok(outcome) => return reply::of_outcome(&outcome),
        Err(problem) => return reply::of_problem(problem, now),
    };
    let mut body = json!({ "status": 1 });
    reply::name_refused(&mut body, &outcome);
    axum::Json(body).into_response()
}

/// The reply of `/i/v1/analytics/events`: what became of events by their `uuid`. The SDKs take those that are not named
/// for accepted.
pub fn reply_by_uuid(result: Result<Outcome, Problem>, now: Time) -> Response {
    let outcome = match result {
        Ok(outcome) => outcome,
        Err(problem) => return reply::of_problem(problem, now),
    };
    let refused = outcome.refusals.iter().filter_map(|(_, refusal)| {
        let details = format!("{}: {}", refusal.code.as_str(), refusal.message);
        Some((refusal.message_id.clone()?, json!({ "result": "drop", "details": details })))
    });
    let mut body = json!({ "results": refused.collect::<serde_json::Map<_, _>>() });
    reply::name_refused(&mut body, &outcome);
    axum::Json(body).into_response()
}

/// What the SDKs are told who ask for feature flags and settings: there are none.
pub fn no_flags() -> Response {
    let body = json!({
        "flags": {}, "featureFlags": {}, "featureFlagPayloads": {}, "errorsWhileComputingFlags": false,
        "config": {}, "toolbarParams": {}, "isAuthenticated": false, "supportedCompression": ["gzip", "gzip-js"],
        "sessionRecording": false, "surveys": false, "siteApps": [], "capturePerformance": false,
        "autocapture_opt_out": true, "heatmaps": false,
    });
    axum::Json(body).into_response()
}
