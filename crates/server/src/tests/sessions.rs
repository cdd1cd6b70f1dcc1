//! Signing in, staying in, and being shown out.

use std::time::Duration;

use api::Role;
use axum::http::Method;
use serde_json::json;

use super::support::{PASSWORD, call, on_every_database, with_config};
use crate::ServerConfig;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[tokio::test]
async fn signing_in_tells_who_one_is_and_signing_out_ends_it() {
    on_every_database(|house| async move {
        let id = house.user("Lin@Example.com", Role::Operator).await;
        let login = json!({"email": " lin@example.COM", "password": PASSWORD});
        let reply = call(Method::POST, "/api/v1/login").json(login).on(&house).await;
        reply.is(200);
        assert_eq!(reply.json()["user"], json!({"id": id, "email": "lin@example.com", "name": "lin"}));
        let attributes = reply.header("set-cookie");
        assert!(
            attributes.contains("HttpOnly") && attributes.contains("SameSite=Lax") && !attributes.contains("Secure")
        );

        let cookie = reply.cookie();
        let me = call(Method::GET, "/api/v1/me").session(&cookie).on(&house).await.json();
        assert_eq!((&me["role"], &me["actor"]), (&json!("operator"), &json!(format!("user:{id}"))));
        assert_eq!(me["workspace"]["time_zone"], "UTC");
        let reads =
            ["people:read", "people:write", "segments:read", "segments:write", "outreach:read", "outreach:write"];
        let rights = [reads.as_slice(), &["ingest:read", "ingest:write"]].concat();
        assert_eq!(me["rights"], json!(rights), "an operator has no settings");

        let reply = call(Method::POST, "/api/v1/logout").session(&cookie).on(&house).await;
        reply.is(204);
        assert!(reply.header("set-cookie").starts_with("hearth_session=;"));
        call(Method::GET, "/api/v1/me").session(&cookie).on(&house).await.is_problem(401, "unauthenticated");
        call(Method::POST, "/api/v1/logout").on(&house).await.is(204);
    })
    .await;
}

#[tokio::test]
async fn only_hashes_of_sessions_and_passwords_are_stored() {
    on_every_database(|house| async move {
        let cookie = house.signed_in("lin@example.com", Role::Owner).await;
        let token = cookie.split_once('=').unwrap().1;
        assert_eq!(token.len(), 64);
        assert_eq!(house.count(&format!("SELECT COUNT(*) FROM sessions WHERE token_hash = '{token}'")).await, 0);
        assert_eq!(house.count("SELECT COUNT(*) FROM users WHERE password_hash LIKE '$argon2id$%'").await, 1);
        let leaks =
            format!("SELECT COUNT(*) FROM audit_log WHERE detail_json LIKE '%{token}%' OR detail_json LIKE '%argon2%'");
        assert_eq!(house.count(&leaks).await, 0);
    })
    .await;
}

#[tokio::test]
async fn cookies_go_over_tls_only_where_there_is_tls() {
    let config = ServerConfig { public_url: Some("https://hearth.example.com".to_owned()), ..Default::default() };
    with_config(config, |house| async move {
        house.user("lin@example.com", Role::Owner).await;
        let login = json!({"email": "lin@example.com", "password": PASSWORD});
        let reply = call(Method::POST, "/api/v1/login").json(login).on(&house).await;
        assert!(reply.header("set-cookie").contains("; Secure"));
        assert!(!reply.header("strict-transport-security").is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_session_lasts_thirty_days_from_the_last_visit_and_ninety_in_all() {
    on_every_database(|house| async move {
        let forgotten = house.signed_in("forgotten@example.com", Role::Viewer).await;
        let busy = house.signed_in("busy@example.com", Role::Viewer).await;
        for visit in 1..=8 {
            house.advance(DAY * 11);
            let reply = call(Method::GET, "/api/v1/me").session(&busy).on(&house).await;
            assert_eq!(reply.status, 200, "visit {visit}");
        }
        call(Method::GET, "/api/v1/me").session(&forgotten).on(&house).await.is_problem(401, "unauthenticated");
        house.advance(DAY * 2 - Duration::from_secs(1));
        call(Method::GET, "/api/v1/me").session(&busy).on(&house).await.is(200);
        house.advance(Duration::from_secs(1));
        call(Method::GET, "/api/v1/me").session(&busy).on(&house).await.is_problem(401, "unauthenticated");

        assert_eq!(house.count("SELECT COUNT(*) FROM sessions").await, 2);
        crate::sweep(&house.db, base::Clock::now(&house.clock)).await.unwrap();
        assert_eq!(house.count("SELECT COUNT(*) FROM sessions").await, 0);
    })
    .await;
}

#[tokio::test]
async fn another_site_cannot_act_with_a_visitors_session() {
    on_every_database(|house| async move {
        let cookie = house.signed_in("lin@example.com", Role::Owner).await;
        let change = || {
            let call = call(Method::PATCH, "/api/v1/workspace").header("cookie", &cookie);
            call.header("host", "127.0.0.1:7700").json(json!({"name": "Wine"}))
        };
        change().header("sec-fetch-site", "cross-site").on(&house).await.is_problem(403, "cross_site");
        change().header("sec-fetch-site", "same-site").on(&house).await.is_problem(403, "cross_site");
        change().header("origin", "https://evil.example").on(&house).await.is_problem(403, "cross_site");
        change().header("origin", "null").on(&house).await.is_problem(403, "cross_site");
        change().on(&house).await.is_problem(403, "cross_site");

        change().header("sec-fetch-site", "same-origin").on(&house).await.is(200);
        change().header("origin", "http://127.0.0.1:7700").on(&house).await.is(200);
        // Reading is safe, and links from elsewhere shall work.
        let look =
            call(Method::GET, "/api/v1/workspace").header("cookie", &cookie).header("sec-fetch-site", "cross-site");
        look.on(&house).await.is(200);
        // Nor can another site sign a visitor in to an account of its own.
        let login = json!({"email": "lin@example.com", "password": PASSWORD});
        let reply =
            call(Method::POST, "/api/v1/login").header("origin", "https://evil.example").json(login).on(&house).await;
        reply.is_problem(403, "cross_site");
    })
    .await;
}

#[tokio::test]
async fn a_new_password_ends_all_other_sessions() {
    on_every_database(|house| async move {
        let here = house.signed_in("lin@example.com", Role::Operator).await;
        let elsewhere = house.login("lin@example.com").await;
        let change = |current: &str, new: &str| {
            call(Method::POST, "/api/v1/me/password").session(&here).json(json!({"current": current, "new": new}))
        };
        change("wrong", "another horse battery").on(&house).await.is_problem(401, "login_failed");
        change(PASSWORD, "password123").on(&house).await.is_problem(422, "weak_password");
        call(Method::GET, "/api/v1/me").session(&elsewhere).on(&house).await.is(200);

        change(PASSWORD, "another horse battery").on(&house).await.is(204);
        call(Method::GET, "/api/v1/me").session(&here).on(&house).await.is(200);
        call(Method::GET, "/api/v1/me").session(&elsewhere).on(&house).await.is_problem(401, "unauthenticated");
        let old = json!({"email": "lin@example.com", "password": PASSWORD});
        call(Method::POST, "/api/v1/login").json(old).on(&house).await.is_problem(401, "login_failed");

        let key = house.api_key(Role::Owner, &[]).await;
        let body = json!({"current": "x", "new": "y"});
        call(Method::POST, "/api/v1/me/password").bearer(&key).json(body).on(&house).await.is_problem(403, "forbidden");
    })
    .await;
}

#[tokio::test]
async fn wrong_logins_do_not_tell_who_exists() {
    on_every_database(|house| async move {
        house.user("lin@example.com", Role::Operator).await;
        let mut bodies = Vec::new();
        for email in ["lin@example.com", "nobody@example.com", "no address", "a\u{0}b@example.com"] {
            let login = json!({"email": email, "password": "wrong horse battery"});
            let reply = call(Method::POST, "/api/v1/login").json(login).on(&house).await;
            reply.is_problem(401, "login_failed");
            bodies.push(reply.body);
        }
        assert!(bodies.iter().all(|body| *body == bodies[0]));
    })
    .await;
}

#[tokio::test]
async fn what_one_may_do_is_what_role_and_scopes_both_allow() {
    let config = ServerConfig { public_url: Some("https://hearth.example.com/".to_owned()), ..Default::default() };
    with_config(config, |house| async move {
        let cases: [(Role, &[&str], &[&str]); 4] = [
            (Role::Viewer, &[], &["people:read", "segments:read", "outreach:read", "ingest:read"]),
            (Role::Viewer, &["people:write", "settings:read"], &["people:read"]),
            (Role::Owner, &["people:write"], &["people:read", "people:write"]),
            (Role::Admin, &["settings:read"], &["settings:read"]),
        ];
        for (role, scopes, rights) in cases {
            let key = house.api_key(role, scopes).await;
            let me = call(Method::GET, "/api/v1/me").bearer(&key).on(&house).await.json();
            assert_eq!(me["rights"], json!(rights), "{role} {scopes:?}");
            assert_eq!(me["workspace"]["public_url"], "https://hearth.example.com");
        }
    })
    .await;
}
