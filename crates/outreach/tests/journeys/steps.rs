//! What steps do, and what ends a run.

use base::Time;
use serde_json::json;

use super::support::{
    DAY, HOUR, MINUTE, START, both,
    journeys::{Delivery, send, wait},
    on_every_database, user, visitor,
};

#[tokio::test]
async fn a_wait_ends_at_its_millisecond_and_the_message_is_queued_with_its_address() {
    on_every_database(|mut bench| async move {
        let journey = bench
            .journey(json!({"entry": {"event": "Order Completed"}, "start": "pause",
                "steps": {"pause": wait("P1D", "mail"), "mail": send(None)}}))
            .await;
        // A day in Berlin on the eve of the change of the clocks is 23 hours long.
        let noon: Time = "2026-03-28T11:00:00Z".parse().unwrap();
        bench.clock.set(noon);
        let order = bench.track(user("a"), "Order Completed", json!({"amount": 5}));
        bench.take(&[bench.member("a"), order]).await;
        bench.clock.set(Time::from_millis(noon.millis() + 23 * HOUR - 1));
        bench.settle().await;
        assert_eq!(bench.deliveries().await, []);
        bench.clock.set(Time::from_millis(noon.millis() + 23 * HOUR));
        bench.settle().await;
        let expected = Delivery {
            step: "mail".to_owned(),
            state: "queued".to_owned(),
            address: "a@example.com".to_owned(),
            topic: "marketing".to_owned(),
            queued_at: noon.millis() + 23 * HOUR,
        };
        assert_eq!(bench.deliveries().await, [expected]);
        assert_eq!(bench.runs().await, ["completed"]);
        let row = format!(
            "SELECT COUNT(*) FROM deliveries WHERE journey_id = {} AND template_id = 20
            AND intent_key <> '' AND run_id = (SELECT id FROM journey_runs) AND variables_json LIKE '%\"amount\":5%'",
            journey.0
        );
        assert_eq!(bench.number(&row).await, 1);
        let trace = bench.texts("SELECT action AS text FROM journey_trace ORDER BY seq").await;
        assert_eq!(trace, ["entered", "waiting", "waited", "queued", "completed"]);
    })
    .await;
}

#[tokio::test]
async fn a_branch_looks_at_what_happened_within_its_window() {
    on_every_database(|mut bench| async move {
        let read = json!({"event": "Page Read", "within": "PT2H"});
        bench
            .journey(json!({"entry": {"event": "Order Completed"}, "start": "pause", "steps": {
                "pause": wait("PT1H", "fork"),
                "fork": {"type": "branch", "cases": [{"when": read, "next": "reader"}], "else": "other"},
                "reader": send(None), "other": send(None)}}))
            .await;
        let page = |name: &str, at: i64| {
            let mut page = bench.track(user(name), "Page Read", json!({}));
            page.timestamp = Time::from_millis(START + at);
            page
        };
        // Within two hours before the branch, just outside, and never.
        let pages = [page("in", -HOUR + 1), page("out", -HOUR)];
        bench.take(&pages).await;
        let mut events = Vec::new();
        for name in ["in", "out", "never"] {
            events.extend([bench.member(name), bench.track(user(name), "Order Completed", json!({}))]);
        }
        bench.take(&events).await;
        bench.advance(HOUR);
        bench.settle().await;
        let found = bench.texts("SELECT step || ' ' || address AS text FROM deliveries ORDER BY step, address").await;
        assert_eq!(found, ["other never@example.com", "other out@example.com", "reader in@example.com"]);
    })
    .await;
}

#[tokio::test]
async fn a_tag_step_comes_back_through_the_log_and_moves_segments() {
    on_every_database(|mut bench| async move {
        let segment = bench.segment(1, &json!({"tag": "buyer"})).await;
        bench
            .journey(json!({"entry": {"event": "Order Completed"}, "start": "tag", "steps": {
                "tag": {"type": "tag", "add": ["buyer"], "remove": ["prospect"], "next": "mail"}, "mail": send(None)}}))
            .await;
        let prospect = bench.tag(user("a"), "Tag Added", "prospect");
        bench.take(&[prospect]).await;
        let order = bench.track(user("a"), "Order Completed", json!({}));
        bench.take(&[order]).await;
        assert_eq!(bench.size(segment).await, 0, "not before it has come through the log");
        assert_eq!((bench.sent_steps().await.len(), bench.emit().await), (0, 2));
        bench.settle().await;
        assert_eq!((bench.runs().await, bench.sent_steps().await.len()), (vec!["completed".to_owned()], 1));
        assert_eq!(bench.size(segment).await, 1);
        assert_eq!(bench.texts("SELECT tag AS text FROM member_tags").await, ["buyer"]);
        let sources = bench.number("SELECT COUNT(*) FROM member_tags WHERE source LIKE 'journey:jrn_%'").await;
        assert_eq!(sources, 1);
        assert_eq!(bench.number("SELECT COUNT(*) FROM emitted_events").await, 0);
    })
    .await;
}

#[tokio::test]
async fn an_exit_event_ends_a_waiting_run_at_once() {
    on_every_database(|mut bench| async move {
        bench
            .journey(json!({"entry": {"event": "Cart Filled"},
                "exit": [{"event": "Order Completed", "where": [{"property": "amount", "op": "gt", "value": 0}]}],
                "start": "pause", "steps": {"pause": wait("PT1H", "mail"), "mail": send(None)}}))
            .await;
        bench.take(&[bench.track(user("a"), "Cart Filled", json!({}))]).await;
        bench.advance(30 * MINUTE);
        bench.take(&[bench.track(user("a"), "Order Completed", json!({"amount": 0}))]).await;
        assert_eq!(bench.runs().await, ["active"]);
        bench.take(&[bench.track(user("a"), "Order Completed", json!({"amount": 1}))]).await;
        assert_eq!(bench.runs().await, ["exited"]);
        assert_eq!(bench.number("SELECT ended_at FROM journey_runs").await, START + 30 * MINUTE);
        assert_eq!(bench.number("SELECT COUNT(*) FROM timers").await, 0);
        bench.advance(DAY);
        bench.settle().await;
        assert_eq!(bench.deliveries().await, []);
    })
    .await;
}

#[tokio::test]
async fn a_pause_keeps_the_waits_and_lets_nobody_in_and_whose_wait_is_over_goes_on_after_it() {
    on_every_database(|mut bench| async move {
        let journey = bench
            .journey(json!({"entry": {"event": "Order Completed"}, "start": "pause",
                "steps": {"pause": wait("PT2H", "mail"), "mail": send(None)}}))
            .await;
        bench.take(&[bench.track(user("first"), "Order Completed", json!({}))]).await;
        bench.advance(HOUR);
        bench.take(&[bench.track(user("second"), "Order Completed", json!({}))]).await;
        bench.journey_verb(journey, "pause").await;
        bench.advance(HOUR + 30 * MINUTE);
        bench.take(&[bench.track(user("third"), "Order Completed", json!({}))]).await;
        bench.restart().await;
        bench.settle().await;
        assert_eq!(bench.runs().await, ["active", "active"]);
        assert_eq!(bench.deliveries().await, []);

        bench.journey_verb(journey, "resume").await;
        bench.settle().await;
        assert_eq!(bench.runs().await, ["completed", "active"]);
        bench.clock.set(Time::from_millis(START + 3 * HOUR));
        bench.settle().await;
        assert_eq!(bench.runs().await, ["completed", "completed"]);
        assert_eq!(bench.deliveries().await[1].queued_at, START + 3 * HOUR);
    })
    .await;
}

#[tokio::test]
async fn a_run_stays_on_the_version_on_which_it_began() {
    on_every_database(|mut bench| async move {
        let document = |step: &str| {
            json!({"entry": {"event": "Order Completed"}, "start": "pause",
                "steps": {"pause": wait("PT1H", step), step: send(None)}})
        };
        let journey = bench.journey(document("old")).await;
        bench.take(&[bench.track(user("a"), "Order Completed", json!({}))]).await;
        bench.change_journey(journey, document("new")).await;
        bench.take(&[bench.track(user("b"), "Order Completed", json!({}))]).await;
        bench.journey_verb(journey, "publish").await;
        bench.take(&[bench.track(user("c"), "Order Completed", json!({}))]).await;
        bench.restart().await;
        bench.advance(HOUR);
        bench.settle().await;
        assert_eq!(bench.sent_steps().await, ["new", "old", "old"], "a draft changes nothing until it is published");
        assert_eq!(
            bench.texts("SELECT CAST(version AS TEXT) AS text FROM journey_runs ORDER BY id").await,
            ["1", "1", "2"]
        );
    })
    .await;
}

#[tokio::test]
async fn the_run_of_a_visitor_goes_on_for_the_member_who_he_turns_out_to_be() {
    on_every_database(|mut bench| async move {
        bench
            .journey(json!({"entry": {"event": "Cart Filled"}, "start": "pause",
                "steps": {"pause": wait("PT1H", "mail"), "mail": send(None)}}))
            .await;
        let filled = bench.track((None, Some("v1".to_owned())), "Cart Filled", json!({}));
        bench.take(&[bench.member("a"), filled]).await;
        bench.take(&[bench.track((Some("a".to_owned()), Some("v1".to_owned())), "Page Read", json!({}))]).await;
        // The member has been in this journey now, as a visitor.
        bench.take(&[bench.track(user("a"), "Cart Filled", json!({}))]).await;
        bench.restart().await;
        bench.advance(HOUR);
        bench.settle().await;
        assert_eq!(bench.runs().await, ["completed"]);
        assert_eq!(bench.deliveries().await[0].address, "a@example.com");
    })
    .await;
}

#[tokio::test]
async fn an_event_that_happened_before_the_entry_ends_nothing_and_is_no_goal() {
    on_every_database(|mut bench| async move {
        bench
            .journey(json!({"entry": {"event": "Cart Filled"}, "exit": [{"event": "Order Completed"}],
                "goal": {"event": "Order Completed", "within": "PT2H"},
                "start": "pause", "steps": {"pause": wait("P1D", "mail"), "mail": send(None)}}))
            .await;
        let at = |bench: &super::support::Bench, name: &str, minutes: i64| {
            let mut event = bench.track(user("a"), name, json!({}));
            event.timestamp = Time::from_millis(START + minutes * MINUTE);
            event
        };
        // All arrive an hour after the cart was filled; what counts is when they happened.
        bench.advance(HOUR);
        bench.take(&[at(&bench, "Cart Filled", 0), at(&bench, "Order Completed", -1)]).await;
        assert_eq!(bench.runs().await, ["active"]);
        assert_eq!(bench.number("SELECT COUNT(*) FROM journey_runs WHERE goal_at IS NOT NULL").await, 0);
        bench.take(&[at(&bench, "Order Completed", 30)]).await;
        assert_eq!(bench.runs().await, ["exited"]);
        assert_eq!(bench.number("SELECT goal_at FROM journey_runs").await, START + 30 * MINUTE);
    })
    .await;
}

#[tokio::test]
async fn imported_history_lets_nobody_out() {
    on_every_database(|mut bench| async move {
        bench
            .journey(json!({"entry": {"event": "Cart Filled"}, "exit": [{"event": "Order Completed"}],
                "start": "pause", "steps": {"pause": wait("P1D", "mail"), "mail": send(None)}}))
            .await;
        bench.take(&[bench.track(user("a"), "Cart Filled", json!({}))]).await;
        bench.advance(HOUR);
        let mut imported = bench.track(user("a"), "Order Completed", json!({}));
        imported.source = "import:job_1".to_owned();
        bench.take(&[imported]).await;
        assert_eq!(bench.runs().await, ["active"]);
    })
    .await;
}

#[tokio::test]
async fn stopping_ends_the_runs_and_cancels_what_is_queued() {
    on_every_database(|mut bench| async move {
        let journey = bench
            .journey(
                json!({"entry": {"event": "Order Completed"}, "reentry": {"policy": "after_exit"}, "start": "mail",
                "steps": {"mail": send(Some("pause")), "pause": wait("P1D", "late"), "late": send(None)}}),
            )
            .await;
        let order = |bench: &super::support::Bench, name: &str| {
            [bench.member(name), bench.track(user(name), "Order Completed", json!({}))]
        };
        bench.take(&order(&bench, "a")).await;
        bench.take(&order(&bench, "b")).await;
        bench.run("UPDATE deliveries SET state = 'accepted' WHERE address = 'b@example.com'", vec![]).await;
        bench.advance(HOUR);
        bench.journey_verb(journey, "stop").await;
        assert_eq!(bench.runs().await, ["exited", "exited"]);
        let fates =
            "SELECT address || ' ' || state || ' ' || COALESCE(reason, '') AS text FROM deliveries ORDER BY address";
        assert_eq!(bench.texts(fates).await, ["a@example.com cancelled journey_stopped", "b@example.com accepted "]);
        let history = "SELECT state || ' ' || detail AS text FROM delivery_history";
        assert_eq!(bench.texts(history).await, ["cancelled journey_stopped"]);
        let trace = "SELECT step || ' ' || action AS text FROM journey_trace WHERE seq = 3";
        assert_eq!(bench.texts(trace).await, ["pause exited", "pause exited"]);
        let report = bench.call("GET", &format!("/api/v1/journeys/{journey}/report"), json!({})).await;
        assert_eq!(report["steps"]["pause"]["happened"]["exited"], 2);
        assert_eq!(report["deliveries"]["cancelled"], 1);

        // Whoever was in it when it was stopped is not in it when it is published again.
        bench.journey_verb(journey, "publish").await;
        bench.advance(DAY);
        bench.take(&order(&bench, "a")).await;
        assert_eq!(bench.runs().await, ["exited", "exited", "active"]);
    })
    .await;
}

#[tokio::test]
async fn publishing_a_paused_journey_moves_those_on_whose_wait_is_over() {
    on_every_database(|mut bench| async move {
        let journey = bench
            .journey(json!({"entry": {"event": "Order Completed"}, "start": "pause",
                "steps": {"pause": wait("PT1H", "mail"), "mail": send(None)}}))
            .await;
        bench.take(&[bench.track(user("a"), "Order Completed", json!({}))]).await;
        bench.journey_verb(journey, "pause").await;
        bench.advance(2 * HOUR);
        bench.settle().await;
        assert_eq!(bench.runs().await, ["active"]);
        bench.journey_verb(journey, "publish").await;
        bench.settle().await;
        assert_eq!(bench.runs().await, ["completed"]);
    })
    .await;
}

#[tokio::test]
async fn who_went_through_a_journey_as_a_visitor_does_not_go_through_it_again_as_a_member() {
    on_every_database(|mut bench| async move {
        let journey = bench
            .journey(json!({"entry": {"event": "Cart Filled"}, "start": "mail", "steps": {"mail": send(None)}}))
            .await;
        let filled = bench.track(visitor("v1"), "Cart Filled", json!({}));
        bench.take(&[bench.member("a"), filled]).await;
        assert_eq!(bench.runs().await, ["completed"]);
        bench.take(&[bench.track(both("a", "v1"), "Page Read", json!({}))]).await;
        bench.restart().await;
        bench.advance(HOUR);
        bench.take(&[bench.track(user("a"), "Cart Filled", json!({}))]).await;
        assert_eq!(bench.runs().await, ["completed"]);
        assert_eq!(bench.sent_steps().await, ["mail"]);
        // Nothing sends here: the message waits "now".
        assert_eq!(bench.explained(journey).await, ["entered", "queued", "completed", "now", "entered_before"]);
    })
    .await;
}

#[tokio::test]
async fn journeys_that_feed_each_other_come_to_rest() {
    on_every_database(|mut bench| async move {
        let always = json!({"policy": "always"});
        bench
            .journey(json!({"entry": {"event": "Tag Removed"}, "reentry": always, "start": "tag",
                "steps": {"tag": {"type": "tag", "add": ["x"]}}}))
            .await;
        let removes = bench
            .journey(json!({"entry": {"event": "Tag Added"}, "reentry": always, "start": "tag",
                "steps": {"tag": {"type": "tag", "remove": ["x"]}}}))
            .await;
        let tag = bench.tag(user("a"), "Tag Added", "x");
        bench.append(&[tag]).await;
        bench.settle().await;
        assert_eq!(bench.runs().await.len(), 40);
        assert_eq!(bench.number("SELECT happened FROM journey_counts WHERE action = 'too_often'").await, 1);
        // The memory of it is in the database; and what comes from outside is let in all the same.
        bench.restart().await;
        bench.advance(1);
        let from_outside = bench.tag(user("a"), "Tag Removed", "x");
        bench.append(&[from_outside]).await;
        bench.settle().await;
        assert_eq!(bench.runs().await.len(), 41);
        assert_eq!(bench.explained(removes).await.last().unwrap(), "too_often");
        bench.advance(HOUR);
        let again = bench.tag(user("a"), "Tag Removed", "x");
        bench.append(&[again]).await;
        bench.settle().await;
        assert!(bench.runs().await.len() > 42, "an hour later it is forgotten");
    })
    .await;
}

#[tokio::test]
async fn a_tag_that_is_there_already_lets_nobody_in() {
    on_every_database(|mut bench| async move {
        bench
            .journey(json!({"entry": {"event": "Tag Added"}, "reentry": {"policy": "always"}, "start": "mail",
                "steps": {"mail": send(None)}}))
            .await;
        for _ in 0..2 {
            let tag = bench.tag(user("a"), "Tag Added", "vip");
            bench.take(&[tag]).await;
        }
        assert_eq!(bench.runs().await, ["completed"]);
    })
    .await;
}
