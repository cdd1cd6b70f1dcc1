//! Versions: what was published, what is different, and moving those under way, by the numbers.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::support::{
    HOUR,
    journeys::{send, wait},
    on_every_database, user,
};

fn first() -> Value {
    json!({"entry": {"event": "Order Completed"}, "start": "pause", "steps": {
        "pause": wait("P1D", "mail"), "mail": send(Some("rest")), "rest": wait("P7D", "last"), "last": send(None)}})
}

fn second() -> Value {
    json!({"entry": {"event": "Order Completed"}, "start": "soon", "steps": {
        "soon": wait("PT1H", "mail"), "mail": send(Some("long")), "long": wait("P9D", "late"), "late": send(None),
        "orphan": send(None)}})
}

#[tokio::test]
async fn versions_are_listed_compared_and_restored() {
    on_every_database(|bench| async move {
        let id = bench.journey(first()).await;
        let uri = format!("/api/v1/journeys/{id}");
        bench.crowd(id, &[(1, "pause", 3)]).await;
        bench.change_journey(id, second()).await;
        bench.journey_verb(id, "publish").await;
        let versions = bench.call("GET", &format!("{uri}/versions"), Value::Null).await;
        let shown: Vec<(i64, bool, i64)> = versions["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|version| {
                let number = |field: &str| version[field].as_i64().unwrap();
                (number("version"), version["is_current"].as_bool().unwrap(), number("under_way"))
            })
            .collect();
        assert_eq!(shown, [(2, true, 0), (1, false, 3)]);
        let page = bench.call("GET", &format!("{uri}/versions?limit=1"), Value::Null).await;
        let next = page["next"].as_str().unwrap();
        let page = bench.call("GET", &format!("{uri}/versions?limit=1&cursor={next}"), Value::Null).await;
        assert_eq!((&page["items"][0]["version"], &page["next"]), (&json!(1), &Value::Null));
        let one = bench.call("GET", &format!("{uri}/versions/1"), Value::Null).await;
        assert_eq!((&one["document"], &one["published_by"]), (&first(), &json!("user:test")));
        let compared = bench.call("GET", &format!("{uri}/versions/compare?a=1&b=2"), Value::Null).await;
        assert_eq!(compared["added"], json!(["late", "long", "orphan", "soon"]));
        assert_eq!(compared["removed"], json!(["last", "pause", "rest"]));
        let difference = json!({"path": "document.steps.mail.next", "a": "rest", "b": "long"});
        assert_eq!(compared["changed"], json!([{"step": "mail", "differences": [difference]}]));
        assert_eq!(bench.call("GET", &format!("{uri}/versions/compare?a=2&b=draft"), Value::Null).await["same"], true);
        let revision = bench.call("GET", &uri, Value::Null).await["revision"].as_i64().unwrap();
        let restore = format!("{uri}/versions/1/restore");
        assert_eq!(bench.ask("POST", &restore, json!({"revision": revision - 1})).await.0, StatusCode::CONFLICT);
        let restored = bench.call("POST", &restore, json!({"revision": revision})).await;
        assert_eq!((&restored["document"], &restored["published_version"]), (&first(), &json!(2)));
        for missing in ["versions/3", "versions/compare?a=1&b=3"] {
            assert_eq!(bench.ask("GET", &format!("{uri}/{missing}"), Value::Null).await.0, StatusCode::NOT_FOUND);
        }
        assert_eq!(bench.ask("POST", &format!("{uri}/versions/3/restore"), json!({})).await.0, StatusCode::NOT_FOUND);
        let odd = bench.ask("GET", &format!("{uri}/versions/compare?a=1&b=x"), Value::Null).await;
        assert_eq!(odd.1["errors"][0]["path"], "b");
    })
    .await;
}

#[tokio::test]
async fn a_move_does_what_its_preview_has_shown() {
    on_every_database(|bench| async move {
        let id = bench.journey(first()).await;
        let uri = format!("/api/v1/journeys/{id}");
        bench.crowd(id, &[(1, "pause", 5), (1, "rest", 3)]).await;
        bench.change_journey(id, second()).await;
        let body = json!({"running": {"move": {"pause": "soon"}}});
        let preview = bench.call("POST", &format!("{uri}/publish/preview"), body.clone()).await;
        assert_eq!((&preview["moved"], &preview["unmapped"]), (&json!(5), &json!(3)));
        assert_eq!(preview["unmapped_paths"], json!(["running.move.rest"]));
        assert_eq!((&preview["version"], &preview["under_way"]), (&json!(2), &json!(8)));
        let (status, problem) = bench.ask("POST", &format!("{uri}/publish"), body).await;
        assert_eq!((status, &problem["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("invalid_body")));
        assert_eq!(problem["errors"][0]["path"], "running.move.rest");
        for (mapping, path) in [
            (json!({"pause": "nowhere", "rest": null}), "running.move.pause"),
            (json!({"pause": "soon", "rest": null, "never": null}), "running.move.never"),
        ] {
            for verb in ["publish", "publish/preview"] {
                let body = json!({"running": {"move": mapping}});
                let (status, problem) = bench.ask("POST", &format!("{uri}/{verb}"), body).await;
                assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{verb}");
                assert_eq!(problem["errors"][0]["path"], path, "{problem}");
            }
        }
        assert_eq!(bench.number("SELECT COUNT(*) FROM journey_versions").await, 1, "nothing was published");
        let body = json!({"running": {"move": {"pause": "long", "rest": null}}});
        let preview = bench.call("POST", &format!("{uri}/publish/preview"), body.clone()).await;
        let standing = json!([
            {"version": 1, "step": "pause", "runs": 5, "what": "moves", "to": "long"},
            {"version": 1, "step": "rest", "runs": 3, "what": "ends", "to": null}]);
        assert_eq!(preview["standing"], standing);
        assert_eq!(preview["unreached"], json!(["orphan"]));
        assert_eq!(preview["unreached_by_moved"], json!(["mail", "orphan", "soon"]));
        let published = bench.call("POST", &format!("{uri}/publish"), body).await;
        for count in ["moved", "ended"] {
            assert_eq!(published[count], preview[count], "{count}");
        }
        let places = "SELECT version || ' ' || step || ' ' || state || ' ' || arriving || ' ' || COALESCE(end_reason, '')
            || ' ' || COUNT(*) AS text FROM journey_runs GROUP BY version, step, state, arriving, end_reason ORDER BY 1";
        assert_eq!(bench.texts(places).await, ["1 rest exited 0 moved out 3", "2 long active 1  5"]);
        let detail = bench.texts("SELECT DISTINCT detail_json AS text FROM journey_trace WHERE action = 'moved'").await;
        let detail: Value = serde_json::from_str(&detail[0]).unwrap();
        let wanted = json!({"from_version": 1, "from_step": "pause", "to_version": 2, "to_step": "long"});
        assert_eq!(detail, wanted);
        assert_eq!(bench.number("SELECT COUNT(*) FROM timers WHERE kind = 'journey'").await, 5);
    })
    .await;
}

#[tokio::test]
async fn who_stays_is_shown_to_stay_and_does() {
    on_every_database(|bench| async move {
        let id = bench.journey(first()).await;
        let uri = format!("/api/v1/journeys/{id}");
        bench.crowd(id, &[(1, "pause", 2)]).await;
        bench.change_journey(id, second()).await;
        let preview = bench.call("POST", &format!("{uri}/publish/preview"), json!({})).await;
        assert_eq!((&preview["stay"], &preview["standing"][0]["what"]), (&json!(2), &json!("stays")));
        bench.journey_verb(id, "publish").await;
        assert_eq!(bench.texts("SELECT DISTINCT version || step AS text FROM journey_runs").await, ["1pause"]);
    })
    .await;
}

#[tokio::test]
async fn a_large_move_goes_on_where_the_process_died_and_moves_everybody_once() {
    on_every_database(|bench| async move {
        let id = bench.journey(first()).await;
        let uri = format!("/api/v1/journeys/{id}");
        bench.crowd(id, &[(1, "pause", 2_500), (1, "rest", 1_600)]).await;
        bench.change_journey(id, second()).await;
        let poisoned = bench.poison(3_999).await;
        let body = json!({"running": {"move": {"pause": "soon", "rest": null}}});
        let published = bench.call("POST", &format!("{uri}/publish"), body.clone()).await;
        assert!(published["job"].is_string() && published["published_version"] == 2, "{published}");
        bench.run_jobs().await;
        let of_version = |version: i64| format!("SELECT COUNT(*) FROM journey_runs WHERE version = {version}");
        assert_eq!(bench.number(&of_version(2)).await, 2_000, "one slice before the crash, and no half ones");
        assert_eq!(bench.under_way().await, 4_100, "the others stand where they stood");
        bench.change_journey(id, first()).await;
        let again = json!({"running": {"move": {"pause": "pause", "soon": "pause", "rest": "rest"}}});
        assert_eq!(bench.ask("POST", &format!("{uri}/publish"), again).await.1["code"], "wrong_state");
        bench.cure(poisoned).await;
        bench.advance(HOUR);
        bench.run_jobs().await;
        assert_eq!(bench.number(&of_version(2)).await, 2_500);
        assert_eq!(bench.under_way().await, 2_500);
        assert_eq!(bench.number("SELECT COUNT(*) FROM journey_trace WHERE action = 'moved'").await, 2_500);
        assert_eq!(bench.number("SELECT COUNT(*) FROM journey_trace WHERE action = 'exited'").await, 1_600);
        let job = bench.texts("SELECT state || ' ' || result_json AS text FROM jobs").await.remove(0);
        let (state, result) = job.split_once(' ').unwrap();
        let result: Value = serde_json::from_str(result).unwrap();
        assert_eq!((state, &result["moved"], &result["ended"]), ("done", &json!(2_500), &json!(1_600)));
    })
    .await;
}

#[tokio::test]
async fn messages_of_steps_that_are_gone_stay_unless_they_are_to_be_cancelled() {
    on_every_database(|mut bench| async move {
        let id = bench
            .journey(json!({"entry": {"event": "Order Completed"}, "start": "old",
                "steps": {"old": send(Some("kept")), "kept": send(None)}}))
            .await;
        let uri = format!("/api/v1/journeys/{id}");
        bench.take(&[bench.member("a"), bench.track(user("a"), "Order Completed", json!({}))]).await;
        let document = json!({"entry": {"event": "Order Completed"}, "start": "kept", "steps": {"kept": send(None)}});
        bench.change_journey(id, document).await;
        let body = json!({"cancel_queued": true});
        let preview = bench.call("POST", &format!("{uri}/publish/preview"), body.clone()).await;
        let queued =
            |step: &str, removed: bool| json!({"version": 1, "step": step, "messages": 1, "is_removed": removed});
        assert_eq!(preview["queued"], json!([queued("kept", false), queued("old", true)]));
        assert_eq!(preview["cancelled"], 1);
        let states = "SELECT step || ' ' || state || ' ' || COALESCE(reason, '') AS text FROM deliveries ORDER BY step";
        let published = bench.call("POST", &format!("{uri}/publish"), json!({})).await;
        assert_eq!((&published["cancelled"], &published["queued"]), (&json!(0), &json!(2)));
        assert_eq!(bench.texts(states).await, ["kept queued ", "old queued "]);
        let published = bench.call("POST", &format!("{uri}/publish"), body).await;
        assert_eq!((&published["cancelled"], &published["queued"]), (&json!(1), &json!(1)));
        assert_eq!(bench.texts(states).await, ["kept queued ", "old cancelled step_removed"]);
    })
    .await;
}
