//! API keys and write keys.

use std::time::Duration;

use api::Role;
use axum::http::Method;
use serde_json::{Value, json};
use store::Sql;

use super::support::{Call, call, on_every_database};
use crate::accounts::keys::KeyKind;

fn create(key: &str, body: Value) -> Call {
    call(Method::POST, "/api/v1/keys").bearer(key).json(body)
}

#[tokio::test]
async fn a_secret_is_shown_once_and_stored_nowhere() {
    on_every_database(|house| async move {
        let admin = house.api_key(Role::Admin, &[]).await;
        let reply = create(&admin, json!({"kind": "api", "name": "Sync", "scopes": ["people:read"]})).on(&house).await;
        reply.is(201);
        let secret = reply.json()["secret"].as_str().unwrap().to_owned();
        assert!(secret.starts_with("hk_") && secret.len() == 67, "{secret}");

        let list = call(Method::GET, "/api/v1/keys").bearer(&admin).on(&house).await;
        assert!(!list.text().contains(&secret));
        let shown = &list.json()["items"][0];
        assert_eq!(shown["hint"], format!("hk_…{}", &secret[63..]));
        assert_eq!((&shown["scopes"], &shown["role"]), (&json!(["people:read"]), &json!("admin")));
        let leaks = format!(
            "SELECT (SELECT COUNT(*) FROM api_keys WHERE secret_hash = '{secret}')
                  + (SELECT COUNT(*) FROM audit_log WHERE detail_json LIKE '%{secret}%')"
        );
        assert_eq!(house.count(&leaks).await, 0);
    })
    .await;
}

#[tokio::test]
async fn what_is_asked_for_a_key_is_checked() {
    on_every_database(|house| async move {
        let admin = house.api_key(Role::Admin, &["settings:write", "people:read"]).await;
        let cases = [
            (json!({"kind": "api", "name": "x", "scopes": ["people:write"]}), 403, "forbidden"),
            (json!({"kind": "api", "name": "x", "scopes": ["*"]}), 403, "forbidden"),
            (json!({"kind": "api", "name": "x", "scopes": ["people"]}), 422, "invalid_body"),
            (json!({"kind": "write", "name": "x", "scopes": ["people:read"]}), 422, "invalid_body"),
            (json!({"kind": "master", "name": "x"}), 422, "invalid_body"),
            (json!({"kind": "write", "name": " "}), 422, "invalid_body"),
            (json!({"kind": "write", "name": "a\u{0}b"}), 422, "invalid_body"),
            (json!({"kind": "write"}), 422, "invalid_body"),
            (json!({"kind": "write", "name": "x"}), 403, "forbidden"),
        ];
        for (body, status, code) in cases {
            create(&admin, body).on(&house).await.is_problem(status, code);
        }
        let reply = create(&admin, json!({"kind": "api", "name": "heir"})).on(&house).await;
        assert_eq!(reply.json()["scopes"], json!(["settings:write", "people:read"]));
    })
    .await;
}

#[tokio::test]
async fn a_revoked_key_stops_at_once_here_and_within_five_seconds_elsewhere() {
    on_every_database(|house| async move {
        let admin = house.api_key(Role::Admin, &[]).await;
        let reply = create(&admin, json!({"kind": "api", "name": "Sync"})).on(&house).await.json();
        let (id, secret) = (reply["id"].as_str().unwrap(), reply["secret"].as_str().unwrap());
        let elsewhere = house.beside();
        let me = || call(Method::GET, "/api/v1/me").bearer(secret);
        me().on(&house).await.is(200);
        me().on(&elsewhere).await.is(200);

        call(Method::DELETE, &format!("/api/v1/keys/{id}")).bearer(&admin).on(&house).await.is(204);
        me().on(&house).await.is_problem(401, "unauthenticated");
        house.advance(Duration::from_secs(5));
        me().on(&elsewhere).await.is_problem(401, "unauthenticated");
        // Again is no error, and what is not there is.
        call(Method::DELETE, &format!("/api/v1/keys/{id}")).bearer(&admin).on(&house).await.is(204);
        call(Method::DELETE, "/api/v1/keys/key_0000000000001")
            .bearer(&admin)
            .on(&house)
            .await
            .is_problem(404, "not_found");
        call(Method::DELETE, "/api/v1/keys/nonsense").bearer(&admin).on(&house).await.is_problem(404, "invalid_path");
    })
    .await;
}

#[tokio::test]
async fn a_new_write_key_works_at_once_and_opens_nothing_else() {
    on_every_database(|house| async move {
        let key = house.key(KeyKind::Write, Role::Owner, &[]).await;
        assert!(house.keys.write_key(&key).await.unwrap().is_some());
        assert!(house.keys.api_key(&key).await.unwrap().is_none());
        call(Method::GET, "/api/v1/me").bearer(&key).on(&house).await.is_problem(401, "unauthenticated");
        let api = house.api_key(Role::Owner, &[]).await;
        assert!(house.keys.write_key(&api).await.unwrap().is_none());
        assert!(house.keys.write_key(&format!("wk_{}", "0".repeat(100_000))).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn that_a_key_is_wrong_is_believed_for_a_second_only() {
    on_every_database(|house| async move {
        let key = house.key(KeyKind::Write, Role::Owner, &[]).await;
        let set_revoked = |value: &'static str| {
            let db = house.db.clone();
            async move {
                let tx = db.begin().await.unwrap();
                tx.run(&format!("UPDATE api_keys SET revoked_at = {value}"), vec![]).await.unwrap();
                tx.commit().await.unwrap();
            }
        };
        set_revoked("1").await;
        assert!(house.keys.write_key(&key).await.unwrap().is_none());
        set_revoked("NULL").await;
        assert!(house.keys.write_key(&key).await.unwrap().is_none());
        house.advance(Duration::from_secs(1));
        assert!(house.keys.write_key(&key).await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn the_last_use_is_noted_once_for_many_uses() {
    on_every_database(|house| async move {
        let admin = house.api_key(Role::Admin, &[]).await;
        call(Method::GET, "/api/v1/me").bearer(&admin).on(&house).await.is(200);
        house.advance(Duration::from_secs(7));
        call(Method::GET, "/api/v1/me").bearer(&admin).on(&house).await.is(200);
        assert_eq!(house.count("SELECT COUNT(*) FROM api_keys WHERE last_used_at IS NOT NULL").await, 0);
        house.keys.write_uses().await.unwrap();
        let used = house.count("SELECT last_used_at FROM api_keys").await;
        assert_eq!(used, base::Clock::now(&house.clock).millis());
        house.keys.write_uses().await.unwrap();
        assert_eq!(house.count("SELECT last_used_at FROM api_keys").await, used);
    })
    .await;
}
