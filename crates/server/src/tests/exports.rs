//! Lists as files.

use api::Role;
use axum::http::Method;
use base::Clock;
use serde_json::json;
use store::audit::{Line, record_each};

use super::{
    support::{House, call, on_every_database},
    things,
};

/// Puts lines into the audit log, as many as there are targets.
async fn note(house: &House, targets: &[String]) {
    let workspace = things::workspace_of(house).await;
    let tx = house.db.begin().await.unwrap();
    let line =
        Line { workspace, at: house.clock.now(), actor: "cli", action: "thing.changed", detail: json!({"to": "=1+1"}) };
    record_each(&tx, &house.ids, &line, targets).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_file_holds_the_whole_list_however_many_pages_it_has() {
    on_every_database(|house| async move {
        let admin = house.api_key(Role::Admin, &[]).await;
        let targets: Vec<String> = (0..1_201).map(|number| format!("thing-{number}")).collect();
        note(&house, &targets).await;
        let reply =
            call(Method::GET, "/api/v1/audit/export?action=thing.changed&limit=1").bearer(&admin).on(&house).await;
        reply.is(200);
        assert_eq!(reply.header("content-type"), "text/csv; charset=utf-8");
        assert_eq!(reply.header("content-disposition"), "attachment; filename=\"audit.csv\"");
        let lines: Vec<&str> = reply.text().trim_end().split("\r\n").collect();
        assert_eq!(lines[0], "\u{feff}id,at,actor,actor_name,action,target,target_name,detail");
        assert_eq!(lines.len(), 1_202, "a header and all lines, none twice");
        assert!(lines[1].contains("thing-1200") && lines[1_201].contains("thing-0,"), "newest first");
        let one = call(Method::GET, "/api/v1/audit/export?target=thing-7&bom=false").bearer(&admin).on(&house).await;
        assert_eq!(one.text().lines().count(), 2);
        assert!(one.text().starts_with("id,"));
        let taken = call(Method::GET, "/api/v1/audit?action=list.exported").bearer(&admin).on(&house).await.json();
        assert_eq!(taken["items"].as_array().unwrap().len(), 2, "it is written down who took it along");
        assert_eq!(taken["items"][0]["target"], "audit");
    })
    .await;
}

#[tokio::test]
async fn ids_have_their_names_beside_them_and_formulas_stay_texts() {
    on_every_database(|house| async move {
        let admin = house.signed_in("li@example.com", Role::Owner).await;
        let name = call(Method::POST, "/api/v1/users").session(&admin);
        let user = json!({"email": "eve@example.com", "name": "=cmd()", "role": "viewer", "password": super::support::PASSWORD});
        name.json(user).on(&house).await.is(201);
        let users = call(Method::GET, "/api/v1/users/export").session(&admin).on(&house).await;
        users.is(200);
        assert!(users.text().contains("eve@example.com,'=cmd(),viewer"), "{}", users.text());
        let plain = call(Method::GET, "/api/v1/users/export?escape_formulas=false").session(&admin).on(&house).await;
        assert!(plain.text().contains("eve@example.com,=cmd(),viewer"), "{}", plain.text());
        let audit = call(Method::GET, "/api/v1/audit/export?action=user.created").session(&admin).on(&house).await;
        assert!(audit.text().contains(",'=cmd(),"), "the target's name: {}", audit.text());
    })
    .await;
}

#[tokio::test]
async fn a_file_asks_for_the_rights_of_its_list_and_says_what_is_wrong_before_it_begins() {
    on_every_database(|house| async move {
        let operator = house.api_key(Role::Operator, &[]).await;
        let admin = house.api_key(Role::Admin, &[]).await;
        for list in ["audit", "users", "keys", "jobs"] {
            let path = format!("/api/v1/{list}/export");
            call(Method::GET, &path).on(&house).await.is_problem(401, "unauthenticated");
            call(Method::GET, &path).bearer(&operator).on(&house).await.is_problem(403, "forbidden");
            call(Method::GET, &path).bearer(&admin).on(&house).await.is(200);
        }
        call(Method::GET, "/api/v1/jobs/export?mine=true").bearer(&operator).on(&house).await.is(200);
        for wrong in ["audit/export?actor=%00", "jobs/export?state=odd", "users/export?bom=perhaps"] {
            call(Method::GET, &format!("/api/v1/{wrong}"))
                .bearer(&admin)
                .on(&house)
                .await
                .is_problem(400, "invalid_query");
        }
        let asked = house.count("SELECT COUNT(*) FROM audit_log WHERE action = 'list.exported'").await;
        let head = call(Method::HEAD, "/api/v1/users/export").bearer(&admin).on(&house).await;
        head.is(200);
        assert!(head.body.is_empty());
        let after = house.count("SELECT COUNT(*) FROM audit_log WHERE action = 'list.exported'").await;
        assert_eq!(after, asked, "who only asks takes nothing");
        let gone = call(Method::DELETE, "/api/v1/keys/export").bearer(&admin).on(&house).await;
        gone.is_problem(404, "invalid_path");
        call(Method::PUT, "/api/v1/audit/export").bearer(&admin).on(&house).await.is(404);
    })
    .await;
}

#[tokio::test]
async fn the_document_tells_of_files_with_the_filters_of_their_lists() {
    on_every_database(|house| async move {
        let paths = &house.document.paths.paths;
        let file = paths["/api/v1/audit/export"].get.as_ref().unwrap();
        let names: Vec<&str> =
            file.parameters.as_ref().unwrap().iter().map(|parameter| parameter.name.as_str()).collect();
        assert_eq!(names, ["actor", "action", "target", "from", "to", "bom", "escape_formulas"]);
        assert_eq!(file.operation_id.as_deref(), Some("get_audit_export"));
        assert!(!paths.contains_key("/api/v1/deliveries/export"), "a list that is not there has no file");
    })
    .await;
}
