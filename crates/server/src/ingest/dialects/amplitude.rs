//! Amplitude: `/2/httpapi` and `/batch`. `user_id` is a `userId` and `device_id` an `anonymousId`; an event with both
//! says that they belong together, as it does there. `idfv`, `idfa`, `adid` and `android_id` are further ids. When one
//! event of a request is refused none is accepted: the reply says which are wrong, and the SDK sends the others again.

use std::{borrow::Cow, collections::BTreeMap};

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base::{Code, EventKind, Problem, Time};
use people::traits::Operation;
use serde::Deserialize;
use serde_json::{json, value::RawValue};

use super::{
    Dialect, Letterhead, Translation,
    draft::{Changes, Draft, Lists, Members},
    fields::{Fields, Json, Listed, json_of},
    sent::Sent,
};
use crate::ingest::{accept::Outcome, envelope, refusal::Refusal, reply};

/// How large a body of `/2/httpapi` may be.
pub const MAX_BYTES: usize = 1 << 20;
/// How large a body of `/batch` may be. Amplitude takes 20 MB; ours is what one request may become.
pub const MAX_BATCH_BYTES: usize = 8 << 20;
/// How many events a request may bring.
const MAX_EVENTS: usize = 2_000;

/// What an event says of the deed itself, beside its properties.
const DEED: [&str; 6] = ["price", "quantity", "revenue", "currency", "productId", "revenueType"];

#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow, default)]
    api_key: Option<&'a RawValue>,
    #[serde(borrow, default)]
    events: Option<Listed<'a>>,
    #[serde(borrow, default)]
    client_upload_time: Option<&'a RawValue>,
}

/// Whether a body that may be PostHog's as well is Amplitude's: it has `events`.
pub fn is_meant(sent: &Sent) -> bool {
    #[derive(Deserialize)]
    struct Look<'a> {
        #[serde(borrow, default)]
        events: Option<&'a RawValue>,
        #[serde(borrow, default)]
        batch: Option<&'a RawValue>,
    }
    let look = sent.text().ok().and_then(|text| serde_json::from_str::<Look<'_>>(text).ok());
    look.is_some_and(|look| look.events.is_some() && look.batch.is_none())
}

/// Reads a body: `{"api_key":…,"events":[…]}`.
pub fn read(sent: &Sent) -> Result<Letterhead<'_>, Problem> {
    let body: Body<'_> = envelope::read(envelope::object_text(sent.text()?.as_bytes())?)?;
    let Listed(listed) =
        body.events.ok_or_else(|| Problem::with(Code::MissingField, "events, the list of events, is missing"))?;
    if listed.len() > MAX_EVENTS {
        return Err(Problem::with(Code::BodyTooLarge, "there are more than 2,000 events; send fewer at a time"));
    }
    Ok(Letterhead {
        dialect: Dialect::Amplitude,
        token: envelope::write_key(body.api_key),
        records: listed.into_iter().map(RawValue::get).collect(),
        sent_at: body.client_upload_time,
    })
}

/// What an event is in the tracking API.
pub fn translate(record: &Fields<'_>) -> Result<Translation, Refusal> {
    let message_id = record.text("insert_id");
    match items(record, message_id.clone()) {
        Ok(items) => Ok(Translation { message_id, items }),
        Err(refusal) => Err(refusal.of(message_id.as_deref())),
    }
}

fn items(record: &Fields<'_>, message_id: Option<String>) -> Result<Vec<String>, Refusal> {
    let Some(name) = record.text("event_type") else {
        return Err(Refusal::new(Code::MissingField, "event_type, the name of what happened, is missing"));
    };
    let time = record.get("time").map(|time| Cow::Borrowed(time.get()));
    let draft = Draft {
        user: record.id("user_id"),
        anonymous: record.id("device_id"),
        timestamp: time,
        message_id,
        context: context(record),
        external: devices(record),
    };
    if draft.user.is_none() && draft.anonymous.is_none() {
        return Err(match name == "$groupidentify" {
            true => Refusal::new(Code::UnsupportedOperation, "groups have no profiles here; name a member who belongs"),
            false => Refusal::new(Code::MissingIdentity, "both user_id and device_id are missing"),
        });
    }
    let groups = record.object("groups")?;
    match name.as_str() {
        "$identify" => {
            let mut items = vec![draft.identify("", &operations("user_properties", record)?)];
            for (part, (kind, named)) in groups.iter().enumerate() {
                // A member may belong to several groups of a kind.
                let listed = serde_json::from_str::<Vec<&RawValue>>(named.get()).unwrap_or_else(|_| vec![named]);
                for (place, group) in listed.into_iter().enumerate() {
                    items.push(draft.group(&format!("group{part}.{place}"), group.get(), &kind_of(kind)));
                }
            }
            Ok(items)
        }
        "$groupidentify" => {
            let Some((kind, group)) = groups.iter().next() else {
                return Err(Refusal::new(Code::MissingField, "groups, the name of the group, is missing"));
            };
            let changes = operations("group_properties", record)?;
            if changes.has_operations() {
                let message = "groups take their traits as they are, and no operations on them";
                return Err(Refusal::new(Code::UnsupportedOperation, message));
            }
            let mut traits = changes.into_members();
            traits.push("group_type", json_of(kind));
            Ok(vec![draft.group("", group.get(), &traits)])
        }
        _ => {
            let changes = operations("user_properties", record)?;
            let mut items = vec![deed(&draft, &name, record)?];
            if !changes.is_empty() {
                items.push(draft.identify("set", &changes));
            }
            Ok(items)
        }
    }
}

fn kind_of<'a>(kind: &str) -> Members<'a> {
    let mut traits = Members::default();
    traits.push("group_type", json_of(kind));
    traits
}

/// What somebody did.
fn deed(draft: &Draft<'_>, name: &str, record: &Fields<'_>) -> Result<String, Refusal> {
    let properties = record.object("event_properties")?;
    let mut members = Members::without(&properties, &[]);
    for name in DEED {
        members.copy(record, name, name);
    }
    members.copy(record, "groups", "groups");
    if name != "[Amplitude] Page Viewed" {
        return Ok(draft.track(json_of(name), &members));
    }
    for (from, to) in [("Page URL", "url"), ("Page Path", "path"), ("Page Title", "title")] {
        members.copy(&properties, &format!("[Amplitude] {from}"), to);
    }
    members.copy(&properties, "referrer", "referrer");
    Ok(draft.view(EventKind::Page, None, &members))
}

/// What an event says of traits. Names without a dollar sign are set.
fn operations<'a>(field: &str, record: &Fields<'a>) -> Result<Changes<'a>, Refusal> {
    let properties = record.object(field)?;
    let mut changes = Changes::default();
    changes.set(&properties.object("$set")?);
    for (name, value) in properties.iter() {
        match name.as_ref() {
            "$set" | "$setOnce" => {}
            "$unset" => changes.unset("$unset", value.get())?,
            "$clearAll" => changes.clear(),
            word => match operation_of(word) {
                // A list stands for its elements.
                Some(known) => changes.operate(word, known, &Fields::read(word, value.get())?, Lists::AreElements)?,
                None => _ = changes.put(name.clone(), Cow::Borrowed(value.get())),
            },
        }
    }
    changes.set_once(&properties.object("$setOnce")?);
    Ok(changes)
}

fn operation_of(word: &str) -> Option<Operation> {
    match word {
        "$add" => Some(Operation::Add),
        "$append" => Some(Operation::Append),
        "$prepend" => Some(Operation::Prepend),
        "$postInsert" => Some(Operation::AppendMissing),
        "$preInsert" => Some(Operation::PrependMissing),
        "$remove" => Some(Operation::Remove),
        _ => None,
    }
}

/// The ids of the device itself and those for advertising, beside `device_id`, which is that of an installation.
fn devices<'a>(record: &Fields<'a>) -> Vec<(Cow<'a, str>, Json<'a>)> {
    const DEVICES: [(&str, &str); 4] =
        [("idfv", "device_id"), ("android_id", "device_id"), ("idfa", "advertising_id"), ("adid", "advertising_id")];
    let id = |(field, kind): (&str, &'static str)| {
        let id = record.text(field)?;
        Some((Cow::Borrowed(kind), json_of(&id)))
    };
    DEVICES.into_iter().filter_map(id).collect()
}

fn context<'a>(record: &Fields<'a>) -> Members<'a> {
    let mut context = Members::default();
    if let Some(library) = record.text("library") {
        let (name, version) = library.split_once('/').unwrap_or((&library, ""));
        let mut members = Members::default();
        members.push("name", json_of(name));
        if !version.is_empty() {
            members.push("version", json_of(version));
        }
        context.nest("library", members);
    }
    for (place, members) in [
        ("app", &[("app_version", "version"), ("version_name", "build")][..]),
        ("os", &[("os_name", "name"), ("os_version", "version")]),
        ("device", &[("device_manufacturer", "manufacturer"), ("device_brand", "brand"), ("device_model", "model")]),
        ("network", &[("carrier", "carrier")]),
        (
            "location",
            &[
                ("country", "country"),
                ("region", "region"),
                ("city", "city"),
                ("location_lat", "latitude"),
                ("location_lng", "longitude"),
            ],
        ),
    ] {
        let mut inner = Members::default();
        for (from, to) in members {
            inner.copy(record, from, to);
        }
        context.nest(place, inner);
    }
    for (from, to) in [
        ("ip", "ip"),
        ("language", "locale"),
        ("platform", "platform"),
        ("user_agent", "userAgent"),
        ("session_id", "sessionId"),
    ] {
        context.copy(record, from, to);
    }
    context
}

/// The reply in Amplitude's form.
pub fn reply(sent: &Sent, events: usize, result: Result<Outcome, Problem>, now: Time) -> Response {
    match result {
        Ok(outcome) if outcome.refused == 0 => {
            let body = json!({
                "code": 200, "events_ingested": events, "payload_size_bytes": sent.body().len(),
                "server_upload_time": now.millis(),
            });
            axum::Json(body).into_response()
        }
        Ok(outcome) => {
            let mut body = json!({ "code": 400, "error": "Request contained events that were refused" });
            for (name, is_missing) in [("events_with_missing_fields", true), ("events_with_invalid_fields", false)] {
                let listed = by_field(&outcome, is_missing);
                if !listed.is_empty() {
                    body[name] = json!(listed);
                }
            }
            reply::name_refused(&mut body, &outcome);
            (StatusCode::BAD_REQUEST, axum::Json(body)).into_response()
        }
        Err(problem) => failure(problem, now),
    }
}

fn failure(problem: Problem, now: Time) -> Response {
    let detail = problem.detail.clone().unwrap_or_else(|| problem.code.title().to_owned());
    // The SDKs know a wrong key by this beginning.
    let error = if problem.code == Code::Unauthenticated { format!("Invalid API key: {detail}") } else { detail };
    let (code, is_missing) = (problem.code, problem.code == Code::MissingField);
    let mut response = reply::of_problem(problem, now);
    let mut body = json!({ "code": response.status().as_u16(), "error": error, "problem": code.as_str() });
    if is_missing {
        body["missing_field"] = json!("events");
    }
    *response.body_mut() = body.to_string().into();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.headers_mut().remove(header::CONTENT_LENGTH);
    response
}

/// The places of refused events by the field that is wrong, as Amplitude names it.
fn by_field(outcome: &Outcome, is_missing: bool) -> BTreeMap<&'static str, Vec<usize>> {
    let mut fields: BTreeMap<&'static str, Vec<usize>> = BTreeMap::new();
    for (index, refusal) in &outcome.refusals {
        if is_missing == matches!(refusal.code, Code::MissingField | Code::MissingIdentity) {
            fields.entry(field_of(refusal)).or_default().push(*index);
        }
    }
    fields
}

fn field_of(refusal: &Refusal) -> &'static str {
    match (refusal.code, refusal.message.split([' ', ',', ':']).next().unwrap_or_default()) {
        (Code::MissingIdentity, _) | (_, "userId") => "user_id",
        (_, "anonymousId") => "device_id",
        (Code::TimestampOutOfRange, _) | (_, "timestamp") => "time",
        (_, "messageId") => "insert_id",
        (_, "event" | "event_type") => "event_type",
        (Code::UnsupportedOperation, _) | (_, "user_properties" | "traits") => "user_properties",
        (_, word) if word.starts_with('$') => "user_properties",
        (_, "groups" | "groupId") => "groups",
        _ => "event_properties",
    }
}
