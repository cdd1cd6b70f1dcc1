//! Names in the place of ids, choices for pickers, and the search over everything.

use api::Role;
use axum::http::Method;
use base::ids::{MemberId, SegmentId, UserId};
use serde_json::{Value, json};

use super::{
    support::{House, call, on_every_database},
    things,
};

async fn names(house: &House, key: &str, ids: Value) -> Value {
    let reply = call(Method::POST, "/api/v1/names").bearer(key).json(json!({ "ids": ids })).on(house).await;
    reply.is(200);
    reply.json()["names"].clone()
}

#[tokio::test]
async fn ids_of_every_kind_become_names_in_one_question() {
    on_every_database(|house| async move {
        let key = house.api_key(Role::Viewer, &[]).await;
        let workspace = things::workspace_of(&house).await;
        let user = house.user("li@example.com", Role::Operator).await;
        let member =
            things::member(&house, workspace, ("email", "wei@example.com"), r#"{"name": ["张伟", 1, "s"]}"#).await;
        let segment = things::segment(&house, workspace, "Buyers").await;
        let journey = things::journey(&house, workspace, "新友欢迎").await;
        let template = things::template(&house, workspace, "Hello").await;
        let channel = things::channel(&house, workspace, "Mail").await;
        let group = things::group(&house, workspace, "g-1", "茶友").await;
        things::run(&house, &format!("UPDATE journeys SET deleted_at = 1 WHERE id = {}", journey.0)).await;

        let actor = format!("user:{user}");
        let found = names(
            &house,
            &key,
            json!([member, segment, journey, template, channel, group, user, actor, "pipeline", "mem_", "", "x:y"]),
        )
        .await;
        let member = &found[member.to_string()];
        assert_eq!(member, &json!({"kind": "member", "name": "张伟", "hint": "wei@example.com", "gone": false}));
        assert_eq!(found[segment.to_string()], json!({"kind": "segment", "name": "Buyers", "gone": false}));
        assert_eq!(found[journey.to_string()], json!({"kind": "journey", "name": "新友欢迎", "gone": true}));
        assert_eq!(found[template.to_string()]["name"], "Hello");
        assert_eq!(found[channel.to_string()]["name"], "Mail");
        assert_eq!(found[group.to_string()]["name"], "茶友");
        assert_eq!((&found[&user]["name"], &found[&user]["hint"]), (&json!("li"), &json!("li@example.com")));
        assert_eq!(found[&user], found[&actor], "as the audit log names him");
        assert_eq!(found.as_object().unwrap().len(), 8, "{found}");
    })
    .await;
}

#[tokio::test]
async fn who_was_absorbed_has_the_name_of_whom_he_became() {
    on_every_database(|house| async move {
        let key = house.api_key(Role::Viewer, &[]).await;
        let workspace = things::workspace_of(&house).await;
        let kept = things::member(&house, workspace, ("user_id", "u-1"), r#"{"nickname": ["Wei", 1, "s"]}"#).await;
        let absorbed: MemberId = house.ids.next(MemberId);
        let sql = format!(
            "INSERT INTO members (id, workspace_id, created_at, last_seen_at, merged_into) VALUES ({}, {}, 0, 0, {})",
            absorbed.0, workspace.0, kept.0
        );
        things::run(&house, &sql).await;
        let found = names(&house, &key, json!([absorbed])).await;
        assert_eq!(found[absorbed.to_string()]["name"], "Wei");
        assert_eq!(found[absorbed.to_string()]["into"], json!(kept));
    })
    .await;
}

#[tokio::test]
async fn names_are_those_of_the_own_workspace_and_of_what_one_may_see() {
    on_every_database(|house| async move {
        let outreach_only = house.api_key(Role::Owner, &["outreach:read"]).await;
        let everything = house.api_key(Role::Viewer, &[]).await;
        let own = things::workspace_of(&house).await;
        let other = things::another_workspace(&house).await;
        let mut foreign = Vec::new();
        for workspace in [own, other] {
            let member = things::member(&house, workspace, ("user_id", "u-1"), "{}").await;
            let segment = things::segment(&house, workspace, "S").await;
            let journey = things::journey(&house, workspace, "J").await;
            if workspace == other {
                foreign.extend([member.to_string(), segment.to_string(), journey.to_string()]);
                continue;
            }
            let found = names(&house, &outreach_only, json!([member, segment, journey])).await;
            assert_eq!(found, json!({journey.to_string(): {"kind": "journey", "name": "J", "gone": false}}));
        }
        assert_eq!(names(&house, &everything, json!(foreign)).await, json!({}));
    })
    .await;
}

#[tokio::test]
async fn a_question_for_names_has_its_bounds() {
    on_every_database(|house| async move {
        let key = house.api_key(Role::Viewer, &[]).await;
        let ask = |body: Value| call(Method::POST, "/api/v1/names").bearer(&key).json(body);
        let many: Vec<String> = (0..501).map(|number| UserId(number).to_string()).collect();
        let reply = ask(json!({ "ids": many })).on(&house).await;
        reply.is_problem(422, "invalid_body");
        assert_eq!(reply.json()["errors"][0]["path"], "ids");
        assert_eq!(reply.json()["errors"][0]["words"]["zh"], "超过 500 项");
        ask(json!({ "ids": many[..500] })).on(&house).await.is(200);
        for wrong in [json!({}), json!({"ids": [1]}), json!({"ids": [], "more": 1}), json!([])] {
            ask(wrong).on(&house).await.is_problem(422, "invalid_body");
        }
    })
    .await;
}

async fn choose(house: &House, key: &str, query: &str) -> Value {
    let reply = call(Method::GET, &format!("/api/v1/choices?{query}")).bearer(key).on(house).await;
    reply.is(200);
    reply.json()
}

#[tokio::test]
async fn a_viewer_can_choose_without_seeing_settings() {
    on_every_database(|house| async move {
        let key = house.api_key(Role::Viewer, &[]).await;
        let workspace = things::workspace_of(&house).await;
        let other = things::another_workspace(&house).await;
        things::segment(&house, other, "Foreign").await;
        let segment = things::segment(&house, workspace, "Buyers 100%").await;
        let channel = things::channel(&house, workspace, "Mail").await;
        things::template(&house, workspace, "Hello").await;
        things::journey(&house, workspace, "Welcome").await;
        things::group(&house, workspace, "g-1", "茶友").await;
        let member = things::member(&house, workspace, ("user_id", "u-1"), "{}").await;
        things::tag(&house, member, "vip", "user:x").await;
        things::tag(&house, member, &SegmentId(5).to_string(), "snapshot").await;
        let defined = format!(
            "INSERT INTO tags (workspace_id, name, kind, description, created_by, created_at, updated_at)
             VALUES ({}, 'asleep', 'dynamic', '', 'cli', 0, 0)",
            workspace.0
        );
        things::run(&house, &defined).await;

        let kinds = "channels,templates,segments,journeys,users,stages,tags,groups,topics";
        let all = choose(&house, &key, &format!("kinds={kinds}")).await;
        assert_eq!(all["channels"], json!([{"id": channel, "kind": "email", "name": "Mail", "state": "active"}]));
        let buyers = json!([{"id": segment, "name": "Buyers 100%", "size": 7, "state": "live"}]);
        assert_eq!(all["segments"], buyers);
        assert_eq!(all["tags"], json!([{"tag": "asleep", "kind": "dynamic"}, {"tag": "vip", "kind": "static"}]));
        assert_eq!(all["groups"][0]["name"], "茶友");
        assert_eq!(all["stages"][0]["key"], "stranger");
        assert_eq!((&all["templates"][0]["name"], &all["journeys"][0]["name"]), (&json!("Hello"), &json!("Welcome")));
        assert_eq!(all["topics"], json!([]));
        assert!(!all.to_string().contains("secret"));

        let found = choose(&house, &key, "kinds=segments,tags&search=100%25").await;
        assert_eq!((&found["segments"], &found["tags"]), (&buyers, &json!([])));
        assert_eq!(choose(&house, &key, "kinds=segments&search=1_0").await["segments"], json!([]), "no wildcards");
        assert_eq!(choose(&house, &key, "kinds=segments").await.get("tags"), None);
    })
    .await;
}

#[tokio::test]
async fn choices_need_the_right_to_look_and_kinds_that_there_are() {
    on_every_database(|house| async move {
        let key = house.api_key(Role::Owner, &["outreach:read"]).await;
        let ask = |query: &str| call(Method::GET, &format!("/api/v1/choices?{query}")).bearer(&key);
        for (query, status) in [("kinds=journeys,users,channels", 200), ("kinds=segments", 403), ("kinds=tags", 403)] {
            ask(query).on(&house).await.is(status);
        }
        for wrong in ["kinds=members", "", "kinds=users&search=%00"] {
            ask(wrong).on(&house).await.is_problem(400, "invalid_query");
        }
        let long = "x".repeat(201);
        ask(&format!("kinds=users&search={long}")).on(&house).await.is_problem(400, "invalid_query");
        assert_eq!(choose(&house, &key, "kinds=").await, json!({}));
    })
    .await;
}

async fn find(house: &House, key: &str, text: &str) -> Value {
    let text: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
    let reply = call(Method::GET, &format!("/api/v1/search?q={text}")).bearer(key).on(house).await;
    reply.is(200);
    reply.json()["groups"].clone()
}

fn group_of<'g>(groups: &'g Value, kind: &str) -> Option<&'g Value> {
    groups.as_array().unwrap().iter().find(|group| group["kind"] == kind)
}

#[tokio::test]
async fn one_line_of_text_finds_everything_that_it_may_mean() {
    on_every_database(|house| async move {
        let admin = house.api_key(Role::Admin, &[]).await;
        let viewer = house.api_key(Role::Viewer, &[]).await;
        let workspace = things::workspace_of(&house).await;
        let other = things::another_workspace(&house).await;
        let named = r#"{"name": ["Wei Zhang", 1, "s"]}"#;
        let member = things::member(&house, workspace, ("phone", "+8613800000001"), named).await;
        things::member(&house, other, ("phone", "+8613800000001"), named).await;
        things::segment(&house, workspace, "Friends of Wei").await;
        things::journey(&house, workspace, "Wei way").await;
        things::channel(&house, workspace, "Wei mail").await;
        house.user("wei@example.com", Role::Viewer).await;

        let by_phone = find(&house, &admin, "+86138").await;
        let items = &group_of(&by_phone, "members").unwrap()["items"];
        assert_eq!(items, &json!([{"id": member, "name": "Wei Zhang", "hint": "+8613800000001", "why": "phone"}]));
        let by_name = find(&house, &admin, "wei").await;
        assert_eq!(group_of(&by_name, "members").unwrap()["items"][0]["why"], "text");
        assert_eq!(group_of(&by_name, "members").unwrap()["complete"], true);
        for kind in ["segments", "journeys", "channels", "users"] {
            assert_eq!(group_of(&by_name, kind).unwrap()["items"].as_array().unwrap().len(), 1, "{kind} of {by_name}");
        }
        let by_id = find(&house, &admin, &member.to_string()).await;
        assert_eq!(group_of(&by_id, "members").unwrap()["items"][0]["why"], "id");
        let seen_by_viewer = find(&house, &viewer, "wei").await;
        assert!(group_of(&seen_by_viewer, "users").is_none() && group_of(&seen_by_viewer, "channels").is_none());
        assert_eq!(find(&house, &admin, "nobody at all").await, json!([]));
        assert_eq!(find(&house, &admin, "   ").await, json!([]));
        assert_eq!(find(&house, &admin, "dlv_0000000000001").await[0]["kind"], "deliveries");
    })
    .await;
}

#[tokio::test]
async fn a_search_says_that_there_are_more_and_takes_no_text_for_a_pattern() {
    on_every_database(|house| async move {
        let key = house.api_key(Role::Viewer, &[]).await;
        let workspace = things::workspace_of(&house).await;
        for number in 0..7 {
            things::member(&house, workspace, ("user_id", format!("u-{number}").as_str()), "{}").await;
        }
        let found = find(&house, &key, "u-").await;
        let members = group_of(&found, "members").unwrap();
        assert_eq!((members["items"].as_array().unwrap().len(), &members["more"]), (5, &json!(true)));
        assert_eq!(find(&house, &key, "u_").await, json!([]));
        assert_eq!(find(&house, &key, "%").await, json!([]));
        let key = house.api_key(Role::Owner, &["segments:read"]).await;
        assert_eq!(find(&house, &key, "u-").await, json!([]), "the scope does not include members");
        call(Method::GET, "/api/v1/search").bearer(&key).on(&house).await.is_problem(400, "invalid_query");
    })
    .await;
}
