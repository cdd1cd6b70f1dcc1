//! Why somebody is not in a journey.

use serde_json::{Value, json};

use super::support::{
    Bench, DAY, HOUR,
    journeys::{send, wait},
    on_every_database, user,
};

fn on_order(reentry: Value) -> Value {
    json!({"entry": {"event": "Order Completed", "where": [{"property": "amount", "op": "gte", "value": 10}]},
        "reentry": reentry, "start": "pause", "steps": {"pause": wait("PT1H", "mail"), "mail": send(None)}})
}

async fn order(bench: &mut Bench, amount: i64) {
    bench.advance(1);
    let event = bench.track(user("a"), "Order Completed", json!({"amount": amount}));
    bench.take(&[event]).await;
}

async fn last(bench: &Bench, journey: base::ids::JourneyId) -> String {
    bench.explained(journey).await.pop().unwrap()
}

#[tokio::test]
async fn each_absence_is_told_with_its_true_reason() {
    on_every_database(|mut bench| async move {
        let journey = bench.journey(on_order(json!({"policy": "after_exit", "cooldown": "P1D"}))).await;
        bench.take(&[bench.member("a")]).await;
        assert_eq!(bench.explained(journey).await, ["no_entry_event"]);
        order(&mut bench, 9).await;
        assert_eq!(bench.explained(journey).await, ["filters_did_not_match"]);
        bench.advance(1);
        let mut imported = bench.track(user("a"), "Order Completed", json!({"amount": 10}));
        imported.source = "import:job_1".to_owned();
        bench.take(&[imported]).await;
        assert_eq!(bench.explained(journey).await, ["imported"]);
        bench.journey_verb(journey, "pause").await;
        order(&mut bench, 10).await;
        bench.advance(1);
        bench.journey_verb(journey, "resume").await;
        assert_eq!(bench.explained(journey).await, ["paused"]);
        order(&mut bench, 10).await;
        assert_eq!(last(&bench, journey).await, "waiting");
        order(&mut bench, 11).await;
        assert_eq!(last(&bench, journey).await, "under_way");
        bench.advance(2 * HOUR);
        bench.settle().await;
        order(&mut bench, 12).await;
        assert_eq!(last(&bench, journey).await, "cooldown");
        bench.advance(DAY);
        order(&mut bench, 13).await;
        assert_eq!(bench.runs().await.len(), 2);
        bench.journey_verb(journey, "stop").await;
        order(&mut bench, 14).await;
        assert_eq!(last(&bench, journey).await, "stopped");
    })
    .await;
}

#[tokio::test]
async fn a_segment_that_was_entered_by_imported_history_says_so() {
    on_every_database(|mut bench| async move {
        let segment = bench.segment(1, &json!({"event": "Order Completed"})).await;
        let journey = bench
            .journey(json!({"entry": {"segment": segment.to_string()}, "start": "mail", "steps": {"mail": send(None)}}))
            .await;
        bench.advance(1);
        bench.take(&[bench.member("a")]).await;
        assert_eq!(bench.explained(journey).await, ["never_entered_segment"]);
        let mut imported = bench.track(user("a"), "Order Completed", json!({}));
        imported.source = "import:job_1".to_owned();
        bench.take(&[imported]).await;
        assert_eq!(bench.explained(journey).await, ["in_segment_by_history"]);
    })
    .await;
}
