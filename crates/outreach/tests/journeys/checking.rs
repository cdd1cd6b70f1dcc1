//! Drafts in the making: kept as they are, with everything that is wrong with them.

use axum::http::StatusCode;
use base::ids::{SegmentId, TemplateId};
use serde_json::{Value, json};

use super::support::{
    Bench, HOUR, WORKSPACE,
    journeys::{TEMPLATE, send, wait},
    on_every_database, user,
};

async fn check(bench: &Bench, document: &Value) -> Value {
    bench.call("POST", "/api/v1/journeys/check", json!({"document": document})).await
}

/// Level, code and path of every problem.
fn told(problems: &Value) -> Vec<String> {
    let text = |problem: &Value, field: &str| problem[field].as_str().unwrap().to_owned();
    let line = |problem: &Value| {
        assert!(!text(&problem["words"], "en").is_empty() && !text(&problem["words"], "zh").is_empty(), "{problem}");
        format!("{} {} {}", text(problem, "level"), text(problem, "code"), text(problem, "path"))
    };
    problems.as_array().unwrap().iter().map(line).collect()
}

#[tokio::test]
async fn everything_that_is_wrong_is_told_at_its_step() {
    on_every_database(|bench| async move {
        let document = json!({"entry": {"segment": SegmentId(404)}, "holdout": 0.1, "start": "mail.1", "steps": {
            "mail.1": {"type": "send", "channel": "pigeon", "template": TemplateId(404), "next": "mail"},
            "mail": {"type": "send", "channel": "email", "next": "gone"},
            "alone": {"type": "wait", "until": {"trait": "wedding"}, "next": null},
            "hears": {"type": "wait", "event": "Never Seen", "timeout": "P1D", "next": null}}});
        let found = check(&bench, &document).await;
        assert_eq!(
            told(&found["problems"]),
            [
                "error invalid_journey document.steps.mail.template",
                "error invalid_journey document.steps.mail.next",
                "error unknown_reference document.entry.segment",
                "error unknown_reference document.steps.mail.1.template",
                "error unknown_reference document.steps.mail.1.channel",
                "warning unreachable_step document.steps.alone",
                "warning unreachable_step document.steps.hears",
                "warning goal_missing document.goal",
                "warning event_never_seen document.steps.hears.event",
                "warning trait_never_seen document.steps.alone.until.trait",
            ]
        );
        let steps: Vec<&Value> = found["problems"].as_array().unwrap().iter().map(|problem| &problem["step"]).collect();
        assert_eq!((steps[0], steps[2], steps[3]), (&json!("mail"), &Value::Null, &json!("mail.1")));
        assert_eq!(found["words"]["steps"]["hears"]["en"], "wait for “Never Seen”, at most 1 day");
        assert_eq!(found["words"]["entry"]["zh"], format!("进入分群“{}”", SegmentId(404)));
        let (status, problem) =
            bench.ask("POST", "/api/v1/journeys/check", json!({"document": "x".repeat(300_000)})).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");
    })
    .await;
}

#[tokio::test]
async fn an_unfinished_draft_is_kept_and_cannot_be_published() {
    on_every_database(|bench| async move {
        let unfinished = json!({"steps": {"mail": {"type": "send"}}, "layout": {"mail": {"x": 1, "y": 2},
            "$entry": {"x": 0, "y": 0}, "gone": {"x": 5, "y": 5}}});
        let made = bench.call("POST", "/api/v1/journeys", json!({"name": "j", "document": unfinished})).await;
        let uri = format!("/api/v1/journeys/{}", made["id"].as_str().unwrap());
        assert_eq!(made["document"]["layout"], json!({"mail": {"x": 1, "y": 2}, "$entry": {"x": 0, "y": 0}}));
        let paths = told(&made["problems"]);
        assert!(paths.contains(&"error invalid_journey document.steps.mail.channel".to_owned()), "{paths:?}");
        assert_eq!(bench.call("GET", &uri, Value::Null).await["problems"], made["problems"]);
        for verb in ["publish", "publish/preview"] {
            let (status, problem) = bench.ask("POST", &format!("{uri}/{verb}"), json!({})).await;
            assert_eq!((status, &problem["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("invalid_journey")));
        }
        let finished = json!({"entry": {"event": "Begun"}, "start": "mail", "steps": {"mail": send(None)}});
        let changed = bench.call("PATCH", &uri, json!({"document": finished})).await;
        assert_eq!(told(&changed["problems"]), ["warning event_never_seen document.entry.event"]);
        bench.call("POST", &format!("{uri}/publish"), json!({})).await;
        for no_document in [json!([]), json!({"steps": []}), json!({"entry": "now"})] {
            let (status, _) = bench.ask("PATCH", &uri, json!({"document": no_document})).await;
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{no_document}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_paused_channel_and_an_undescribed_topic_are_told() {
    on_every_database(|bench| async move {
        bench.run("UPDATE channels SET state = 'paused' WHERE id = 10", vec![]).await;
        let described =
            "INSERT INTO topics (workspace_id, topic, name_en, name_zh, description_en, description_zh, is_shown,
              position, double_opt_in, confirm_template_id, created_at, updated_at)
              VALUES ($1, 'news', 'News', '新闻', '', '', 1, 0, 0, 0, 0, 0)";
        bench.run(described, vec![WORKSPACE.0.into()]).await;
        let about =
            |topic: &str| json!({"type": "send", "channel": "email", "template": TEMPLATE.to_string(), "topic": topic});
        let mut first = about("news");
        first["next"] = json!("b");
        let document = json!({"entry": {"manual": true}, "start": "a", "steps": {"a": first, "b": about("gossip")}});
        assert_eq!(
            told(&check(&bench, &document).await["problems"]),
            [
                "warning channel_paused document.steps.a.channel",
                "warning channel_paused document.steps.b.channel",
                "warning topic_not_described document.steps.b.topic",
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn what_people_call_a_step_is_what_they_are_told() {
    on_every_database(|mut bench| async move {
        let mut pause = wait("PT1H", "mail");
        pause["title"] = json!("A short rest");
        let document =
            json!({"entry": {"event": "Begun"}, "start": "pause", "steps": {"pause": pause, "mail": send(None)}});
        let journey = bench.journey(document.clone()).await;
        let begun = bench.track(user("a"), "Begun", json!({}));
        bench.take(&[bench.member("a"), begun]).await;
        let member = bench.owner("a").await;
        let told = bench.call("GET", &format!("/api/v1/explain?member={member}&journey={journey}"), Value::Null).await;
        let words: Vec<&str> =
            told["trail"].as_array().unwrap().iter().map(|line| line["en"].as_str().unwrap()).collect();
        assert!(words.iter().any(|line| line.contains("“A short rest” (wait 1 hour)")), "{words:?}");
        assert!(!words.iter().any(|line| line.contains("“pause”")), "{words:?}");
        let mut moved = document;
        moved["layout"] = json!({"pause": {"x": 9, "y": 9}});
        bench.change_journey(journey, moved).await;
        let uri = format!("/api/v1/journeys/{journey}/versions/compare?a=1&b=draft");
        assert_eq!(bench.call("GET", &uri, Value::Null).await["same"], true);
        bench.advance(HOUR);
        bench.settle().await;
        assert_eq!(bench.sent_steps().await, ["mail"]);
    })
    .await;
}
