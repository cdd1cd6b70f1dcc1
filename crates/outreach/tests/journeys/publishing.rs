//! What may be published, and how drafts change.

use axum::http::StatusCode;
use base::ids::{GroupId, SegmentId, TemplateId};
use serde_json::{Value, json};

use super::support::{
    Bench, DAY, HOUR, WORKSPACE,
    journeys::{TEMPLATE, send, wait},
    on_every_database, user,
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

#[tokio::test]
async fn of_two_who_publish_at_once_one_wins_and_the_other_is_told() {
    on_every_database(|bench| async move {
        let document = json!({"entry": {"event": "Order Completed"}, "start": "s1", "steps": {"s1": send(None)}});
        let made = bench.call("POST", "/api/v1/journeys", json!({"name": "journey", "document": document})).await;
        let uri = format!("/api/v1/journeys/{}", made["id"].as_str().unwrap());
        let publish = format!("{uri}/publish");
        let body = json!({"revision": made["revision"]});
        let (one, other) =
            tokio::join!(bench.ask("POST", &publish, body.clone()), bench.ask("POST", &publish, body.clone()));
        let (lost, won) = if one.0 == StatusCode::OK { (other, one) } else { (one, other) };
        assert_eq!((won.0, &won.1["published_version"]), (StatusCode::OK, &json!(1)), "{}", won.1);
        assert_eq!((lost.0, &lost.1["code"]), (StatusCode::CONFLICT, &json!("conflict")), "{}", lost.1);
        let versions = bench.call("GET", &format!("{uri}/versions"), Value::Null).await;
        assert_eq!(versions["items"].as_array().unwrap().len(), 1);
        assert_eq!(bench.ask("POST", &publish, body).await.1["code"], "conflict", "nor later");
    })
    .await;
}

#[tokio::test]
async fn a_draft_changed_by_somebody_else_is_not_overwritten() {
    on_every_database(|bench| async move {
        let document = json!({"entry": {"event": "Order Completed"}, "start": "s1", "steps": {"s1": send(None)}});
        let made = bench.call("POST", "/api/v1/journeys", json!({"name": "journey", "document": document})).await;
        let uri = format!("/api/v1/journeys/{}", made["id"].as_str().unwrap());
        let revision = made["revision"].clone();
        let changed = bench.call("PATCH", &uri, json!({"name": "mine", "revision": revision})).await;
        assert_ne!(changed["revision"], revision);
        let (status, problem) = bench.ask("PATCH", &uri, json!({"name": "yours", "revision": revision})).await;
        assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("conflict")));
        let (one, other) = tokio::join!(
            bench.ask("PATCH", &uri, json!({"name": "a", "revision": changed["revision"]})),
            bench.ask("PATCH", &uri, json!({"name": "b", "revision": changed["revision"]}))
        );
        let mut statuses = [one.0, other.0];
        statuses.sort();
        assert_eq!(statuses, [StatusCode::OK, StatusCode::CONFLICT]);
    })
    .await;
}

#[tokio::test]
async fn a_draft_that_is_too_large_is_refused_at_its_path() {
    on_every_database(|bench| async move {
        let steps: serde_json::Map<String, Value> = (0..150)
            .map(|n| {
                let body = json!({"text": "long ".repeat(500)});
                (format!("s{n}"), json!({"type": "webhook", "body": body}))
            })
            .collect();
        let document = json!({"entry": {"event": "Order Completed"}, "start": "s0", "steps": steps});
        let (status, problem) = bench.ask("POST", "/api/v1/journeys", json!({"name": "j", "document": document})).await;
        assert_eq!((status, &problem["errors"][0]["path"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("document")));
    })
    .await;
}

#[tokio::test]
async fn finishing_lets_nobody_in_and_everybody_out_and_then_the_journey_is_stopped() {
    on_every_database(|mut bench| async move {
        let id = bench
            .journey(json!({"entry": {"event": "Order Completed"}, "reentry": {"policy": "always"}, "start": "pause",
                "steps": {"pause": wait("P1D", "mail"), "mail": send(None)}}))
            .await;
        let uri = format!("/api/v1/journeys/{id}");
        bench.take(&[bench.member("a"), bench.track(user("a"), "Order Completed", json!({}))]).await;
        // Whoever waits in a paused journey has no timer, and is to come to his end all the same.
        bench.journey_verb(id, "pause").await;
        bench.take(&[bench.track(user("a"), "Page Read", json!({}))]).await;
        let stopped = bench.call("POST", &format!("{uri}/stop"), json!({"running": "finish"})).await;
        assert_eq!(stopped["state"], "finishing");
        assert!(stopped["words"]["zh"].as_str().unwrap().contains("走完旅程"), "{stopped}");
        bench.take(&[bench.member("b"), bench.track(user("b"), "Order Completed", json!({}))]).await;
        assert_eq!(bench.runs().await, ["active"]);
        for (verb, body) in [("pause", json!({})), ("resume", json!({})), ("stop", json!({"running": "finish"}))] {
            let (status, problem) = bench.ask("POST", &format!("{uri}/{verb}"), body).await;
            assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("wrong_state")));
            assert!(problem["detail"].as_str().unwrap().contains("finishing"), "{problem}");
        }
        bench.advance(DAY);
        bench.settle().await;
        assert_eq!(bench.runs().await, ["completed"]);
        let state = bench.call("GET", &uri, Value::Null).await["state"].clone();
        assert_eq!(state, "stopped", "the last has come to his end");
        assert_eq!(
            bench.texts("SELECT state AS text FROM deliveries").await,
            ["queued"],
            "and gets what he was to get"
        );
        bench.journey_verb(id, "publish").await;
        bench.take(&[bench.track(user("b"), "Order Completed", json!({}))]).await;
        assert_eq!(bench.runs().await, ["completed", "active"]);
    })
    .await;
}

#[tokio::test]
async fn finishing_a_journey_in_which_nobody_is_stops_it() {
    on_every_database(|bench| async move {
        let document = json!({"entry": {"event": "Order Completed"}, "start": "s1", "steps": {"s1": send(None)}});
        let id = bench.journey(document).await;
        let uri = format!("/api/v1/journeys/{id}/stop");
        assert_eq!(bench.call("POST", &uri, json!({"running": "finish"})).await["state"], "stopped");
        let (status, problem) = bench.ask("POST", &uri, json!({})).await;
        assert_eq!(status, StatusCode::CONFLICT);
        assert_eq!(problem["detail"], "the journey is stopped, so it cannot be stopped");
        let unknown = bench.ask("POST", &uri, json!({"runing": "end"})).await;
        assert_eq!((unknown.0, &unknown.1["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("invalid_body")));
    })
    .await;
}

#[tokio::test]
async fn messages_that_wait_are_sent_after_a_pause_unless_they_are_cancelled() {
    on_every_database(|mut bench| async move {
        let id = bench
            .journey(json!({"entry": {"event": "Order Completed"}, "start": "mail", "steps": {"mail": send(None)}}))
            .await;
        let uri = format!("/api/v1/journeys/{id}");
        bench.take(&[bench.member("a"), bench.track(user("a"), "Order Completed", json!({}))]).await;
        let paused = bench.call("POST", &format!("{uri}/pause"), json!({})).await;
        assert_eq!((&paused["state"], &paused["queued"]), (&json!("paused"), &json!(1)));
        assert!(paused["words"]["en"].as_str().unwrap().contains("1 messages that are queued"), "{paused}");
        assert_eq!(bench.texts("SELECT state AS text FROM deliveries").await, ["queued"]);
        bench.journey_verb(id, "resume").await;
        let paused = bench.call("POST", &format!("{uri}/pause"), json!({"cancel_queued": true})).await;
        assert_eq!((&paused["queued"], &paused["cancelled"]), (&json!(0), &json!(1)));
        assert_eq!(bench.texts("SELECT state AS text FROM deliveries").await, ["cancelled"]);
    })
    .await;
}

#[tokio::test]
async fn a_large_journey_is_stopped_in_slices_and_goes_on_being_so_after_a_crash() {
    on_every_database(|bench| async move {
        let document = json!({"entry": {"event": "Order Completed"}, "start": "pause",
            "steps": {"pause": wait("P1D", "mail"), "mail": send(None)}});
        let id = bench.journey(document).await;
        let uri = format!("/api/v1/journeys/{id}");
        bench.crowd(id, &[(1, "pause", 4_100)]).await;
        let poisoned = bench.poison(3_000).await;
        let stopped = bench.call("POST", &format!("{uri}/stop"), json!({"cancel_queued": false})).await;
        assert_eq!(stopped["state"], "stopped");
        assert!(stopped["job"].is_string(), "{stopped}");
        assert_eq!(bench.under_way().await, 4_100, "the request itself moves nobody");
        assert_eq!(bench.ask("POST", &format!("{uri}/publish"), json!({})).await.1["code"], "wrong_state");
        assert_eq!(bench.ask("DELETE", &uri, json!({})).await.1["code"], "wrong_state");
        bench.run_jobs().await;
        assert_eq!(bench.under_way().await, 2_100, "one slice before the crash");
        bench.cure(poisoned).await;
        bench.advance(HOUR);
        bench.run_jobs().await;
        assert_eq!(bench.under_way().await, 0);
        let lines = bench.number("SELECT COUNT(*) FROM journey_trace WHERE action = 'exited'").await;
        assert_eq!(lines, 4_100, "once each");
        let counted = bench.number("SELECT happened FROM journey_counts WHERE action = 'exited'").await;
        assert_eq!(counted, 4_100);
        bench.journey_verb(id, "publish").await;
    })
    .await;
}

#[tokio::test]
async fn a_journey_that_is_stopped_or_deleted_leaves_no_plans_however_many_there_were() {
    on_every_database(|mut bench| async move {
        let birthday = || {
            let entry = json!({"date": {"trait": "birthday", "every": "year"}});
            json!({"entry": entry, "start": "mail", "steps": {"mail": send(None)}})
        };
        let [ends, finishes, other, deleted] =
            [birthday(), birthday(), birthday(), birthday()].map(|document| bench.journey(document));
        let (ends, finishes, other, deleted) = (ends.await, finishes.await, other.await, deleted.await);
        let plans_of = |journey: base::ids::JourneyId| {
            format!("SELECT COUNT(*) FROM journey_plans WHERE journey_id = {}", journey.0)
        };
        let born = bench.identify(user("a"), json!({"birthday": "04-20"}));
        bench.take(&[born]).await;
        for journey in [ends, finishes, other, deleted] {
            assert_eq!(bench.number(&plans_of(journey)).await, 1);
        }
        bench.plans(ends, 5_400).await;
        bench.plans(other, 5_400).await;
        for (journey, running) in [(ends, "end"), (finishes, "finish"), (deleted, "end")] {
            let uri = format!("/api/v1/journeys/{journey}/stop");
            let stopped = bench.call("POST", &uri, json!({"running": running})).await;
            assert_eq!((&stopped["state"], &stopped["job"]), (&json!("stopped"), &Value::Null));
        }
        assert_eq!(bench.number(&plans_of(ends)).await, 401, "one slice in the request");
        bench.run_jobs().await;
        bench.idle().await;
        for journey in [ends, finishes, deleted] {
            assert_eq!(bench.number(&plans_of(journey)).await, 0);
        }
        assert_eq!(bench.number(&plans_of(other)).await, 5_401, "another journey's are left alone");
        // Some that were left by a process of old go with the journey.
        bench.plans(deleted, 3).await;
        let (status, _) = bench.ask("DELETE", &format!("/api/v1/journeys/{deleted}"), Value::Null).await;
        assert_eq!((status, bench.number(&plans_of(deleted)).await), (StatusCode::NO_CONTENT, 0));
        // Its timer finds nothing but the other's.
        bench.run_to("2026-04-21T00:00:00Z").await;
        assert_eq!(bench.runs().await.len(), 1);
        // Whoever publishes it again plans everybody anew.
        bench.journey_verb(ends, "publish").await;
        bench.idle().await;
        assert_eq!(bench.number(&plans_of(ends)).await, 1);
    })
    .await;
}

#[tokio::test]
async fn everybody_of_a_large_journey_wakes_after_a_pause() {
    on_every_database(|bench| async move {
        let document = json!({"entry": {"event": "Order Completed"}, "start": "pause",
            "steps": {"pause": wait("P1D", "mail"), "mail": send(None)}});
        let id = bench.journey(document).await;
        bench.crowd(id, &[(1, "pause", 4_100)]).await;
        bench.journey_verb(id, "pause").await;
        let uri = format!("/api/v1/journeys/{id}/resume");
        let resumed = bench.call("POST", &uri, json!({})).await;
        assert!(resumed["job"].is_string() && resumed["state"] == "live", "{resumed}");
        bench.run_jobs().await;
        assert_eq!(bench.number("SELECT COUNT(*) FROM timers WHERE kind = 'journey'").await, 4_100);
        let waits =
            "SELECT COUNT(*) FROM timers t JOIN journey_runs r ON r.member_id = t.subject AND r.wake_at = t.due_at";
        assert_eq!(bench.number(waits).await, 4_100, "each for the end of his wait");
    })
    .await;
}
