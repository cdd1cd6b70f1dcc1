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
        let wei = things::member(&house, workspace, ("user_id", "wei"), "{}").await;
        let ada = things::member(&house, workspace, ("user_id", "ada"), "{}").await;
        // The day is told until now, and not what happens in this very millisecond.
        house.advance(Duration::from_secs(1));
        let now = house.clock.now();
        let yesterday = now.minus(24 * HOUR);
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
        assert_eq!((&body["funnel"][0]["members"], &body["funnel"][0]["today"]["entered"]), (&json!(2), &json!(2)));

        // Within half a minute others share the answer.
        things::member(&house, workspace, ("user_id", "new"), "{}").await;
        assert_eq!(home(&house, &key).await["members"], json!(2));
        house.advance(Duration::from_secs(31));
        assert_eq!(home(&house, &key).await["members"], json!(3));
    })
    .await;
}

#[tokio::test]
async fn the_ladder_tells_who_moved_today_and_yesterday() {
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
        // The stranger went on, and the new one never was one at rest.
        let (moved, still) = (
            json!([{"entered": 0, "left": 1}, {"entered": 2, "left": 0}]),
            json!([{"entered": 0, "left": 0}, {"entered": 0, "left": 0}]),
        );
        for (today, yesterday) in [(&moved, &still), (&still, &moved), (&still, &still)] {
            let funnel = home(&house, &key).await["funnel"].clone();
            let told = |what: &str| json!([funnel[0][what], funnel[1][what]]);
            assert_eq!((told("today"), told("yesterday")), (today.clone(), yesterday.clone()));
            assert_eq!(told("members"), json!([0, 2]));
            house.advance(24 * HOUR);
        }
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
async fn the_night_and_the_journeys_are_told_without_anybody_having_counted() {
    on_every_database(|house| async move {
        let key = house.api_key(Role::Viewer, &[]).await;
        let workspace = things::workspace_of(&house).await;
        let journey = things::journey(&house, workspace, "新友欢迎").await;
        let now = house.clock.now();
        // The last night was from eight in the evening to eight in the morning; it is past two in the afternoon.
        let (night, noon) = (now.minus(8 * HOUR), now.minus(3 * HOUR));
        let delivery = |state: &str, reason: &str, at: base::Time| {
            let id = base::ids::first_number_at(at) + house.ids.next_number() % (1 << 20);
            format!(
                "INSERT INTO deliveries (id, workspace_id, member_id, channel_id, channel_kind, template_id, step, intent_key,
                   topic, address, variables_json, state, reason, queued_at, next_attempt_at, accepted_at, ended_at)
                 VALUES ({id}, {}, 1, 1, 'email', 1, 's', 'k{id}', 'news', 'a@example.com', '{{}}', '{state}',
                   NULLIF('{reason}', ''), {1}, {1}, {1}, {1})",
                workspace.0,
                at.millis()
            )
        };
        let statements = [
            delivery("accepted", "", night),
            delivery("delivered", "", night),
            delivery("accepted", "", noon),
            delivery("suppressed", "quiet_hours", night),
            delivery("suppressed", "no_consent", noon),
            format!(
                "INSERT INTO journey_tallies (journey_id, version, began_on, drawn_at_share, side, state, step, has_goal, runs)
                 VALUES ({0}, 1, 1, 0, 1, 'active', 'wait', 0, 3), ({0}, 1, 1, 0, 1, 'done', '', 1, 9)",
                journey.0
            ),
            format!(
                "INSERT INTO journey_arrivals (journey_id, quarter, began_on, held_out, runs)
                 VALUES ({0}, {1}, 1, 0, 2), ({0}, {1} - 200, 1, 0, 50)",
                journey.0,
                noon.millis() / 900_000
            ),
            format!(
                "INSERT INTO journey_runs (id, workspace_id, journey_id, version, member_id, origin_member_id, entry_key, state,
                   entered_at, step_at, goal_at, trace_length, entry_json)
                 VALUES (1, {0}, {1}, 1, 7, 7, 'a', 'done', 0, 0, {2}, 0, '{{}}'),
                        (2, {0}, {1}, 1, 8, 8, 'b', 'done', 0, 0, {2} - 86400000, 0, '{{}}')",
                workspace.0,
                journey.0,
                noon.millis()
            ),
        ];
        for sql in statements {
            things::run(&house, &sql).await;
        }
        let body = home(&house, &key).await;
        assert_eq!(body["today"]["messages_sent"], json!(3), "two of the night were after midnight");
        let told = json!({"kind": "deliveries", "count": 2, "reasons": null});
        assert_eq!(body["night"][0], told, "{}", body["night"]);
        assert_eq!(body["night"][1], json!({"kind": "refused", "count": 1, "reasons": {"quiet_hours": 1}}));
        let running = json!([{"id": journey, "name": "新友欢迎", "state": "live", "under_way": 3, "entered_today": 2,
                              "goals_today": 1}]);
        assert_eq!(body["journeys"], running);
    })
    .await;
}

#[tokio::test]
async fn groups_that_are_quiet_or_that_people_leave_are_named() {
    on_every_database(|house| async move {
        let key = house.api_key(Role::Viewer, &[]).await;
        let workspace = things::workspace_of(&house).await;
        let quiet = things::group(&house, workspace, "g-1", "茶友").await;
        let lively = things::group(&house, workspace, "g-2", "酒友").await;
        let old = house.clock.now().minus(30 * 24 * HOUR).millis();
        for number in 0..10 {
            let member = things::member(&house, workspace, ("user_id", format!("u-{number}").as_str()), "{}").await;
            things::run(
                &house,
                &format!("UPDATE members SET last_seen_at = {old} WHERE id = {} AND {number} > 4", member.0),
            )
            .await;
            let group = if number > 4 { quiet } else { lively };
            let sql = format!(
                "INSERT INTO group_members (identity_id, group_id, workspace_id, joined, changed_at)
                 SELECT id, {}, workspace_id, 1, {old} FROM identities WHERE member_id = {}",
                group.0, member.0
            );
            things::run(&house, &sql).await;
        }
        let groups = home(&house, &key).await["groups"].clone();
        let told = json!([{"id": quiet, "name": "茶友", "members": 5, "active_7d": 0, "joined_7d": 0, "left_7d": 0,
                           "why": "quiet"}]);
        assert_eq!(groups, told);
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
