//! The workspace's settings, background work, and the audit log.

use std::time::Duration;

use api::Role;
use axum::http::Method;
use base::{
    Clock,
    ids::{JobId, WorkspaceId},
};
use serde_json::{Value, json};
use store::{
    Sql,
    jobs::{NewJob, enqueue},
};

use super::support::{House, call, on_every_database};

async fn workspace_of(house: &House) -> WorkspaceId {
    WorkspaceId(house.count("SELECT id FROM workspaces ORDER BY id LIMIT 1").await)
}

async fn job_in(house: &House, workspace: WorkspaceId) -> JobId {
    job_by(house, workspace, "user:usr_x").await
}

async fn job_by(house: &House, workspace: WorkspaceId, created_by: &str) -> JobId {
    let tx = house.db.begin().await.unwrap();
    let job = NewJob { workspace, kind: "export", payload: json!({}), unique_key: None, created_by };
    let id = enqueue(&tx, &house.ids, house.clock.now(), job).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    id
}

#[tokio::test]
async fn settings_change_in_part_and_rules_hear_of_it() {
    on_every_database(|house| async move {
        let admin = house.api_key(Role::Admin, &[]).await;
        let change = |body: Value| call(Method::PATCH, "/api/v1/workspace").bearer(&admin).json(body);
        let reply = change(json!({"time_zone": "Asia/Shanghai"})).on(&house).await;
        reply.is(200);
        assert_eq!((&reply.json()["name"], &reply.json()["time_zone"]), (&json!("Hearth"), &json!("Asia/Shanghai")));
        assert_eq!(house.count("SELECT rules_version FROM workspaces").await, 1);
        change(json!({"time_zone": "Nowhere"})).on(&house).await.is_problem(422, "invalid_body");
        change(json!({"name": ""})).on(&house).await.is_problem(422, "invalid_body");
        change(json!({"name": "围炉酒馆"})).on(&house).await.is(200);
        let now = call(Method::GET, "/api/v1/workspace").bearer(&admin).on(&house).await.json();
        assert_eq!((&now["name"], &now["time_zone"]), (&json!("围炉酒馆"), &json!("Asia/Shanghai")));
        assert_eq!(house.count("SELECT rules_version FROM workspaces").await, 2);
    })
    .await;
}

#[tokio::test]
async fn the_country_of_phone_numbers_is_one_that_has_phones_and_can_be_taken_back() {
    on_every_database(|house| async move {
        let admin = house.api_key(Role::Admin, &[]).await;
        let change = |body: Value| call(Method::PATCH, "/api/v1/workspace").bearer(&admin).json(body);
        let now = call(Method::GET, "/api/v1/workspace").bearer(&admin).on(&house).await.json();
        assert_eq!(now["default_country"], Value::Null);
        for (said, kept) in [("cn", json!("CN")), ("DE", json!("DE")), ("", Value::Null), ("CN", json!("CN"))] {
            let reply = change(json!({"default_country": said})).on(&house).await;
            reply.is(200);
            assert_eq!(reply.json()["default_country"], kept);
        }
        for wrong in ["CHN", "ZZ", "中国"] {
            change(json!({"default_country": wrong})).on(&house).await.is_problem(422, "invalid_body");
        }
        let renamed = change(json!({"name": "围炉酒馆"})).on(&house).await.json();
        assert_eq!(renamed["default_country"], "CN", "what is not named stays");
        assert_eq!(house.count("SELECT rules_version FROM workspaces").await, 5, "the pipeline hears of each");
    })
    .await;
}

#[tokio::test]
async fn jobs_are_listed_shown_and_cancelled_once() {
    on_every_database(|house| async move {
        let admin = house.api_key(Role::Admin, &[]).await;
        let workspace = workspace_of(&house).await;
        let (first, second) = (job_in(&house, workspace).await, job_in(&house, workspace).await);
        let list = call(Method::GET, "/api/v1/jobs?limit=1").bearer(&admin).on(&house).await.json();
        assert_eq!(list["items"][0]["id"], second.to_string());
        let next = format!("/api/v1/jobs?cursor={}", list["next"].as_str().unwrap());
        let rest = call(Method::GET, &next).bearer(&admin).on(&house).await.json();
        assert_eq!((&rest["items"][0]["id"], &rest["next"]), (&json!(first.to_string()), &Value::Null));

        let cancel = || call(Method::POST, &format!("/api/v1/jobs/{first}/cancel")).bearer(&admin);
        let reply = cancel().on(&house).await;
        reply.is(200);
        assert_eq!(reply.json()["state"], "cancelled");
        cancel().on(&house).await.is_problem(409, "wrong_state");
        let shown = call(Method::GET, &format!("/api/v1/jobs/{first}")).bearer(&admin).on(&house).await.json();
        assert_eq!(shown["state"], "cancelled");
        call(Method::GET, "/api/v1/jobs?cursor=nonsense")
            .bearer(&admin)
            .on(&house)
            .await
            .is_problem(400, "invalid_cursor");
    })
    .await;
}

#[tokio::test]
async fn whoever_asked_for_a_job_can_watch_and_stop_it() {
    on_every_database(|house| async move {
        let id = house.user("operator@example.com", Role::Operator).await;
        let operator = house.login("operator@example.com").await;
        let workspace = workspace_of(&house).await;
        let his = job_by(&house, workspace, &format!("user:{id}")).await;
        let other = job_in(&house, workspace).await;
        for (job, status) in [(his, 200), (other, 403)] {
            let path = format!("/api/v1/jobs/{job}");
            call(Method::GET, &path).session(&operator).on(&house).await.is(status);
            let cancel = format!("{path}/cancel");
            call(Method::POST, &cancel).session(&operator).json(json!({})).on(&house).await.is(status);
        }
        let unknown = call(Method::GET, "/api/v1/jobs/job_0000000000001").session(&operator).on(&house).await;
        unknown.is_problem(403, "forbidden");
    })
    .await;
}

#[tokio::test]
async fn everybody_sees_his_own_jobs_with_what_they_are_about_and_how_fast_they_are() {
    on_every_database(|house| async move {
        let id = house.user("operator@example.com", Role::Operator).await;
        let operator = house.login("operator@example.com").await;
        let admin = house.api_key(Role::Admin, &[]).await;
        let workspace = workspace_of(&house).await;
        let his = job_by(&house, workspace, &format!("user:{id}")).await;
        let other = job_in(&house, workspace).await;
        let payload = r#"{"import": "imp_0000000000001", "kind": "members"}"#;
        let started = house.clock.now().millis() - 10_000;
        let tx = house.db.begin().await.unwrap();
        tx.run(
            &format!(
                "UPDATE jobs SET kind = 'import', payload_json = '{payload}', state = 'running', started_at = {started},
                   done = 400, total = 1000 WHERE id = {}",
                his.0
            ),
            vec![],
        )
        .await
        .unwrap();
        tx.run(&format!("UPDATE jobs SET state = 'done' WHERE id = {}", other.0), vec![]).await.unwrap();
        tx.commit().await.unwrap();

        let mine = call(Method::GET, "/api/v1/jobs?mine=true").session(&operator).on(&house).await;
        mine.is(200);
        let items = mine.json()["items"].clone();
        assert_eq!(items.as_array().unwrap().len(), 1, "{items}");
        assert_eq!(items[0]["target"], json!({"kind": "import", "id": "imp_0000000000001"}));
        assert_eq!(items[0]["title"], json!({"en": "Import a file", "zh": "导入文件"}));
        assert_eq!((&items[0]["rate_per_second"], &items[0]["seconds_left"]), (&json!(40.0), &json!(15)));
        assert_eq!(mine.json()["building"], Value::Null);
        call(Method::GET, "/api/v1/jobs?mine=false").session(&operator).on(&house).await.is_problem(403, "forbidden");

        for (query, found) in
            [("", 2), ("?state=open", 1), ("?state=done", 1), ("?kind=import", 1), ("?kind=", 2), ("?mine=true", 0)]
        {
            let list = call(Method::GET, &format!("/api/v1/jobs{query}")).bearer(&admin).on(&house).await.json();
            assert_eq!(list["items"].as_array().unwrap().len(), found, "{query}: {list}");
        }
        for wrong in ["?state=odd", "?with=everything", "?mine=perhaps", "?kind=x%00"] {
            let reply = call(Method::GET, &format!("/api/v1/jobs{wrong}")).bearer(&admin).on(&house).await;
            reply.is_problem(400, "invalid_query");
        }
    })
    .await;
}

#[tokio::test]
async fn what_belongs_to_another_workspace_is_not_there() {
    on_every_database(|house| async move {
        let admin = house.api_key(Role::Owner, &[]).await;
        let other = WorkspaceId(7);
        let job = job_in(&house, other).await;
        let tx = house.db.begin().await.unwrap();
        tx.run(
            "INSERT INTO api_keys (id, workspace_id, kind, name, secret_hash, hint, scopes_json, role, created_by, created_at)
             VALUES (5, 7, 'api', 'theirs', 'x', 'x', '[]', 'viewer', 'cli', 0)",
            vec![],
        )
        .await
        .unwrap();
        tx.run("INSERT INTO users (id, email, name, password_hash, created_at) VALUES (5, 'theirs@example.com', 'T', '', 0)", vec![])
            .await
            .unwrap();
        tx.run("INSERT INTO user_roles (workspace_id, user_id, role) VALUES (7, 5, 'viewer')", vec![]).await.unwrap();
        let (now, actor) = (house.clock.now(), "cli");
        store::audit::record(&tx, &house.ids, now, other, actor, "theirs.changed", "x", json!({})).await.unwrap();
        tx.commit().await.unwrap();

        for list in ["users", "keys", "jobs", "audit"] {
            let reply = call(Method::GET, &format!("/api/v1/{list}")).bearer(&admin).on(&house).await;
            reply.is(200);
            assert!(!reply.text().contains("theirs"), "{list}");
        }
        let (user, key) = (base::ids::UserId(5), base::ids::KeyId(5));
        let addresses = [
            (Method::GET, format!("/api/v1/jobs/{job}")),
            (Method::POST, format!("/api/v1/jobs/{job}/cancel")),
            (Method::DELETE, format!("/api/v1/keys/{key}")),
            (Method::DELETE, format!("/api/v1/users/{user}")),
            (Method::GET, format!("/api/v1/users/{user}/keys")),
            (Method::PATCH, format!("/api/v1/users/{user}")),
        ];
        for (method, path) in addresses {
            let reply = call(method, &path).bearer(&admin).json(json!({})).on(&house).await;
            reply.is_problem(404, "not_found");
        }
        let body = json!({"password": "another horse battery"});
        let reset = call(Method::POST, &format!("/api/v1/users/{user}/password")).bearer(&admin).json(body);
        reset.on(&house).await.is_problem(404, "not_found");
    })
    .await;
}

#[tokio::test]
async fn the_audit_log_can_be_searched_and_paged() {
    on_every_database(|house| async move {
        let admin = house.api_key(Role::Admin, &[]).await;
        for name in ["a", "b", "c"] {
            call(Method::PATCH, "/api/v1/workspace")
                .bearer(&admin)
                .json(json!({"name": name}))
                .on(&house)
                .await
                .is(200);
        }
        let look = |query: &str| call(Method::GET, &format!("/api/v1/audit{query}")).bearer(&admin);
        let all = look("").on(&house).await.json();
        assert_eq!(all["items"].as_array().unwrap().len(), 4);
        let changes = look("?action=workspace.changed&limit=2").on(&house).await.json();
        assert_eq!(changes["items"][0]["detail"]["name"], "c");
        assert!(changes["items"][0]["actor"].as_str().unwrap().starts_with("key:key_"));
        let query = format!("?action=workspace.changed&cursor={}", changes["next"].as_str().unwrap());
        let rest = look(&query).on(&house).await.json();
        assert_eq!((&rest["items"][0]["detail"]["name"], &rest["next"]), (&json!("a"), &Value::Null));
        assert_eq!(look("?actor=cli").on(&house).await.json()["items"][0]["action"], "key.created");
        look("?actor=%00").on(&house).await.is_problem(400, "invalid_query");
        look("?limit=many").on(&house).await.is_problem(400, "invalid_query");
    })
    .await;
}

#[tokio::test]
async fn the_audit_log_can_be_asked_for_a_span_of_time() {
    on_every_database(|house| async move {
        let admin = house.api_key(Role::Admin, &[]).await;
        let change = |name: &str| call(Method::PATCH, "/api/v1/workspace").bearer(&admin).json(json!({"name": name}));
        change("first").on(&house).await.is(200);
        house.advance(Duration::from_secs(60));
        let between = house.clock.now();
        change("second").on(&house).await.is(200);
        let look = |query: String| {
            call(Method::GET, &format!("/api/v1/audit?action=workspace.changed&{query}")).bearer(&admin)
        };
        let later = look(format!("from={between}")).on(&house).await.json();
        let earlier = look(format!("to={between}")).on(&house).await.json();
        for (found, name) in [(later, "second"), (earlier, "first")] {
            assert_eq!(found["items"].as_array().unwrap().len(), 1, "{found}");
            assert_eq!(found["items"][0]["detail"]["name"], name);
        }
        let none = look(format!("from={between}&to={between}")).on(&house).await.json();
        assert_eq!(none["items"], json!([]));
        for wrong in ["from=yesterday", "to=12"] {
            look(wrong.to_owned()).on(&house).await.is_problem(400, "invalid_query");
        }
    })
    .await;
}

#[tokio::test]
async fn dead_letters_are_kept_for_thirty_days() {
    on_every_database(|house| async move {
        let letter = store::dead_letters::DeadLetter {
            workspace: WorkspaceId(1),
            source: "key_0000000000001".to_owned(),
            code: base::Code::TooDeep,
            message: "because".to_owned(),
            payload: "{}".to_owned(),
        };
        let tx = house.db.begin().await.unwrap();
        store::dead_letters::bury(&tx, &house.ids, house.clock.now(), vec![letter]).await.unwrap();
        tx.commit().await.unwrap();
        let left = || house.count("SELECT COUNT(*) FROM dead_letters");
        house.advance(Duration::from_secs(30 * 86_400));
        crate::sweep(&house.db, house.clock.now()).await.unwrap();
        assert_eq!(left().await, 1);
        house.advance(Duration::from_millis(1));
        crate::sweep(&house.db, house.clock.now()).await.unwrap();
        assert_eq!(left().await, 0);
    })
    .await;
}
