//! Sensors Analytics 神策: `/sa` and `/debug`. `distinct_id` is a `userId` when `$is_login_id` says so, and an
//! `anonymousId` otherwise, as it is there; `login_id`, `anonymous_id` and `identities` say it themselves; further
//! identities are further ids of the member. What a sign-up names is both from then on, since the SDKs of servers do
//! not flag the events that follow.

use std::borrow::Cow;

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use base::{Code, EventKind, Problem, Time};
use people::traits::Operation;
use serde_json::{json, value::RawValue};
use xxhash_rust::xxh3::xxh3_128;

use super::{
    Dialect, Letterhead, Translation,
    draft::{Changes, Draft, Lists, Members},
    fields::{Fields, Json, Listed, json_of, text_of},
    sent::Sent,
};
use crate::ingest::{
    accept::{Manner, Outcome},
    envelope,
    refusal::Refusal,
    reply,
};

/// How large a body may be, before and after unpacking. The SDKs send at most 100 records at once.
pub const MAX_BYTES: usize = 4 << 20;
/// How many records a request may bring.
const MAX_RECORDS: usize = 10_000;

const LOGIN_ID: &str = "$identity_login_id";
/// Identities that are addresses: these become traits, by which Hearth knows them.
const ADDRESSES: [(&str, &str); 2] = [("$identity_mobile", "phone"), ("$identity_email", "email")];

/// Ids of accounts and devices among the identities, by the kinds of Hearth. Openids have the id of their app in the
/// name.
const ACCOUNTS: [(&str, &str); 12] = [
    ("$identity_mp_unionid", "unionid"),
    ("$identity_wechat_unionid", "unionid"),
    ("$identity_mp_openid", "openid"),
    ("$identity_wechat_openid", "openid"),
    ("$identity_idfv", "device_id"),
    ("$identity_android_id", "device_id"),
    ("$identity_mac_serial_id", "device_id"),
    ("$identity_harmony_odid", "device_id"),
    ("$identity_idfa", "advertising_id"),
    ("$identity_oaid", "advertising_id"),
    ("$identity_gaid", "advertising_id"),
    ("$identity_harmony_oaid", "advertising_id"),
];
/// Identities that are the distinct id once more, or stand elsewhere in the record.
const NO_ACCOUNTS: [&str; 10] = [
    LOGIN_ID,
    "$identity_mobile",
    "$identity_email",
    "$identity_anonymous_id",
    "$identity_cookie_id",
    "$identity_distinct_id",
    "$identity_mp_id",
    "$identity_android_uuid",
    "$identity_ios_uuid",
    "$identity_harmony_uuid",
];

/// Reads a body: a form with `data` or `data_list` in base64, packed or not; or the JSON itself.
pub fn read(sent: &Sent) -> Result<Letterhead<'_>, Problem> {
    let text = sent.text()?;
    let records: Vec<&str> = if text.starts_with('[') {
        let Listed(listed) = envelope::read(text)?;
        listed.into_iter().map(RawValue::get).collect()
    } else {
        let one: &RawValue = envelope::read(envelope::object_text(text.as_bytes())?)?;
        vec![one.get()]
    };
    if records.len() > MAX_RECORDS {
        return Err(Problem::with(Code::BodyTooLarge, "there are more than 10,000 records; send fewer at a time"));
    }
    let token = sent.parameter("token").map(str::to_owned);
    Ok(Letterhead { dialect: Dialect::Sensors, token, records, sent_at: None })
}

/// What becomes of records: `/debug` with `Dry-Run: true` only looks at them.
pub fn manner(sent: &Sent) -> Manner {
    match sent.header("dry-run").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        true => Manner::DryRun,
        false => Manner::Each,
    }
}

/// What a record is in the tracking API.
pub fn translate(record: &Fields<'_>) -> Result<Translation, Refusal> {
    let message_id = message_id(record);
    match items(record, message_id.clone()) {
        Ok(items) => Ok(Translation { message_id, items }),
        Err(refusal) => Err(refusal.of(message_id.as_deref())),
    }
}

/// `_track_id` is a random number that tells records of one sender and one moment apart.
fn message_id(record: &Fields<'_>) -> Option<String> {
    record.text("_track_id")?;
    let parts = ["_track_id", "type", "event", "distinct_id", "time"];
    let parts = parts.map(|name| record.get(name).map_or("", RawValue::get)).join("\n");
    Some(format!("sa-{:032x}", xxh3_128(parts.as_bytes())))
}

fn items(record: &Fields<'_>, message_id: Option<String>) -> Result<Vec<String>, Refusal> {
    let Some(kind) = record.text("type") else {
        return Err(Refusal::new(Code::MissingField, "type is missing"));
    };
    let properties = record.object("properties")?;
    let identities = record.object("identities")?;
    let unsupported =
        |why: &str| Err(Refusal::new(Code::UnsupportedOperation, format!("{kind} is not known here; {why}")));
    match kind.as_str() {
        "item_set" | "item_delete" => return unsupported("Hearth keeps members, and no things"),
        "track_id_unbind" => return unsupported("an operator parts what belongs to two members"),
        _ => {}
    }
    let mut draft = Draft {
        timestamp: record.time("time"),
        message_id,
        context: context(record, &properties)?,
        external: accounts(&identities),
        ..Draft::default()
    };
    name_somebody(&mut draft, record, &properties, &identities)?;
    let mut changes = Changes::default();
    match kind.as_str() {
        "track" => return track(&draft, record, &properties).map(|item| vec![item]),
        "track_signup" => return sign_up(draft, record).map(|item| vec![item]),
        "track_id_bind" => return bind(&draft, &identities),
        "profile_set" => changes.set(&traits(&properties)),
        "profile_set_once" => changes.set_once(&traits(&properties)),
        "profile_unset" => {
            for (name, _) in traits(&properties).iter() {
                changes.put(name.clone(), Cow::Borrowed("null"));
            }
        }
        "profile_increment" => {
            changes.operate("properties", Operation::Add, &traits(&properties), Lists::AreOneElement)?;
        }
        "profile_append" => {
            changes.operate("properties", Operation::Append, &traits(&properties), Lists::AreElements)?;
        }
        "profile_delete" => {
            changes.clear();
            // Nothing stays, not even the addresses by which the record names him.
            return Ok(vec![draft.identify("", &changes)]);
        }
        _ => return Err(Refusal::new(Code::UnknownCall, "type is none that Sensors Analytics knows")),
    }
    put_addresses(&mut changes, &identities);
    Ok(vec![draft.identify("", &changes)])
}

/// Says of whom the record is.
fn name_somebody<'a>(
    draft: &mut Draft<'a>,
    record: &Fields<'a>,
    properties: &Fields<'a>,
    identities: &Fields<'a>,
) -> Result<(), Refusal> {
    let Some(distinct) = record.id("distinct_id") else {
        return Err(Refusal::new(Code::MissingIdentity, "distinct_id is missing"));
    };
    draft.user = record.id("login_id").or_else(|| identities.id(LOGIN_ID));
    if draft.user.is_none() && properties.is_true("$is_login_id") {
        draft.user = Some(distinct.clone());
    }
    draft.anonymous = record.id("anonymous_id");
    if draft.user.is_none() && draft.anonymous.is_none() {
        draft.anonymous = Some(distinct);
    }
    Ok(())
}

fn track(draft: &Draft<'_>, record: &Fields<'_>, properties: &Fields<'_>) -> Result<String, Refusal> {
    let Some(name) = record.text("event") else {
        return Err(Refusal::new(Code::MissingField, "event, the name of what happened, is missing"));
    };
    let mut members = Members::without(properties, &["$is_login_id", "$lib", "$lib_version"]);
    match name.as_str() {
        "$pageview" => {
            for (from, to) in [("$url", "url"), ("$url_path", "path"), ("$referrer", "referrer"), ("$title", "title")] {
                members.copy(properties, from, to);
            }
            Ok(draft.view(EventKind::Page, None, &members))
        }
        "$AppViewScreen" | "$MPViewScreen" => {
            let screen = properties.text("$screen_name").or_else(|| properties.text("$url_path"));
            Ok(draft.view(EventKind::Screen, screen.map(|screen| json_of(&screen)), &members))
        }
        _ => Ok(draft.track(json_of(&name), &members)),
    }
}

/// Somebody who was known by `original_id` has an account.
fn sign_up<'a>(mut draft: Draft<'a>, record: &Fields<'a>) -> Result<String, Refusal> {
    let Some(original) = record.id("original_id") else {
        return Err(Refusal::new(Code::MissingField, "original_id, the id before, is missing"));
    };
    draft.user = record.id("distinct_id");
    draft.anonymous = draft.user.clone();
    Ok(draft.alias("", &original))
}

/// Several identities are of one person.
fn bind(draft: &Draft<'_>, identities: &Fields<'_>) -> Result<Vec<String>, Refusal> {
    if draft.user.is_none() {
        let message = "track_id_bind is known here only with a login id among the identities";
        return Err(Refusal::new(Code::UnsupportedOperation, message));
    }
    let mut changes = Changes::default();
    put_addresses(&mut changes, identities);
    let mut items = vec![draft.identify("", &changes)];
    for (part, (name, value)) in identities.iter().filter(|(name, _)| *name != LOGIN_ID).enumerate() {
        // Without a login id the SDKs write the distinct id of an identity in this form.
        let Some(value) = text_of(value.get()) else {
            return Err(Refusal::new(Code::InvalidField, "an identity is neither a text nor a number"));
        };
        items.push(draft.alias(&format!("id{part}"), &json_of(&format!("{name}+{value}"))));
    }
    Ok(items)
}

/// The properties of a profile, without what the SDKs add.
fn traits<'a>(properties: &Fields<'a>) -> Fields<'a> {
    properties.without(&["$is_login_id", "$lib", "$lib_version"])
}

fn put_addresses<'a>(changes: &mut Changes<'a>, identities: &Fields<'a>) {
    for (identity, name) in ADDRESSES {
        if let Some(address) = identities.id(identity) {
            changes.put(Cow::Borrowed(name), address);
        }
    }
}

/// Whatever else names the member: accounts, devices, and identities of the brand's own making.
fn accounts<'a>(identities: &Fields<'a>) -> Vec<(Cow<'a, str>, Json<'a>)> {
    let mut accounts = Vec::new();
    for (name, value) in identities.iter().filter(|(name, _)| !NO_ACCOUNTS.contains(&name.as_ref())) {
        let known = ACCOUNTS.iter().find(|(identity, _)| *identity == name.as_ref()).map(|(_, kind)| *kind);
        let is_openid = name.starts_with("$identity_mp_") && name.ends_with("_openid");
        let plain = name.strip_prefix("$identity_").unwrap_or(name);
        let kind = known.or(is_openid.then_some("openid")).map_or_else(|| plain.to_owned(), str::to_owned);
        // Names that cannot be kinds are no names of identities there, either.
        if let (Some(id), Some(kind)) = (text_of(value.get()), people::identity::kind_name(&kind)) {
            accounts.push((kind, json_of(&id)));
        }
    }
    accounts
}

fn context<'a>(record: &Fields<'a>, properties: &Fields<'a>) -> Result<Members<'a>, Refusal> {
    let lib = record.object("lib")?;
    let mut library = Members::default();
    for place in [&lib, properties] {
        library.copy(place, "$lib", "name");
        library.copy(place, "$lib_version", "version");
    }
    let mut app = Members::default();
    app.copy(&lib, "$app_version", "version");
    let mut context = Members::default();
    context.nest("library", library);
    context.nest("app", app);
    context.copy(properties, "$ip", "ip");
    context.copy(record, "project", "project");
    Ok(context)
}

/// The reply of `/sa`: 200 when the records are taken or kept. The SDKs take no notice of the body, and some of them
/// stop sending for good after any other status, so refused records are named in a reply with 200 as well.
pub fn reply(result: Result<Outcome, Problem>, now: Time) -> Response {
    match result {
        Ok(outcome) => {
            let mut body = json!({ "success": true });
            reply::name_refused(&mut body, &outcome);
            axum::Json(body).into_response()
        }
        Err(problem) => reply::of_problem(problem, now),
    }
}

/// The reply of `/debug`, which is read by people: 400 when any record was refused.
pub fn debug_reply(result: Result<Outcome, Problem>, now: Time) -> Response {
    match result {
        Ok(outcome) if outcome.refused > 0 => {
            let mut body = json!({ "success": false });
            reply::name_refused(&mut body, &outcome);
            (StatusCode::BAD_REQUEST, axum::Json(body)).into_response()
        }
        result => reply(result, now),
    }
}
