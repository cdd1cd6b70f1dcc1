//! Random journeys, and what random members and operators do.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{interpreter::What, support::journeys::TEMPLATE};

pub const DAYS: i64 = 12;
/// Most steps of a journey.
const STEPS: usize = 9;
const EVENTS: [&str; 3] = ["Order Completed", "Page Read", "Cart Filled"];

/// What a member does, how many hours after the start, and how late that arrives.
#[derive(Clone, Debug)]
pub struct Deed {
    pub hour: i64,
    pub late: i64,
    pub what: What,
}

/// What an operator does with one of the journeys, if that can be done to it then.
#[derive(Clone, Debug)]
pub struct Wish {
    pub hour: i64,
    pub journey: usize,
    pub what: Wished,
}

#[derive(Clone, Debug)]
pub enum Wished {
    /// With a place among the new steps, or behind them, for each of the old ones.
    Publish {
        document: Value,
        places: Option<Vec<usize>>,
    },
    Pause {
        hours: i64,
    },
    Stop {
        finish: bool,
    },
    Holdout {
        share: f64,
        reshuffle: bool,
    },
}

/// Segments by their id, each with its tag.
pub fn segments() -> BTreeMap<String, String> {
    let id = |number: i64| base::ids::SegmentId(number).to_string();
    [(id(1), "vip".to_owned()), (id(2), "quiet".to_owned())].into_iter().collect()
}

fn segment() -> impl Strategy<Value = String> {
    prop::sample::select(segments().into_keys().collect::<Vec<_>>())
}

fn event_name() -> impl Strategy<Value = &'static str> {
    prop::sample::select(EVENTS.to_vec())
}

/// Periods of whole hours, so that no timer falls on the minute of an event.
fn period() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["PT1H", "PT5H", "P1D", "P1DT3H", "P2D", "P3D"])
}

fn trigger() -> impl Strategy<Value = Value> {
    (event_name(), prop::option::of(0..20i64)).prop_map(|(event, least)| match least {
        Some(least) => json!({"event": event, "where": [{"property": "amount", "op": "gte", "value": least}]}),
        None => json!({"event": event}),
    })
}

fn rule() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        (event_name(), period()).prop_map(|(event, within)| json!({"event": event, "within": within})),
        prop::sample::select(vec!["vip", "quiet"]).prop_map(|tag| json!({"tag": tag})),
        (0..30i64).prop_map(|least| json!({"trait": "score", "op": "gte", "value": least})),
    ];
    leaf.prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..3).prop_map(|parts| json!({"all": parts})),
            prop::collection::vec(inner.clone(), 1..3).prop_map(|parts| json!({"any": parts})),
            inner.prop_map(|inner| json!({"not": inner})),
        ]
    })
}

/// A way to another step: a number of which the place in the document makes a step that comes later, or the end.
fn way() -> impl Strategy<Value = Value> {
    (0..100u8).prop_map(|number| json!(format!("@{number}")))
}

fn step() -> impl Strategy<Value = Value> {
    let tag = || prop::sample::select(vec!["vip", "quiet", "other"]);
    prop_oneof![
        2 => (period(), way()).prop_map(|(period, next)| json!({"type": "wait", "for": period, "next": next})),
        1 => (trigger(), prop::option::of(period()), way(), way(), any::<bool>()).prop_map(|(mut event, timeout, next, out, same)| {
            if same {
                event["match"] = json!([{"property": "cart", "entry": "properties.cart"}]);
            }
            with_limit(json!({"type": "wait", "event": event, "next": next}), timeout, out)
        }),
        1 => (segment(), prop::option::of(period()), way(), way()).prop_map(|(segment, timeout, next, out)| {
            with_limit(json!({"type": "wait", "segment": segment, "next": next}), timeout, out)
        }),
        1 => (way(), date_offset()).prop_map(|(next, offset)| {
            let mut until = json!({"trait": "renewal", "at": "09:00"});
            if let Some(offset) = offset {
                until["offset"] = json!(offset);
            }
            json!({"type": "wait", "until": until, "next": next})
        }),
        1 => (way(), any::<bool>()).prop_map(|(next, week)| {
            let mut window = json!({"from": "09:00", "to": "17:00"});
            if week {
                window["days"] = json!(["mon", "wed", "sat"]);
            }
            json!({"type": "wait", "window": window, "next": next})
        }),
        3 => way().prop_map(|next| json!({"type": "send", "channel": "email", "template": TEMPLATE.to_string(), "next": next})),
        2 => (tag(), tag(), way()).prop_map(|(add, remove, next)| match add == remove {
            true => json!({"type": "tag", "add": [add], "next": next}),
            false => json!({"type": "tag", "add": [add], "remove": [remove], "next": next}),
        }),
        1 => (0..30i64, way()).prop_map(|(score, next)| json!({"type": "set", "traits": {"score": score}, "next": next})),
        2 => (prop::collection::vec((rule(), way()), 1..3), way()).prop_map(|(cases, otherwise)| {
            let cases: Vec<Value> = cases.into_iter().map(|(when, next)| json!({"when": when, "next": next})).collect();
            json!({"type": "branch", "cases": cases, "else": otherwise})
        }),
        1 => (way(), way()).prop_map(|(one, other)| {
            json!({"type": "split", "ways": [{"share": 0.5, "next": one}, {"share": 0.5, "next": other}]})
        }),
        1 => (way(), prop::option::of(way())).prop_map(|(next, held)| {
            json!({"type": "holdout", "share": 0.4, "next": next, "held": held})
        }),
        1 => (way(), way(), prop::option::of(period())).prop_map(|(next, out, timeout)| {
            with_limit(json!({"type": "webhook", "channel": "webhook", "traits": {"score": "score"}, "next": next}), timeout, out)
        }),
        1 => (way(), way(), way(), prop::option::of(period())).prop_map(|(next, yes, expired, due)| {
            let mut task = json!({"type": "task", "title": "Call", "outcomes": {"yes": yes}, "next": next});
            if let Some(due) = due {
                task["due"] = json!(due);
                task["expired"] = expired;
            }
            task
        }),
        1 => Just(json!({"type": "exit"})),
    ]
}

fn with_limit(mut step: Value, timeout: Option<&str>, next: Value) -> Value {
    if let Some(timeout) = timeout {
        step["timeout"] = json!(timeout);
        step["timeout_next"] = next;
    }
    step
}

/// Makes steps of the ways: only later ones, so that there are no circles.
fn lead(value: &mut Value, place: usize, count: usize) {
    match value {
        Value::String(text) if text.starts_with('@') => {
            let number: usize = text[1..].parse().unwrap();
            let next = place + 1 + number % (count - place);
            *value = if next < count { json!(format!("s{next}")) } else { Value::Null };
        }
        Value::Array(items) => items.iter_mut().for_each(|item| lead(item, place, count)),
        Value::Object(fields) => fields.values_mut().for_each(|field| lead(field, place, count)),
        _ => {}
    }
}

fn date_offset() -> impl Strategy<Value = Option<&'static str>> {
    prop::sample::select(vec![None, Some("-P1D"), Some("P2D")])
}

/// Half past two does not come on the third day in Berlin.
fn clock() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["02:30", "09:00", "18:00"])
}

fn calendar() -> impl Strategy<Value = Value> {
    let date = (any::<bool>(), date_offset(), clock()).prop_map(|(yearly, offset, at)| {
        let mut date = match yearly {
            true => json!({"trait": "birthday", "every": "year", "at": at}),
            false => json!({"trait": "renewal", "at": at}),
        };
        if let Some(offset) = offset {
            date["offset"] = json!(offset);
        }
        json!({ "date": date })
    });
    let schedule =
        (0..3u8, clock(), any::<bool>(), prop::option::of(segment())).prop_map(|(kind, at, own, segment)| {
            let mut schedule = match kind {
                0 => json!({"every": "day"}),
                1 => json!({"every": "week", "on": ["sat", "mon"]}),
                _ => json!({"every": "month", "on": [-1, 2]}),
            };
            schedule["at"] = json!(at);
            schedule["zone"] = json!(if own { "member" } else { "workspace" });
            if let Some(segment) = segment {
                schedule["segment"] = json!(segment);
            }
            json!({ "schedule": schedule })
        });
    prop_oneof![1 => date, 2 => schedule]
}

pub fn document() -> impl Strategy<Value = Value> {
    let entry = prop_oneof![
        4 => trigger(),
        1 => segment().prop_map(|segment| json!({"segment": segment})),
        1 => segment().prop_map(|segment| json!({"segment_left": segment})),
        2 => calendar(),
        1 => Just(json!({"manual": true})),
        1 => Just(json!({"import": true})),
    ];
    let exit = prop_oneof![
        2 => trigger(),
        1 => segment().prop_map(|segment| json!({"segment": segment})),
        1 => segment().prop_map(|segment| json!({"segment_left": segment})),
    ];
    let goal = (
        prop_oneof![2 => trigger(), 1 => segment().prop_map(|segment| json!({"segment": segment}))],
        prop::option::of(period()),
    );
    (
        entry,
        prop::collection::vec(step(), 1..=STEPS),
        prop::sample::select(vec!["never", "after_exit", "always"]),
        prop::option::of(period()),
        prop::collection::vec(exit, 0..2),
        prop::option::of(goal),
        prop::sample::select(vec![0.0, 0.0, 0.3]),
        any::<bool>(),
    )
        .prop_map(|(entry, steps, policy, cooldown, exit, goal, holdout, keyed)| {
            let count = steps.len();
            let mut named = Map::new();
            for (place, mut step) in steps.into_iter().enumerate() {
                lead(&mut step, place, count);
                named.insert(format!("s{place}"), step);
            }
            let mut reentry = json!({"policy": policy});
            // What steps do may let the member in again: not for ever.
            if let Some(cooldown) = cooldown.or((policy != "never").then_some("PT5H")) {
                reentry["cooldown"] = json!(cooldown);
            }
            let mut document =
                json!({"entry": entry, "reentry": reentry, "exit": exit, "holdout": holdout, "start": "s0", "steps": named});
            if let Some((mut goal, within)) = goal {
                if let Some(within) = within {
                    goal["within"] = json!(within);
                }
                document["goal"] = goal;
            }
            let has_properties = |entry: &Value| ["event", "manual", "import"].iter().any(|kind| entry.get(kind).is_some());
            if keyed && has_properties(&document["entry"]) {
                document["key"] = json!("properties.cart");
            }
            document
        })
        .prop_filter("a rule can hold for nobody", |document| {
            let refused = outreach::journeys::Document::parse(document).err();
            refused.is_none_or(|problem| problem.code != base::Code::ContradictoryRule)
        })
}

pub fn deed() -> impl Strategy<Value = Deed> {
    let what = prop_oneof![
        4 => (event_name(), 0..30i64, 0..3u8).prop_map(|(name, amount, cart)| {
            let properties = json!({"amount": amount, "cart": format!("c{cart}")});
            What::Event { name: name.to_owned(), properties }
        }),
        2 => (any::<bool>(), prop::sample::select(vec!["vip", "quiet"])).prop_map(|(added, tag)| {
            What::Tags { added, tags: vec![tag.to_owned()] }
        }),
        1 => (0..30i64).prop_map(|score| What::Traits(json!({"score": score}))),
        1 => (any::<bool>(), 26..38i64).prop_map(|(yearly, day)| {
            // From the 26th of March to the 6th of April.
            let day = if day > 31 { format!("04-{:02}", day - 31) } else { format!("03-{day}") };
            let said = if yearly { ("birthday", format!("1990-{day}")) } else { ("renewal", format!("2026-{day}")) };
            What::Traits(json!({said.0: said.1}))
        }),
        1 => (0..30i64, 0..3u8).prop_map(|(score, cart)| What::Imported(json!({"score": score, "cart": format!("c{cart}")}))),
        1 => prop::sample::select(vec!["vip", "quiet"]).prop_map(|tag| What::ImportedTags(vec![tag.to_owned()])),
        1 => (0..2usize, prop::option::of(0..3u8), 0..3u8).prop_map(|(journey, key, cart)| What::Asked {
            journey,
            key: key.map(|key| format!("c{key}")),
            properties: json!({"amount": 5, "cart": format!("c{cart}")}),
        }),
    ];
    let late = prop_oneof![3 => Just(0i64), 1 => 1..60i64];
    (1..DAYS * 24 - 24, late, what).prop_map(|(hour, late, what)| Deed { hour, late, what })
}

/// What an operator wishes.
pub fn wish() -> impl Strategy<Value = Wish> {
    let what = prop_oneof![
        4 => (document(), prop::option::of(prop::collection::vec(0..=STEPS, STEPS + 1)))
            .prop_map(|(document, places)| Wished::Publish { document, places }),
        2 => (1..60i64).prop_map(|hours| Wished::Pause { hours }),
        1 => any::<bool>().prop_map(|finish| Wished::Stop { finish }),
        1 => (prop::sample::select(vec![0.0, 0.2, 0.5]), any::<bool>())
            .prop_map(|(share, reshuffle)| Wished::Holdout { share, reshuffle }),
    ];
    (2..DAYS * 24 - 24, 0..2usize, what).prop_map(|(hour, journey, what)| Wish { hour, journey, what })
}

/// Where those go who stand at the old steps, or at none.
pub fn mapping(document: &Value, places: &[usize]) -> BTreeMap<String, Option<String>> {
    let count = document["steps"].as_object().unwrap().len();
    let to = |place: usize| Some(place % (count + 1)).filter(|place| *place < count).map(|place| format!("s{place}"));
    let from = |step: usize| if step < STEPS { format!("s{step}") } else { String::new() };
    places.iter().enumerate().map(|(step, place)| (from(step), to(*place))).collect()
}
