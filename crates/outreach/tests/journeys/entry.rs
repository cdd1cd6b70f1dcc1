//! Who is let in, how often, and who is left out.

use base::{Time, ids::SegmentId};
use serde_json::{Value, json};

use super::support::{
    Bench, DAY, HOUR, START,
    journeys::{send, wait},
    on_every_database, user,
};

fn on_order(reentry: Value) -> Value {
    json!({"entry": {"event": "Order Completed", "where": [{"property": "amount", "op": "gte", "value": 10}]},
        "reentry": reentry, "start": "pause", "steps": {"pause": wait("PT1H", "mail"), "mail": send(None)}})
}

async fn order(bench: &mut Bench, amount: i64) {
    let event = bench.track(user("a"), "Order Completed", json!({"amount": amount}));
    bench.append(&[event]).await;
    bench.settle().await;
}

#[tokio::test]
async fn an_event_that_passes_the_filter_lets_a_member_in_and_another_does_not() {
    on_every_database(|mut bench| async move {
        bench.journey(on_order(json!({"policy": "never"}))).await;
        order(&mut bench, 9).await;
        assert_eq!(bench.runs().await.len(), 0);
        order(&mut bench, 10).await;
        assert_eq!(bench.runs().await, ["active"]);
        let entry = bench.texts("SELECT entry_json AS text FROM journey_runs").await;
        let entry: Value = serde_json::from_str(&entry[0]).unwrap();
        assert_eq!(entry["properties"]["amount"], 10);
    })
    .await;
}

#[tokio::test]
async fn entering_a_segment_lets_a_member_in_but_being_in_it_when_it_is_made_does_not() {
    on_every_database(|mut bench| async move {
        let tagged = |name: &str| bench.tag(user(name), "Tag Added", "vip");
        let (early, late) = (tagged("early"), tagged("late"));
        bench.take(&[early]).await;
        let segment = bench.segment(1, &json!({"tag": "vip"})).await;
        bench
            .journey(json!({"entry": {"segment": segment.to_string()}, "start": "pause",
            "steps": {"pause": wait("PT1H", "mail"), "mail": send(None)}}))
            .await;
        bench.settle().await;
        assert_eq!(bench.size(segment).await, 1);
        assert_eq!(bench.runs().await.len(), 0);
        bench.take(&[late]).await;
        assert_eq!(bench.runs().await, ["active"]);
    })
    .await;
}

#[tokio::test]
async fn a_segment_entered_because_time_passed_lets_a_member_in_at_that_moment() {
    on_every_database(|mut bench| async move {
        let rule = json!({"all": [{"event": "Page Read"}, {"not": {"event": "Page Read", "within": "P1D"}}]});
        let segment = bench.segment(1, &rule).await;
        bench
            .journey(json!({"entry": {"segment": SegmentId(segment.0).to_string()}, "start": "mail",
            "steps": {"mail": send(None)}}))
            .await;
        let page = bench.track(user("a"), "Page Read", json!({}));
        bench.take(&[bench.member("a"), page]).await;
        bench.advance(DAY - 1);
        bench.settle().await;
        assert_eq!(bench.deliveries().await.len(), 0);
        // The pipeline comes to it late; it is decided as of the right moment.
        bench.advance(HOUR);
        bench.settle().await;
        let sent = bench.deliveries().await;
        assert_eq!(sent.len(), 1);
        assert_eq!(sent[0].queued_at, START + DAY);
    })
    .await;
}

#[tokio::test]
async fn never_means_once_in_a_lifetime() {
    on_every_database(|mut bench| async move {
        bench.journey(on_order(json!({"policy": "never"}))).await;
        for _ in 0..3 {
            order(&mut bench, 10).await;
            bench.advance(DAY);
            bench.settle().await;
            bench.restart().await;
        }
        assert_eq!(bench.runs().await, ["completed"]);
    })
    .await;
}

#[tokio::test]
async fn after_exit_means_not_while_a_run_is_under_way() {
    on_every_database(|mut bench| async move {
        bench.journey(on_order(json!({"policy": "after_exit"}))).await;
        order(&mut bench, 10).await;
        order(&mut bench, 11).await;
        assert_eq!(bench.runs().await, ["active"]);
        bench.advance(HOUR);
        bench.settle().await;
        order(&mut bench, 12).await;
        assert_eq!(bench.runs().await, ["completed", "active"]);
    })
    .await;
}

#[tokio::test]
async fn always_means_beside_another_run() {
    on_every_database(|mut bench| async move {
        bench.journey(on_order(json!({"policy": "always"}))).await;
        order(&mut bench, 10).await;
        order(&mut bench, 11).await;
        assert_eq!(bench.runs().await, ["active", "active"]);
        bench.advance(HOUR);
        bench.settle().await;
        assert_eq!(bench.sent_steps().await, ["mail", "mail"]);
    })
    .await;
}

#[tokio::test]
async fn a_cooldown_ends_at_its_moment() {
    on_every_database(|mut bench| async move {
        bench.journey(on_order(json!({"policy": "always", "cooldown": "PT5H"}))).await;
        order(&mut bench, 10).await;
        bench.clock.set(Time::from_millis(START + 5 * HOUR - 1));
        order(&mut bench, 10).await;
        assert_eq!(bench.runs().await.len(), 1);
        bench.restart().await;
        bench.clock.set(Time::from_millis(START + 5 * HOUR));
        order(&mut bench, 10).await;
        assert_eq!(bench.runs().await.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_correlation_key_makes_one_run_per_cart_and_an_exit_ends_only_its_own() {
    on_every_database(|mut bench| async move {
        bench
            .journey(json!({"entry": {"event": "Cart Filled"}, "key": "properties.cart_id",
                "reentry": {"policy": "after_exit"}, "exit": [{"event": "Order Completed"}],
                "start": "pause", "steps": {"pause": wait("PT1H", "mail"), "mail": send(None)}}))
            .await;
        let cart = |name: &str, cart: &str| bench.track(user("a"), name, json!({"cart_id": cart}));
        let filled = [cart("Cart Filled", "c1"), cart("Cart Filled", "c2"), cart("Cart Filled", "c1")];
        let bought = cart("Order Completed", "c1");
        bench.take(&filled).await;
        assert_eq!(bench.runs().await, ["active c1", "active c2"]);
        bench.take(&[bought]).await;
        assert_eq!(bench.runs().await, ["exited c1", "active c2"]);
        bench.advance(HOUR);
        bench.settle().await;
        assert_eq!(bench.runs().await, ["exited c1", "completed c2"]);
        assert_eq!(bench.sent_steps().await, ["mail"]);
    })
    .await;
}

#[tokio::test]
async fn the_holdout_is_its_share_of_the_members_and_the_same_ones_every_time() {
    on_every_database(|mut bench| async move {
        let id = bench
            .journey(json!({"entry": {"event": "Order Completed"}, "holdout": 0.2, "reentry": {"policy": "always"},
                "start": "done", "steps": {"done": {"type": "exit"}}}))
            .await;
        for _ in 0..2 {
            let orders: Vec<_> =
                (0..3_000).map(|n| bench.track(user(&format!("u{n}")), "Order Completed", json!({}))).collect();
            bench.take(&orders).await;
            bench.restart().await;
        }
        let held = bench.number("SELECT COUNT(DISTINCT member_id) FROM journey_runs WHERE state = 'held_out'").await;
        assert!((510..=690).contains(&held), "{held} of 3000 is not within 3 % of a fifth");
        let runs = bench.number("SELECT COUNT(*) FROM journey_runs WHERE state = 'held_out'").await;
        assert_eq!(runs, 2 * held, "who was left out once is left out again");
        assert_eq!(bench.number("SELECT COUNT(*) FROM journey_runs WHERE state = 'completed'").await, 6_000 - runs);
        let counted =
            format!("SELECT happened FROM journey_counts WHERE journey_id = {} AND action = 'held_out'", id.0);
        assert_eq!(bench.number(&counted).await, runs);
    })
    .await;
}

#[tokio::test]
async fn imported_history_starts_no_journey() {
    on_every_database(|mut bench| async move {
        let segment = bench.segment(1, &json!({"event": "Order Completed"})).await;
        let steps = json!({"mail": send(None)});
        bench.journey(json!({"entry": {"event": "Order Completed"}, "start": "mail", "steps": steps})).await;
        bench.journey(json!({"entry": {"segment": segment.to_string()}, "start": "mail", "steps": steps})).await;
        let mut imported = bench.track(user("a"), "Order Completed", json!({}));
        imported.source = "import:job_1".to_owned();
        bench.take(&[imported]).await;
        assert_eq!(bench.size(segment).await, 1);
        assert_eq!(bench.runs().await.len(), 0);
        bench.take(&[bench.track(user("b"), "Order Completed", json!({}))]).await;
        assert_eq!(bench.runs().await.len(), 2);
    })
    .await;
}
