//! Operations on traits: they change what the same identity said before, each once, whatever happens to members and
//! however often events are read.

use base::{Event, ids::EventId};
use serde_json::{Value, json, value::to_raw_value};
use testing::Who;

use super::{
    parting::{merge, undo},
    support::{Bench, DAY, HOUR, Outcome, on_every_database, user, visitor},
    traits::{define, said},
};

/// An event that says what traits are, and what is done to them.
fn operate(bench: &Bench, who: Who, traits: Value, operations: Value) -> Event {
    let context = to_raw_value(&json!({"library": {"name": "test"}, "traits_operations": operations})).unwrap();
    Event { context, ..bench.identify(who, traits) }
}

async fn both_of(bench: &Bench, identity: &str) -> (Value, Value) {
    (said(bench, identity, "visits").await, said(bench, identity, "books").await)
}

#[tokio::test]
async fn operations_count_once_each_also_when_events_are_read_again() {
    on_every_database(|mut bench| async move {
        let often = bench.segment(1, &json!({"trait": "visits", "op": "gte", "value": 4})).await;
        let long = bench.segment(2, &json!({"been": {"trait": "visits", "op": "gte", "value": 4}, "for": "P1D"})).await;
        let both = json!([["add", "visits", 1], ["append", "books", ["Faust", "Emma"]]]);
        let first = [
            bench.identify(user("a"), json!({"visits": 2})),
            operate(&bench, user("a"), json!({"books": "Emma"}), json!([["add", "visits", 1]])),
            operate(&bench, user("a"), json!({}), both),
        ];
        bench.take(&first).await;
        bench.take(&first).await;
        let expected = (json!(4), json!(["Emma", "Faust", "Emma"]));
        assert_eq!(both_of(&bench, "a").await, expected, "what is sent twice counts once");
        bench.advance(2 * DAY);
        bench.idle().await;
        assert_eq!((bench.size(often).await, bench.size(long).await), (1, 1));

        // From here on everything is known from the database.
        bench.restart().await;
        for name in ["visits", "books"] {
            define(&bench, name, "any", "latest").await;
        }
        bench.idle().await;
        assert_eq!(both_of(&bench, "a").await, expected);
        let other = json!([["add", "visits", -2.5], ["remove", "books", ["Emma"]], ["prepend", "books", ["Nora"]]]);
        bench.take(&[operate(&bench, user("a"), json!({}), other)]).await;
        assert_eq!(both_of(&bench, "a").await, (json!(1.5), json!(["Nora", "Faust"])));
        assert_eq!((bench.size(often).await, bench.size(long).await), (0, 0));
        bench.restart().await;
        bench.advance(HOUR);
        bench.take(&[operate(&bench, user("a"), json!({}), json!([["add", "visits", 2.5]]))]).await;
        assert_eq!((bench.size(often).await, bench.size(long).await), (1, 0), "not for a day");
        assert_eq!(bench.number("SELECT COUNT(*) FROM dead_letters").await, 0);
    })
    .await;
}

#[tokio::test]
async fn operations_are_those_of_the_identity_that_did_them_when_members_are_parted_again() {
    on_every_database(|mut bench| async move {
        let add = |bench: &Bench, who: Who, by: i64| operate(bench, who, json!({}), json!([["add", "visits", by]]));
        bench.take(&[add(&bench, user("u"), 1), add(&bench, visitor("v"), 5)]).await;
        let merged = merge(&mut bench, "u", "v").await;
        bench.advance(HOUR);
        bench.take(&[add(&bench, user("u"), 1), add(&bench, visitor("v"), 5)]).await;
        bench.restart().await;
        undo(&mut bench, merged).await;
        bench.take(&[add(&bench, user("u"), 1)]).await;
        assert_eq!((said(&bench, "u", "visits").await, said(&bench, "v", "visits").await), (json!(3), json!(10)));
    })
    .await;
}

#[tokio::test]
async fn what_does_not_fit_waits_alone_and_counts_once_when_it_is_sent_again() {
    on_every_database(|mut bench| async move {
        bench.take(&[bench.identify(user("a"), json!({"visits": "many"}))]).await;
        bench.advance(HOUR);
        let mixed = json!([["clear_not"], ["add", "visits", 1]]);
        let unreadable = operate(&bench, user("a"), json!({"city": "Bonn"}), mixed);
        let half = json!([["add", "visits", 1], ["append", "books", ["Emma"]]]);
        let half =
            Event { message_id: "half".to_owned(), ..operate(&bench, user("a"), json!({"city": "Köln"}), half) };
        bench.take(&[unreadable, half]).await;
        assert_eq!(said(&bench, "a", "city").await, json!("Köln"), "the rest of the event takes effect");
        assert_eq!(both_of(&bench, "a").await, (json!("many"), json!(["Emma"])));
        let codes = bench.texts("SELECT code AS text FROM dead_letters ORDER BY code").await;
        assert_eq!(codes, ["invalid_field", "wrong_trait_type"]);
        let kept = bench.texts("SELECT payload AS text FROM dead_letters WHERE code = 'wrong_trait_type'").await;
        let letter = Event::from_record(kept[0].as_bytes()).unwrap();
        let context: Value = serde_json::from_str(letter.context.get()).unwrap();
        assert_eq!(letter.message_id, "half-traits");
        assert_eq!(letter.properties.get(), "{}");
        assert_eq!(context, json!({"library": {"name": "test"}, "traits_operations": [["add", "visits", 1]]}));

        define(&bench, "visits", "number", "latest").await;
        bench.idle().await;
        assert_eq!(both_of(&bench, "a").await, (Value::Null, json!(["Emma"])), "it is still no part of what was done");
        // As the routes send it again.
        let again = Event { id: bench.ids.next(EventId), received_at: bench.now(), ..letter };
        bench.take(&[again]).await;
        define(&bench, "visits", "any", "largest").await;
        define(&bench, "visits", "number", "latest").await;
        bench.idle().await;
        assert_eq!(both_of(&bench, "a").await, (json!(1), json!(["Emma"])));
    })
    .await;
}

#[tokio::test]
async fn a_list_that_would_be_too_long_stays_as_it_is_and_the_operation_is_kept() {
    on_every_database(|mut bench| async move {
        let full: Vec<i64> = (0..1_000).collect();
        let missing = json!([["append_missing", "books", [999]], ["append", "books", [1_000]], ["add", "visits", 1]]);
        bench
            .take(&[
                bench.identify(user("a"), json!({ "books": full })),
                operate(&bench, user("a"), json!({}), missing),
            ])
            .await;
        assert_eq!(both_of(&bench, "a").await, (json!(1), json!(full)));
        assert_eq!(bench.texts("SELECT code AS text FROM dead_letters").await, ["list_too_long"]);
        let shorter = json!([["remove", "books", full[1..]], ["append", "books", [1_000]]]);
        bench.take(&[operate(&bench, user("a"), json!({}), shorter)]).await;
        assert_eq!(both_of(&bench, "a").await, (json!(1), json!([0, 1_000])));
    })
    .await;
}

#[tokio::test]
async fn what_no_event_tells_any_more_stays_part_of_what_operations_made() {
    on_every_database(|mut bench| async move {
        let add = |bench: &Bench| operate(bench, user("a"), json!({}), json!([["add", "visits", 1]]));
        bench.take(&[bench.identify(user("a"), json!({"visits": 5}))]).await;
        bench.advance(HOUR);
        bench.take(&[add(&bench)]).await;
        // First what it was made of is gone, then one of the operations.
        bench.run("DELETE FROM events", vec![]).await;
        bench.advance(HOUR);
        bench.take(&[add(&bench)]).await;
        define(&bench, "visits", "number", "latest").await;
        bench.restart().await;
        bench.idle().await;
        assert_eq!(said(&bench, "a", "visits").await, json!(7));
        bench.advance(HOUR);
        bench.take(&[bench.identify(user("a"), json!({"visits": 1})), add(&bench)]).await;
        define(&bench, "visits", "any", "latest").await;
        bench.idle().await;
        assert_eq!(said(&bench, "a", "visits").await, json!(2));
    })
    .await;
}

#[tokio::test]
async fn a_clearing_takes_away_what_one_identity_said_and_no_history() {
    on_every_database(|mut bench| async move {
        let bonn = bench.segment(1, &json!({"trait": "city", "value": "Bonn"})).await;
        let been = bench.segment(2, &json!({"been": {"trait": "city", "value": "Bonn"}, "for": "P1D"})).await;
        bench.take(&[bench.identify(visitor("v"), json!({"city": "Bonn", "name": "Li"}))]).await;
        bench.advance(1);
        bench.take(&[bench.identify(user("u"), json!({"city": "Köln", "books": ["Emma"]}))]).await;
        let merged = merge(&mut bench, "u", "v").await;
        bench.advance(2 * DAY);
        bench.idle().await;
        assert_eq!((bench.size(bonn).await, bench.size(been).await), (0, 0));
        let clear = json!([["append", "books", ["Faust"]], ["clear"]]);
        bench.take(&[operate(&bench, user("u"), json!({"visits": 1}), clear)]).await;
        assert_eq!(both_of(&bench, "u").await, (json!(1), json!(["Faust"])), "a clearing comes first");
        assert_eq!(said(&bench, "u", "city").await, Value::Null);
        assert_eq!(bench.size(bonn).await, 1, "what the other identity said shows again");
        bench.restart().await;
        for name in ["city", "books"] {
            define(&bench, name, "any", "latest").await;
        }
        bench.advance(2 * DAY);
        bench.idle().await;
        assert_eq!((bench.size(bonn).await, bench.size(been).await), (1, 1));
        assert_eq!(said(&bench, "u", "books").await, json!(["Faust"]));
        undo(&mut bench, merged).await;
        assert_eq!(bench.size(bonn).await, 1);
        assert_eq!(bench.people().await.len(), 2);
        assert_eq!(bench.number("SELECT COUNT(*) FROM events WHERE kind = 'identify'").await, 3, "nothing is erased");
    })
    .await;
}
