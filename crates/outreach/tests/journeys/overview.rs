//! Lists that pages show: journeys at a glance, runs by where they stand, tasks by when they are due.

use axum::http::StatusCode;
use base::ids::UserId;
use serde_json::{Value, json};

use super::support::{
    Bench, DAY, HOUR,
    journeys::{send, wait},
    on_every_database, user,
};

fn ids(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn journeys_are_listed_without_their_documents_and_with_numbers() {
    on_every_database(|mut bench| async move {
        let document = json!({"entry": {"event": "Begun"}, "goal": {"event": "Paid"}, "start": "pause",
            "steps": {"pause": wait("P9D", "mail"), "mail": send(None)}});
        let live = bench.journey(document).await.to_string();
        let draft = bench.call("POST", "/api/v1/journeys", json!({"name": "Winter_sale", "document": {}})).await;
        let begun = |bench: &Bench, name: &str| bench.track(user(name), "Begun", json!({}));
        bench.take(&[bench.member("a"), bench.member("b"), begun(&bench, "a"), begun(&bench, "b")]).await;
        bench.advance(HOUR);
        let paid = bench.track(user("a"), "Paid", json!({}));
        bench.take(&[paid]).await;
        let list = |query: &str| format!("/api/v1/journeys?fields=summary{query}");
        let all = bench.call("GET", &list(""), Value::Null).await;
        assert_eq!(ids(&all), [draft["id"].as_str().unwrap(), &live]);
        let of_live = &all["items"][1];
        assert!(of_live.get("document").is_none());
        let numbers = ["under_way", "entered", "entered_7d", "goals", "goals_7d", "steps"].map(|field| &of_live[field]);
        assert_eq!(numbers, [2, 2, 2, 1, 1, 2].map(|number| json!(number)).each_ref());
        assert_eq!((&of_live["entry"]["kind"], &of_live["has_problems"]), (&json!("event"), &json!(false)));
        assert_eq!(of_live["entry"]["words"]["zh"], "发生“Begun”时");
        assert_eq!(
            (&all["items"][0]["entry"]["kind"], &all["items"][0]["has_problems"]),
            (&json!("none"), &json!(true))
        );
        assert_eq!(ids(&bench.call("GET", &list("&state=live,paused"), Value::Null).await), [live.as_str()]);
        assert_eq!(ids(&bench.call("GET", &list("&search=r_S"), Value::Null).await).len(), 1);
        assert_eq!(ids(&bench.call("GET", &list("&search=rxs"), Value::Null).await).len(), 0);
        for wrong in ["&state=open", "&search=%00"] {
            assert_eq!(bench.ask("GET", &list(wrong), Value::Null).await.0, StatusCode::BAD_REQUEST, "{wrong}");
        }
        bench.advance(8 * DAY);
        let later = bench.call("GET", &list("&state=live"), Value::Null).await;
        assert_eq!((&later["items"][0]["entered_7d"], &later["items"][0]["goals_7d"]), (&json!(0), &json!(0)));
    })
    .await;
}

#[tokio::test]
async fn runs_are_found_by_where_they_stand() {
    on_every_database(|mut bench| async move {
        let mut pause = wait("P1D", "rest");
        pause["title"] = json!("A day");
        let document = json!({"entry": {"event": "Begun"}, "start": "pause",
            "steps": {"pause": pause, "rest": wait("P1D", "mail"), "mail": send(None)}});
        let journey = bench.journey(document.clone()).await;
        let a = bench.track(user("a"), "Begun", json!({}));
        bench.take(&[bench.member("a"), bench.member("b"), a]).await;
        bench.advance(DAY);
        bench.settle().await;
        bench.change_journey(journey, document).await;
        bench.journey_verb(journey, "publish").await;
        let b = bench.track(user("b"), "Begun", json!({}));
        bench.take(&[b]).await;
        let runs = async |query: &str| {
            let page = bench.call("GET", &format!("/api/v1/journeys/{journey}/runs?{query}"), Value::Null).await;
            page["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|run| run["member"].as_str().unwrap().to_owned())
                .collect::<Vec<String>>()
        };
        let (a, b) = (bench.owner("a").await.to_string(), bench.owner("b").await.to_string());
        assert_eq!(runs("step=rest").await, [a.as_str()]);
        assert_eq!(runs("step=pause&version=2").await, [b.as_str()]);
        assert_eq!(runs("step=pause&version=1").await, Vec::<String>::new());
        assert_eq!(runs("version=1").await, [a.as_str()]);
        assert_eq!(runs("state=active&trace=false").await, [b.as_str(), a.as_str()]);
        assert_eq!(runs("state=completed").await, Vec::<String>::new());
        let uri = format!("/api/v1/journeys/{journey}/runs?state=lost");
        assert_eq!(bench.ask("GET", &uri, Value::Null).await.0, StatusCode::BAD_REQUEST);
        let of_b = bench.call("GET", &format!("/api/v1/members/{b}/runs"), Value::Null).await;
        let run = &of_b["items"][0];
        assert_eq!(
            (&run["journey"], &run["journey_name"], &run["version"]),
            (&json!(journey), &json!("journey"), &json!(2))
        );
        assert_eq!(
            (&run["step"], &run["step_title"], &run["waits_for"]),
            (&json!("pause"), &json!("A day"), &json!("for"))
        );
        assert_eq!(run["step_words"]["en"], "wait 1 day");
        for _ in 0..3 {
            bench.advance(DAY);
            bench.settle().await;
        }
        let uri = |state: &str| format!("/api/v1/members/{b}/runs?state={state}");
        let active = bench.call("GET", &uri("active"), Value::Null).await;
        assert_eq!(active["items"], json!([]));
        let all = bench.call("GET", &uri("all"), Value::Null).await;
        assert_eq!((&all["items"][0]["state"], &all["items"][0]["waits_for"]), (&json!("completed"), &Value::Null));
        let nobody = "/api/v1/members/mem_0000000000001/runs";
        assert_eq!(bench.ask("GET", nobody, Value::Null).await.0, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn tasks_come_in_the_order_in_which_they_are_due_and_are_given_to_people() {
    on_every_database(|mut bench| async move {
        for (name, due) in [("late", json!("P3D")), ("never", Value::Null), ("soon", json!("PT1H"))] {
            let task = json!({"type": "task", "title": name, "due": due, "assignee": if name == "late" { "ada@example.com" } else { "bob" }});
            bench.journey(json!({"entry": {"event": "Begun"}, "start": "call", "steps": {"call": task}})).await;
        }
        let begun = bench.track(user("a"), "Begun", json!({}));
        bench.take(&[bench.member("a"), begun]).await;
        let ask = async |bench: &mut Bench, query: &str| bench.ask_pipeline("GET", &format!("/api/v1/tasks{query}"), json!({})).await.1;
        let titles = |page: &Value| -> Vec<String> {
            page["items"].as_array().unwrap().iter().map(|task| task["title"].as_str().unwrap().to_owned()).collect()
        };
        let all = ask(&mut bench, "?order=due").await;
        assert_eq!(titles(&all), ["soon", "late", "never"]);
        let mut one_by_one = Vec::new();
        let mut query = "?order=due&limit=1".to_owned();
        loop {
            let page = ask(&mut bench, &query).await;
            one_by_one.extend(titles(&page));
            let Some(next) = page["next"].as_str() else { break };
            query = format!("?order=due&limit=1&cursor={next}");
        }
        assert_eq!(one_by_one, ["soon", "late", "never"]);
        let tomorrow = bench.now().plus(std::time::Duration::from_secs(86_400));
        assert_eq!(titles(&ask(&mut bench, &format!("?due_before={tomorrow}")).await), ["soon"]);
        assert_eq!(titles(&ask(&mut bench, "?assignee=ada@example.com").await), ["late"]);
        assert_eq!(titles(&ask(&mut bench, "?mine=true").await), Vec::<String>::new());
        // Not by the clock: the pipeline would close it.
        bench.run("UPDATE journey_tasks SET due_at = 1 WHERE title = 'soon'", vec![]).await;
        let counts = ask(&mut bench, "/counts").await;
        assert_eq!(
            counts,
            json!({"open": 3, "mine": 0, "unassigned": 0, "overdue": 1, "due_today": 0})
        );
        let never = all["items"][2]["id"].as_str().unwrap();
        let uri = format!("/api/v1/tasks/{never}");
        let (status, given) = bench.ask_pipeline("PATCH", &uri, json!({"assignee": "ada@example.com"})).await;
        assert_eq!((status, &given["assignee"]), (StatusCode::OK, &json!("ada@example.com")), "{given}");
        let (status, _) = bench.ask_pipeline("PATCH", &uri, json!({"assignee": UserId(404)})).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        bench.ask_pipeline("POST", &format!("{uri}/complete"), json!({})).await;
        let (status, problem) = bench.ask_pipeline("PATCH", &uri, json!({"assignee": ""})).await;
        assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("task_closed")));
    })
    .await;
}
