//! The home page, and the page of data health.

use std::time::Duration;

use api::Role;
use axum::http::Method;
use base::{Clock, Code, ids::SegmentId};
use serde_json::{Value, json};
use store::dead_letters::{DeadLetter, bury};

use super::{
    support::{House, call, on_every_database},
    things,
};

const HOUR: Duration = Duration::from_secs(3_600);

async fn home(house: &House, key: &str) -> Value {
    let reply = call(Method::GET, "/api/v1/home?compare=yesterday").bearer(key).on(house).await;
    reply.is(200);
    reply.json()
}

#[tokio::test]
async fn the_day_is_told_in_numbers_beside_yesterday_until_the_same_time() {
    on_every_database(|house| async move {
        let key = house.api_key(Role::Viewer, &[]).await;
        let workspace = things::workspace_of(&house).await;
        // The day of the test begins at midnight UTC; it is past two in the afternoon.
        let now = house.clock.now();
        let yesterday = now.minus(24 * HOUR);
        let wei = things::member(&house, workspace, ("user_id", "wei"), "{}").await;
        let ada = things::member(&house, workspace, ("user_id", "ada"), "{}").await;
        things::event(&house, wei, "Order Completed", now.minus(HOUR), r#"{"revenue": 12.5, "currency": "CNY"}"#).await;
        things::event(&house, wei, "Product Viewed", now.minus(HOUR), "{}").await;
        things::event(&house, ada, "Order Completed", yesterday.minus(HOUR), r#"{"revenue": 3, "currency": "CNY"}"#)
            .await;
        things::event(&house, ada, "Product Viewed", yesterday.plus(HOUR), "{}").await;
        let other = things::another_workspace(&house).await;
        let foreign = things::member(&house, other, ("user_id", "x"), "{}").await;
        things::event(&house, foreign, "Order Completed", now.minus(HOUR), r#"{"revenue": 99}"#).await;

        let body = home(&house, &key).await;
        let today = &body["today"];
        assert_eq!((&today["new_members"], &today["active"], &today["orders"]), (&json!(2), &json!(1), &json!(1)));
        assert_eq!((&today["sales"]["amount"], &today["sales"]["currency"]), (&json!(12.5), &json!("CNY")));
        let before = &body["before"];
        assert_eq!((&before["orders"], &before["active"]), (&json!(1), &json!(1)), "what came later does not count");
        assert_eq!(before["until"], json!(yesterday));
        assert_eq!((&body["members"], &body["journeys"]), (&json!(2), &json!([])));
        assert_eq!(body["funnel"][0]["stage"], "stranger");
        assert_eq!((&body["funnel"][0]["members"], &body["funnel"][0]["entered"]), (&json!(2), &json!(2)));

        // Within half a minute others share the answer.
        things::member(&house, workspace, ("user_id", "new"), "{}").await;
        assert_eq!(home(&house, &key).await["members"], json!(2));
        house.advance(Duration::from_secs(31));
        assert_eq!(home(&house, &key).await["members"], json!(3));
    })
    .await;
}

#[tokio::test]
async fn the_ladder_tells_who_moved_today() {
    on_every_database(|house| async move {
        let key = house.api_key(Role::Viewer, &[]).await;
        let workspace = things::workspace_of(&house).await;
        let wei = things::member(&house, workspace, ("user_id", "wei"), "{}").await;
        house.advance(48 * HOUR);
        let new = things::member(&house, workspace, ("user_id", "new"), "{}").await;
        let rung = house.count("SELECT id FROM segments WHERE kind = 'stage' AND position = 1").await;
        for (member, number) in [(wei, house.ids.next_number()), (new, house.ids.next_number())] {
            let now = house.clock.now().millis();
            things::run(
                &house,
                &format!(
                    "INSERT INTO segment_members (segment_id, member_id, entered_at) VALUES ({rung}, {}, {now})",
                    member.0
                ),
            )
            .await;
            things::run(
                &house,
                &format!(
                    "INSERT INTO segment_changes (id, segment_id, member_id, entered, changed_at)
                     VALUES ({number}, {rung}, {}, 1, {now})",
                    member.0
                ),
            )
            .await;
        }
        let funnel = home(&house, &key).await["funnel"].clone();
        let told = |place: usize| ["members", "entered", "left"].map(|name| funnel[place][name].as_i64().unwrap());
        assert_eq!(told(0), [0, 0, 1], "the stranger went on, and the new one never was one at rest");
        assert_eq!(told(1), [2, 2, 0]);
    })
    .await;
}

#[tokio::test]
async fn what_waits_for_somebody_is_named_and_who_may_not_see_it_does_not() {
    on_every_database(|house| async move {
        let viewer = house.api_key(Role::Viewer, &[]).await;
        let admin = house.api_key(Role::Admin, &[]).await;
        let people_only = house.api_key(Role::Owner, &["people:read"]).await;
        let nothing = house.api_key(Role::Owner, &["ingest:read"]).await;
        let workspace = things::workspace_of(&house).await;
        let channel = things::channel(&house, workspace, "Mail").await;
        let now = house.clock.now().millis();
        let statements = [
            format!(
                "INSERT INTO channel_breakers (channel_id, problem, opened_at, retry_at, openings)
                 VALUES ({}, '535 for shop@example.com', {now}, {now}, 1)",
                channel.0
            ),
            format!(
                "INSERT INTO journey_tasks (id, workspace_id, member_id, journey_id, run_id, step, title, note, assignee,
                                            outcomes_json, state, opened_at, due_at)
                 VALUES ({}, {}, 1, 1, 1, 's', 'Call', '', '', '[]', 'open', {now}, {now} - 1)",
                house.ids.next_number(),
                workspace.0
            ),
        ];
        for sql in statements {
            things::run(&house, &sql).await;
        }
        let tx = house.db.begin().await.unwrap();
        let letter = DeadLetter {
            workspace,
            source: "key_x".to_owned(),
            code: Code::WrongTraitType,
            message: "m".to_owned(),
            payload: "{}".to_owned(),
        };
        bury(&tx, &house.ids, house.clock.now(), vec![letter]).await.unwrap();
        tx.commit().await.unwrap();

        let needs = home(&house, &admin).await["needs"].clone();
        let kinds: Vec<&str> = needs.as_array().unwrap().iter().map(|need| need["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["channel", "tasks", "dead_letters"]);
        assert_eq!(needs[0]["said"], "535 for shop@example.com");
        assert_eq!((&needs[1]["count"], &needs[1]["overdue"]), (&json!(1), &json!(1)));
        let seen = home(&house, &viewer).await["needs"].clone();
        assert_eq!((&seen[0]["name"], &seen[0]["said"]), (&json!("Mail"), &Value::Null));
        let seen = home(&house, &people_only).await;
        assert_eq!((&seen["needs"], &seen["journeys"]), (&json!([]), &Value::Null));
        assert_eq!(seen["today"]["messages_sent"], Value::Null);
        assert_eq!(seen["today"]["new_members"], json!(0));
        call(Method::GET, "/api/v1/home").bearer(&nothing).on(&house).await.is_problem(403, "forbidden");
        call(Method::GET, "/api/v1/home?compare=eternity").bearer(&admin).on(&house).await.is_problem(400, "invalid_query");
    })
    .await;
}

#[tokio::test]
async fn the_health_of_data_is_for_administrators() {
    on_every_database(|house| async move {
        let operator = house.api_key(Role::Operator, &[]).await;
        let admin = house.api_key(Role::Admin, &[]).await;
        let workspace = things::workspace_of(&house).await;
        let tx = house.db.begin().await.unwrap();
        let letter = |code| DeadLetter {
            workspace,
            source: "key_x".to_owned(),
            code,
            message: "m".to_owned(),
            payload: "{}".to_owned(),
        };
        let letters = vec![letter(Code::WrongTraitType), letter(Code::WrongTraitType), letter(Code::TooDeep)];
        bury(&tx, &house.ids, house.clock.now(), letters).await.unwrap();
        tx.commit().await.unwrap();
        things::run(&house, "UPDATE dead_letters SET replayed_at = 1 WHERE code = 'too_deep'").await;
        let building = things::segment(&house, workspace, "Slow").await;
        let sql = format!("UPDATE segments SET state = 'building', built = 2, to_build = 10 WHERE id = {}", building.0);
        things::run(&house, &sql).await;

        call(Method::GET, "/api/v1/health").bearer(&operator).on(&house).await.is_problem(403, "forbidden");
        let reply = call(Method::GET, "/api/v1/health").bearer(&admin).on(&house).await;
        reply.is(200);
        let health = reply.json();
        assert_eq!(health["dead_letters"], json!({"waiting": 2, "by_code": {"wrong_trait_type": 2}}));
        let stages: Vec<(&str, i64)> = health["stages"]
            .as_array()
            .unwrap()
            .iter()
            .map(|stage| (stage["name"].as_str().unwrap(), stage["waiting"].as_i64().unwrap()))
            .collect();
        assert_eq!(stages, [("pipeline", 0), ("emitter", 0), ("outbox", 0), ("building", 8)]);
        assert_eq!(health["jobs"], json!({"queued": 0, "running": 0, "failed_24h": 0}));
        assert!(["sqlite", "postgres"].contains(&health["database"].as_str().unwrap()));

        let jobs = call(Method::GET, "/api/v1/jobs?with=building").bearer(&admin).on(&house).await.json();
        let slow = json!([{"kind": "segment", "id": SegmentId(building.0), "name": "Slow", "done": 2, "total": 10}]);
        assert_eq!(jobs["building"], slow);
    })
    .await;
}
