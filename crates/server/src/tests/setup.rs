//! The first start.

use std::time::Duration;

use api::Role;
use axum::http::Method;
use base::Clock;
use serde_json::{Value, json};

use super::support::{Call, House, PASSWORD, call, on_every_database};
use crate::accounts::setup::ensure_link;

async fn link(house: &House) -> Option<String> {
    ensure_link(&house.db, &house.clock as &dyn Clock, &house.ids).await.unwrap()
}

fn set_up(token: &str, more: Value) -> Call {
    let mut body = json!({"token": token, "email": "lin@example.com", "password": PASSWORD});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    call(Method::POST, "/api/v1/setup").json(body)
}

#[tokio::test]
async fn the_link_makes_one_owner_once() {
    on_every_database(|house| async move {
        let token = link(&house).await.unwrap();
        let more = json!({"workspace_name": "围炉酒馆", "time_zone": "Asia/Shanghai", "name": "林"});
        let reply = set_up(&token, more).on(&house).await;
        reply.is(200);
        assert_eq!(reply.json()["role"], "owner");
        assert_eq!(reply.json()["workspace"]["name"], "围炉酒馆");
        assert_eq!(reply.json()["workspace"]["time_zone"], "Asia/Shanghai");
        assert_eq!(reply.json()["workspace"]["default_country"], "CN", "where else would its members live");
        call(Method::GET, "/api/v1/users").session(&reply.cookie()).on(&house).await.is(200);

        set_up(&token, json!({"email": "thief@example.com"})).on(&house).await.is_problem(409, "setup_done");
        assert_eq!(link(&house).await, None);
        assert_eq!(house.count("SELECT COUNT(*) FROM users").await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_wrong_replaced_or_old_link_does_nothing() {
    on_every_database(|house| async move {
        set_up("guess", json!({})).on(&house).await.is_problem(404, "bad_token");
        let first = link(&house).await.unwrap();
        let second = link(&house).await.unwrap();
        set_up(&first, json!({})).on(&house).await.is_problem(404, "bad_token");
        house.advance(Duration::from_secs(24 * 60 * 60));
        set_up(&second, json!({})).on(&house).await.is_problem(404, "bad_token");
        assert_eq!(house.count("SELECT COUNT(*) FROM users").await, 0);
        assert_eq!(house.count(&format!("SELECT COUNT(*) FROM setup_tokens WHERE token_hash = '{second}'")).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_page_learns_how_things_stand_before_anybody_has_signed_in() {
    on_every_database(|house| async move {
        let state = || call(Method::GET, "/api/v1/session/state");
        let check = |token: &str| call(Method::GET, &format!("/api/v1/setup?token={token}"));
        let before = state().on(&house).await;
        before.is(200);
        assert_eq!((&before.json()["set_up"], &before.json()["signed_in"]), (&json!(false), &json!(false)));
        assert_eq!(before.json()["languages"], json!(["zh-CN", "zh-TW", "en"]));
        let token = link(&house).await.unwrap();
        check(&token).on(&house).await.is(204);
        check(&token).on(&house).await.is(204);
        check("guess").on(&house).await.is_problem(404, "bad_token");
        call(Method::GET, "/api/v1/setup").on(&house).await.is_problem(404, "bad_token");

        let cookie = set_up(&token, json!({})).on(&house).await.cookie();
        check(&token).on(&house).await.is_problem(409, "setup_done");
        let after = state().on(&house).await.json();
        assert_eq!((&after["set_up"], &after["signed_in"]), (&json!(true), &json!(false)));
        assert_eq!(state().session(&cookie).on(&house).await.json()["signed_in"], true);
        let ended = state().session("hearth_session=0").on(&house).await;
        assert_eq!(ended.json()["signed_in"], false, "a session that has ended is none, and no error");
    })
    .await;
}

#[tokio::test]
async fn a_mistake_in_the_form_does_not_use_the_link_up() {
    on_every_database(|house| async move {
        let token = link(&house).await.unwrap();
        set_up(&token, json!({"password": "short"})).on(&house).await.is_problem(422, "weak_password");
        let reply = set_up(&token, json!({"email": "nobody"})).on(&house).await;
        reply.is_problem(422, "invalid_body");
        let problem = reply.json();
        let field = &problem["errors"][0];
        assert_eq!((&field["path"], &field["words"]["zh"]), (&json!("email"), &json!("不是有效的邮箱地址")));
        assert_eq!(field["words"]["en"], field["message"]);
        assert!(problem["words"]["zh"].as_str().unwrap().ends_with('。'), "{problem}");
        set_up(&token, json!({"time_zone": "Mars/Olympus"})).on(&house).await.is_problem(422, "invalid_body");
        set_up(&token, json!({})).on(&house).await.is(200);
    })
    .await;
}

#[tokio::test]
async fn users_from_the_command_line_make_the_link_pointless() {
    on_every_database(|house| async move {
        let token = link(&house).await.unwrap();
        house.user("lin@example.com", Role::Owner).await;
        set_up(&token, json!({"email": "thief@example.com"})).on(&house).await.is_problem(409, "setup_done");
        assert_eq!(link(&house).await, None);
    })
    .await;
}

#[tokio::test]
async fn the_command_line_makes_the_workspace_once() {
    on_every_database(|house| async move {
        house.api_key(Role::Owner, &[]).await;
        house.user("lin@example.com", Role::Owner).await;
        house.user("wei@example.com", Role::Viewer).await;
        assert_eq!(house.count("SELECT COUNT(*) FROM workspaces WHERE name = 'Hearth' AND time_zone = 'UTC'").await, 1);
        assert_eq!(house.count("SELECT COUNT(*) FROM workspaces").await, 1);
    })
    .await;
}
