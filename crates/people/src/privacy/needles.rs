//! Finding somebody in texts that nobody parses any more: refused records, lines of the audit log, rejected rows.

use std::collections::HashSet;

use serde_json::Value;

use super::HisIdentity;
use crate::identity::{normalise, written_forms};

/// From this length on (in bytes), a value that is no mere number is looked for anywhere in a text. Others must stand as
/// whole values.
const DISTINCT: usize = 6;
const BLANK: &str = "[erased]";

/// The values by which a member was known.
#[derive(Clone, Debug)]
pub struct Needles {
    /// His phone numbers, with and without the codes of their countries.
    phones: HashSet<String>,
    /// Lower case.
    plain: Vec<String>,
}

impl Needles {
    /// Looks for these.
    pub fn new(identities: &[HisIdentity]) -> Needles {
        let plain = identities.iter().map(|identity| identity.value.to_lowercase()).collect();
        let phones = identities.iter().filter(|identity| identity.kind == "phone");
        let forms = |identity: &HisIdentity| [vec![identity.value.clone()], written_forms(&identity.value)].concat();
        Needles { phones: phones.flat_map(forms).collect(), plain }
    }

    /// Whether there is nothing to look for.
    pub fn is_empty(&self) -> bool {
        self.plain.is_empty()
    }

    /// Whether a text names him: by a value that is long enough, or by any value as a whole JSON string or number, cell of
    /// a table or part of an address.
    pub fn find_in(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        self.plain.iter().any(|needle| found(&text, needle))
            || self.escaped().any(|needle| text.contains(&needle))
            || self.is_written_otherwise(&text)
    }

    /// A JSON value without him: every string that names him becomes a word that says so. `None` when none does.
    pub fn blank_json(&self, json: &Value) -> Option<Value> {
        match json {
            Value::String(text) => self.find_in(text).then(|| Value::String(BLANK.to_owned())),
            Value::Number(number) => {
                let text = number.to_string();
                self.plain.contains(&text).then(|| Value::String(BLANK.to_owned()))
            }
            Value::Array(items) => {
                let blanked: Vec<Option<Value>> = items.iter().map(|item| self.blank_json(item)).collect();
                let any = blanked.iter().any(Option::is_some);
                let pairs = blanked.into_iter().zip(items);
                any.then(|| Value::Array(pairs.map(|(new, old)| new.unwrap_or_else(|| old.clone())).collect()))
            }
            Value::Object(fields) => {
                let mut any = false;
                let mut kept = serde_json::Map::new();
                for (name, value) in fields {
                    let is_his = self.find_in(name);
                    let new = self.blank_json(value);
                    any |= is_his || new.is_some();
                    let name = if is_his { BLANK } else { name };
                    kept.insert(name.to_owned(), new.unwrap_or_else(|| value.clone()));
                }
                any.then_some(Value::Object(kept))
            }
            _ => None,
        }
    }

    /// The same of a text that holds JSON, or any text.
    pub fn blank(&self, text: &str) -> Option<String> {
        match serde_json::from_str::<Value>(text) {
            Ok(json @ (Value::Object(_) | Value::Array(_))) => self.blank_json(&json).map(|json| json.to_string()),
            _ => self.find_in(text).then(|| BLANK.to_owned()),
        }
    }

    /// As JSON and addresses may write it: `\u4e2d`, `%40`.
    fn escaped(&self) -> impl Iterator<Item = String> {
        self.plain.iter().filter(|needle| needle.chars().count() >= 2).flat_map(|needle| {
            let json: String = needle
                .encode_utf16()
                .map(|unit| match char::from_u32(unit.into()) {
                    Some(c) if c.is_ascii() => c.to_string(),
                    _ => format!("\\u{unit:04x}"),
                })
                .collect();
            let address: String = needle
                .bytes()
                .map(|byte| match byte {
                    b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => (byte as char).to_string(),
                    _ => format!("%{byte:02x}"),
                })
                .collect();
            [json, address].into_iter().filter(move |text| text != needle && text.len() >= DISTINCT)
        })
    }

    /// A phone number with blanks in it, an address in a cell of its own.
    fn is_written_otherwise(&self, text: &str) -> bool {
        if self.phones.is_empty() {
            return false;
        }
        text.split(['"', ',', '\n', '\t', ';'])
            .filter_map(|piece| normalise("phone", piece.trim()).filter(|_| piece.trim().len() <= 32))
            .any(|phone| self.phones.contains(&phone))
    }
}

/// Whether `needle` stands in `text`, alone when it is short.
fn found(text: &str, needle: &str) -> bool {
    let mut from = 0;
    while let Some(at) = text[from..].find(needle) {
        let (start, end) = (from + at, from + at + needle.len());
        let is_border = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '-' | '_' | '.'));
        let stands_alone = is_border(text[..start].chars().next_back()) && is_border(text[end..].chars().next());
        let is_named = stands_alone && is_value(text, start, end);
        if is_distinct(needle) && stands_alone || is_named {
            return true;
        }
        from = start + text[start..].chars().next().map_or(1, char::len_utf8);
    }
    false
}

/// Whether a text like this hardly means anything else: long, and not a mere number.
fn is_distinct(needle: &str) -> bool {
    needle.len() >= DISTINCT && needle.bytes().any(|byte| !byte.is_ascii_digit())
}

/// Whether a short text is a whole JSON string, or the number behind the name of an id.
fn is_value(text: &str, start: usize, end: usize) -> bool {
    let (before, after) = (&text[..start], &text[end..]);
    if start == 0 && end == text.len() || before.ends_with('"') && after.starts_with('"') {
        return true;
    }
    let before = before.trim_end();
    ["\"userid\":", "\"anonymousid\":", "\"previousid\":"].iter().any(|name| before.ends_with(name))
}

#[cfg(test)]
mod tests {
    use base::ids::IdentityId;
    use serde_json::json;

    use super::*;

    fn needles(identities: &[(&str, &str)]) -> Needles {
        let identities: Vec<HisIdentity> = identities
            .iter()
            .map(|(kind, value)| HisIdentity {
                id: IdentityId(1),
                kind: (*kind).to_owned(),
                value: (*value).to_owned(),
            })
            .collect();
        Needles::new(&identities)
    }

    #[test]
    fn an_address_is_found_however_it_is_written() {
        let li = needles(&[("email", "li.bai@example.com"), ("phone", "+8613800138000"), ("user_id", "李白")]);
        for text in [
            r#"{"traits":{"email":"Li.Bai@Example.com"}}"#,
            "550 5.1.1 <li.bai@example.com>: user unknown",
            "https://shop.example/?m=li.bai%40example.com",
            "7,\"+86 138-0013-8000\",x",
            "7,138 0013 8000,x",
            r#"{"userId":"\u674e\u767d"}"#,
            r#"{"userId":"李白"}"#,
        ] {
            assert!(li.find_in(text), "{text}");
        }
        for text in ["bai@example.com", "xli.bai@example.com", "138001", r#"{"n":"李白露"}"#] {
            assert!(!li.find_in(text), "{text}");
        }
    }

    #[test]
    fn a_short_id_is_found_only_where_it_stands_for_somebody() {
        let seven = needles(&[("user_id", "7")]);
        for text in [r#"{"userId":"7","price":7}"#, r#"{"userId": 7}"#, "7"] {
            assert!(seven.find_in(text), "{text}");
        }
        for text in [r#"{"price":7}"#, "17", "/products/7", r#"{"userId":71}"#] {
            assert!(!seven.find_in(text), "{text}");
        }
    }

    #[test]
    fn what_is_blanked_keeps_the_rest() {
        let li = needles(&[("email", "li@example.com")]);
        let line = json!({"address": "li@example.com", "list": ["a", "li@example.com"], "n": 1});
        let blank = json!({"address": "[erased]", "list": ["a", "[erased]"], "n": 1});
        assert_eq!(li.blank_json(&line), Some(blank));
        assert_eq!(li.blank_json(&json!({"a": ["b", 1, null]})), None);
        assert_eq!(li.blank("li@example.com").as_deref(), Some("[erased]"));
        assert_eq!(li.blank("somebody"), None);
    }
}
