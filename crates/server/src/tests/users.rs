//! Users, and the rules that keep the house from being taken over or locked.

use std::collections::BTreeMap;

use api::Role;
use axum::http::Method;
use serde_json::{Value, json};

use super::support::{Call, House, PASSWORD, call, on_every_database};
use crate::accounts::keys::KeyKind;

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
        call(Method::DELETE, &format!("/api/v1/users/{id}")).session(&owner).on(&house).await.is(200);
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

/// Makes a key with a session; its id and its secret.
async fn make_key(house: &House, cookie: &str, body: Value) -> (String, String) {
    let made = call(Method::POST, "/api/v1/keys").session(cookie).json(body).on(house).await;
    made.is(201);
    let text = |name: &str| made.json()[name].as_str().unwrap().to_owned();
    (text("id"), text("secret"))
}

/// The states of the makers of all keys, by the names of the keys.
async fn makers(house: &House, cookie: &str) -> BTreeMap<String, Value> {
    let list = call(Method::GET, "/api/v1/keys").session(cookie).on(house).await.json();
    let keys = list["items"].as_array().unwrap().iter();
    keys.map(|key| (key["name"].as_str().unwrap().to_owned(), key["created_by_state"].clone())).collect()
}

#[tokio::test]
async fn whoever_locks_a_user_out_is_told_which_of_his_keys_work_and_can_revoke_them() {
    on_every_database(|house| async move {
        let owner = house.signed_in("lin@example.com", Role::Owner).await;
        let id = house.user("wei@example.com", Role::Admin).await;
        let wei = house.login("wei@example.com").await;
        make_key(&house, &owner, json!({"kind": "write", "name": "of lin"})).await;
        house.key(KeyKind::Write, Role::Owner, &[]).await;
        let (sync, _) = make_key(&house, &wei, json!({"kind": "api", "name": "sync"})).await;
        let (page, page_secret) = make_key(&house, &wei, json!({"kind": "write", "name": "page"})).await;
        let (shop, shop_secret) =
            make_key(&house, &wei, json!({"kind": "write", "name": "shop", "trusted": true})).await;
        let active = json!("active");
        let seen = makers(&house, &owner).await;
        for name in ["of lin", "page", "shop", "sync"] {
            assert_eq!(seen[name], active, "{name}");
        }
        assert_eq!(seen["test"], Value::Null, "nobody made that one but the command line");

        let early = change(&owner, &id, json!({"revoke_keys": true})).on(&house).await;
        early.is_problem(422, "invalid_body");
        assert_eq!(house.count("SELECT COUNT(*) FROM api_keys WHERE revoked_at IS NOT NULL").await, 0);

        let reply = change(&owner, &id, json!({"disabled": true})).on(&house).await;
        reply.is(200);
        let keys = &reply.json()["keys"];
        assert_eq!((&keys["revoked"], &keys["working"]), (&json!(1), &json!(2)), "{keys}");
        let named: Vec<_> =
            keys["items"].as_array().unwrap().iter().map(|key| (&key["id"], &key["name"], &key["trusted"])).collect();
        let [page_id, shop_id] = [json!(page), json!(shop)];
        assert_eq!(named, [(&shop_id, &json!("shop"), &json!(true)), (&page_id, &json!("page"), &json!(false))]);
        let seen = makers(&house, &owner).await;
        assert_eq!((&seen["page"], &seen["of lin"]), (&json!("disabled"), &active));
        for secret in [&page_secret, &shop_secret] {
            assert!(house.keys.write_key(secret).await.unwrap().is_some());
        }

        let reply = change(&owner, &id, json!({"revoke_keys": true})).on(&house).await;
        reply.is(200);
        assert_eq!(reply.json()["keys"], json!({"revoked": 2, "working": 0, "items": []}));
        for secret in [&page_secret, &shop_secret] {
            assert!(house.keys.write_key(secret).await.unwrap().is_none());
        }
        let left = house.count("SELECT COUNT(*) FROM api_keys WHERE revoked_at IS NULL").await;
        assert_eq!(left, 2, "those of others stay");
        let audit = call(Method::GET, "/api/v1/audit?action=key.revoked").session(&owner).on(&house).await.json();
        let revoked: Vec<_> = audit["items"].as_array().unwrap().iter().map(|line| line["target"].clone()).collect();
        assert_eq!(revoked, [shop_id, page_id, json!(sync)]);
        assert_eq!(audit["items"][0]["detail"], json!({ "user": id }));
    })
    .await;
}

#[tokio::test]
async fn what_goes_with_a_user_is_told_in_numbers_beforehand() {
    on_every_database(|house| async move {
        let owner = house.signed_in("owner@example.com", Role::Owner).await;
        let id = house.user("lin@example.com", Role::Admin).await;
        let lin = house.login("lin@example.com").await;
        house.login("lin@example.com").await;
        for kind in ["api", "write", "write"] {
            make_key(&house, &lin, json!({"kind": kind, "name": "site"})).await;
        }
        let path = format!("/api/v1/users/{id}/keys");
        let before = call(Method::GET, &path).session(&owner).on(&house).await;
        before.is(200);
        let told = before.json();
        assert_eq!([&told["api"], &told["write"], &told["sessions"]], [&json!(1), &json!(2), &json!(2)]);
        assert_eq!(told["items"].as_array().unwrap().len(), 3);
        let operator = house.api_key(Role::Operator, &[]).await;
        call(Method::GET, &path).bearer(&operator).on(&house).await.is_problem(403, "forbidden");
        let nobody = call(Method::GET, "/api/v1/users/usr_0000000000001/keys").session(&owner).on(&house).await;
        nobody.is_problem(404, "not_found");
    })
    .await;
}

#[tokio::test]
async fn whoever_removes_a_user_is_told_of_his_keys_as_well() {
    on_every_database(|house| async move {
        let owner = house.signed_in("lin@example.com", Role::Owner).await;
        for (email, query, revoked, working) in
            [("wei@example.com", "", 0, 1), ("mei@example.com", "?revoke_keys=true", 1, 0)]
        {
            let id = house.user(email, Role::Admin).await;
            let session = house.login(email).await;
            let (_, secret) = make_key(&house, &session, json!({"kind": "write", "name": email})).await;
            let path = format!("/api/v1/users/{id}{query}");
            let reply = call(Method::DELETE, &path).session(&owner).on(&house).await;
            reply.is(200);
            let keys = &reply.json()["keys"];
            assert_eq!((&keys["revoked"], &keys["working"]), (&json!(revoked), &json!(working)), "{keys}");
            assert_eq!(keys["items"].as_array().unwrap().len(), working);
            assert_eq!(house.keys.write_key(&secret).await.unwrap().is_some(), working == 1);
            assert_eq!(makers(&house, &owner).await[email], "removed");
        }
        let audit = call(Method::GET, "/api/v1/audit?action=user.removed").session(&owner).on(&house).await.json();
        assert_eq!(audit["items"][0]["detail"]["keys"], json!({"revoked": 1, "working": 0}));
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
