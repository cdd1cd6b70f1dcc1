//! Whatever a journey is like, whatever happens and whenever the process dies: the ledger is the interpreter's.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use people::{members::Room, pipeline::RunnerOptions};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use serde_json::{Map, Value, json};

use super::{
    interpreter::{Happening, Journey, Person, What, World},
    replay::{Mishap, Replay},
    support::{Bench, DAY, HOUR, MINUTE, START, TestDatabase, journeys::TEMPLATE},
};

/// How many cases are tried on each database, unless this variable says otherwise.
const CASES: &str = "HEARTH_TEST_JOURNEY_CASES";
const DAYS: i64 = 12;
const ZONES: [&str; 4] = ["Europe/Berlin", "Pacific/Kiritimati", "Pacific/Honolulu", "Asia/Shanghai"];
const EVENTS: [&str; 3] = ["Order Completed", "Page Read", "Cart Filled"];

/// One case.
#[derive(Clone, Debug)]
struct Case {
    documents: Vec<Value>,
    /// By member: the zone, and what he does when, with how late it arrives.
    members: Vec<(usize, Vec<Deed>)>,
    /// What goes wrong in the rounds that come, from the first again after the last.
    mishaps: Vec<Mishap>,
    batch: (usize, u64, usize, usize),
    repeated: bool,
}

#[derive(Clone, Debug)]
struct Deed {
    hour: i64,
    late: i64,
    what: What,
}

fn segments() -> BTreeMap<String, String> {
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

fn document() -> impl Strategy<Value = Value> {
    let entry = prop_oneof![
        3 => trigger(),
        1 => segment().prop_map(|segment| json!({"segment": segment})),
        1 => segment().prop_map(|segment| json!({"segment_left": segment})),
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
        prop::collection::vec(step(), 1..9),
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
            if keyed && document["entry"].get("event").is_some() {
                document["key"] = json!("properties.cart");
            }
            document
        })
        .prop_filter("a rule can hold for nobody", |document| {
            let refused = outreach::journeys::Document::parse(document).err();
            refused.is_none_or(|problem| problem.code != base::Code::ContradictoryRule)
        })
}

fn deed() -> impl Strategy<Value = Deed> {
    let what = prop_oneof![
        4 => (event_name(), 0..30i64, 0..3u8).prop_map(|(name, amount, cart)| {
            let properties = json!({"amount": amount, "cart": format!("c{cart}")});
            What::Event { name: name.to_owned(), properties }
        }),
        2 => (any::<bool>(), prop::sample::select(vec!["vip", "quiet"])).prop_map(|(added, tag)| {
            What::Tags { added, tags: vec![tag.to_owned()] }
        }),
        1 => (0..30i64).prop_map(|score| What::Traits(json!({"score": score}))),
    ];
    let late = prop_oneof![3 => Just(0i64), 1 => 1..60i64];
    (1..DAYS * 24 - 24, late, what).prop_map(|(hour, late, what)| Deed { hour, late, what })
}

fn mishap() -> impl Strategy<Value = Mishap> {
    prop_oneof![
        6 => Just(Mishap::None),
        1 => Just(Mishap::Restart),
        1 => (1..60usize).prop_map(Mishap::Killed),
    ]
}

fn case() -> impl Strategy<Value = Case> {
    let member = (0..ZONES.len(), prop::collection::vec(deed(), 1..14));
    (
        prop::collection::vec(document(), 1..3),
        prop::collection::vec(member, 1..5),
        prop::collection::vec(mishap(), 1..30),
        (1..8usize, 1..6u64, 1..4usize, 1..4usize),
        any::<bool>(),
    )
        .prop_map(|(documents, members, mishaps, batch, repeated)| Case {
            documents,
            members,
            mishaps,
            batch,
            repeated,
        })
}

fn world(case: &Case) -> World {
    let journey = |document: &Value| Journey { document: document.clone(), published: START };
    World {
        zone: TimeZone::get("Europe/Berlin").unwrap(),
        segments: segments(),
        journeys: case.documents.iter().map(journey).collect(),
        answers: |person| (person.number % 2 == 0).then(|| (3 * HOUR, json!({"score": 10 * person.number}))),
        deeds: |person| {
            let outcome = (person.number % 4 == 1).then(|| "yes".to_owned());
            (person.number % 2 == 1).then_some((7 * HOUR, outcome))
        },
    }
}

fn people(case: &Case) -> Vec<Person> {
    let person = |(number, (zone, deeds)): (usize, &(usize, Vec<Deed>))| {
        let name = format!("m{number}");
        let traits = json!({"email": format!("{name}@example.com"), "timezone": ZONES[*zone]});
        let first = START + MINUTE;
        let mut happenings = vec![Happening { received: first, happened: first, what: What::Traits(traits) }];
        for (place, deed) in deeds.iter().enumerate() {
            // A minute of its own, so that nothing else of the member's is due at that moment.
            let received = START + deed.hour * HOUR + (place as i64 + 2) * MINUTE;
            let is_event = matches!(deed.what, What::Event { .. });
            let happened = if is_event { received - deed.late * HOUR } else { received };
            happenings.push(Happening { received, happened, what: deed.what.clone() });
        }
        happenings.sort_by_key(|happening| happening.received);
        Person { number, name, happenings }
    };
    case.members.iter().enumerate().map(person).collect()
}

/// The number of messages that it came to.
async fn is_as_interpreted(database: &TestDatabase, case: &Case) -> usize {
    let (world, people, end) = (world(case), people(case), START + DAYS * DAY);
    let mut bench = Bench::on(database).await;
    let (batch_events, batch_timers, part, ready) = case.batch;
    bench.options = RunnerOptions { batch_events, batch_timers, part, room: Room { ready, packed_bytes: 2_000 } };
    bench.restart().await;
    let mut replay = Replay::begin(bench, &world, &people).await;
    if case.repeated {
        replay.repeat(5 * HOUR + 30 * MINUTE);
    }
    replay.until(end, |round| case.mishaps[round % case.mishaps.len()]).await;
    let runs = replay.assert_as_interpreted(&people, end).await;
    runs.iter().map(|run| run.sent.len()).sum()
}

/// Tries cases until one is not as it should be, which is then made as small as it can be.
fn every_journey_is_as_interpreted(database: impl AsyncFnOnce() -> Option<TestDatabase>, usual: u32) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let Some(database) = runtime.block_on(database()) else { return };
    let cases = std::env::var(CASES).ok().and_then(|number| number.parse().ok()).unwrap_or(usual);
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 200, ..Config::default() };
    let sent = std::cell::Cell::new(0);
    let outcome = TestRunner::new(config).run(&case(), |case| {
        sent.set(sent.get() + runtime.block_on(is_as_interpreted(&database, &case)));
        Ok(())
    });
    runtime.block_on(database.drop_database());
    if let Err(error) = outcome {
        panic!("{error}");
    }
    assert!(sent.get() > cases as usize / 4, "the cases are too tame: they came to {} messages", sent.get());
}

#[test]
fn every_journey_is_as_interpreted_on_sqlite() {
    every_journey_is_as_interpreted(async || Some(TestDatabase::sqlite().await), 96);
}

#[test]
fn every_journey_is_as_interpreted_on_postgresql() {
    every_journey_is_as_interpreted(async || TestDatabase::postgres().await, 12);
}
