//! Reading the single fields of a record, each with its own bounds.

use std::borrow::Cow;

use base::Code;
use people::identity::{ExternalId, external_ids as read_external_ids};
use serde_json::value::RawValue;

use super::{object, refusal::Refusal, scan};

/// How long an id may be, in bytes.
pub const MAX_ID_BYTES: usize = 512;
/// How long a `messageId` may be, in bytes.
pub const MAX_MESSAGE_ID_BYTES: usize = 200;
/// How long the name of an event may be, in characters.
pub const MAX_NAME_CHARACTERS: usize = 200;

/// A text; `None` when absent or empty.
pub fn text<'a>(field: &'static str, json: Option<&'a RawValue>) -> Result<Option<Cow<'a, str>>, Refusal> {
    let Some(json) = json.map(RawValue::get) else { return Ok(None) };
    if !json.starts_with('"') {
        return Err(Refusal::new(Code::InvalidField, format!("{field} is not a text")));
    }
    // A text without escapes holds no NUL, and no characters that need care.
    if !json.as_bytes().contains(&b'\\') {
        let plain = json.trim_matches('"');
        return Ok((!plain.is_empty()).then_some(Cow::Borrowed(plain)));
    }
    let Ok(text) = serde_json::from_str::<String>(json) else {
        return Err(scan::Fault::HalfCharacter.refuse(field));
    };
    if text.contains('\0') {
        return Err(scan::Fault::NulCharacter.refuse(field));
    }
    Ok((!text.is_empty()).then_some(Cow::Owned(text)))
}

/// An id: a text or a number, at most `limit` bytes; `None` when absent or blank.
pub fn id<'a>(field: &'static str, json: Option<&'a RawValue>, limit: usize) -> Result<Option<Cow<'a, str>>, Refusal> {
    let Some(raw) = json else { return Ok(None) };
    let id = match raw.get().as_bytes().first() {
        Some(b'"') => text(field, json)?,
        Some(b'-' | b'0'..=b'9') => Some(Cow::Borrowed(raw.get())),
        _ => return Err(Refusal::new(Code::InvalidField, format!("{field} is neither a text nor a number"))),
    };
    let id = id.filter(|id| !id.trim().is_empty());
    if id.as_ref().is_some_and(|id| id.len() > limit) {
        return Err(Refusal::new(Code::InvalidField, format!("{field} has more than {limit} bytes")));
    }
    Ok(id)
}

/// The further ids of whom a record is about, in its own context or else in that of its batch.
pub fn external_ids(own: Option<&RawValue>, shared: Option<&RawValue>) -> Result<Vec<ExternalId>, Refusal> {
    const NAME: &str = "externalIds";
    let own = own.filter(|own| own.get().contains(NAME) && object::value_of(own, NAME).is_some());
    match own.or(shared) {
        Some(context) => {
            read_external_ids(context).map_err(|fault| Refusal::new(Code::InvalidField, fault.to_string()))
        }
        None => Ok(Vec::new()),
    }
}

/// What the context of a record, or else that of its batch, says of the campaign that led to it (Segment's
/// `context.campaign`), under the names that links carry it by: `utm_source`, `utm_medium`, `utm_campaign` ….
pub fn campaign<'a>(own: Option<&'a RawValue>, shared: Option<&'a RawValue>) -> Vec<(String, Cow<'a, str>)> {
    const NAME: &str = "campaign";
    let of = |context: Option<&'a RawValue>| {
        context.filter(|context| context.get().contains(NAME)).and_then(|context| object::value_of(context, NAME))
    };
    let Some(campaign) = of(own).or_else(|| of(shared)) else { return Vec::new() };
    let mut said: Vec<(String, Cow<'a, str>)> = Vec::new();
    for (name, value) in object::entries(campaign.get()).unwrap_or_default() {
        let Ok(Some(value)) = text(NAME, Some(value)) else { continue };
        let name = match name.as_ref() {
            "name" => "utm_campaign".to_owned(),
            "source" | "medium" | "term" | "content" | "id" => format!("utm_{name}"),
            _ => continue,
        };
        if !value.is_empty() && !said.iter().any(|(taken, _)| *taken == name) {
            said.push((name, value));
        }
    }
    said
}

/// The name of a tracked event, trimmed.
pub fn event_name(json: Option<&RawValue>) -> Result<Cow<'_, str>, Refusal> {
    let name = match text("event", json)? {
        Some(Cow::Borrowed(name)) => Cow::Borrowed(name.trim()),
        Some(Cow::Owned(name)) => Cow::Owned(name.trim().to_owned()),
        None => Cow::Borrowed(""),
    };
    if name.is_empty() {
        return Err(Refusal::new(Code::MissingField, "event, the name of what happened, is missing"));
    }
    if name.len() > MAX_NAME_CHARACTERS && name.chars().count() > MAX_NAME_CHARACTERS {
        return Err(Refusal::new(Code::InvalidField, "event has more than 200 characters"));
    }
    Ok(name)
}

/// An object within the bounds of [`scan::check`].
pub fn object<'a>(field: &'static str, json: Option<&'a RawValue>) -> Result<Option<&'a RawValue>, Refusal> {
    let Some(json) = json else { return Ok(None) };
    if !object::is_object(json.get()) {
        return Err(Refusal::new(Code::InvalidField, format!("{field} is not an object")));
    }
    scan::check(json).map_err(|fault| fault.refuse(field))?;
    Ok(Some(json))
}
