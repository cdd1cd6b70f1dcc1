//! Traits: what profiles show after a definition has changed, and what is said only for who has none.

use base::Event;
use serde_json::{Value, json, value::to_raw_value};
use testing::Who;

use super::{
    parting::{merge, undo},
    support::{Bench, DAY, HOUR, WORKSPACE, on_every_database, routes::ask_still, user, visitor},
};

/// Settles what a trait is, as the routes would; profiles are decided anew when the runner next runs.
pub async fn define(bench: &Bench, name: &str, value_type: &str, conflict: &str) {
    bench
        .run(
            "INSERT INTO traits (workspace_id, name, title, value_type, conflict, state, created_by, created_at, updated_at)
             VALUES ($1, $2, '', $3, $4, 'building', 'test', 0, 0)
             ON CONFLICT (workspace_id, name) DO UPDATE SET value_type = excluded.value_type, conflict = excluded.conflict,
               state = 'building', built_to = 0",
            vec![WORKSPACE.0.into(), name.into(), value_type.into(), conflict.into()],
        )
        .await;
    bench.run("UPDATE workspaces SET rules_version = rules_version + 1", vec![]).await;
}

/// What the identity of this value has of a trait; null when it has nothing.
pub async fn said(bench: &Bench, identity: &str, name: &str) -> Value {
    let traits = bench.texts(&format!("SELECT traits_json AS text FROM identities WHERE value = '{identity}'")).await;
    let traits: Value = serde_json::from_str(&traits[0]).unwrap();
    traits[name][0].clone()
}

#[tokio::test]
async fn what_arrives_while_profiles_are_decided_anew_counts_with_the_rest() {
    on_every_database(|mut bench| async move {
        let segment = bench.segment(1, &json!({"trait": "level", "value": 2})).await;
        let first = [bench.identify(user("a"), json!({"level": 1})), bench.identify(user("b"), json!({"level": 1}))];
        bench.take(&first).await;
        bench.advance(HOUR);
        // The definition and the next value are met in one batch.
        define(&bench, "level", "number", "latest").await;
        bench.take(&[bench.identify(user("a"), json!({"level": 2}))]).await;
        assert_eq!(bench.texts("SELECT state AS text FROM traits").await, ["live"]);
        assert_eq!(said(&bench, "a", "level").await, json!(2));
        assert_eq!(said(&bench, "b", "level").await, json!(1));
        assert_eq!(bench.size(segment).await, 1);

        define(&bench, "level", "number", "first").await;
        bench.take(&[bench.identify(user("b"), json!({"level": 2}))]).await;
        assert_eq!(said(&bench, "a", "level").await, json!(1), "what came first counts again");
        assert_eq!(said(&bench, "b", "level").await, json!(1));
        assert_eq!(bench.size(segment).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_value_is_read_as_it_was_said_and_not_as_an_earlier_definition_had_it() {
    on_every_database(|mut bench| async move {
        define(&bench, "code", "text", "latest").await;
        bench.take(&[bench.identify(user("a"), json!({"code": 42}))]).await;
        assert_eq!(said(&bench, "a", "code").await, json!("42"));
        define(&bench, "code", "any", "latest").await;
        bench.idle().await;
        assert_eq!(said(&bench, "a", "code").await, json!(42));
        define(&bench, "code", "boolean", "latest").await;
        bench.idle().await;
        assert_eq!(said(&bench, "a", "code").await, Value::Null);
        define(&bench, "code", "number", "latest").await;
        bench.idle().await;
        assert_eq!(said(&bench, "a", "code").await, json!(42), "the event still tells it");
    })
    .await;
}

#[tokio::test]
async fn the_largest_and_the_smallest_are_found_to_the_last_digit() {
    const EXACT: i64 = 9_007_199_254_740_992;
    on_every_database(|mut bench| async move {
        let segment = bench.segment(1, &json!({"trait": "most", "value": EXACT + 1})).await;
        define(&bench, "most", "number", "largest").await;
        define(&bench, "least", "number", "smallest").await;
        for (hour, number) in [json!(EXACT), json!(EXACT + 1), json!(EXACT as f64), json!(EXACT)].iter().enumerate() {
            bench.take(&[bench.identify(user("a"), json!({"most": number, "least": number}))]).await;
            assert_eq!(bench.size(segment).await, i64::from(hour > 0), "after {number}");
        }
        assert_eq!(said(&bench, "a", "most").await, json!(EXACT + 1));
        bench.take(&[bench.identify(user("a"), json!({"least": EXACT - 1}))]).await;
        assert_eq!(said(&bench, "a", "least").await, json!(EXACT - 1));

        // What the events say is decided anew in the same way.
        define(&bench, "most", "number", "largest").await;
        bench.idle().await;
        assert_eq!(said(&bench, "a", "most").await, json!(EXACT + 1));
        assert_eq!(bench.size(segment).await, 1);
    })
    .await;
}

#[tokio::test]
async fn what_no_event_tells_any_more_counts_and_is_read_by_the_new_definition_too() {
    on_every_database(|mut bench| async move {
        define(&bench, "level", "any", "largest").await;
        bench.take(&[bench.identify(user("a"), json!({"level": 9, "rank": "7", "size": "large"}))]).await;
        bench.run("DELETE FROM events", vec![]).await;
        bench.advance(HOUR);
        bench.take(&[bench.identify(user("a"), json!({"level": 5}))]).await;
        assert_eq!(said(&bench, "a", "level").await, json!(9));
        for name in ["level", "rank", "size"] {
            define(&bench, name, "number", "largest").await;
        }
        bench.idle().await;
        assert_eq!(said(&bench, "a", "level").await, json!(9), "it is larger than what is told");
        assert_eq!(said(&bench, "a", "rank").await, json!(7));
        assert_eq!(said(&bench, "a", "size").await, Value::Null, "it is no number");
    })
    .await;
}

#[tokio::test]
async fn a_computed_trait_hides_what_was_said_only_when_it_is_asked_to() {
    on_every_database(|mut bench| async move {
        for name in ["a", "b"] {
            bench.take(&[bench.identify(user(name), json!({"spent": 5}))]).await;
        }
        let computed = json!({"event": "Order Completed", "measure": "sum", "property": "revenue"});
        let put = async |bench: &Bench, name: &str, replace: bool| {
            let definition = json!({"computed": computed, "replace": replace});
            ask_still(bench, "PUT", &format!("/api/v1/traits/{name}"), definition).await
        };
        let (status, problem) = put(&bench, "spent", false).await;
        assert_eq!((status, &problem["code"]), (409, &json!("in_use")));
        assert!(problem["message"].as_str().unwrap().contains("2 members"), "{problem}");
        assert_eq!(put(&bench, "other", false).await.0, 204, "of which nobody has said anything");
        assert_eq!(put(&bench, "spent", true).await.0, 204);
        assert_eq!(put(&bench, "spent", false).await.0, 204, "it is computed already");
    })
    .await;
}

/// Somebody says something only for the case that nothing is known.
fn once(bench: &Bench, who: Who, traits: Value) -> Event {
    let names: Vec<String> = traits.as_object().unwrap().keys().cloned().collect();
    let context = to_raw_value(&json!({ "traits_once": names })).unwrap();
    Event { context, ..bench.identify(who, traits) }
}

#[tokio::test]
async fn what_is_said_for_who_has_none_replaces_nothing_also_when_events_are_read_again() {
    on_every_database(|mut bench| async move {
        let segment = bench.segment(1, &json!({"been": {"trait": "source", "value": "shop"}, "for": "P1D"})).await;
        bench.take(&[once(&bench, user("a"), json!({"first": "page", "source": "search"}))]).await;
        bench.advance(HOUR);
        bench.take(&[bench.identify(user("a"), json!({"source": "shop"}))]).await;
        bench.advance(2 * DAY);
        bench.take(&[once(&bench, user("a"), json!({"first": "later", "source": "ad", "gone": null}))]).await;
        assert_eq!(
            (said(&bench, "a", "first").await, said(&bench, "a", "source").await),
            (json!("page"), json!("shop"))
        );
        assert_eq!(bench.size(segment).await, 1);

        // From here on everything is known from the database.
        bench.restart().await;
        bench.advance(HOUR);
        bench.take(&[bench.identify(user("a"), json!({"source": "shop"}))]).await;
        assert_eq!(bench.size(segment).await, 1, "it has been so all the time");
        for name in ["first", "source"] {
            define(&bench, name, "text", "latest").await;
        }
        bench.restart().await;
        bench.idle().await;
        assert_eq!(
            (said(&bench, "a", "first").await, said(&bench, "a", "source").await),
            (json!("page"), json!("shop"))
        );
        assert_eq!(bench.size(segment).await, 1);
    })
    .await;
}

#[tokio::test]
async fn what_is_said_for_who_has_none_is_there_when_the_others_facts_are_gone_again() {
    on_every_database(|mut bench| async move {
        let shop = bench.segment(1, &json!({"trait": "source", "value": "shop"})).await;
        let ad = bench.segment(2, &json!({"trait": "source", "value": "ad"})).await;
        bench
            .take(&[bench.identify(user("u"), json!({"source": "shop"})), bench.identify(visitor("v"), json!({}))])
            .await;
        let merged = merge(&mut bench, "u", "v").await;
        bench.advance(HOUR);
        bench.take(&[once(&bench, visitor("v"), json!({"source": "ad"}))]).await;
        assert_eq!((bench.size(shop).await, bench.size(ad).await), (1, 0));
        undo(&mut bench, merged).await;
        assert_eq!((bench.size(shop).await, bench.size(ad).await), (1, 1), "each has what was said of him");
    })
    .await;
}

#[tokio::test]
async fn of_what_several_identities_said_for_who_has_none_the_first_counts() {
    on_every_database(|mut bench| async move {
        let ad = bench.segment(1, &json!({"trait": "source", "value": "ad"})).await;
        bench.take(&[once(&bench, visitor("v"), json!({"source": "ad"}))]).await;
        bench.advance(HOUR);
        bench.take(&[once(&bench, user("u"), json!({"source": "mail"}))]).await;
        merge(&mut bench, "u", "v").await;
        assert_eq!(bench.size(ad).await, 1);
        bench.restart().await;
        bench.take(&[bench.identify(user("u"), json!({"source": "shop"}))]).await;
        assert_eq!(bench.size(ad).await, 0, "what is said plainly goes before it");
        bench.advance(HOUR);
        bench.take(&[bench.identify(user("u"), json!({"source": null}))]).await;
        assert_eq!(bench.size(ad).await, 0, "also that there is none");
    })
    .await;
}

#[tokio::test]
async fn a_changed_definition_says_how_far_profiles_are_decided_anew() {
    on_every_database(|mut bench| async move {
        bench.take(&[bench.identify(user("a"), json!({"level": 1})), bench.identify(user("b"), json!({}))]).await;
        define(&bench, "level", "number", "first").await;
        let (_, page) = ask_still(&bench, "GET", "/api/v1/traits", Value::Null).await;
        assert_eq!(page["items"][0]["state"], "building");
        assert_eq!(page["items"][0]["building"], json!({"done": 0, "total": 2}));
        bench.run("UPDATE traits SET built_to = (SELECT MIN(id) FROM members)", vec![]).await;
        let (_, page) = ask_still(&bench, "GET", "/api/v1/traits", Value::Null).await;
        assert_eq!(page["items"][0]["building"], json!({"done": 1, "total": 2}));
        bench.idle().await;
        let (_, page) = ask_still(&bench, "GET", "/api/v1/traits", Value::Null).await;
        assert_eq!((&page["items"][0]["state"], page["items"][0].get("building")), (&json!("live"), None));
    })
    .await;
}
