//! What each role and each scope opens.

use api::{Area, Role};
use axum::http::Method;
use serde_json::json;

use super::support::{call, on_every_database};

const ROLES: [Role; 5] = [Role::Viewer, Role::Analyst, Role::Operator, Role::Admin, Role::Owner];

#[tokio::test]
async fn each_role_opens_what_it_should_and_nothing_more() {
    on_every_database(|house| async move {
        for role in ROLES {
            let key = house.api_key(role, &[]).await;
            for area in Area::ALL {
                let path = format!("/api/v1/areas/{}", area.as_str());
                let may_read = area != Area::Settings || role >= Role::Admin;
                let may_write = match area {
                    Area::Segments => role >= Role::Analyst,
                    Area::Settings => role >= Role::Admin,
                    _ => role >= Role::Operator,
                };
                for (method, may) in [(Method::GET, may_read), (Method::POST, may_write)] {
                    let reply = call(method.clone(), &path).bearer(&key).on(&house).await;
                    let expected = if may { 200 } else { 403 };
                    assert_eq!(reply.status.as_u16(), expected, "{role} {method} {path}");
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn settings_are_closed_to_operators_on_every_route() {
    on_every_database(|house| async move {
        let operator = house.api_key(Role::Operator, &[]).await;
        let admin = house.api_key(Role::Admin, &[]).await;
        for path in ["users", "keys", "audit", "workspace", "jobs"] {
            let path = format!("/api/v1/{path}");
            call(Method::GET, &path).bearer(&operator).on(&house).await.is_problem(403, "forbidden");
            call(Method::GET, &path).bearer(&admin).on(&house).await.is(200);
        }
        let id = "usr_0000000000001";
        let changes = [
            (
                Method::POST,
                "/api/v1/users".to_owned(),
                json!({"email": "a@example.com", "name": "A", "role": "viewer", "password": "x"}),
            ),
            (Method::PATCH, format!("/api/v1/users/{id}"), json!({"role": "owner"})),
            (Method::DELETE, format!("/api/v1/users/{id}"), json!({})),
            (Method::POST, format!("/api/v1/users/{id}/password"), json!({"password": "x"})),
            (Method::POST, "/api/v1/keys".to_owned(), json!({"kind": "api", "name": "x"})),
            (Method::DELETE, "/api/v1/keys/key_0000000000001".to_owned(), json!({})),
            (Method::PATCH, "/api/v1/workspace".to_owned(), json!({"name": "x"})),
            (Method::POST, "/api/v1/jobs/job_0000000000001/cancel".to_owned(), json!({})),
        ];
        for (method, path, body) in changes {
            let reply = call(method, &path).bearer(&operator).json(body).on(&house).await;
            reply.is_problem(403, "forbidden");
        }
    })
    .await;
}

#[tokio::test]
async fn a_scope_opens_its_area_and_writing_includes_reading() {
    on_every_database(|house| async move {
        let key = house.api_key(Role::Owner, &["people:read", "outreach:write"]).await;
        let cases = [
            (Method::GET, "people", 200),
            (Method::POST, "people", 403),
            (Method::GET, "outreach", 200),
            (Method::POST, "outreach", 200),
            (Method::GET, "settings", 403),
        ];
        for (method, area, status) in cases {
            let path = format!("/api/v1/areas/{area}");
            call(method, &path).bearer(&key).on(&house).await.is(status);
        }
    })
    .await;
}

#[tokio::test]
async fn nobody_comes_in_without_credentials() {
    on_every_database(|house| async move {
        let paths: Vec<String> =
            house.document.paths.paths.keys().filter(|path| path.starts_with("/api/v1/")).cloned().collect();
        assert!(paths.len() >= 12, "{paths:?}");
        for path in paths {
            if ["/api/v1/login", "/api/v1/logout", "/api/v1/setup", "/api/v1/session/state"].contains(&path.as_str()) {
                continue;
            }
            let item = &house.document.paths.paths[&path];
            let methods = [
                (Method::GET, item.get.is_some()),
                (Method::POST, item.post.is_some()),
                (Method::PATCH, item.patch.is_some()),
                (Method::DELETE, item.delete.is_some()),
            ];
            for (method, _) in methods.into_iter().filter(|(_, is_there)| *is_there) {
                let path = path.replace("{id}", "x");
                let reply = call(method.clone(), &path).json(json!({})).on(&house).await;
                reply.is_problem(401, "unauthenticated");
                assert!(reply.header("www-authenticate").starts_with("Bearer"));
                let reply = call(method, &path).bearer("hk_0").json(json!({})).on(&house).await;
                reply.is_problem(401, "unauthenticated");
            }
        }
    })
    .await;
}
