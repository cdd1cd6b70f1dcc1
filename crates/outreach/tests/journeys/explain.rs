//! Why somebody is not in a journey.

use axum::http::StatusCode;
use base::ids::{DeliveryId, JourneyId, MemberId, UserId};
use serde_json::{Value, json};

use super::support::{
    Bench, DAY, HOUR, START, WORKSPACE,
    journeys::{send, wait},
    on_every_database, user,
};

fn on_order(reentry: Value) -> Value {
    json!({"entry": {"event": "Order Completed", "where": [{"property": "amount", "op": "gte", "value": 10}]},
        "reentry": reentry, "start": "pause", "steps": {"pause": wait("PT1H", "mail"), "mail": send(None)}})
}

async fn order(bench: &mut Bench, amount: i64) {
    bench.advance(1);
    let event = bench.track(user("a"), "Order Completed", json!({"amount": amount}));
    bench.take(&[event]).await;
}

async fn last(bench: &Bench, journey: base::ids::JourneyId) -> String {
    bench.explained(journey).await.pop().unwrap()
}

#[tokio::test]
async fn each_absence_is_told_with_its_true_reason() {
    on_every_database(|mut bench| async move {
        let journey = bench.journey(on_order(json!({"policy": "after_exit", "cooldown": "P1D"}))).await;
        bench.take(&[bench.member("a")]).await;
        assert_eq!(bench.explained(journey).await, ["no_entry_event"]);
        order(&mut bench, 9).await;
        assert_eq!(bench.explained(journey).await, ["filters_did_not_match"]);
        bench.advance(1);
        let mut imported = bench.track(user("a"), "Order Completed", json!({"amount": 10}));
        imported.source = "import:job_1".to_owned();
        bench.take(&[imported]).await;
        assert_eq!(bench.explained(journey).await, ["imported"]);
        bench.journey_verb(journey, "pause").await;
        order(&mut bench, 10).await;
        bench.advance(1);
        bench.journey_verb(journey, "resume").await;
        assert_eq!(bench.explained(journey).await, ["paused"]);
        order(&mut bench, 10).await;
        assert_eq!(last(&bench, journey).await, "waiting");
        order(&mut bench, 11).await;
        assert_eq!(last(&bench, journey).await, "under_way");
        bench.advance(2 * HOUR);
        bench.settle().await;
        order(&mut bench, 12).await;
        assert_eq!(last(&bench, journey).await, "cooldown");
        bench.advance(DAY);
        order(&mut bench, 13).await;
        assert_eq!(bench.runs().await.len(), 2);
        bench.journey_verb(journey, "stop").await;
        order(&mut bench, 14).await;
        assert_eq!(last(&bench, journey).await, "stopped");
    })
    .await;
}

#[tokio::test]
async fn a_segment_that_was_entered_by_imported_history_says_so() {
    on_every_database(|mut bench| async move {
        let segment = bench.segment(1, &json!({"event": "Order Completed"})).await;
        let journey = bench
            .journey(json!({"entry": {"segment": segment.to_string()}, "start": "mail", "steps": {"mail": send(None)}}))
            .await;
        bench.advance(1);
        bench.take(&[bench.member("a")]).await;
        assert_eq!(bench.explained(journey).await, ["never_entered_segment"]);
        let mut imported = bench.track(user("a"), "Order Completed", json!({}));
        imported.source = "import:job_1".to_owned();
        bench.take(&[imported]).await;
        assert_eq!(bench.explained(journey).await, ["in_segment_by_history"]);
    })
    .await;
}

/// The trail of the only member, as `(what, en, zh)`.
async fn trail(bench: &Bench, query: &str) -> Vec<(String, String, String)> {
    let told = bench.call("GET", &format!("/api/v1/explain?{query}"), Value::Null).await;
    let text = |line: &Value, field: &str| line[field].as_str().unwrap().to_owned();
    let lines = told["trail"].as_array().unwrap().iter();
    lines.map(|line| (text(line, "what"), text(line, "en"), text(line, "zh"))).collect()
}

async fn of_member(bench: &Bench, journey: JourneyId) -> String {
    let member = bench.number("SELECT id FROM members WHERE merged_into IS NULL").await;
    format!("member={}&journey={journey}", MemberId(member))
}

/// The sentences of a word; it must have been said.
fn said<'a>(trail: &'a [(String, String, String)], what: &str) -> (&'a str, &'a str) {
    let line = trail.iter().find(|line| line.0 == what);
    let line = line.unwrap_or_else(|| panic!("nothing is said of \"{what}\": {trail:#?}"));
    (&line.1, &line.2)
}

#[tokio::test]
async fn a_trail_speaks_of_names_steps_and_local_times_and_of_what_was_done_to_the_journey() {
    on_every_database(|mut bench| async move {
        let actor = UserId(77);
        let journey = bench
            .journey(json!({"entry": {"event": "Order Completed"}, "start": "pause", "steps": {
                "pause": wait("P1D", "fork"),
                "fork": {"type": "branch", "else": null, "cases": [
                    {"when": {"all": [{"trait": "city", "op": "eq", "value": "杭州"}, {"event": "Order Completed", "within": "P7D"}]},
                    "next": "mail"}]},
                "mail": send(None)}}))
            .await;
        let who = bench.identify(
            user("a"),
            json!({"email": "a@example.com", "city": "杭州", "timezone": "Pacific/Honolulu"}),
        );
        bench.take(&[who]).await;
        order(&mut bench, 10).await;
        bench.advance(HOUR);
        bench.journey_verb(journey, "pause").await;
        bench.advance(HOUR);
        bench.journey_verb(journey, "resume").await;
        bench.run("UPDATE audit_log SET actor = $1", vec![format!("user:{actor}").into()]).await;
        bench
            .run(
                "INSERT INTO users (id, email, name, password_hash, created_at) VALUES ($1, 'lin@shop.example', '林晓', '', 0)",
                vec![actor.0.into()],
            )
            .await;
        bench
            .run(
                "INSERT INTO user_roles (workspace_id, user_id, role) VALUES ($1, $2, 'owner')",
                vec![WORKSPACE.0.into(), actor.0.into()],
            )
            .await;
        bench
            .run(
                "INSERT INTO topics (workspace_id, topic, name_en, name_zh, description_en, description_zh, is_shown, position,
                                     double_opt_in, confirm_template_id, created_at, updated_at)
                 VALUES ($1, 'marketing', 'Offers', '优惠', '', '', 1, 0, 0, 0, 0, 0)",
                vec![WORKSPACE.0.into()],
            )
            .await;
        bench.advance(DAY);
        bench.settle().await;
        let trail = trail(&bench, &of_member(&bench, journey).await).await;
        assert_eq!(said(&trail, "entered").0, "Entered the journey, because “Order Completed” happened.");
        let waits = said(&trail, "waiting");
        assert_eq!(waits.0, "Waits at “pause” (wait 1 day) until Fri 27 Mar 2026, 00:00.");
        assert_eq!(waits.1, "在“pause”（等待 1 天）等待至 2026年3月27日（周五）00:00。");
        assert!(said(&trail, "paused").0.starts_with("林晓 paused the journey"), "{trail:#?}");
        assert!(said(&trail, "live").1.starts_with("林晓 恢复了旅程"), "{trail:#?}");
        let branched = said(&trail, "branched").0;
        assert!(branched.contains("trait “city” is 杭州 and “Order Completed” happened in the last 7 days"), "{branched}");
        let queued = said(&trail, "queued");
        assert!(queued.0.contains("“hello” by “mail” to a@example.com (topic “Offers”, normal priority)"), "{queued:?}");
        assert!(queued.1.contains("“hello”") && queued.1.contains("主题“优惠”，优先级普通"), "{queued:?}");
        assert_eq!(said(&trail, "now").0, "“hello” by “mail”: It waits in the queue now.");
        let order: Vec<&str> = trail.iter().map(|line| line.0.as_str()).collect();
        let expected = ["entered", "waiting", "paused", "live", "waited", "branched", "queued", "completed", "now"];
        assert_eq!(order, expected);
    })
    .await;
}

#[tokio::test]
async fn a_message_is_told_from_the_queue_to_the_reader_with_reasons_and_what_can_be_done() {
    on_every_database(|mut bench| async move {
        let journey = bench
            .journey(json!({"entry": {"event": "Order Completed"}, "start": "mail", "steps": {"mail": send(None)}}))
            .await;
        bench.take(&[bench.member("a")]).await;
        order(&mut bench, 10).await;
        let delivery = DeliveryId(bench.number("SELECT id FROM deliveries").await);
        let lines = [
            ("sending", "attempt 1"),
            ("queued", "451 4.7.1 greylisted; next attempt at 2026-03-26T10:05:00.000Z"),
            ("sending", "attempt 2"),
            ("accepted", "q-77"),
            ("scanner", "program"),
            ("opened", ""),
            ("clicked", "https://shop.example/cart"),
            ("bounced", "550 5.1.1 no such user"),
        ];
        for (number, (state, detail)) in lines.into_iter().enumerate() {
            let at = START + 1_000 + number as i64;
            bench
                .run(
                    "INSERT INTO delivery_history (id, delivery_id, at, state, detail) VALUES ($1, $2, $3, $4, $5)",
                    vec![(number as i64 + 1).into(), delivery.0.into(), at.into(), state.into(), detail.into()],
                )
                .await;
        }
        bench.run("UPDATE deliveries SET state = 'bounced'", vec![]).await;
        let told = trail(&bench, &format!("delivery={delivery}")).await;
        assert!(said(&told, "queued").0.starts_with("The journey “journey” at “mail” (send “hello” by email)"), "{told:#?}");
        assert!(told[2].1.contains("Next attempt: Thu 26 Mar 2026, 11:05.") && told[2].1.contains("greylisted"), "{told:#?}");
        assert!(said(&told, "scanner").1.contains("并非成员本人"));
        assert!(said(&told, "clicked").0.ends_with("https://shop.example/cart"));
        assert!(said(&told, "bounced").0.contains("for good"));
        assert!(trail(&bench, &of_member(&bench, journey).await).await.iter().any(|line| line.0 == "opened"));

        // Another, which is refused because the first came back.
        bench.run("DELETE FROM delivery_history", vec![]).await;
        bench.run("UPDATE deliveries SET state = 'suppressed', reason = 'suppressed_address'", vec![]).await;
        bench
            .run(
                "INSERT INTO suppressions (workspace_id, channel_kind, address, reason, source, created_at)
                 VALUES ($1, 'email', 'a@example.com', 'bounced', 'dlv_x', $2)",
                vec![WORKSPACE.0.into(), START.into()],
            )
            .await;
        bench
            .run(
                "INSERT INTO delivery_history (id, delivery_id, at, state, detail) VALUES (1, $1, $2, 'suppressed', 'suppressed_address')",
                vec![delivery.0.into(), (START + 2_000).into()],
            )
            .await;
        let told = trail(&bench, &format!("delivery={delivery}")).await;
        let (en, zh) = said(&told, "suppressed");
        assert!(en.contains("list of those that get nothing") && en.contains("It is there since Thu 26 Mar 2026, 11:00"), "{en}");
        assert!(en.contains("Take it off the list") && zh.contains("禁发名单") && zh.contains("2026年3月26日"), "{en} {zh}");
    })
    .await;
}

#[tokio::test]
async fn what_is_asked_for_must_exist_and_be_named_rightly() {
    on_every_database(|mut bench| async move {
        bench.take(&[bench.member("a"), bench.member("b")]).await;
        let journey = bench
            .journey(json!({"entry": {"event": "Order Completed"}, "start": "mail", "steps": {"mail": send(None)}}))
            .await;
        order(&mut bench, 10).await;
        let delivery = DeliveryId(bench.number("SELECT id FROM deliveries").await);
        let (a, b) = (bench.owner("a").await, bench.owner("b").await);
        for (query, status) in [
            (String::new(), StatusCode::BAD_REQUEST),
            (format!("member={a}"), StatusCode::BAD_REQUEST),
            (format!("journey={journey}"), StatusCode::BAD_REQUEST),
            (format!("delivery={delivery}&journey={journey}"), StatusCode::BAD_REQUEST),
            (format!("delivery={}", DeliveryId(5)), StatusCode::NOT_FOUND),
            (format!("member={b}&delivery={delivery}"), StatusCode::NOT_FOUND),
            (format!("member={}&journey={journey}", MemberId(5)), StatusCode::NOT_FOUND),
            (format!("member={a}&journey={}", JourneyId(5)), StatusCode::NOT_FOUND),
            (format!("member={a}&delivery={delivery}"), StatusCode::OK),
        ] {
            let uri = format!("/api/v1/explain?{query}");
            assert_eq!(bench.ask("GET", &uri, Value::Null).await.0, status, "{query}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_long_history_is_cut_and_says_so_and_runs_are_told_apart() {
    on_every_database(|mut bench| async move {
        let journey = bench
            .journey(json!({"entry": {"event": "Cart Filled"}, "key": "properties.cart_id",
                "reentry": {"policy": "after_exit"}, "start": "pause",
                "steps": {"pause": wait("P1D", "mail"), "mail": send(None)}}))
            .await;
        for number in 0..25 {
            bench.advance(1);
            let filled = bench.track(user("a"), "Cart Filled", json!({"cart_id": format!("c{number}")}));
            bench.take(&[filled]).await;
        }
        let query = of_member(&bench, journey).await;
        let told = bench.call("GET", &format!("/api/v1/explain?{query}"), Value::Null).await;
        assert_eq!(told["cut"], true);
        let lines = told["trail"].as_array().unwrap();
        assert_eq!(lines[0]["what"], "cut");
        let entered: Vec<&str> = lines
            .iter()
            .filter(|line| line["what"] == "entered")
            .map(|line| {
                assert!(line["run"].as_str().unwrap().starts_with("run_"));
                line["key"].as_str().unwrap()
            })
            .collect();
        let expected: Vec<String> = (5..25).map(|number| format!("c{number}")).collect();
        assert_eq!(entered, expected);
    })
    .await;
}

#[tokio::test]
async fn a_cool_down_is_told_with_the_moment_at_which_it_is_over() {
    on_every_database(|mut bench| async move {
        let journey = bench.journey(on_order(json!({"policy": "always", "cooldown": "P2D"}))).await;
        bench.take(&[bench.member("a")]).await;
        order(&mut bench, 10).await;
        order(&mut bench, 11).await;
        let trail = trail(&bench, &of_member(&bench, journey).await).await;
        let (en, zh) = said(&trail, "not_entered");
        // Across the night in which the clocks of Berlin go forward they show the same time.
        assert!(en.ends_with("he may enter again from Sat 28 Mar 2026, 11:00 on."), "{en}");
        assert!(zh.contains("自 2026年3月28日（周六）11:00 起可再次进入"), "{zh}");
    })
    .await;
}

#[tokio::test]
async fn every_kind_of_entry_tells_why_somebody_is_not_in_the_journey() {
    on_every_database(|mut bench| async move {
        let guests = bench.segment(1, &json!({"tag": "guest"})).await;
        let who = bench.identify(
            user("a"),
            json!({"email": "a@example.com", "birthday": "1990-05-17", "nonsense": "soon", "ended": "2020-01-31"}),
        );
        bench.take(&[who]).await;
        let yearly = |name: &str| json!({"date": {"trait": name, "every": "year", "offset": "-P7D", "at": "09:00"}});
        for (entry, reason, en) in [
            (json!({"segment_left": guests.to_string()}), "never_left_segment", "has not left the segment “segment”"),
            (yearly("birthday"), "date_ahead", "comes on Sun 10 May 2026, 09:00"),
            (yearly("none"), "trait_missing", "the member has none"),
            (yearly("nonsense"), "trait_unreadable", "says “soon”"),
            (json!({"date": {"trait": "ended"}}), "date_before_publication", "Fri 31 Jan 2020"),
            (
                json!({"schedule": {"every": "week", "on": ["mon"], "at": "09:00", "segment": guests.to_string()}}),
                "not_in_segment",
                "every week on Mon at 09:00",
            ),
            (
                json!({"schedule": {"every": "month", "on": [-1], "at": "09:00"}}),
                "schedule_ahead",
                "the next time is Tue 31 Mar 2026, 09:00",
            ),
            (json!({"manual": true}), "not_put_in", "nobody has put the member in"),
            (json!({"import": true}), "not_imported", "no import since its publication"),
        ] {
            let document = json!({"entry": entry, "start": "mail", "steps": {"mail": send(None)}});
            let journey = bench.journey(document).await;
            bench.settle().await;
            assert_eq!(bench.explained(journey).await, [reason]);
            let trail = trail(&bench, &of_member(&bench, journey).await).await;
            assert!(said(&trail, "not_entered").0.contains(en), "{trail:?}");
        }
        let journey = bench
            .journey(
                json!({"entry": {"segment_left": guests.to_string()}, "start": "mail", "steps": {"mail": send(None)}}),
            )
            .await;
        let tag = bench.tag(user("a"), "Tag Added", "guest");
        bench.take(&[tag]).await;
        assert_eq!(bench.explained(journey).await, ["still_in_segment"]);
    })
    .await;
}
