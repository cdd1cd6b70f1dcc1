//! Journeys to begin with.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::support::{DAY, on_every_database, user};

#[tokio::test]
async fn every_starter_becomes_a_draft_that_can_be_published() {
    on_every_database(|mut bench| async move {
        // A ladder has the stage that one of them asks for.
        bench
            .run(
                "INSERT INTO segments (id, workspace_id, name, rule_json, state, created_by, created_at, updated_at, kind, item_key)
                 VALUES (70, $1, 'Fan', '{\"tag\": \"fan\"}', 'live', '', 0, 0, 'stage', 'fan')",
                vec![super::support::WORKSPACE.0.into()],
            )
            .await;
        for lang in ["zh", "en"] {
            let list = bench.call("GET", &format!("/api/v1/journeys/starters?lang={lang}"), Value::Null).await;
            let starters = list["items"].as_array().unwrap();
            assert_eq!(starters.len(), 4);
            assert_eq!(starters[0]["lacks"]["events"], starters[0]["needs"]["events"]);
            assert_eq!(starters[0]["lacks"]["channel"], false);
            for starter in starters {
                let uri = format!("/api/v1/journeys/starters/{}", starter["key"].as_str().unwrap());
                let made = bench.call("POST", &uri, json!({"lang": lang})).await;
                assert_eq!(made["name"], starter["name"]);
                let problems = made["problems"].as_array().unwrap();
                let errors: Vec<&Value> = problems.iter().filter(|problem| problem["level"] == "error").collect();
                assert_eq!(errors, Vec::<&Value>::new());
                assert!(made["things"].as_array().unwrap().iter().any(|thing| thing["is_new"] == true), "{made}");
                let publish = format!("/api/v1/journeys/{}/publish", made["id"].as_str().unwrap());
                bench.call("POST", &publish, json!({})).await;
            }
        }
        assert_eq!(bench.number("SELECT COUNT(*) FROM templates WHERE id <> 20").await, 26);
        assert_eq!(bench.number("SELECT COUNT(*) FROM template_partials").await, 1);
        let again = bench.call("POST", "/api/v1/journeys/starters/win-back", json!({"lang": "en", "name": "Once more"})).await;
        assert_eq!(again["name"], "Once more");
        assert!(again["things"].as_array().unwrap().iter().all(|thing| thing["is_new"] == false), "{again}");
        assert_eq!(bench.number("SELECT COUNT(*) FROM segments WHERE kind = 'segment'").await, 2);

        let joined = bench.track(user("a"), "Group Joined", json!({"group_id": "g"}));
        bench.take(&[bench.member("a"), joined]).await;
        bench.advance(DAY);
        bench.settle().await;
        assert!(bench.sent_steps().await.contains(&"greet".to_owned()));
    })
    .await;
}

#[tokio::test]
async fn what_a_starter_would_make_can_be_replaced() {
    on_every_database(|bench| async move {
        let uri = "/api/v1/journeys/starters/birthday";
        let body = json!({"replace": {"template": {"birthday-1": super::support::journeys::TEMPLATE}}});
        let made = bench.call("POST", uri, body).await;
        let steps = &made["document"]["steps"];
        assert_eq!(steps["gift"]["template"], json!(super::support::journeys::TEMPLATE));
        assert_eq!(steps["gift"]["title"], "A gift a week before");
        // The letter that has a place to fill in is not sent by it; of those that are, none has one.
        let codes = |made: &Value| -> Vec<String> {
            let problems = made["problems"].as_array().unwrap();
            problems.iter().map(|problem| problem["code"].as_str().unwrap().to_owned()).collect()
        };
        assert!(!codes(&made).contains(&"template_unfinished".to_owned()), "{made}");
        let whole = bench.call("POST", uri, json!({})).await;
        assert!(codes(&whole).contains(&"template_unfinished".to_owned()), "{whole}");
        let body = json!({"replace": {"template": {"birthday-1": base::ids::TemplateId(404)}}});
        let (status, problem) = bench.ask("POST", uri, body).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(problem["errors"][0]["path"], "replace.template.birthday-1");
        let before = bench.number("SELECT COUNT(*) FROM journeys").await;
        assert_eq!(bench.ask("POST", "/api/v1/journeys/starters/lottery", json!({})).await.0, StatusCode::NOT_FOUND);
        assert_eq!(bench.number("SELECT COUNT(*) FROM journeys").await, before);
        let (status, _) = bench.ask("GET", "/api/v1/journeys/starters?lang=fr", Value::Null).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
    })
    .await;
}
