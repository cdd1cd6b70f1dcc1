//! Those who were moved to another version, as they go on there.

use serde_json::{Value, json};

use super::support::{
    Bench, DAY, HOUR,
    journeys::{send, wait},
    on_every_database, user,
};

/// Publishes the draft and moves those under way.
async fn publish(bench: &Bench, id: base::ids::JourneyId, document: Value, mapping: Value) {
    bench.change_journey(id, document).await;
    let body = json!({"running": {"move": mapping}});
    bench.call("POST", &format!("/api/v1/journeys/{id}/publish"), body).await;
}

fn waiting(pause: &str, period: &str, mail: &str) -> Value {
    json!({"entry": {"event": "Order Completed"}, "start": pause, "steps": {pause: wait(period, mail), mail: send(None)}})
}

#[tokio::test]
async fn who_has_waited_three_days_of_five_waits_two_more() {
    on_every_database(|mut bench| async move {
        let id = bench.journey(waiting("pause", "P4D", "mail")).await;
        bench.take(&[bench.member("a"), bench.track(user("a"), "Order Completed", json!({}))]).await;
        bench.advance(3 * DAY);
        publish(&bench, id, waiting("pause", "P5D", "other"), json!({"pause": "pause"})).await;
        bench.idle().await;
        bench.advance(2 * DAY - 3 * HOUR);
        bench.idle().await;
        assert!(bench.sent_steps().await.is_empty(), "neither the old path nor the new one too early");
        bench.advance(3 * HOUR);
        bench.idle().await;
        assert_eq!(bench.sent_steps().await, ["other"]);
        assert_eq!(bench.runs().await, ["completed"]);
    })
    .await;
}

#[tokio::test]
async fn who_is_moved_before_a_message_gets_it_once() {
    on_every_database(|mut bench| async move {
        let id = bench.journey(waiting("pause", "P4D", "mail")).await;
        bench.take(&[bench.member("a"), bench.track(user("a"), "Order Completed", json!({}))]).await;
        publish(&bench, id, waiting("first", "P1D", "news"), json!({"pause": "news"})).await;
        bench.restart().await;
        bench.idle().await;
        assert_eq!(bench.sent_steps().await, ["news"]);
        bench.advance(9 * DAY);
        bench.idle().await;
        assert_eq!(bench.sent_steps().await, ["news"]);
    })
    .await;
}

#[tokio::test]
async fn an_answer_acknowledged_before_the_move_and_read_after_it_meets_the_new_step_once() {
    let asking = |ask: &str, thanks: &str, late: &str| {
        json!({"entry": {"event": "Order Completed"}, "start": ask, "steps": {
            ask: {"type": "wait", "event": {"event": "Answered"}, "timeout": "P7D", "timeout_next": late, "next": thanks},
            thanks: send(None), late: send(None)}})
    };
    on_every_database(|mut bench| async move {
        let id = bench.journey(asking("ask", "thanks", "late")).await;
        bench.take(&[bench.member("a"), bench.track(user("a"), "Order Completed", json!({}))]).await;
        bench.advance(HOUR);
        bench.append(&[bench.track(user("a"), "Answered", json!({}))]).await;
        bench.advance(1);
        publish(&bench, id, asking("ask2", "thanks2", "late2"), json!({"ask": "ask2"})).await;
        bench.idle().await;
        bench.advance(30 * DAY);
        bench.idle().await;
        assert_eq!(bench.sent_steps().await, ["thanks2"]);
    })
    .await;
}

#[tokio::test]
async fn who_enters_after_the_move_goes_the_new_way_at_once() {
    on_every_database(|mut bench| async move {
        let id = bench.journey(waiting("pause", "P4D", "mail")).await;
        bench.take(&[bench.member("a"), bench.track(user("a"), "Order Completed", json!({}))]).await;
        publish(&bench, id, waiting("brief", "PT1H", "news"), json!({"pause": null})).await;
        bench.take(&[bench.member("b"), bench.track(user("b"), "Order Completed", json!({}))]).await;
        bench.advance(9 * DAY);
        bench.idle().await;
        assert_eq!(bench.sent_steps().await, ["news"]);
        assert_eq!(bench.runs().await, ["exited", "completed"]);
    })
    .await;
}
