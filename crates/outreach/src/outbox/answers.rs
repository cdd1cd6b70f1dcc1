//! What the answer of a webhook is wanted for: traits that it gives, and a journey that waits for it.
//!
//! The outbox changes no member. It emits what it read as a command, "Webhook Answered", in the transaction that records the
//! outcome; the journeys' stage sets the traits from it and lets the run go on.

use std::collections::{BTreeMap, HashMap};

use base::{
    Event, EventKind, Time,
    event::empty_object,
    ids::{DeliveryId, EventId, JourneyId, RunId},
};
use channels::Answer;
use serde::Deserialize;
use serde_json::{Map, Value as Json, json, value::RawValue};
use store::{DbErr, FromQueryResult, Sql, Tx};

use super::{claim::Claimed, facts::Subject};
use crate::Outreach;

/// The name of the command.
const WEBHOOK_ANSWERED: &str = "Webhook Answered";
/// The longest text that becomes a trait, in characters; the longest list, in items.
const MAX_TEXT: usize = 1_000;
const MAX_ITEMS: usize = 100;

/// What a step asked for beside the message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub(super) struct Wish {
    /// Traits, and where in the answer each stands: `customer.tier`, `items[0].sku`.
    #[serde(default)]
    traits: BTreeMap<String, String>,
    /// Whether a run waits for the answer.
    #[serde(default)]
    answer: bool,
}

#[derive(FromQueryResult)]
struct OptionsRow {
    id: i64,
    options_json: String,
}

/// The wishes of claimed rows, by delivery; of those only that have one.
pub(super) async fn wishes(outreach: &Outreach, claimed: &[Claimed]) -> Result<HashMap<i64, Wish>, DbErr> {
    let gives_payload = |message: &&Claimed| {
        outreach.registry.kind(&message.row.channel_kind).is_ok_and(|kind| kind.form() == channels::Form::Payload)
    };
    let ids: Vec<(i64,)> = claimed.iter().filter(gives_payload).map(|message| (message.row.id,)).collect();
    let rows: Vec<OptionsRow> = outreach
        .db
        .read()
        .all_rows(
            "SELECT d.id, d.options_json FROM {rows} JOIN deliveries d ON d.id = CAST(r.value->>0 AS BIGINT)
             WHERE d.options_json <> '{}'",
            &ids,
            Vec::new(),
        )
        .await?;
    Ok(rows.into_iter().filter_map(OptionsRow::wish).collect())
}

impl OptionsRow {
    fn wish(self) -> Option<(i64, Wish)> {
        let wish: Wish = serde_json::from_str(&self.options_json).unwrap_or_default();
        (wish.answer || !wish.traits.is_empty()).then_some((self.id, wish))
    }
}

/// Tells those who wait for the answers of messages that ended without being sent that there will be none, in the
/// caller's transaction. True when anybody is told: then the caller tells `emitted` after the commit.
pub(super) async fn tell_unsent(tx: &Tx, outreach: &Outreach, ids: &[i64], at: Time) -> Result<bool, DbErr> {
    let keys: Vec<(i64,)> = ids.iter().map(|id| (*id,)).collect();
    let rows: Vec<OptionsRow> = tx
        .all_rows(
            "SELECT d.id, d.options_json FROM {rows} JOIN deliveries d ON d.id = CAST(r.value->>0 AS BIGINT)
             WHERE d.options_json <> '{}' AND d.run_id IS NOT NULL",
            &keys,
            Vec::new(),
        )
        .await?;
    let waiting = rows.into_iter().filter_map(OptionsRow::wish).filter(|(_, wish)| wish.waits());
    let wishes: HashMap<i64, Wish> = waiting.collect();
    if wishes.is_empty() {
        return Ok(false);
    }
    let keys: Vec<(i64,)> = wishes.keys().map(|id| (*id,)).collect();
    let mut events = Vec::with_capacity(wishes.len());
    for subject in Subject::load_many(tx, &keys).await? {
        let wish = wishes.get(&subject.id);
        events.extend(wish.and_then(|wish| wish.told(outreach, &subject, (&Read::default(), None, false), at)));
    }
    store::emitted::put(tx, &events).await?;
    Ok(!events.is_empty())
}

/// What was read out of an answer, and what there is to say about it in the history.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Read {
    traits: Map<String, Json>,
    /// In words.
    pub note: String,
}

impl Wish {
    /// Whether somebody waits, so that a failure is told as well.
    pub(super) fn waits(&self) -> bool {
        self.answer
    }

    /// Reads what is wanted out of an answer.
    pub(super) fn read(&self, answer: Option<&Answer>) -> Read {
        if self.traits.is_empty() {
            return Read::default();
        }
        let body = match answer.map(|answer| &answer.body) {
            None => return Read { note: "the answer set no traits".to_owned(), ..Read::default() },
            Some(Err(why)) => return Read { note: format!("the answer set no traits: {why}"), ..Read::default() },
            Some(Ok(body)) => body,
        };
        let mut traits = Map::new();
        let mut lacking: Vec<String> = Vec::new();
        for (name, path) in &self.traits {
            match find(body, path).ok_or("is not in the answer").and_then(as_trait) {
                Ok(value) => {
                    traits.insert(name.clone(), value);
                }
                Err(why) => lacking.push(format!("{path} {why}")),
            }
        }
        let names: Vec<&str> = traits.keys().map(String::as_str).collect();
        let mut note = match names.is_empty() {
            true => "the answer set no traits".to_owned(),
            false => format!("the answer set {}", names.join(", ")),
        };
        if !lacking.is_empty() {
            note += &format!(": {}", lacking.join(", "));
        }
        Read { traits, note }
    }

    /// The command that tells of an answer, or of the end of all attempts; `None` when nobody wants to know. A delivery has
    /// one answer, however often that is told.
    pub(super) fn told(
        &self,
        outreach: &Outreach,
        subject: &Subject,
        (read, status, ok): (&Read, Option<u16>, bool),
        at: Time,
    ) -> Option<Event> {
        if !self.answer && read.traits.is_empty() {
            return None;
        }
        let delivery = DeliveryId(subject.id);
        let properties = json!({
            "delivery": delivery,
            "journey": subject.journey_id.map(JourneyId),
            "run": subject.run_id.map(RunId),
            "step": subject.step,
            "status": status,
            "ok": ok,
            "traits": read.traits,
        });
        Some(Event {
            id: outreach.ids.next(EventId),
            workspace: subject.workspace(),
            kind: EventKind::Command,
            name: WEBHOOK_ANSWERED.to_owned(),
            user_id: None,
            anonymous_id: None,
            previous_id: None,
            member: Some(subject.member()),
            timestamp: at,
            received_at: at,
            message_id: format!("{delivery}/answered"),
            source: "outbox".to_owned(),
            trusted: true,
            properties: RawValue::from_string(properties.to_string()).unwrap_or_else(|_| empty_object()),
            context: empty_object(),
        })
    }
}

/// What stands at a path such as `customer.orders[0].total`; a path may begin with `[n]`.
fn find<'a>(body: &'a Json, path: &str) -> Option<&'a Json> {
    let mut found = body;
    for part in path.split('.') {
        let (name, mut indexes) = part.split_at(part.find('[').unwrap_or(part.len()));
        if !name.is_empty() {
            found = found.as_object()?.get(name)?;
        } else if indexes.is_empty() {
            return None;
        }
        while let Some(rest) = indexes.strip_prefix('[') {
            let (index, rest) = rest.split_once(']')?;
            found = found.as_array()?.get(index.parse::<usize>().ok()?)?;
            indexes = rest;
        }
        if !indexes.is_empty() {
            return None;
        }
    }
    Some(found)
}

/// A value as a trait: a scalar or a list of scalars. Whoever says nothing (`null`) clears nothing.
fn as_trait(value: &Json) -> Result<Json, &'static str> {
    match value {
        Json::Null => Err("is null"),
        Json::Object(_) => Err("is an object"),
        Json::Array(items) if items.len() > MAX_ITEMS => Err("has more than 100 items"),
        Json::Array(items) if items.iter().any(|item| item.is_array() || item.is_object() || item.is_null()) => {
            Err("is not a list of plain values")
        }
        Json::Array(items) => match items.iter().try_for_each(check_text) {
            Ok(()) => Ok(value.clone()),
            Err(why) => Err(why),
        },
        scalar => check_text(scalar).map(|()| scalar.clone()),
    }
}

fn check_text(value: &Json) -> Result<(), &'static str> {
    match value.as_str() {
        Some(text) if text.contains('\0') => Err("contains the NUL character"),
        Some(text) if text.chars().count() > MAX_TEXT => Err("is longer than 1000 characters"),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(traits: Json) -> Wish {
        serde_json::from_value(json!({"traits": traits})).unwrap()
    }

    fn answered(body: Json) -> Answer {
        Answer { status: 200, body: Ok(body) }
    }

    #[test]
    fn a_path_leads_through_names_and_places() {
        let body = json!({"a": {"b": [{"c": 7}, [1, 2]], "": 9}, "x.y": 1});
        for (path, found) in [
            ("a.b[0].c", Some(json!(7))),
            ("a.b[1][0]", Some(json!(1))),
            ("a.b[2]", None),
            ("a.b[-1]", None),
            ("a.b[0", None),
            ("a.b[0]c", None),
            ("a.b[x]", None),
            ("a.", None),
            ("", None),
            ("x.y", None),
            ("a.b.c", None),
        ] {
            assert_eq!(find(&body, path).cloned(), found, "{path}");
        }
        assert_eq!(find(&json!([[5]]), "[0][0]"), Some(&json!(5)));
    }

    #[test]
    fn plain_values_become_traits_and_the_note_says_what_did_not() {
        let wish = wish(
            json!({"tier": "customer.tier", "points": "points", "likes": "likes", "deep": "customer", "gone": "x"}),
        );
        let body = json!({"customer": {"tier": "金"}, "points": 12.5, "likes": ["red", 7, true]});
        let read = wish.read(Some(&answered(body)));
        assert_eq!(Json::Object(read.traits), json!({"tier": "金", "points": 12.5, "likes": ["red", 7, true]}));
        assert_eq!(read.note, "the answer set likes, points, tier: customer is an object, x is not in the answer");
    }

    #[test]
    fn what_cannot_be_a_trait_is_left_out() {
        let list: Vec<i32> = (0..101).collect();
        for (value, why) in [
            (json!(null), "is null"),
            (json!({}), "is an object"),
            (json!([[1]]), "is not a list of plain values"),
            (json!([null]), "is not a list of plain values"),
            (json!(list), "has more than 100 items"),
            (json!("a\0b"), "contains the NUL character"),
            (json!(["a\0b"]), "contains the NUL character"),
            (json!("围".repeat(1_001)), "is longer than 1000 characters"),
        ] {
            assert_eq!(as_trait(&value), Err(why), "{value}");
        }
        assert!(as_trait(&json!("围".repeat(1_000))).is_ok());
    }

    #[test]
    fn an_answer_that_cannot_be_read_says_why() {
        let wish = wish(json!({"tier": "tier"}));
        let unreadable = Answer { status: 200, body: Err("the answer is not application/json".to_owned()) };
        let read = wish.read(Some(&unreadable));
        assert_eq!(read.note, "the answer set no traits: the answer is not application/json");
        assert!(read.traits.is_empty());
        assert_eq!(Wish { answer: true, ..Wish::default() }.read(Some(&unreadable)), Read::default());
    }
}
