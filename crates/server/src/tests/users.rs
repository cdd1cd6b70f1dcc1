//! Users, and the rules that keep the house from being taken over or locked.

use api::Role;
use axum::http::Method;
use serde_json::{Value, json};

use super::support::{Call, House, PASSWORD, call, on_every_database};

fn change(cookie: &str, user: &str, body: Value) -> Call {
    call(Method::PATCH, &format!("/api/v1/users/{user}")).session(cookie).json(body)
}

async fn add(house: &House, cookie: &str, email: &str, role: &str) -> super::support::Reply {
    let body = json!({"email": email, "name": "New", "role": role, "password": PASSWORD});
    call(Method::POST, "/api/v1/users").session(cookie).json(body).on(house).await
}

#[tokio::test]
async fn a_user_is_added_listed_changed_and_removed() {
    on_every_database(|house| async move {
        let owner = house.signed_in("lin@example.com", Role::Owner).await;
        let reply = add(&house, &owner, "Wei@Example.com", "operator").await;
        reply.is(201);
        let id = reply.json()["id"].as_str().unwrap().to_owned();
        add(&house, &owner, "wei@example.com", "viewer").await.is_problem(409, "already_exists");
        let list = call(Method::GET, "/api/v1/users?limit=1").session(&owner).on(&house).await.json();
        let next = list["next"].as_str().unwrap();
        let rest = call(Method::GET, &format!("/api/v1/users?cursor={next}")).session(&owner).on(&house).await.json();
        assert_eq!(list["items"][0]["email"], "lin@example.com");
        assert_eq!(rest["items"][0]["email"], "wei@example.com");
        assert_eq!(rest["next"], Value::Null);

        let reply = change(&owner, &id, json!({"role": "analyst", "name": "魏"})).on(&house).await;
        assert_eq!((&reply.json()["role"], &reply.json()["name"]), (&json!("analyst"), &json!("魏")));
        change(&owner, &id, json!({"rank": "king"})).on(&house).await.is_problem(422, "invalid_body");

        let wei = house.login("wei@example.com").await;
        call(Method::DELETE, &format!("/api/v1/users/{id}")).session(&owner).on(&house).await.is(204);
        call(Method::GET, "/api/v1/me").session(&wei).on(&house).await.is_problem(401, "unauthenticated");
        change(&owner, &id, json!({"role": "viewer"})).on(&house).await.is_problem(404, "not_found");
        add(&house, &owner, "wei@example.com", "viewer").await.is(201);

        let audit = call(Method::GET, "/api/v1/audit").session(&owner).on(&house).await.json();
        let actions: Vec<&str> =
            audit["items"].as_array().unwrap().iter().map(|line| line["action"].as_str().unwrap()).collect();
        let expected = ["user.created", "user.removed", "session.begun", "user.changed", "user.created"];
        assert_eq!(actions[..5], expected);
    })
    .await;
}

#[tokio::test]
async fn an_admin_cannot_become_or_touch_an_owner() {
    on_every_database(|house| async move {
        let owner = house.user("lin@example.com", Role::Owner).await;
        let himself = house.user("wei@example.com", Role::Admin).await;
        let admin = house.login("wei@example.com").await;
        add(&house, &admin, "friend@example.com", "owner").await.is_problem(403, "forbidden");
        change(&admin, &himself, json!({"role": "owner"})).on(&house).await.is_problem(403, "forbidden");
        for body in [json!({"role": "viewer"}), json!({"disabled": true}), json!({"name": "x"})] {
            change(&admin, &owner, body).on(&house).await.is_problem(403, "forbidden");
        }
        call(Method::DELETE, &format!("/api/v1/users/{owner}"))
            .session(&admin)
            .on(&house)
            .await
            .is_problem(403, "forbidden");
        let reset = call(Method::POST, &format!("/api/v1/users/{owner}/password")).session(&admin);
        reset.json(json!({"password": "another horse battery"})).on(&house).await.is_problem(403, "forbidden");
        house.login("lin@example.com").await;
        add(&house, &admin, "colleague@example.com", "admin").await.is(201);
    })
    .await;
}

#[tokio::test]
async fn the_last_owner_stays() {
    on_every_database(|house| async move {
        let id = house.user("lin@example.com", Role::Owner).await;
        let second = house.user("wei@example.com", Role::Owner).await;
        let owner = house.login("lin@example.com").await;
        change(&owner, &second, json!({"disabled": true})).on(&house).await.is(200);
        // One who cannot sign in does not count.
        change(&owner, &id, json!({"role": "admin"})).on(&house).await.is_problem(409, "wrong_state");
        change(&owner, &id, json!({"disabled": true})).on(&house).await.is_problem(409, "wrong_state");
        call(Method::DELETE, &format!("/api/v1/users/{id}"))
            .session(&owner)
            .on(&house)
            .await
            .is_problem(409, "wrong_state");
        change(&owner, &second, json!({"disabled": false})).on(&house).await.is(200);
        change(&owner, &id, json!({"role": "admin"})).on(&house).await.is(200);
    })
    .await;
}

#[tokio::test]
async fn two_owners_who_demote_each_other_at_once_leave_one() {
    on_every_database(|house| async move {
        let lin = house.user("lin@example.com", Role::Owner).await;
        let wei = house.user("wei@example.com", Role::Owner).await;
        let (by_lin, by_wei) = (house.login("lin@example.com").await, house.login("wei@example.com").await);
        let (first, second) = tokio::join!(
            change(&by_lin, &wei, json!({"role": "viewer"})).on(&house),
            change(&by_wei, &lin, json!({"role": "viewer"})).on(&house),
        );
        let statuses = [first.status.as_u16(), second.status.as_u16()];
        assert!(statuses.contains(&200), "{statuses:?}");
        assert_eq!(house.count("SELECT COUNT(*) FROM user_roles WHERE role = 'owner'").await, 1);
    })
    .await;
}

#[tokio::test]
async fn keys_never_outrank_or_outlive_the_user_who_made_them() {
    on_every_database(|house| async move {
        let owner = house.signed_in("lin@example.com", Role::Owner).await;
        let id = house.user("wei@example.com", Role::Admin).await;
        let wei = house.login("wei@example.com").await;
        let make = |call: Call, kind: &str| call.json(json!({"kind": kind, "name": "sync"}));
        let reply = make(call(Method::POST, "/api/v1/keys").session(&wei), "api").on(&house).await;
        reply.is(201);
        let key = reply.json()["secret"].as_str().unwrap().to_owned();
        let reply = make(call(Method::POST, "/api/v1/keys").bearer(&key), "api").on(&house).await;
        let made_by_key = reply.json()["secret"].as_str().unwrap().to_owned();
        let reply = make(call(Method::POST, "/api/v1/keys").session(&wei), "write").on(&house).await;
        let write_key = reply.json()["secret"].as_str().unwrap().to_owned();
        call(Method::POST, "/api/v1/areas/settings").bearer(&made_by_key).on(&house).await.is(200);

        change(&owner, &id, json!({"role": "viewer"})).on(&house).await.is(200);
        for key in [&key, &made_by_key] {
            call(Method::GET, "/api/v1/areas/people").bearer(key).on(&house).await.is(200);
            call(Method::POST, "/api/v1/areas/people").bearer(key).on(&house).await.is_problem(403, "forbidden");
        }
        change(&owner, &id, json!({"disabled": true})).on(&house).await.is(200);
        for key in [&key, &made_by_key] {
            call(Method::GET, "/api/v1/me").bearer(key).on(&house).await.is_problem(401, "unauthenticated");
        }
        call(Method::GET, "/api/v1/me").session(&wei).on(&house).await.is_problem(401, "unauthenticated");
        let login = json!({"email": "wei@example.com", "password": PASSWORD});
        call(Method::POST, "/api/v1/login").json(login).on(&house).await.is_problem(401, "login_failed");
        assert!(house.keys.write_key(&write_key).await.unwrap().is_some(), "the brand's sites go on sending");
    })
    .await;
}

#[tokio::test]
async fn a_key_with_scopes_cannot_leave_them_behind_by_way_of_a_user() {
    on_every_database(|house| async move {
        let id = house.user("lin@example.com", Role::Owner).await;
        let scoped = house.api_key(Role::Owner, &["settings:write"]).await;
        let new = json!({"email": "me@example.com", "name": "Me", "role": "owner", "password": PASSWORD});
        let attempts = [
            (Method::POST, "/api/v1/users".to_owned(), new.clone()),
            (Method::PATCH, format!("/api/v1/users/{id}"), json!({"disabled": false})),
            (Method::POST, format!("/api/v1/users/{id}/password"), json!({"password": "another horse battery"})),
            (Method::POST, "/api/v1/keys".to_owned(), json!({"kind": "write", "name": "x"})),
        ];
        for (method, path, body) in attempts {
            call(method, &path).bearer(&scoped).json(body).on(&house).await.is_problem(403, "forbidden");
        }
        let whole = house.api_key(Role::Owner, &["*"]).await;
        call(Method::POST, "/api/v1/users").bearer(&whole).json(new).on(&house).await.is(201);
    })
    .await;
}

#[tokio::test]
async fn a_key_that_is_made_at_the_last_moment_has_the_rights_of_that_moment() {
    on_every_database(|house| async move {
        let owner = house.signed_in("lin@example.com", Role::Owner).await;
        let id = house.user("wei@example.com", Role::Owner).await;
        let wei = house.login("wei@example.com").await;
        let body = || json!({"kind": "api", "name": "sync"});
        let made = call(Method::POST, "/api/v1/keys").session(&wei).json(body()).on(&house).await;
        let key = made.json()["secret"].as_str().unwrap().to_owned();
        // Another process goes on believing the key for some seconds, like a request that was let in just before.
        let elsewhere = house.beside();
        let make = || call(Method::POST, "/api/v1/keys").bearer(&key).json(body()).on(&elsewhere);
        make().await.is(201);
        change(&owner, &id, json!({"role": "admin"})).on(&house).await.is(200);
        make().await.is(201);
        assert_eq!(house.count("SELECT COUNT(*) FROM api_keys WHERE role <> 'admin'").await, 0);
        change(&owner, &id, json!({"role": "viewer"})).on(&house).await.is(200);
        make().await.is_problem(403, "forbidden");
        change(&owner, &id, json!({"role": "owner", "disabled": true})).on(&house).await.is(200);
        make().await.is_problem(401, "unauthenticated");
    })
    .await;
}

#[tokio::test]
async fn a_reset_password_ends_the_sessions_of_that_user() {
    on_every_database(|house| async move {
        let owner = house.signed_in("lin@example.com", Role::Owner).await;
        let id = house.user("wei@example.com", Role::Viewer).await;
        let wei = house.login("wei@example.com").await;
        let reset = |password: &str| {
            call(Method::POST, &format!("/api/v1/users/{id}/password"))
                .session(&owner)
                .json(json!({"password": password}))
        };
        reset("wei@example.com").on(&house).await.is_problem(422, "weak_password");
        reset("another horse battery").on(&house).await.is(204);
        call(Method::GET, "/api/v1/me").session(&wei).on(&house).await.is_problem(401, "unauthenticated");
        let login = json!({"email": "wei@example.com", "password": "another horse battery"});
        call(Method::POST, "/api/v1/login").json(login).on(&house).await.is(200);
    })
    .await;
}
