//! Waiting: for clocks, for events and for segments.

use base::Time;
use serde_json::{Value, json};

use super::support::{
    Bench, DAY, HOUR, MINUTE, START,
    journeys::{send, wait},
    on_every_database, user,
};

/// A journey that waits and then sends, or sends something else when the time is over.
fn waiting(wait: Value) -> Value {
    let mut wait = wait;
    wait["type"] = json!("wait");
    wait["next"] = json!("mail");
    json!({"entry": {"event": "Begun"}, "start": "pause", "reentry": {"policy": "always"},
        "steps": {"pause": wait, "mail": send(None), "late": send(None)}})
}

async fn begin(bench: &mut Bench, traits: Value) {
    let who = bench.identify(user("a"), traits);
    let begun = bench.track(user("a"), "Begun", json!({"cart_id": "c1"}));
    bench.take(&[who, begun]).await;
}

#[tokio::test]
async fn a_time_of_the_day_is_that_of_the_member_wherever_he_lives() {
    // 2026-03-26T10:00:00Z is after midnight in Kiritimati, and midnight in Honolulu.
    for (zone, opens) in [
        ("Pacific/Kiritimati", "2026-03-26T19:00:00.000Z"),
        ("Pacific/Honolulu", "2026-03-26T19:00:00.000Z"),
        ("Asia/Shanghai", "2026-03-26T10:00:00.000Z"),
        ("Nowhere/Land", "2026-03-26T10:00:00.000Z"),
        ("America/New_York", "2026-03-26T13:00:00.000Z"),
    ] {
        on_every_database(|mut bench| async move {
            bench.journey(waiting(json!({"window": {"from": "09:00", "to": "20:00"}}))).await;
            begin(&mut bench, json!({"timezone": zone})).await;
            bench.advance(2 * DAY);
            bench.settle().await;
            assert_eq!(bench.sent_at().await, [format!("mail {opens}")], "{zone}");
        })
        .await;
    }
}

#[tokio::test]
async fn a_time_that_the_clocks_skip_is_the_moment_after_and_one_that_they_repeat_the_first() {
    for (begins, until) in [
        // On the 29th of March the clocks of Berlin go from 2:00 to 3:00; on the 25th of October back from 3:00 to 2:00.
        ("2026-03-28T20:00:00Z", "2026-03-29T01:00:00.000Z"),
        ("2026-10-24T20:00:00Z", "2026-10-25T00:30:00.000Z"),
    ] {
        on_every_database(|mut bench| async move {
            bench.journey(waiting(json!({"window": {"from": "02:30", "to": "06:00"}}))).await;
            bench.clock.set(begins.parse().unwrap());
            begin(&mut bench, json!({})).await;
            bench.advance(DAY);
            bench.settle().await;
            assert_eq!(bench.sent_at().await, [format!("mail {until}")]);
        })
        .await;
    }
}

#[tokio::test]
async fn whoever_moves_while_he_waits_goes_by_his_new_clock() {
    on_every_database(|mut bench| async move {
        bench.journey(waiting(json!({"window": {"from": "09:00", "to": "10:00"}}))).await;
        begin(&mut bench, json!({"timezone": "Europe/Berlin"})).await;
        bench.advance(HOUR);
        bench.restart().await;
        // It is 19:00 in Shanghai; the next 9:00 there is seven hours before the one in Berlin.
        let moved = bench.identify(user("a"), json!({"timezone": "Asia/Shanghai"}));
        bench.take(&[moved]).await;
        bench.advance(3 * DAY);
        bench.settle().await;
        assert_eq!(bench.sent_at().await, ["mail 2026-03-27T01:00:00.000Z"]);
    })
    .await;
}

#[tokio::test]
async fn a_moment_that_is_past_is_over_and_a_date_that_nobody_knows_holds_nobody_up() {
    on_every_database(|mut bench| async move {
        bench.journey(waiting(json!({"until": "2026-03-26T09:59:59Z"}))).await;
        bench.journey(waiting(json!({"until": {"trait": "renewal", "offset": "-P2D", "at": "09:00"}}))).await;
        begin(&mut bench, json!({})).await;
        assert_eq!(bench.sent_steps().await, ["mail", "mail"]);
        let skipped = bench.texts("SELECT detail_json AS text FROM journey_trace WHERE action = 'skipped'").await;
        assert_eq!(serde_json::from_str::<Value>(&skipped[0]).unwrap()["reason"], "trait_missing");
        begin(&mut bench, json!({"renewal": "soon"})).await;
        assert_eq!(bench.sent_steps().await.len(), 4);
        begin(&mut bench, json!({"renewal": "2026-04-10"})).await;
        assert_eq!(bench.sent_steps().await.len(), 5);
        bench.advance(30 * DAY);
        bench.settle().await;
        assert_eq!(bench.sent_at().await[5], "mail 2026-04-08T07:00:00.000Z");
    })
    .await;
}

fn for_order(timeout: Option<&str>) -> Value {
    let mut wait = json!({"event": "Order Completed", "where": [{"property": "amount", "op": "gt", "value": 0}],
        "match": [{"property": "cart", "entry": "properties.cart_id"}]});
    if let Some(timeout) = timeout {
        wait["timeout"] = json!(timeout);
        wait["timeout_next"] = json!("late");
    }
    waiting(wait)
}

#[tokio::test]
async fn an_event_is_met_when_it_is_about_the_same_thing_and_happened_since() {
    on_every_database(|mut bench| async move {
        bench.journey(for_order(None)).await;
        bench.advance(HOUR);
        begin(&mut bench, json!({})).await;
        let order = |bench: &Bench, cart: &str, amount: i64, at: i64| {
            let mut order = bench.track(user("a"), "Order Completed", json!({"cart": cart, "amount": amount}));
            order.timestamp = Time::from_millis(START + at);
            order
        };
        for (cart, amount, at) in [("c2", 5, HOUR), ("c1", 0, HOUR), ("c1", 5, HOUR - 1)] {
            bench.take(&[order(&bench, cart, amount, at)]).await;
            assert_eq!(bench.runs().await, ["active"], "{cart} {amount} {at}");
        }
        bench.restart().await;
        bench.advance(40 * DAY);
        bench.take(&[order(&bench, "c1", 5, HOUR)]).await;
        assert_eq!(bench.sent_steps().await, ["mail"]);
        assert_eq!(bench.trace().await, ["entered", "pause waiting", "pause met", "mail queued", "completed"]);
    })
    .await;
}

#[tokio::test]
async fn at_the_end_of_its_time_an_event_comes_too_late_and_before_it_does_not() {
    for (early, step) in [(0, "late"), (1, "mail")] {
        on_every_database(|mut bench| async move {
            bench.journey(for_order(Some("PT1H"))).await;
            begin(&mut bench, json!({})).await;
            // Both in one batch: the end of the wait and what it waits for.
            let mut order = bench.track(user("a"), "Order Completed", json!({"cart": "c1", "amount": 5}));
            order.timestamp = Time::from_millis(START + HOUR - early);
            order.received_at = order.timestamp;
            bench.advance(2 * HOUR);
            bench.take(&[order]).await;
            assert_eq!(bench.sent_steps().await, [step]);
            assert_eq!(bench.deliveries().await[0].queued_at, START + HOUR - early);
        })
        .await;
    }
}

#[tokio::test]
async fn the_event_that_lets_in_can_be_waited_for_as_well() {
    on_every_database(|mut bench| async move {
        bench
            .journey(
                json!({"entry": {"event": "Begun"}, "reentry": {"policy": "after_exit"}, "start": "pause", "steps": {
                "pause": {"type": "wait", "event": "Begun", "next": "mail"}, "mail": send(None)}}),
            )
            .await;
        begin(&mut bench, json!({})).await;
        assert_eq!(bench.runs().await, ["active"], "the first lets him in and is not waited for");
        begin(&mut bench, json!({})).await;
        assert_eq!(bench.sent_steps().await, ["mail"]);
        assert_eq!(bench.runs().await, ["completed", "active"]);
    })
    .await;
}

#[tokio::test]
async fn a_segment_is_met_when_it_is_entered_or_by_whoever_is_in_it() {
    on_every_database(|mut bench| async move {
        let segment = bench.segment(1, &json!({"tag": "vip"})).await;
        bench.settle().await;
        let wait = json!({"segment": segment, "timeout": "PT2H", "timeout_next": "late"});
        bench.journey(waiting(wait)).await;
        begin(&mut bench, json!({})).await;
        bench.advance(HOUR);
        bench.take(&[bench.tag(user("a"), "Tag Added", "vip")]).await;
        assert_eq!(bench.deliveries().await[0].queued_at, START + HOUR);
        begin(&mut bench, json!({})).await;
        assert_eq!(bench.sent_steps().await, ["mail", "mail"]);
        bench.take(&[bench.tag(user("a"), "Tag Removed", "vip")]).await;
        begin(&mut bench, json!({})).await;
        bench.advance(2 * HOUR);
        bench.settle().await;
        assert_eq!(bench.sent_steps().await, ["mail", "mail", "late"]);
    })
    .await;
}

#[tokio::test]
async fn what_comes_while_a_journey_is_paused_is_met_and_moves_on_after_it() {
    on_every_database(|mut bench| async move {
        let journey = bench.journey(for_order(Some("PT3H"))).await;
        begin(&mut bench, json!({})).await;
        bench.journey_verb(journey, "pause").await;
        bench.advance(HOUR);
        bench.take(&[bench.track(user("a"), "Order Completed", json!({"cart": "c1", "amount": 5}))]).await;
        bench.advance(DAY);
        bench.restart().await;
        bench.settle().await;
        assert_eq!(bench.deliveries().await, []);
        bench.journey_verb(journey, "resume").await;
        bench.settle().await;
        assert_eq!(bench.sent_steps().await, ["mail"]);
        assert_eq!(bench.runs().await, ["completed"]);
    })
    .await;
}

#[tokio::test]
async fn a_run_that_was_put_before_a_step_begins_it_before_the_next_event_is_looked_at() {
    on_every_database(|mut bench| async move {
        let journey = bench
            .journey(json!({"entry": {"event": "Begun"}, "start": "first", "steps": {
                "first": wait("P9D", "mail"), "mail": send(None),
                "second": {"type": "wait", "event": "Order Completed", "timeout": "PT2H", "timeout_next": "late", "next": "mail"},
                "late": send(None)}}))
            .await;
        begin(&mut bench, json!({})).await;
        let moved = |bench: &Bench| {
            let sql = format!(
                "UPDATE journey_runs SET step = 'second', arriving = 1, wake_at = {}, step_at = {START}
                 WHERE journey_id = {}",
                bench.now().millis(), journey.0
            );
            (sql, "UPDATE workspaces SET rules_version = rules_version + 1".to_owned())
        };
        bench.advance(HOUR);
        let (sql, rules) = moved(&bench);
        bench.run(&sql, vec![]).await;
        bench.run(&rules, vec![]).await;
        bench.take(&[bench.track(user("a"), "Order Completed", json!({}))]).await;
        assert_eq!(bench.sent_steps().await, ["mail"]);
    })
    .await;
}

#[tokio::test]
async fn a_circle_with_a_wait_goes_on_for_ever_and_its_trace_does_not() {
    on_every_database(|mut bench| async move {
        bench
            .journey(json!({"entry": {"event": "Begun"}, "start": "pause", "exit": [{"event": "Ended"}],
                "steps": {"pause": wait("PT1H", "tick"),
                    "tick": {"type": "branch", "cases": [{"when": {"tag": "x"}, "next": null}], "else": "pause"}}}))
            .await;
        begin(&mut bench, json!({})).await;
        bench.run("UPDATE journey_runs SET trace_length = 9998", vec![]).await;
        bench.restart().await;
        bench.advance(10 * HOUR);
        bench.settle().await;
        assert_eq!(bench.runs().await, ["active"]);
        assert_eq!(bench.number("SELECT trace_length FROM journey_runs").await, 9_998 + 30);
        assert_eq!(bench.number("SELECT MAX(seq) FROM journey_trace").await, 9_999);
        bench.take(&[bench.track(user("a"), "Ended", json!({}))]).await;
        assert_eq!(bench.runs().await, ["exited"]);
        let last = "SELECT action AS text FROM journey_trace ORDER BY seq DESC LIMIT 1";
        assert_eq!(bench.texts(last).await, ["exited"], "the end is kept");
        assert_eq!(bench.number("SELECT happened FROM journey_counts WHERE action = 'branched'").await, 10);
    })
    .await;
}

#[tokio::test]
async fn a_wait_of_minutes_survives_a_merge_and_its_undoing() {
    on_every_database(|mut bench| async move {
        bench.journey(for_order(Some("PT2H"))).await;
        let people = [bench.member("a"), bench.member("b")];
        bench.take(&people).await;
        let begun = bench.track(user("b"), "Begun", json!({"cart_id": "c1"}));
        bench.take(&[begun]).await;
        let (a, b) = (bench.owner("a").await, bench.owner("b").await);
        bench.advance(30 * MINUTE);
        let merge = bench.ids.next(base::ids::MergeId);
        let event = bench.command(a, people::identity::MEMBERS_MERGED, json!({"with": b, "merge": merge}));
        bench.take(&[event]).await;
        bench.restart().await;
        let event = bench.command(a, people::identity::MERGE_UNDONE, json!({ "merge": merge }));
        bench.take(&[event]).await;
        bench.take(&[bench.track(user("a"), "Order Completed", json!({"cart": "c1", "amount": 5}))]).await;
        assert_eq!(bench.runs().await, ["active"], "it is not his run any more");
        bench.take(&[bench.track(user("b"), "Order Completed", json!({"cart": "c1", "amount": 5}))]).await;
        assert_eq!(bench.deliveries().await[0].address, "b@example.com");
        assert_eq!(bench.number("SELECT COUNT(*) FROM journey_entries").await, 1);
    })
    .await;
}
