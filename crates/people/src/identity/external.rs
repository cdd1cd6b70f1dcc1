//! Further ids by which an event names its member: `context.externalIds` of the Segment specification.
//!
//! `[{"id": "o6_bm…", "type": "unionid", "collection": "users", "encoding": "none"}]`, the last two of which may be
//! left out. Types are the kinds of `kinds.rs`; others become `external:<type>`.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use super::kinds::kind_name;

/// Most ids that one event may bring.
pub const MAX_EXTERNAL_IDS: usize = 20;
/// How the context names them.
const FIELD: &str = "\"externalIds\"";
/// What the event itself says, or what is about a group: these are passed over.
const NOT_HERE: [&str; 5] = ["user_id", "userid", "anonymous_id", "anonymousid", "group_id"];
const MAX_ID_BYTES: usize = 512;

/// An id as it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExternalId {
    /// The name of its kind.
    pub kind: Cow<'static, str>,
    /// Its value, which is yet to be normalised.
    pub value: String,
}

/// Why ids cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExternalFault {
    /// There is no list.
    #[error("context.externalIds is not a list of objects with id and type")]
    NotAList,
    /// There are too many.
    #[error("context.externalIds has more than 20 entries")]
    TooMany,
    /// One is not as it should be.
    #[error("context.externalIds[{place}]{what}")]
    Entry {
        /// The place in the list, from 0.
        place: usize,
        /// Which field, and what is wrong with it.
        what: &'static str,
    },
}

#[derive(Deserialize)]
struct Context<'a> {
    #[serde(rename = "externalIds", borrow, default)]
    external_ids: Option<&'a RawValue>,
}

/// The ids in the context of an event, each once. Nothing is parsed where there are none.
pub fn external_ids(context: &RawValue) -> Result<Vec<ExternalId>, ExternalFault> {
    if !context.get().contains(FIELD) {
        return Ok(Vec::new());
    }
    let context: Context<'_> = serde_json::from_str(context.get()).map_err(|_| ExternalFault::NotAList)?;
    let Some(listed) = context.external_ids else { return Ok(Vec::new()) };
    let listed: Vec<Value> = serde_json::from_str(listed.get()).map_err(|_| ExternalFault::NotAList)?;
    if listed.len() > MAX_EXTERNAL_IDS {
        return Err(ExternalFault::TooMany);
    }
    let mut ids = Vec::with_capacity(listed.len());
    for (place, entry) in listed.iter().enumerate() {
        let id = read_entry(entry).map_err(|what| ExternalFault::Entry { place, what })?;
        if let Some(id) = id.filter(|id| !ids.contains(id)) {
            ids.push(id);
        }
    }
    Ok(ids)
}

/// One id; none when it is not about a member.
fn read_entry(entry: &Value) -> Result<Option<ExternalId>, &'static str> {
    let entry = entry.as_object().ok_or(" is not an object")?;
    let word = |name: &str| entry.get(name).filter(|value| !value.is_null());
    if word("collection").is_some_and(|collection| collection != "users" && collection != "user") {
        return Ok(None);
    }
    if word("encoding").is_some_and(|encoding| encoding != "none") {
        return Err(".encoding is not \"none\"");
    }
    let kind = word("type").and_then(Value::as_str).ok_or(".type is missing")?;
    if NOT_HERE.contains(&kind.trim().to_ascii_lowercase().as_str()) {
        return Ok(None);
    }
    let kind = kind_name(kind).ok_or(".type may have 40 letters, digits, dots, dashes and underscores")?;
    let value = match word("id") {
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(Value::Number(number)) => number.to_string(),
        _ => return Err(".id is neither a text nor a number"),
    };
    match () {
        () if value.is_empty() || value.len() > MAX_ID_BYTES => Err(".id must have 1 to 512 bytes"),
        () if means_nobody(&value) => Ok(None),
        () => Ok(Some(ExternalId { kind, value })),
    }
}

/// What devices say that may not tell their ids, and programs that have none: everybody would be one person by it.
fn means_nobody(value: &str) -> bool {
    const NOBODY: [&str; 6] = ["null", "(null)", "nil", "none", "undefined", "unknown"];
    value.chars().all(|c| matches!(c, '0' | '-')) || NOBODY.iter().any(|no| value.eq_ignore_ascii_case(no))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(listed: Value) -> Result<Vec<ExternalId>, ExternalFault> {
        let context = json!({"page": {"path": "/"}, "externalIds": listed}).to_string();
        external_ids(&RawValue::from_string(context).unwrap())
    }

    fn id(kind: &'static str, value: &str) -> ExternalId {
        ExternalId { kind: Cow::Borrowed(kind), value: value.to_owned() }
    }

    #[test]
    fn ids_are_read_as_the_specification_writes_them() {
        let listed = json!([
            {"id": " o6_1 ", "type": "unionid", "collection": "users", "encoding": "none"},
            {"id": 4711, "type": "telegram_id"}, {"id": "o6_1", "type": "wechat_unionid"},
            {"id": "acme", "type": "domain", "collection": "accounts"}, {"id": "u", "type": "user_id"}]);
        assert_eq!(read(listed), Ok(vec![id("unionid", "o6_1"), id("telegram", "4711")]));
        assert_eq!(read(Value::Null), Ok(Vec::new()));
    }

    #[test]
    fn an_id_that_everybody_has_is_passed_over() {
        let zeros = "00000000-0000-0000-0000-000000000000";
        let listed = json!([{"id": zeros, "type": "ios.idfa"}, {"id": "undefined", "type": "openid"}]);
        assert_eq!(read(listed), Ok(Vec::new()));
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let entry = |entry: Value| read(json!([{"id": "a", "type": "qq"}, entry])).unwrap_err().to_string();
        assert_eq!(entry(json!("a")), "context.externalIds[1] is not an object");
        assert_eq!(entry(json!({"id": "a"})), "context.externalIds[1].type is missing");
        assert!(entry(json!({"id": "a", "type": "a b"})).starts_with("context.externalIds[1].type may have"));
        assert!(entry(json!({"id": "", "type": "qq"})).starts_with("context.externalIds[1].id must"));
        assert!(entry(json!({"id": true, "type": "qq"})).starts_with("context.externalIds[1].id is neither"));
        assert!(entry(json!({"id": "a", "type": "qq", "encoding": "sha256"})).contains("encoding"));
        assert_eq!(read(json!({})), Err(ExternalFault::NotAList));
        let many: Vec<Value> = (0..=MAX_EXTERNAL_IDS).map(|n| json!({"id": n, "type": "qq"})).collect();
        assert_eq!(read(json!(many)), Err(ExternalFault::TooMany));
    }
}
