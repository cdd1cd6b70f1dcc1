//! Tasks for people of the team.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::support::{Bench, DAY, HOUR, journeys::send, on_every_database, user};

fn calling(task: Value) -> Value {
    let mut task = task;
    task["type"] = json!("task");
    task["title"] = json!("Call her");
    task["next"] = json!("other");
    json!({"entry": {"event": "Begun"}, "exit": [{"event": "Ended"}], "start": "call", "steps": {"call": task,
        "other": send(None), "won": send(None), "late": send(None)}})
}

async fn begin(bench: &mut Bench) -> String {
    let begun = bench.track(user("a"), "Begun", json!({}));
    bench.take(&[bench.member("a"), begun]).await;
    let (_, open) = bench.ask_pipeline("GET", "/api/v1/tasks?state=open", json!({})).await;
    open["items"][0]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_task_that_is_done_leads_the_way_of_its_outcome_and_is_done_once() {
    on_every_database(|mut bench| async move {
        let outcomes = json!({"won": "won", "lost": null});
        bench.journey(calling(json!({"assignee": "ada@example.com", "outcomes": outcomes, "due": "P1D"}))).await;
        let task = begin(&mut bench).await;
        let uri = format!("/api/v1/tasks/{task}/complete");
        let (status, problem) = bench.ask_pipeline("POST", &uri, json!({"outcome": "drawn"})).await;
        assert_eq!((status, &problem["errors"][0]["path"]), (StatusCode::BAD_REQUEST, &json!("outcome")), "{problem}");
        let (status, done) = bench.ask_pipeline("POST", &uri, json!({"outcome": "won", "note": "she was glad"})).await;
        assert_eq!(status, StatusCode::OK, "{done}");
        assert_eq!(
            (&done["state"], &done["outcome"], &done["closed_by"]),
            (&json!("done"), &json!("won"), &json!("user:test"))
        );
        assert_eq!(done["remark"], "she was glad");
        assert_eq!(bench.sent_steps().await, ["won"]);
        let (status, problem) = bench.ask_pipeline("POST", &uri, json!({"outcome": "won"})).await;
        assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("task_closed")));
        bench.advance(2 * DAY);
        bench.settle().await;
        assert_eq!(bench.sent_steps().await, ["won"]);
        let (_, list) = bench.ask_pipeline("GET", "/api/v1/tasks?assignee=ada@example.com&state=done", json!({})).await;
        assert_eq!(list["items"].as_array().unwrap().len(), 1);
        assert_eq!(
            bench.trace().await,
            ["entered", "call task_opened", "call waiting", "call task_done", "won queued", "completed"]
        );
    })
    .await;
}

#[tokio::test]
async fn a_task_that_nobody_does_expires_and_one_without_a_time_waits() {
    on_every_database(|mut bench| async move {
        bench.journey(calling(json!({"due": "P1D", "expired": "late"}))).await;
        let task = begin(&mut bench).await;
        bench.advance(DAY);
        bench.settle().await;
        assert_eq!(bench.sent_steps().await, ["late"]);
        let uri = format!("/api/v1/tasks/{task}/complete");
        assert_eq!(bench.ask_pipeline("POST", &uri, json!({})).await.0, StatusCode::CONFLICT);
        let (_, shown) = bench.ask_pipeline("GET", &format!("/api/v1/tasks/{task}"), json!({})).await;
        assert_eq!(shown["state"], "expired");
    })
    .await;
    on_every_database(|mut bench| async move {
        bench.journey(calling(json!({}))).await;
        let task = begin(&mut bench).await;
        bench.advance(900 * DAY);
        bench.restart().await;
        let uri = format!("/api/v1/tasks/{task}/complete");
        let (status, done) = bench.ask_pipeline("POST", &uri, json!({"outcome": "whatever"})).await;
        assert_eq!(status, StatusCode::OK, "{done}");
        assert_eq!(bench.sent_steps().await, ["other"]);
    })
    .await;
}

#[tokio::test]
async fn the_task_of_a_run_that_ends_is_cancelled() {
    on_every_database(|mut bench| async move {
        let journey = bench.journey(calling(json!({"due": "P1D"}))).await;
        begin(&mut bench).await;
        let begun = bench.track(user("b"), "Begun", json!({}));
        bench.take(&[begun]).await;
        bench.advance(HOUR);
        bench.take(&[bench.track(user("a"), "Ended", json!({}))]).await;
        let states = "SELECT state AS text FROM journey_tasks ORDER BY id";
        assert_eq!(bench.texts(states).await, ["cancelled", "open"]);
        bench.journey_verb(journey, "stop").await;
        assert_eq!(bench.texts(states).await, ["cancelled", "cancelled"]);
    })
    .await;
}

#[tokio::test]
async fn a_command_about_a_task_that_somebody_else_has_done_meanwhile_is_refused() {
    on_every_database(|mut bench| async move {
        bench.journey(calling(json!({"outcomes": {"won": "won"}}))).await;
        let task = begin(&mut bench).await;
        let member = bench.owner("a").await;
        let done = |bench: &Bench| bench.command(member, "Task Completed", json!({"task": task, "outcome": "won"}));
        let both = [done(&bench), done(&bench)];
        bench.take(&both).await;
        assert_eq!(bench.sent_steps().await, ["won"]);
        assert_eq!(bench.texts("SELECT code AS text FROM dead_letters").await, ["task_closed"]);
    })
    .await;
}
