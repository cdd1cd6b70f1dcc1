//! API keys and write keys.

use std::{collections::HashSet, sync::Arc, time::Duration};

use api::Role;
use axum::http::Method;
use base::{Clock, ids::KeyId};
use serde_json::{Value, json};
use store::Sql;

use super::support::{Call, call, on_every_database};
use crate::{
    accounts::{NewKeyOnCommandLine, cli_create_key, keys::KeyKind},
    ingest::WriteKeys,
};

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
            (json!({"kind": "write", "name": "x", "trusted": "yes"}), 422, "invalid_body"),
            (json!({"kind": "write", "name": "x", "trusted": true}), 403, "forbidden"),
            (json!({"kind": "api", "name": "x", "trusted": true}), 422, "invalid_body"),
            (json!({"kind": "api", "name": "x", "trusted": false}), 422, "invalid_body"),
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

#[tokio::test]
async fn a_write_key_is_trusted_only_when_it_is_made_so_and_that_is_shown_and_written_down() {
    on_every_database(|house| async move {
        let admin = house.api_key(Role::Admin, &[]).await;
        let made = |body: Value| create(&admin, body).on(&house);
        let page = made(json!({"kind": "write", "name": "page"})).await.json();
        let server = made(json!({"kind": "write", "name": "server", "trusted": true})).await.json();
        let sync = made(json!({"kind": "api", "name": "sync"})).await.json();
        let shown = |reply: &Value| reply["trusted"].clone();
        assert_eq!([&page, &server, &sync].map(shown), [json!(false), json!(true), json!(true)]);

        let list = call(Method::GET, "/api/v1/keys").bearer(&admin).on(&house).await.json();
        let trusted: Vec<(&str, bool)> = list["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|key| (key["name"].as_str().unwrap(), key["trusted"].as_bool().unwrap()))
            .collect();
        assert_eq!(trusted, [("sync", true), ("server", true), ("page", false), ("test", true)]);
        let audit = call(Method::GET, "/api/v1/audit?action=key.created").bearer(&admin).on(&house).await.json();
        let detail = |name: &str| {
            let lines = audit["items"].as_array().unwrap();
            lines.iter().find(|line| line["detail"]["name"] == name).unwrap()["detail"]["trusted"].clone()
        };
        assert_eq!(["page", "server", "sync"].map(detail), [json!(false), json!(true), Value::Null]);

        for (reply, expected) in [(&page, false), (&server, true)] {
            let secret = reply["secret"].as_str().unwrap();
            assert_eq!(house.keys.write_key(secret).await.unwrap().unwrap().trusted, expected);
        }
        let ids = [&page, &server, &sync].map(|reply| reply["id"].as_str().unwrap().parse::<KeyId>().unwrap());
        assert_eq!(house.keys.trusted(&ids).await.unwrap(), HashSet::from([ids[1], ids[2]]));
        assert_eq!(house.keys.trusted(&[]).await.unwrap(), HashSet::new());
        call(Method::DELETE, &format!("/api/v1/keys/{}", ids[1])).bearer(&admin).on(&house).await.is(204);
        assert_eq!(house.keys.trusted(&ids).await.unwrap(), HashSet::from([ids[2]]), "a revoked one vouches no more");
    })
    .await;
}

#[tokio::test]
async fn only_who_may_make_keys_makes_trusted_ones() {
    on_every_database(|house| async move {
        let body = json!({"kind": "write", "name": "server", "trusted": true});
        for role in [Role::Viewer, Role::Analyst, Role::Operator] {
            let key = house.api_key(role, &[]).await;
            create(&key, body.clone()).on(&house).await.is_problem(403, "forbidden");
        }
        let narrow = house.api_key(Role::Owner, &["settings:write"]).await;
        create(&narrow, body.clone()).on(&house).await.is_problem(403, "forbidden");
        let enough = house.api_key(Role::Admin, &["settings:write", "ingest:write"]).await;
        create(&enough, body).on(&house).await.is(201);

        let clock: Arc<dyn Clock> = house.clock.shared();
        let wanted = |kind| NewKeyOnCommandLine { kind, name: "cli", scopes: None, role: Role::Owner, trusted: true };
        let secret = cli_create_key(&house.db, &clock, &house.ids, wanted(KeyKind::Write)).await.unwrap();
        assert!(house.keys.write_key(&secret).await.unwrap().unwrap().trusted);
        let refused = cli_create_key(&house.db, &clock, &house.ids, wanted(KeyKind::Api)).await.unwrap_err();
        assert!(refused.to_string().contains("trusted"), "{refused}");
    })
    .await;
}

#[tokio::test]
async fn a_key_that_an_older_program_makes_is_not_trusted() {
    on_every_database(|house| async move {
        let key = house.key(KeyKind::Write, Role::Owner, &[]).await;
        let tx = house.db.begin().await.unwrap();
        // It does not know the column.
        let columns = "workspace_id, kind, name, hint, scopes_json, role, created_by, created_at";
        let copy = format!(
            "INSERT INTO api_keys (id, secret_hash, {columns})
             SELECT 1, secret_hash || 'x', {columns} FROM api_keys"
        );
        tx.run(&copy, vec![]).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(house.count("SELECT COUNT(*) FROM api_keys WHERE trusted = 0").await, 2);
        assert!(!house.keys.write_key(&key).await.unwrap().unwrap().trusted);
    })
    .await;
}
