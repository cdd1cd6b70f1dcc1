//! The fast paths against naive ones.

use base::{Event, EventKind, IdSource, Time};
use proptest::prelude::*;
use serde_json::{Map, Value, json, value::RawValue};
use store::SimulatedClock;

use super::{WORKSPACE, now};
use crate::ingest::{
    envelope::Shared,
    moment::Arrival,
    normalise::{CallFrom, MessageId, Origin, Records, word_of},
    scan::{self, Fault},
};

/// JSON text with everything that texts from outside may have: blanks, escapes, odd numbers.
fn json_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        8 => "[a-z 名:{}\\[\\],]{0,4}",
        2 => Just(r#"\""#.to_owned()),
        2 => Just(r"\\".to_owned()),
        2 => Just(r"\n".to_owned()),
        2 => Just(r"\u0041".to_owned()),
        2 => Just(r"\\u0000".to_owned()),
        2 => Just(r"\ud83d\ude00".to_owned()),
        2 => Just(r"\uD83D\uDE00".to_owned()),
        1 => Just(r"\u0000".to_owned()),
        1 => Just(r"\ud800".to_owned()),
        1 => Just(r"\udc00".to_owned()),
        1 => Just(r"\ud800\u0041".to_owned()),
    ];
    let text = proptest::collection::vec(piece, 0..4).prop_map(|pieces| format!("\"{}\"", pieces.concat()));
    let number = prop_oneof![
        any::<i64>().prop_map(|n| n.to_string()),
        any::<f64>().prop_filter("finite", |n| n.is_finite()).prop_map(|n| json!(n).to_string()),
        (1..10u8, -420..420i32).prop_map(|(digit, exponent)| format!("-{digit}.5E{exponent:+}")),
        (290..320usize).prop_map(|digits| "9".repeat(digits)),
        Just("1.7976931348623157e308".to_owned()),
        Just("1.7976931348623159e308".to_owned()),
    ];
    let leaf = prop_oneof![
        4 => text.clone(),
        4 => number,
        1 => Just("null".to_owned()),
        1 => Just("true".to_owned()),
        1 => Just("false".to_owned()),
    ];
    leaf.prop_recursive(26, 60, 3, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(|items| format!("[ {} ]", items.join(" ,"))),
            proptest::collection::vec((text.clone(), inner), 0..3).prop_map(|entries| {
                let entries: Vec<String> =
                    entries.into_iter().map(|(name, value)| format!("{name} :{value}")).collect();
                format!("{{{}\n}}", entries.join(", "))
            }),
        ]
    })
}

fn depth_of(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth_of).max().unwrap_or(0),
        Value::Object(entries) => 1 + entries.values().map(depth_of).max().unwrap_or(0),
        _ => 0,
    }
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(entries) => entries.iter().any(|(name, value)| name.contains('\0') || has_nul(value)),
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_scan_refuses_exactly_what_a_walk_over_the_tree_would(text in json_text()) {
        let raw: &RawValue = serde_json::from_str(&text).unwrap();
        let scanned = scan::check(raw);
        match serde_json::from_str::<Value>(&text) {
            // A number out of range or half of a surrogate pair: no tree can be built at all. (What comes first
            // in the text is named first.)
            Err(_) => prop_assert!(scanned.is_err(), "{text}"),
            // Entries with equal names are one in the tree, so that only what is left of them counts there.
            Ok(value) => match scanned {
                Ok(()) => prop_assert!(depth_of(&value) <= scan::MAX_DEPTH && !has_nul(&value), "{text}"),
                Err(Fault::TooDeep) => prop_assert!(text.matches(['{', '[']).count() > scan::MAX_DEPTH, "{text}"),
                Err(Fault::NulCharacter) => prop_assert!(text.contains(r"\u0000"), "{text}"),
                Err(fault) => prop_assert!(false, "{fault:?} in {text}"),
            },
        }
    }

    #[test]
    fn the_number_of_properties_is_counted_at_the_top_only(count in 990..1_010usize, inner in json_text()) {
        prop_assume!(serde_json::from_str::<Value>(&inner).is_ok_and(|value| depth_of(&value) < 19 && !has_nul(&value)));
        let raw: &RawValue = serde_json::from_str(&inner).unwrap();
        prop_assume!(scan::check(raw).is_ok());
        let entries: Vec<String> = (0..count).map(|n| format!(r#""{n}":{inner}"#)).collect();
        let text = format!("{{{}}}", entries.join(","));
        let scanned = scan::check(serde_json::from_str(&text).unwrap());
        prop_assert_eq!(scanned, if count > 1_000 { Err(Fault::TooManyProperties) } else { Ok(()) });
    }
}

fn field_text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z0-9 \"\\\\/\n\t名]{1,12}", "\\PC{1,8}"]
}

fn object() -> impl Strategy<Value = Map<String, Value>> {
    let leaf = prop_oneof![
        any::<i32>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        field_text().prop_map(Value::from),
        Just(Value::Null),
    ];
    let name = prop_oneof!["[a-c]", Just("name".to_owned()), Just("group_id".to_owned()), Just("traits".to_owned())];
    proptest::collection::btree_map(name, leaf, 0..4).prop_map(|entries| entries.into_iter().collect())
}

#[derive(Clone, Debug)]
struct Sent {
    kind: EventKind,
    item: Map<String, Value>,
    shared: Option<Map<String, Value>>,
}

fn sent() -> impl Strategy<Value = Sent> {
    let kind = prop_oneof![
        Just(EventKind::Track),
        Just(EventKind::Identify),
        Just(EventKind::Page),
        Just(EventKind::Screen),
        Just(EventKind::Group),
        Just(EventKind::Alias),
    ];
    let texts = proptest::collection::vec(proptest::option::of(field_text()), 7);
    let objects = proptest::collection::vec(proptest::option::of(object()), 4);
    (kind, texts, objects, proptest::option::of(-1_000_000_000i64..80_000_000)).prop_map(
        |(kind, texts, objects, moment)| {
            let names = ["userId", "anonymousId", "event", "name", "category", "groupId", "previousId"];
            let mut item: Map<String, Value> = Map::new();
            for (name, text) in names.into_iter().zip(texts) {
                if let Some(text) = text {
                    item.insert(name.to_owned(), text.into());
                }
            }
            let [properties, traits, context, shared] = <[_; 4]>::try_from(objects).unwrap_or_default();
            for (name, object) in [("properties", properties), ("traits", traits), ("context", context)] {
                if let Some(object) = object {
                    item.insert(name.to_owned(), object.into());
                }
            }
            if let Some(moment) = moment {
                let moment = Time::from_millis(now().millis() + moment);
                item.insert("timestamp".to_owned(), moment.to_string().into());
            }
            item.insert("type".to_owned(), word_of(kind).into());
            item.insert("messageId".to_owned(), "m \"1\"".into());
            Sent { kind, item, shared }
        },
    )
}

/// What the record must say, worked out on trees; `None` when it must be refused.
fn expected(sent: &Sent) -> Option<Value> {
    let text = |name: &str| sent.item.get(name).and_then(Value::as_str);
    let id = |name: &str| text(name).filter(|id| !id.trim().is_empty());
    let object = |name: &str| sent.item.get(name).and_then(Value::as_object).cloned();
    let (user, anonymous) = (id("userId"), id("anonymousId"));
    let (group, previous) = (id("groupId"), id("previousId"));
    let name = match sent.kind {
        EventKind::Track => text("event").map(str::trim).filter(|name| !name.is_empty())?,
        kind => kind.default_name(),
    };
    if (user.is_none() && (anonymous.is_none() || sent.kind == EventKind::Alias))
        || (sent.kind == EventKind::Alias && previous.is_none())
        || (sent.kind == EventKind::Group && group.is_none())
    {
        return None;
    }
    let context = object("context");
    let mut properties = match sent.kind {
        EventKind::Identify => {
            object("traits").or_else(|| context.clone()?.get("traits")?.as_object().cloned()).unwrap_or_default()
        }
        EventKind::Group => object("traits").or_else(|| object("properties")).unwrap_or_default(),
        _ => object("properties").unwrap_or_default(),
    };
    if sent.kind == EventKind::Group {
        properties.insert("group_id".to_owned(), group.into());
    }
    if matches!(sent.kind, EventKind::Page | EventKind::Screen) {
        for name in ["name", "category"] {
            if let Some(value) = text(name).filter(|value| !value.is_empty()) {
                properties.entry(name).or_insert(value.into());
            }
        }
    }
    let mut merged = sent.shared.clone().unwrap_or_default();
    merged.extend(context.unwrap_or_default());
    let at = text("timestamp").map_or(now(), |text| text.parse().unwrap());
    Some(json!({
        "kind": word_of(sent.kind), "name": name, "user": user, "anon": anonymous,
        "prev": if sent.kind == EventKind::Alias { previous } else { None },
        "at": at.millis(), "recv": now().millis(), "msg": "m \"1\"", "src": "key \"x\"",
        "props": properties, "ctx": merged,
    }))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_record_of_the_log_says_what_was_sent(sent in sent(), pretty in any::<bool>()) {
        let text = match pretty {
            true => serde_json::to_string_pretty(&sent.item).unwrap(),
            false => serde_json::to_string(&sent.item).unwrap(),
        };
        let shared_text = sent.shared.as_ref().map(|shared| serde_json::to_string(shared).unwrap());
        let shared = Shared {
            context: shared_text.as_deref().map(|text| serde_json::from_str(text).unwrap()),
            ..Shared::default()
        };
        let ids = IdSource::from_seed(SimulatedClock::at(now()).shared(), 1);
        let arrival = Arrival { received_at: now(), now: now() };
        let origin = Origin { workspace: WORKSPACE, source: "key \"x\"", trusted: true, arrival };
        let mut records = Records::new(origin, shared, &ids, 4, (64, 1));
        // A refused record before it must leave no trace.
        let refused = records.add(r#"{"type":"track","event":"E","userId":"u","properties":[]}"#, CallFrom::Item, MessageId::Own);
        prop_assert_eq!(refused.map_err(|refusal| refusal.code), Err(base::Code::InvalidField));
        let added = records.add(&text, CallFrom::Item, MessageId::Own);
        let Some(mut expected) = expected(&sent) else {
            prop_assert!(added.is_err());
            return Ok(());
        };
        prop_assert_eq!(added, Ok(()));
        let record = records.finish().remove(0);
        let event = Event::from_record(&record.payload).unwrap();
        prop_assert_eq!(record.partition, base::event::partition_of(WORKSPACE, &event.partition_key(), 4));
        prop_assert_eq!(event.workspace, WORKSPACE);
        let read: Value = serde_json::from_slice(&event.to_record()).unwrap();
        let expected = expected.as_object_mut().unwrap();
        expected.insert("id".to_owned(), event.id.to_string().into());
        expected.insert("ws".to_owned(), WORKSPACE.to_string().into());
        expected.retain(|name, value| !value.is_null() && (name != "ctx" || *value != json!({})));
        prop_assert_eq!(&read, &Value::Object(expected.clone()));
    }
}
