//! What may be published, and how drafts change.

use axum::http::StatusCode;
use base::ids::{GroupId, SegmentId, TemplateId};
use serde_json::{Value, json};

use super::support::{
    Bench, WORKSPACE,
    journeys::{TEMPLATE, send, wait},
    on_every_database,
};

async fn published(bench: &Bench, steps: Value) -> (StatusCode, Value) {
    let document = json!({"entry": {"event": "Order Completed"}, "start": "s1", "steps": steps});
    let made = bench.call("POST", "/api/v1/journeys", json!({"name": "journey", "document": document})).await;
    let uri = format!("/api/v1/journeys/{}/publish", made["id"].as_str().unwrap());
    bench.ask("POST", &uri, json!({})).await
}

#[tokio::test]
async fn a_channel_or_template_of_the_wrong_kind_is_refused_at_its_path() {
    on_every_database(|bench| async move {
        bench
            .run(
                "INSERT INTO channels (id, workspace_id, kind, name, config_json, state, created_at, updated_at)
                 VALUES (11, $1, 'webhook', 'hook', '{}', 'active', 0, 0)",
                vec![WORKSPACE.0.into()],
            )
            .await;
        let to = |channel: &str, template: TemplateId| {
            json!({"s1": {"type": "send", "channel": channel, "template": template.to_string()}})
        };
        for (steps, path) in [
            (to("webhook", TEMPLATE), "document.steps.s1.template"),
            (to("email", TemplateId(404)), "document.steps.s1.template"),
            (to("pigeon", TEMPLATE), "document.steps.s1.channel"),
            (json!({"s1": {"type": "webhook", "channel": "email"}}), "document.steps.s1.channel"),
        ] {
            let (status, problem) = published(&bench, steps).await;
            assert_eq!((status, &problem["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("unknown_reference")));
            assert_eq!(problem["errors"][0]["path"], path, "{problem}");
        }
        assert_eq!(published(&bench, to("email", TEMPLATE)).await.0, StatusCode::OK);
        assert_eq!(published(&bench, json!({"s1": {"type": "webhook"}})).await.0, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn a_branch_that_asks_for_what_does_not_exist_is_refused_at_its_path() {
    on_every_database(|bench| async move {
        let asking = |rule: Value| json!({"s1": {"type": "branch", "cases": [{"when": rule}]}});
        for rule in [
            json!({"segment": SegmentId(404)}),
            json!({"any": [{"tag": "vip"}, {"not": {"stage": "emperor"}}]}),
            json!({"been": {"group": GroupId(404)}, "for": "P1D"}),
        ] {
            let (status, problem) = published(&bench, asking(rule)).await;
            assert_eq!((status, &problem["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("unknown_reference")));
            assert_eq!(problem["errors"][0]["path"], "document.steps.s1.cases[0].when", "{problem}");
        }
        assert_eq!(published(&bench, asking(json!({"stage": "stranger"}))).await.0, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn a_journey_that_feeds_itself_through_a_named_channel_is_refused() {
    on_every_database(|bench| async move {
        let channel = base::ids::ChannelId(10).to_string();
        let document = json!({"entry": {"event": "Email Sent"}, "reentry": {"policy": "always"}, "start": "s1",
            "steps": {"s1": {"type": "send", "channel": channel, "template": TEMPLATE.to_string()}}});
        let made = bench.call("POST", "/api/v1/journeys", json!({"name": "journey", "document": document})).await;
        let uri = format!("/api/v1/journeys/{}/publish", made["id"].as_str().unwrap());
        assert_eq!(bench.ask("POST", &uri, json!({})).await.1["code"], "journey_cycle");
    })
    .await;
}

#[tokio::test]
async fn a_change_of_a_draft_touches_only_what_it_names() {
    on_every_database(|bench| async move {
        let document = |step: &str| {
            json!({"entry": {"event": "Order Completed"}, "start": "pause",
                "steps": {"pause": wait("PT1H", step), step: send(None)}})
        };
        let id = bench.journey(document("old")).await;
        let uri = format!("/api/v1/journeys/{id}");
        bench.call("PATCH", &uri, json!({"document": document("new")})).await;
        let renamed = bench.call("PATCH", &uri, json!({"name": "renamed"})).await;
        assert_eq!((&renamed["name"], &renamed["document"]), (&json!("renamed"), &document("new")));
        assert_eq!(bench.ask("DELETE", &uri, json!({})).await.1["code"], "wrong_state");
        bench.journey_verb(id, "stop").await;
        assert_eq!(bench.ask("DELETE", &uri, json!({})).await.0, StatusCode::NO_CONTENT);
        assert_eq!(bench.ask("GET", &uri, json!({})).await.0, StatusCode::NOT_FOUND);
        assert_eq!(bench.ask("PATCH", &uri, json!({"name": "x"})).await.0, StatusCode::NOT_FOUND);
    })
    .await;
}
