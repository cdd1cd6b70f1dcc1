//! Doors that people open: by hand and by import; and what is remembered of those who came.

use axum::http::StatusCode;
use base::ids::{MemberId, SegmentId};
use serde_json::{Value, json};
use store::jobs::JobRunner;

use super::support::{Bench, DAY, journeys::send, on_every_database, user};

fn manual(reentry: &str) -> Value {
    json!({"entry": {"manual": true}, "key": "properties.order", "reentry": {"policy": reentry}, "start": "mail",
        "steps": {"mail": send(None)}})
}

#[tokio::test]
async fn members_are_let_in_by_hand_and_nobody_is_named() {
    on_every_database(|mut bench| async move {
        let journey = bench.journey(manual("never")).await;
        bench.take(&[bench.member("a")]).await;
        let (a, nobody) = (bench.owner("a").await, MemberId(404));
        let uri = format!("/api/v1/journeys/{journey}/enter");
        let body = json!({"members": [a, nobody], "properties": {"order": "o1", "sum": 9}});
        let (status, reply) = bench.ask_pipeline("POST", &uri, body.clone()).await;
        assert_eq!(status, StatusCode::OK, "{reply}");
        assert_eq!((&reply["asked"], &reply["unknown"]), (&json!(1), &json!([nobody])));
        assert_eq!(bench.runs().await, ["completed o1"]);
        let said = bench.number("SELECT COUNT(*) FROM deliveries WHERE variables_json LIKE '%\"sum\":9%'").await;
        assert_eq!(said, 1);
        // The same order does not enter twice, another one does.
        bench.ask_pipeline("POST", &uri, body).await;
        bench.ask_pipeline("POST", &uri, json!({"members": [a], "key": "o2"})).await;
        assert_eq!(bench.runs().await, ["completed o1", "completed o2"]);
        for body in [json!({}), json!({"members": []}), json!({"members": [a], "segment": SegmentId(1)})] {
            assert!(bench.ask_pipeline("POST", &uri, body).await.0.is_client_error());
        }
        let (status, _) = bench.ask_pipeline("POST", &uri, json!({"segment": SegmentId(404)})).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        bench.journey_verb(journey, "pause").await;
        assert_eq!(bench.ask_pipeline("POST", &uri, json!({"members": [a]})).await.0, StatusCode::CONFLICT);
    })
    .await;
}

#[tokio::test]
async fn a_segment_is_let_in_by_a_job() {
    on_every_database(|mut bench| async move {
        let segment = bench.segment(1, &json!({"tag": "vip"})).await;
        let tags: Vec<_> = (0..30).map(|n| bench.tag(user(&format!("u{n}")), "Tag Added", "vip")).collect();
        bench.take(&tags).await;
        let journey = bench.journey(manual("never")).await;
        let uri = format!("/api/v1/journeys/{journey}/enter");
        let (status, reply) = bench.ask_pipeline("POST", &uri, json!({"segment": segment})).await;
        assert_eq!(status, StatusCode::ACCEPTED, "{reply}");
        let handler = outreach::journeys::EnterJob::new(bench.db.clone(), bench.commands());
        let jobs = JobRunner::new(
            bench.db.clone(),
            bench.clock.shared(),
            bench.ids.clone(),
            vec![std::sync::Arc::new(handler)],
        );
        let is_done = std::cell::Cell::new(false);
        let working = async {
            jobs.run_next().await.unwrap();
            is_done.set(true);
        };
        let running = async {
            while !is_done.get() {
                bench.step().await;
                tokio::task::yield_now().await;
            }
        };
        tokio::join!(working, running);
        assert_eq!(bench.runs().await.len(), 30);
        let result = bench.texts("SELECT result_json AS text FROM jobs").await;
        assert_eq!(serde_json::from_str::<Value>(&result[0]).unwrap(), json!({"asked": 30, "refused": 0}));
    })
    .await;
}

#[tokio::test]
async fn the_rows_of_an_import_let_members_in_and_the_history_that_it_brings_does_not() {
    on_every_database(|mut bench| async move {
        let steps = json!({"mail": send(None)});
        bench.journey(json!({"entry": {"import": true}, "start": "mail", "steps": steps})).await;
        let imported = |event: base::Event| base::Event { source: "import:f".to_owned(), ..event };
        let history = imported(bench.track(user("old"), "Order Completed", json!({})));
        let row = imported(bench.identify(user("new"), json!({"name": "Ada"})));
        let usual = bench.identify(user("usual"), json!({"name": "Bo"}));
        bench.take(&[history, row, usual]).await;
        assert_eq!(bench.runs().await, ["completed"]);
        assert_eq!(bench.number("SELECT member_id FROM journey_runs").await, bench.owner("new").await.0);
        let again = imported(bench.identify(user("new"), json!({"name": "Ada"})));
        bench.take(&[again]).await;
        assert_eq!(bench.runs().await.len(), 1, "once is once");
    })
    .await;
}

#[tokio::test]
async fn never_is_remembered_when_the_runs_are_long_gone() {
    on_every_database(|mut bench| async move {
        bench.journey(json!({"entry": {"event": "Begun"}, "start": "mail", "steps": {"mail": send(None)}})).await;
        bench.take(&[bench.track(user("a"), "Begun", json!({}))]).await;
        bench.run("DELETE FROM journey_trace", vec![]).await;
        bench.run("DELETE FROM journey_runs", vec![]).await;
        bench.restart().await;
        bench.advance(DAY);
        bench.take(&[bench.track(user("a"), "Begun", json!({}))]).await;
        assert_eq!(bench.runs().await.len(), 0);
    })
    .await;
}

#[tokio::test]
async fn of_thousands_of_keys_the_last_thousand_are_remembered() {
    on_every_database(|mut bench| async move {
        bench
            .journey(json!({"entry": {"event": "Begun"}, "key": "properties.cart", "start": "done",
                "steps": {"done": {"type": "exit"}}}))
            .await;
        let carts: Vec<_> = (0..1_200).map(|n| bench.track(user("a"), "Begun", json!({"cart": n}))).collect();
        bench.take(&carts).await;
        assert_eq!(bench.number("SELECT COUNT(*) FROM journey_entries").await, 1_000);
        bench.restart().await;
        let last = bench.track(user("a"), "Begun", json!({"cart": 1_199}));
        bench.take(&[last]).await;
        assert_eq!(bench.number("SELECT COUNT(*) FROM journey_runs").await, 1_200);
    })
    .await;
}

#[tokio::test]
async fn a_member_has_a_thousand_runs_under_way_and_no_more() {
    on_every_database(|mut bench: Bench| async move {
        bench
            .journey(json!({"entry": {"event": "Begun"}, "reentry": {"policy": "always"}, "start": "pause",
                "steps": {"pause": {"type": "wait", "for": "P1D"}}}))
            .await;
        let begun: Vec<_> = (0..1_010).map(|_| bench.track(user("a"), "Begun", json!({}))).collect();
        bench.take(&begun).await;
        assert_eq!(bench.number("SELECT COUNT(*) FROM journey_runs").await, 1_000);
        assert_eq!(bench.number("SELECT happened FROM journey_counts WHERE action = 'too_often'").await, 10);
    })
    .await;
}
