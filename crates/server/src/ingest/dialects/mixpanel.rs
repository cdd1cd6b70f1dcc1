//! Mixpanel: `/track`, `/import`, `/engage` and `/groups`. An event's `$user_id` is a `userId` and its `$device_id` an
//! `anonymousId`; without them `distinct_id` is a `userId`, unless it begins with `$device:`, as Mixpanel writes ids of
//! devices. Groups have no profiles in Hearth, so what `/groups` brings is refused.

use std::borrow::Cow;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base::{Code, EventKind, Problem, Time};
use people::traits::Operation;
use serde_json::{Value, json, value::RawValue};

use super::{
    Dialect, Letterhead, Translation,
    draft::{Changes, Draft, Lists, Members},
    fields::{Fields, Json, Listed, json_of, text_of},
    sent::Sent,
};
use crate::ingest::{accept::Outcome, envelope, refusal::Refusal, reply};

/// How large a body of `/track`, `/engage` and `/groups` may be, for 2,000 records and the form around them.
pub const MAX_BYTES: usize = 4 << 20;
/// How large a body of `/import` may be. Mixpanel takes 10 MB; ours is what one request may become.
pub const MAX_IMPORT_BYTES: usize = 8 << 20;
/// How many records a request may bring.
const MAX_RECORDS: usize = 2_000;
/// How Mixpanel writes the id of a device as a distinct id.
const DEVICE: &str = "$device:";

/// Reads a body: one record, a list, or one record a line.
pub fn read(dialect: Dialect, sent: &Sent) -> Result<Letterhead<'_>, Problem> {
    let text = sent.text()?;
    let records = if text.starts_with('[') {
        let Listed(listed) = envelope::read(text)?;
        listed.into_iter().map(RawValue::get).collect()
    } else {
        lines(text)?
    };
    if records.len() > MAX_RECORDS {
        return Err(Problem::with(Code::BodyTooLarge, "there are more than 2,000 records; send fewer at a time"));
    }
    Ok(Letterhead { dialect, token: None, records, sent_at: None })
}

/// JSON texts one behind the other, as newline-delimited JSON is.
fn lines(text: &str) -> Result<Vec<&str>, Problem> {
    let mut records = Vec::new();
    for record in serde_json::Deserializer::from_str(text).into_iter::<&RawValue>().take(Listed::MOST) {
        let record = record.map_err(|error| Problem::with(Code::MalformedJson, error.to_string()))?;
        records.push(record.get());
    }
    match records.is_empty() {
        true => Err(Problem::with(Code::MalformedJson, "the body is empty")),
        false => Ok(records),
    }
}

/// What an event is in the tracking API.
pub fn translate_event(record: &Fields<'_>) -> Result<Translation, Refusal> {
    let properties = record.object("properties")?;
    let message_id = properties.text("$insert_id");
    match event_items(record, &properties, message_id.clone()) {
        Ok(items) => Ok(Translation { message_id, items }),
        Err(refusal) => Err(refusal.of(message_id.as_deref())),
    }
}

fn event_items(
    record: &Fields<'_>,
    properties: &Fields<'_>,
    message_id: Option<String>,
) -> Result<Vec<String>, Refusal> {
    let Some(name) = record.text("event") else {
        return Err(Refusal::new(Code::MissingField, "event, the name of what happened, is missing"));
    };
    let mut draft =
        Draft { message_id, timestamp: properties.time("time"), context: context(properties), ..Draft::default() };
    let distinct = properties.id("distinct_id").or_else(|| properties.id("$distinct_id"));
    match name.as_str() {
        "$identify" => {
            draft.user = properties.id("$identified_id").or(distinct);
            let device = properties.id("$anon_id").or_else(|| properties.id("$anon_distinct_id"));
            draft.anonymous = device.map(without_prefix);
            return Ok(vec![draft.identify("", &Changes::default())]);
        }
        "$create_alias" => {
            let Some(alias) = properties.id("alias") else {
                return Err(Refusal::new(Code::MissingField, "alias, the new id, is missing"));
            };
            draft.user = Some(alias);
            return Ok(vec![draft.alias("", &without_prefix(distinct.ok_or_else(nobody)?))]);
        }
        "$merge" => {
            let listed = properties.get("$distinct_ids").map(RawValue::get).unwrap_or_default();
            let Ok([one, other]) = serde_json::from_str::<[&RawValue; 2]>(listed) else {
                return Err(Refusal::new(Code::InvalidField, "$distinct_ids is not a list of two ids"));
            };
            let (user, previous) = if is_device(one.get()) { (other, one) } else { (one, other) };
            draft.user = Some(Cow::Borrowed(user.get()));
            return Ok(vec![draft.alias("", &without_prefix(Cow::Borrowed(previous.get())))]);
        }
        _ => {}
    }
    name_somebody(&mut draft, distinct, properties)?;
    let mut members =
        Members::without(properties, &["token", "distinct_id", "$distinct_id", "time", "$insert_id", "$user_id"]);
    if name != "$mp_web_page_view" {
        return Ok(vec![draft.track(json_of(&name), &members)]);
    }
    for (from, to) in [
        ("$current_url", "url"),
        ("current_url_path", "path"),
        ("$referrer", "referrer"),
        ("current_page_title", "title"),
    ] {
        members.copy(properties, from, to);
    }
    Ok(vec![draft.view(EventKind::Page, None, &members)])
}

/// Says of whom the record is.
fn name_somebody<'a>(
    draft: &mut Draft<'a>,
    distinct: Option<Json<'a>>,
    properties: &Fields<'a>,
) -> Result<(), Refusal> {
    let device = properties.id("$device_id");
    if let Some(user) = properties.id("$user_id") {
        draft.user = Some(user);
        draft.anonymous = device;
        return Ok(());
    }
    match distinct {
        Some(distinct) if is_device(&distinct) => draft.anonymous = Some(without_prefix(distinct)),
        Some(distinct) if device.as_ref() == Some(&distinct) => draft.anonymous = device,
        Some(distinct) => draft.user = Some(distinct),
        None => draft.anonymous = Some(device.ok_or_else(nobody)?),
    }
    Ok(())
}

fn nobody() -> Refusal {
    Refusal::new(Code::MissingIdentity, "distinct_id is missing")
}

fn is_device(id: &str) -> bool {
    id.strip_prefix('"').is_some_and(|text| text.starts_with(DEVICE))
}

fn without_prefix(id: Json<'_>) -> Json<'_> {
    match text_of(&id).as_deref().and_then(|text| text.strip_prefix(DEVICE)) {
        Some(plain) => json_of(plain),
        None => id,
    }
}

fn context<'a>(properties: &Fields<'a>) -> Members<'a> {
    let mut library = Members::default();
    library.copy(properties, "mp_lib", "name");
    library.copy(properties, "$lib_version", "version");
    let mut context = Members::default();
    context.nest("library", library);
    context.copy(properties, "ip", "ip");
    context
}

/// What a change of a profile is in the tracking API.
pub fn translate_profile(record: &Fields<'_>) -> Result<Translation, Refusal> {
    let mut draft = Draft { timestamp: record.time("$time"), ..Draft::default() };
    name_somebody(&mut draft, record.id("$distinct_id"), record)?;
    let mut changes = Changes::default();
    for (operation, value) in record.iter() {
        match operation.as_ref() {
            "$set" => changes.set(&Fields::read("$set", value.get())?),
            "$set_once" => changes.set_once(&Fields::read("$set_once", value.get())?),
            "$unset" => changes.unset("$unset", value.get())?,
            "$delete" => changes.clear(),
            word => {
                if let Some((known, lists)) = operation_of(word) {
                    changes.operate(word, known, &Fields::read(word, value.get())?, lists)?;
                }
            }
        }
    }
    if changes.is_empty() {
        return Err(Refusal::new(Code::MissingField, "there is no operation, such as $set or $add"));
    }
    Ok(Translation { message_id: None, items: vec![draft.identify("", &changes)] })
}

/// What an operation of Mixpanel does. A list that is appended is one element there; what is united is a list of elements.
fn operation_of(word: &str) -> Option<(Operation, Lists)> {
    match word {
        "$add" | "$increment" => Some((Operation::Add, Lists::AreOneElement)),
        "$append" => Some((Operation::Append, Lists::AreOneElement)),
        "$union" => Some((Operation::AppendMissing, Lists::AreElements)),
        "$remove" => Some((Operation::Remove, Lists::AreOneElement)),
        _ => None,
    }
}

/// Hearth knows of groups only through the members who belong to them.
pub fn translate_group(_record: &Fields<'_>) -> Result<Translation, Refusal> {
    Err(Refusal::new(
        Code::UnsupportedOperation,
        "groups have no profiles here; say of a member to which group he belongs",
    ))
}

/// The reply of `/track`, `/engage` and `/groups`, and of `/import` to the SDKs: `{"status":1}`, or 0 with an error when
/// nothing was accepted; only the number with `verbose=0`.
pub fn reply(sent: &Sent, result: Result<Outcome, Problem>, now: Time) -> Response {
    let is_verbose = sent.parameter("verbose") != Some("0");
    let (mut response, body) = match result {
        Ok(outcome) if outcome.accepted > 0 || outcome.refused == 0 => {
            let mut body = json!({ "status": 1, "error": null });
            reply::name_refused(&mut body, &outcome);
            (StatusCode::OK.into_response(), body)
        }
        Ok(outcome) => {
            let (code, message) = first_refusal(&outcome);
            let mut body = json!({ "status": 0, "error": message, "code": code.as_str(), "help": code.help() });
            reply::name_refused(&mut body, &outcome);
            (StatusCode::BAD_REQUEST.into_response(), body)
        }
        Err(problem) => {
            let body = json!({
                "status": 0, "error": problem.detail.as_deref().unwrap_or(problem.code.title()),
                "code": problem.code.as_str(), "help": problem.code.help(),
            });
            (reply::of_problem(problem, now), body)
        }
    };
    let text = if is_verbose { body.to_string() } else { body["status"].to_string() };
    let media = if is_verbose { "application/json" } else { "text/plain" };
    write_body(&mut response, text, media);
    response
}

/// The reply of `/import`: with `strict=1`, which is the default there, 400 when any record was refused; the others are
/// imported all the same.
pub fn import_reply(sent: &Sent, result: Result<Outcome, Problem>, now: Time) -> Response {
    // The Python SDK sends a form and expects the reply of the other addresses.
    if sent.is_form {
        return reply(sent, result, now);
    }
    let (mut response, body) = match result {
        Ok(outcome) => {
            let is_strict = sent.parameter("strict") != Some("0");
            let status = match outcome.refused > 0 && (is_strict || outcome.accepted == 0) {
                true => StatusCode::BAD_REQUEST,
                false => StatusCode::OK,
            };
            let mut body = json!({
                "code": status.as_u16(), "num_records_imported": outcome.accepted,
                "status": status.canonical_reason(),
            });
            if status != StatusCode::OK {
                body["error"] = json!("some data points in the request failed validation");
            }
            if outcome.refused > 0 {
                body["failed_records"] = failed_records(&outcome);
            }
            (status.into_response(), body)
        }
        Err(problem) => {
            let detail = problem.detail.clone().unwrap_or_else(|| problem.code.title().to_owned());
            let code = problem.code.as_str();
            let response = reply::of_problem(problem, now);
            let status = response.status();
            let body = json!({
                "code": status.as_u16(), "error": format!("{code}: {detail}"), "status": status.canonical_reason(),
            });
            (response, body)
        }
    };
    write_body(&mut response, body.to_string(), "application/json");
    response
}

fn failed_records(outcome: &Outcome) -> Value {
    let failed = outcome.refusals.iter().map(|(index, refusal)| {
        json!({
            "index": index, "insert_id": refusal.message_id, "field": field_of(refusal),
            "message": format!("{}: {}", refusal.code.as_str(), refusal.message),
        })
    });
    failed.collect()
}

/// The field of the event that a refusal is about, by the name that it has there.
fn field_of(refusal: &Refusal) -> &'static str {
    match (refusal.code, refusal.message.split([' ', ',', ':']).next().unwrap_or_default()) {
        (Code::MissingIdentity, _) | (_, "userId" | "anonymousId") => "properties.distinct_id",
        (Code::TimestampOutOfRange, _) | (_, "timestamp") => "properties.time",
        (_, "messageId") => "properties.$insert_id",
        (_, "event") => "event",
        _ => "properties",
    }
}

fn first_refusal(outcome: &Outcome) -> (Code, String) {
    match outcome.refusals.first() {
        Some((index, refusal)) => (refusal.code, format!("record {index}: {}", refusal.message)),
        None => (Code::Internal, Code::Internal.title().to_owned()),
    }
}

/// Keeps the status and the other headers.
fn write_body(response: &mut Response, text: String, media: &'static str) {
    *response.body_mut() = text.into();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    response.headers_mut().remove(header::CONTENT_LENGTH);
}
