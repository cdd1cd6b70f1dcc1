//! The routes of channels and templates.

use axum::http::StatusCode;
use serde_json::json;
use store::Sql;

use crate::house::{HOOK_SECRET, House, email, on_every_database};

#[tokio::test]
async fn a_secret_is_never_shown_and_stays_when_it_is_sent_back_hidden() {
    on_every_database(|house| async move {
        let uri = format!("/api/v1/channels/{}", house.channel);
        let shown = house.get(&uri).await;
        assert_eq!(shown.json()["config"], json!({"host": "x", "password": "•••", "hook_secret": "•••"}));
        let change = json!({"name": "new name", "config": {"host": "x", "user": "u", "password": "•••"}});
        let changed = house.send_json("PATCH", &uri, change).await;
        assert_eq!(changed.json()["config"], json!({"host": "x", "user": "u", "password": "•••"}));
        house.one_sent("a", "a@shop.example").await;
        let used = house.other_side.configs.lock().unwrap().last().cloned().unwrap();
        assert_eq!(used, json!({"host": "x", "user": "u", "password": "secret"}));
        let kept: Vec<String> = secret_names(&house).await;
        assert_eq!(kept, [format!("channel/{}/password", house.channel)], "the hook's secret is gone with its field");
        let audit: Option<String> = house
            .db
            .read()
            .scalar("SELECT detail_json FROM audit_log WHERE action = 'channel.updated'", vec![])
            .await
            .unwrap();
        assert!(!audit.unwrap().contains("secret\":"));
        assert_eq!(house.request("DELETE", &uri, &[], vec![]).await.status, StatusCode::NO_CONTENT);
        assert!(secret_names(&house).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_secret_is_not_sent_to_another_place_by_who_does_not_know_it() {
    on_every_database(|house| async move {
        let uri = format!("/api/v1/channels/{}", house.channel);
        let elsewhere = |password: &str| json!({"config": {"host": "y", "password": password, "hook_secret": "•••"}});
        let refused = house.send_json("PATCH", &uri, elsewhere("•••")).await;
        assert_eq!(refused.json()["code"], "invalid_channel");
        assert_eq!(refused.json()["errors"][0]["path"], "config.password");
        assert_eq!(house.get(&uri).await.json()["config"]["host"], "x");
        let moved = house.send_json("PATCH", &uri, elsewhere("known")).await;
        assert_eq!(moved.status, StatusCode::OK, "the secret of inbound hooks is sent nowhere: {}", moved.text());
    })
    .await;
}

#[tokio::test]
async fn a_channel_that_comes_or_goes_is_told_to_the_pipeline() {
    on_every_database(|house| async move {
        let version = async || {
            let sql = "SELECT rules_version FROM workspaces WHERE id = 1";
            let version: Option<i64> = house.db.read().scalar(sql, vec![]).await.unwrap();
            version.unwrap()
        };
        house.outreach.rules_changed.notified().await;
        let before = version().await;
        let made = house.post("/api/v1/channels", json!({"kind": "email", "name": "n", "config": {"host": "x"}})).await;
        house.outreach.rules_changed.notified().await;
        assert_eq!(version().await, before + 1);
        let uri = format!("/api/v1/channels/{}", made.json()["id"].as_str().unwrap());
        house.request("DELETE", &uri, &[], vec![]).await;
        house.outreach.rules_changed.notified().await;
        assert_eq!(version().await, before + 2);
    })
    .await;
}

#[tokio::test]
async fn only_addresses_of_kinds_that_have_some_can_be_suppressed() {
    on_every_database(|house| async move {
        for kind in ["pigeon", "webhook", "", "\0"] {
            let refused =
                house.post("/api/v1/suppressions", json!({"channel_kind": kind, "address": "a@b.example"})).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{kind:?}");
            assert_eq!(refused.json()["errors"][0]["path"], "channel_kind");
        }
    })
    .await;
}

async fn secret_names(house: &House) -> Vec<String> {
    #[derive(store::FromQueryResult)]
    struct NameRow {
        name: String,
    }
    let rows: Vec<NameRow> = house.db.read().all("SELECT name FROM secrets ORDER BY name", vec![]).await.unwrap();
    rows.into_iter().map(|row| row.name).collect()
}

#[tokio::test]
async fn a_channel_is_checked_before_it_is_saved() {
    on_every_database(|house| async move {
        for body in [
            json!({"kind": "email", "name": "x", "config": {}}),
            json!({"kind": "pigeon", "name": "x", "config": {"host": "x"}}),
            json!({"kind": "email", "name": "x", "config": {"host": "x", "requires_consent": "yes"}}),
            json!({"kind": "email", "name": "x", "config": {"host": "x", "hook_secret": "short"}}),
            json!({"kind": "email", "name": "x", "config": {"host": "x", "password": 5}}),
        ] {
            let reply = house.post("/api/v1/channels", body.clone()).await;
            assert_eq!(
                (reply.status, reply.json()["code"].clone()),
                (StatusCode::UNPROCESSABLE_ENTITY, json!("invalid_channel")),
                "{body}"
            );
        }
        assert_eq!(house.get("/api/v1/channels").await.json()["items"].as_array().unwrap().len(), 1);
        let tested = house.post(&format!("/api/v1/channels/{}/test", house.channel), json!({})).await;
        assert_eq!(tested.json(), json!({"ok": true}));
    })
    .await;
}

#[tokio::test]
async fn a_channel_that_another_process_changed_is_connected_anew() {
    on_every_database(|house| async move {
        house.one_sent("a", "a@shop.example").await;
        let other = house.restarted().await;
        let change = json!({"config": {"host": "elsewhere", "password": "anew", "hook_secret": HOOK_SECRET, "track_links": false, "track_opens": false}});
        assert_eq!(other.send_json("PATCH", &format!("/api/v1/channels/{}", house.channel), change).await.status, StatusCode::OK);
        let (_, message) = house.one_sent("b", "b@shop.example").await;
        assert_eq!(house.other_side.configs.lock().unwrap().last().unwrap()["host"], "elsewhere");
        let (_, text, html, _) = email(&message);
        assert!(text.contains("https://shop.example/a") && html.contains("https://shop.example/a?x=1&amp;y=2"));
        assert!(!html.contains("/o/") && !html.contains("/t/"), "{html}");
    })
    .await;
}

#[tokio::test]
async fn a_template_counts_its_versions_and_notices_a_conflict() {
    on_every_database(|house| async move {
        let uri = format!("/api/v1/templates/{}", house.template);
        let body = |version| json!({"name": "n", "subject": "s", "text": "t", "version": version});
        assert_eq!(house.send_json("PUT", &uri, body(1)).await.json()["version"], 2);
        assert_eq!(house.send_json("PUT", &uri, body(1)).await.status, StatusCode::CONFLICT);
        assert_eq!(house.get(&uri).await.json()["subject"], "s");
        assert_eq!(house.request("DELETE", &uri, &[], vec![]).await.status, StatusCode::NO_CONTENT);
        assert_eq!(house.get(&uri).await.status, StatusCode::NOT_FOUND);
        assert_eq!(house.get("/api/v1/templates").await.json()["items"], json!([]));
    })
    .await;
}

#[tokio::test]
async fn a_template_with_a_mistake_is_refused_with_its_line() {
    on_every_database(|house| async move {
        let reply =
            house.post("/api/v1/templates", json!({"name": "n", "text": "fine", "html": "a\n\n{% if x %}"})).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
        let problem = reply.json();
        assert_eq!(problem["code"], "invalid_template");
        assert_eq!(problem["errors"][0]["path"], "html");
        assert!(problem["detail"].as_str().unwrap().contains("line 3"), "{problem}");
        assert_eq!(
            house.post("/api/v1/templates", json!({"name": "n"})).await.status,
            StatusCode::UNPROCESSABLE_ENTITY
        );
    })
    .await;
}

#[tokio::test]
async fn a_preview_shows_the_message_for_a_member_and_sends_nothing() {
    on_every_database(|house| async move {
        let member = house.member("杜甫", "du@shop.example").await;
        let uri = format!("/api/v1/templates/{}/preview", house.template);
        let shown = house.post(&uri, json!({"member": member})).await.json();
        assert_eq!(shown["subject"], "Hello 杜甫");
        let shown = house.post(&uri, json!({"variables": {"member": {"name": "<x>"}}})).await.json();
        assert_eq!(shown["subject"], "Hello <x>");
        assert!(shown["html"].as_str().unwrap().contains("&lt;x&gt;"));
        assert_eq!(
            house.post(&uri, json!({"member": "mem_0000000000001"})).await.status,
            StatusCode::UNPROCESSABLE_ENTITY
        );
        assert!(house.other_side.sent().is_empty());
    })
    .await;
}

#[tokio::test]
async fn lists_go_on_where_the_page_before_ended() {
    on_every_database(|house| async move {
        let member = house.member("a", "a@shop.example").await;
        for number in 0..5 {
            house.queue(member, &format!("a{number}@shop.example")).await;
            house
                .post(
                    "/api/v1/suppressions",
                    json!({"channel_kind": "email", "address": format!("s{number}@shop.example")}),
                )
                .await;
        }
        for list in ["/api/v1/deliveries?limit=2", "/api/v1/suppressions?limit=2"] {
            let mut seen = Vec::new();
            let mut uri = list.to_owned();
            loop {
                let page = house.get(&uri).await.json();
                seen.extend(page["items"].as_array().unwrap().iter().map(|item| item["address"].to_string()));
                let Some(next) = page["next"].as_str() else { break };
                uri = format!("{list}&cursor={next}");
            }
            seen.sort();
            seen.dedup();
            assert_eq!(seen.len(), 5, "{list}");
        }
        assert_eq!(house.get("/api/v1/deliveries?state=lost").await.status, StatusCode::BAD_REQUEST);
        assert_eq!(house.get("/api/v1/suppressions?cursor=!").await.json()["code"], "invalid_cursor");
    })
    .await;
}
