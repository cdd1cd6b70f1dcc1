//! Members are the same however few of their events are read at a time.

use std::{collections::HashMap, sync::Arc};

use base::{
    Event, Time,
    ids::SegmentId,
    rule::{Measure, Rule},
};
use jiff::tz::TimeZone;
use people::{
    members::{MemberState, load_members, load_members_by},
    rules::{BookSource, ComputedTrait, RuleBook, SegmentSource, evaluate},
};
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{RngAlgorithm, TestRng, TestRunner},
};
use serde_json::{Value, json, value::to_raw_value};

use super::{
    chance::{operations, shift, traits},
    parting::merge,
    support::{Bench, DAY, HOUR, WORKSPACE, on_every_database, routes::ask_still, user},
};

/// Something that one of three people does.
#[derive(Clone, Debug)]
enum Deed {
    Says(Value, Value),
    Does(&'static str, i64),
}

fn deeds() -> impl Strategy<Value = Vec<(usize, Deed, i64)>> {
    let names = prop::sample::select(vec!["Order Completed", "Page Read", "Cart Left"]);
    let deed = prop_oneof![
        1 => (traits(), operations()).prop_map(|(traits, operations)| Deed::Says(traits, operations)),
        4 => (names, -2i64..10).prop_map(|(name, amount)| Deed::Does(name, amount)),
    ];
    prop::collection::vec((0..3usize, deed, shift()), 60..=90)
}

const PEOPLE: [&str; 3] = ["a", "b", "c"];

fn event_of(bench: &Bench, (who, deed, shift): &(usize, Deed, i64)) -> Event {
    let who = user(PEOPLE[*who]);
    let event = match deed {
        Deed::Says(traits, operations) => {
            let context = to_raw_value(&json!({"traits_operations": operations})).unwrap();
            Event { context, ..bench.identify(who, traits.clone()) }
        }
        Deed::Does(name, amount) => bench.track(who, name, json!({"amount": amount})),
    };
    Event { timestamp: Time::from_millis(bench.now().millis() + shift), ..event }
}

/// Rules that remember all that can be remembered of events.
fn rules() -> Vec<Value> {
    let mut rules = Vec::new();
    for measure in ["sum", "avg", "min", "max", "distinct", "first", "last", "most_frequent"] {
        for value in [0, 3, 7] {
            let mut rule = json!({"event": "Order Completed"});
            rule[measure] = json!({"property": "amount", "op": "gte", "value": value});
            rules.push(rule);
        }
    }
    rules.extend([
        json!({"event": "Page Read", "count": {"op": "gte", "value": 5}}),
        json!({"event": "Cart Left", "within": "P1D"}),
        json!({"event": "Page Read", "within": "PT6H", "where": [{"property": "amount", "op": "gt", "value": 2}]}),
        json!({"sequence": ["Page Read", "Cart Left", "Order Completed"], "within": "P1D"}),
        json!({"sequence": ["Cart Left", "Order Completed"]}),
        json!({"been": {"not": {"event": "Order Completed", "within": "P1D"}}, "for": "PT3H"}),
        json!({"been": {"trait": "city", "value": "Bonn"}, "for": "PT3H"}),
        json!({"been": {"trait": "level", "op": "gte", "value": 2}, "for": "PT3H"}),
    ]);
    rules
}

fn book() -> RuleBook {
    let segment = |(place, rule): (usize, &Value)| {
        let rule = Rule::parse(rule).unwrap_or_else(|problem| panic!("{rule}: {problem:?}"));
        SegmentSource::plain(SegmentId(1 + place as i64), rule)
    };
    let segments = rules().iter().enumerate().map(segment).collect();
    let mut source = BookSource { segments, ..BookSource::default() };
    for (name, measure, within) in [
        ("visits", Measure::Count, None),
        ("spent", Measure::Sum("amount".to_owned()), Some("P2D")),
        ("kinds", Measure::Distinct("amount".to_owned()), Some("P1D")),
    ] {
        let Rule::Event(event) = Rule::parse(&json!({"event": "Page Read"})).unwrap() else { unreachable!() };
        let computed =
            ComputedTrait { filter: event.filter, measure, within: within.map(|within| within.parse().unwrap()) };
        source.computed.insert(name.to_owned(), computed);
    }
    RuleBook::compile(WORKSPACE, TimeZone::get("Europe/Berlin").unwrap(), 1, &source)
}

/// All that can be asked of a member, now and for some time.
fn answers(book: &RuleBook, member: &MemberState, now: Time) -> Vec<(Value, Vec<bool>)> {
    let moments = [0, 1, HOUR, 5 * HOUR, DAY, 2 * DAY, 30 * DAY].map(|later| Time::from_millis(now.millis() + later));
    let asked = |moment: Time| {
        let holds = book.segments.iter().map(|segment| evaluate(segment.condition, book, member, moment).holds);
        let holds: Vec<bool> = holds.collect();
        (Value::Object(member.profile(book, moment)), holds)
    };
    moments.map(asked).to_vec()
}

#[tokio::test]
async fn members_are_the_same_however_few_events_are_read_at_once() {
    let mut runner = TestRunner::new_with_rng(Default::default(), TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    for _ in 0..6 {
        let deeds = deeds().new_tree(&mut runner).unwrap().current();
        on_every_database(|mut bench| {
            let deeds = deeds.clone();
            async move {
                for part in deeds.chunks(10) {
                    let events: Vec<Event> = part.iter().map(|deed| event_of(&bench, deed)).collect();
                    bench.take(&events).await;
                    bench.advance(5 * HOUR);
                }
                merge(&mut bench, "a", "b").await;
                let (book, now) = (Arc::new(book()), bench.now());
                let books = HashMap::from([(WORKSPACE, book.clone())]);
                let ids = [bench.owner("a").await, bench.owner("c").await];
                let whole = load_members(bench.db.read(), &ids, &books, now).await.unwrap();
                assert_eq!(whole.len(), 2);
                for at_once in [1, 2, 3, 7, 20] {
                    let paged = load_members_by(bench.db.read(), &ids, &books, now, at_once).await.unwrap();
                    for (one, other) in paged.iter().zip(&whole) {
                        assert_eq!(one.id, other.id);
                        assert_eq!(one.past, other.past, "what was said, {at_once} at once");
                        assert_eq!(answers(&book, one, now), answers(&book, other, now), "{at_once} at once");
                    }
                    assert_eq!(paged.len(), whole.len());
                }
                let is_asked = |member: &MemberState| !member.occurrences.is_empty() && !member.sequences.is_empty();
                assert!(whole.iter().any(is_asked), "there is something to compare");
            }
        })
        .await;
    }
}

#[tokio::test]
async fn a_profile_takes_of_events_what_its_computed_traits_ask_for() {
    on_every_database(|mut bench| async move {
        let large = 9_007_199_254_740_993_i64;
        for (name, measure) in [("spent", "sum"), ("most", "max"), ("usual", "avg")] {
            let computed = json!({"event": "Order Completed", "measure": measure, "property": "amount"});
            let (status, answer) =
                ask_still(&bench, "PUT", &format!("/api/v1/traits/{name}"), json!({ "computed": computed })).await;
            assert_eq!(status, 204, "{answer}");
        }
        let computed = json!({"event": "Order Completed", "measure": "count", "within": "P1D"});
        let (status, answer) = ask_still(&bench, "PUT", "/api/v1/traits/recent", json!({ "computed": computed })).await;
        assert_eq!(status, 204, "{answer}");
        for amount in [large, large + 2] {
            bench.take(&[bench.track(user("a"), "Order Completed", json!({ "amount": amount }))]).await;
            bench.advance(10 * DAY);
        }
        bench.take(&[bench.track(user("a"), "Order Completed", json!({"amount": large + 1}))]).await;
        bench.advance(HOUR);
        let uri = format!("/api/v1/members/{}", bench.owner("a").await);
        let (status, member) = ask_still(&bench, "GET", &uri, Value::Null).await;
        assert_eq!(status, 200, "{member}");
        let expected = json!({"spent": 3 * large + 3, "most": large + 2, "usual": large + 1, "recent": 1});
        assert_eq!(member["traits"], expected);
    })
    .await;
}
