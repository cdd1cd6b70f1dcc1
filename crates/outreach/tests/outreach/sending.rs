//! What is sent, what is not, and what is tried again.

use base::ids::{ChannelId, TemplateId};
use channels::{Content, Outcome};
use serde_json::json;
use std::time::Duration;
use store::Sql;

use crate::house::{House, email, on_every_database};

fn retry(after: Option<Duration>) -> Outcome {
    Outcome::Retry { reason: "451 later".to_owned(), after }
}

#[tokio::test]
async fn a_queued_message_is_rendered_sent_recorded_and_told() {
    on_every_database(|house| async move {
        let (delivery, message) = house.one_sent("李白", "li@shop.example").await;
        let (subject, text, html, unsubscribe_url) = email(&message);
        assert_eq!(message.address, "li@shop.example");
        assert_eq!(subject, "Hello 李白");
        let unsubscribe_url = unsubscribe_url.unwrap();
        assert!(text.contains("/t/") && text.ends_with(&unsubscribe_url), "{text}");
        assert!(!text.contains("shop.example/a"));
        assert!(html.starts_with("<body><p>李白</p><a href=\"https://hearth.example/t/"), "{html}");
        assert!(html.contains(&format!("<a href=\"{}\">out</a>", unsubscribe_url.replace('/', "&#x2f;"))), "{html}");
        let row = house.row(delivery).await;
        assert_eq!((row.state.as_str(), row.attempts), ("accepted", 1));
        assert_eq!(row.provider_id, Some(format!("queue-{delivery}")));
        assert_eq!(house.history(delivery).await, ["sending", "accepted"]);
        assert_eq!(house.facts().await, ["Email Sent"]);
    })
    .await;
}

#[tokio::test]
async fn each_refusal_is_a_row_with_its_reason() {
    on_every_database(|house| async move {
        let member = house.member("a", "a@shop.example").await;
        let nowhere = house.queue(member, "").await;
        let invalid = house.queue(member, "not an address").await;
        let missing =
            house.queue_as(member, "a@shop.example", "marketing", house.channel, "email", TemplateId(404)).await;
        let stopped = house.member("stopped", "stop@shop.example").await;
        let suppressed = house.queue(stopped, "Stop@Shop.example").await;
        let made =
            house.post("/api/v1/suppressions", json!({"channel_kind": "email", "address": " STOP@shop.example"})).await;
        assert_eq!(made.status, 201);
        house.outbox.run_once().await.unwrap();
        assert_eq!(house.fate(nowhere).await, "suppressed/no_address");
        assert_eq!(house.fate(invalid).await, "suppressed/invalid_address");
        assert_eq!(house.fate(missing).await, "suppressed/template_missing");
        assert_eq!(house.fate(suppressed).await, "suppressed/suppressed_address");
        assert_eq!(house.history(suppressed).await, ["suppressed"]);
        assert!(house.other_side.sent().is_empty());
        let listed = house.get("/api/v1/deliveries?state=suppressed").await.json();
        assert_eq!(listed["items"].as_array().unwrap().len(), 4);
        assert_eq!(listed["items"][0]["reason"], "suppressed_address");
    })
    .await;
}

#[tokio::test]
async fn a_message_that_waited_too_long_expires() {
    on_every_database(|house| async move {
        let member = house.member("a", "a@shop.example").await;
        let delivery = house.queue(member, "a@shop.example").await;
        house.advance(72 * 3_600 + 1);
        house.outbox.run_once().await.unwrap();
        assert_eq!(house.fate(delivery).await, "expired/stale");
        assert!(house.other_side.sent().is_empty());
    })
    .await;
}

#[tokio::test]
async fn each_class_of_failure_is_tried_again_on_a_ladder_of_its_own() {
    // Bounds of the first pauses in seconds, and attempts in all.
    let classes: [(Option<Duration>, &[i64], i64); 2] = [
        (Some(Duration::from_secs(1)), &[60, 90, 600, 1_800, 7_200, 21_600, 57_600, 86_400], 8),
        (None, &[15, 30, 60, 120, 240, 480, 960, 1_920, 3_840, 7_200, 14_400], 14),
    ];
    on_every_database(|house| async move {
        let member = house.member("a", "a@shop.example").await;
        for (after, ladder, attempts) in classes {
            let delivery = house.queue(member, "a@shop.example").await;
            house.other_side.answers((0..attempts).map(|_| retry(after)));
            for attempt in 1..attempts {
                house.outbox.run_once().await.unwrap();
                let row = house.row(delivery).await;
                assert_eq!((row.state.as_str(), row.attempts), ("queued", attempt));
                let said = house.last_words(delivery).await;
                let promised = base::Time::from_millis(row.next_attempt_at);
                assert!(
                    said.ends_with(&format!("attempt {attempt} of {attempts}; next attempt at {promised}")),
                    "{said}"
                );
                let nth = attempt as usize;
                if let (Some(least), Some(most)) = (ladder.get(nth - 1), ladder.get(nth)) {
                    let waits = row.next_attempt_at - base::Clock::now(&house.clock).millis();
                    assert!((least * 1_000..=most * 1_000).contains(&waits), "attempt {attempt} waits {waits} ms");
                }
                assert_eq!(house.outbox.run_once().await.unwrap().claimed, 0, "not before its time");
                house.clock.set(promised);
            }
            house.outbox.run_once().await.unwrap();
            assert_eq!(house.fate(delivery).await, "failed/retries_exhausted");
            assert!(house.last_words(delivery).await.ends_with(&format!("attempt {attempts} of {attempts}")));
            house.advance(86_400);
            assert_eq!(house.outbox.run_once().await.unwrap().claimed, 0);
        }
    })
    .await;
}

#[tokio::test]
async fn the_other_side_may_say_when_to_come_back_but_not_to_hurry() {
    on_every_database(|house| async move {
        let member = house.member("a", "a@shop.example").await;
        let delivery = house.queue(member, "a@shop.example").await;
        house.other_side.answers([retry(Some(Duration::from_secs(3_600)))]);
        house.outbox.run_once().await.unwrap();
        house.advance(3_599);
        assert_eq!(house.outbox.run_once().await.unwrap().claimed, 0, "not before it was asked for");
        house.advance(361);
        house.outbox.run_once().await.unwrap();
        assert_eq!(house.fate(delivery).await, "accepted");
        assert_eq!(house.row(delivery).await.error, None);
        assert_eq!(house.history(delivery).await, ["sending", "queued", "sending", "accepted"]);
    })
    .await;
}

#[tokio::test]
async fn a_server_that_asks_for_a_minute_each_time_is_tried_for_more_than_a_day() {
    on_every_database(|house| async move {
        let member = house.member("a", "a@shop.example").await;
        let delivery = house.queue(member, "a@shop.example").await;
        house.other_side.answers((0..8).map(|_| retry(Some(Duration::from_secs(60)))));
        let began = base::Clock::now(&house.clock);
        house.outbox.run_once().await.unwrap();
        while house.fate(delivery).await == "queued" {
            house.clock.set(base::Time::from_millis(house.row(delivery).await.next_attempt_at));
            house.outbox.run_once().await.unwrap();
        }
        assert_eq!(house.fate(delivery).await, "failed/retries_exhausted");
        assert_eq!(house.other_side.count(), 8);
        let took = base::Clock::now(&house.clock) - began;
        assert!(took > 24 * 3_600_000, "all attempts were used up within {} s", took / 1_000);
    })
    .await;
}

#[tokio::test]
async fn a_dead_address_is_not_written_to_again() {
    on_every_database(|house| async move {
        house.other_side.answers([Outcome::Refused { reason: "550 5.1.1 no such user".to_owned(), suppress: true }]);
        let (delivery, _) = house.one_sent("a", "gone@shop.example").await;
        assert_eq!(house.fate(delivery).await, "failed/refused");
        assert_eq!(house.facts().await, ["Email Bounced"]);
        let member = house.member("b", "").await;
        let next = house.queue(member, "gone@shop.example").await;
        house.outbox.run_once().await.unwrap();
        assert_eq!(house.fate(next).await, "suppressed/suppressed_address");
        let removed = house
            .request("DELETE", "/api/v1/suppressions?channel_kind=email&address=gone@shop.example", &[], vec![])
            .await;
        assert_eq!(removed.status, 204);
        let again = house.queue(member, "gone@shop.example").await;
        house.outbox.run_once().await.unwrap();
        assert_eq!(house.fate(again).await, "accepted");
    })
    .await;
}

#[tokio::test]
async fn a_broken_channel_rests_and_no_attempt_is_counted() {
    on_every_database(|house| async move {
        let mut deliveries = Vec::new();
        for name in ["a", "b", "c"] {
            let address = format!("{name}@shop.example");
            let member = house.member(name, &address).await;
            deliveries.push(house.queue(member, &address).await);
        }
        let broken = || Outcome::Broken { reason: "535 login refused".to_owned() };
        house.other_side.answers([broken(), broken()]);
        house.outbox.run_once().await.unwrap();
        assert_eq!(house.other_side.count(), 1, "the others were given back before they left");
        for delivery in &deliveries {
            let row = house.row(*delivery).await;
            assert_eq!((row.state.as_str(), row.attempts), ("queued", 0));
        }
        let shown = house.get(&format!("/api/v1/channels/{}", house.channel)).await.json();
        assert_eq!(shown["health"]["problem"], "535 login refused");
        let late = house.member("late", "late@shop.example").await;
        deliveries.push(house.queue(late, "late@shop.example").await);
        assert_eq!(house.outbox.run_once().await.unwrap().claimed, 0, "also what comes now waits");
        house.advance(11);
        assert_eq!(house.outbox.run_once().await.unwrap().claimed, 1, "one alone tries it again");
        house.advance(21);
        house.outbox.run_once().await.unwrap();
        for delivery in deliveries {
            assert_eq!(house.fate(delivery).await, "accepted");
        }
        assert!(house.get(&format!("/api/v1/channels/{}", house.channel)).await.json()["health"].is_null());
    })
    .await;
}

#[tokio::test]
async fn a_template_that_fails_fails_only_its_own_message() {
    on_every_database(|house| async move {
        let bomb = json!({"name": "bomb", "text": "{% for i in range(9999) %}{% for j in range(9999) %}x{% endfor %}{% endfor %}"});
        let bomb = house.make_template(bomb).await;
        let wrong = house.make_template(json!({"name": "wrong", "text": "{{ member.name * 3 }}"})).await;
        let member = house.member("a", "a@shop.example").await;
        let first = house.queue_as(member, "a@shop.example", "marketing", house.channel, "email", bomb).await;
        let second = house.queue_as(member, "a@shop.example", "marketing", house.channel, "email", wrong).await;
        let third = house.queue(member, "a@shop.example").await;
        house.outbox.run_once().await.unwrap();
        assert_eq!(house.fate(first).await, "failed/template_too_costly");
        assert_eq!(house.fate(second).await, "failed/template_failed");
        assert!(house.row(second).await.error.unwrap().contains("line 1"));
        assert_eq!(house.fate(third).await, "accepted");
    })
    .await;
}

#[tokio::test]
async fn a_template_that_is_saved_again_is_used_as_it_is_now() {
    on_every_database(|house| async move {
        house.one_sent("a", "a@shop.example").await;
        let saved = house
            .send_json(
                "PUT",
                &format!("/api/v1/templates/{}", house.template),
                json!({"name": "hello", "subject": "Second", "text": "x"}),
            )
            .await;
        assert_eq!(saved.json()["version"], 2);
        let (_, message) = house.one_sent("b", "b@shop.example").await;
        assert_eq!(email(&message).0, "Second");
    })
    .await;
}

async fn webhook_channel(house: &House) -> ChannelId {
    let made =
        house.post("/api/v1/channels", json!({"kind": "webhook", "name": "hook", "config": {"host": "x"}})).await;
    made.json()["id"].as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_webhook_needs_neither_address_nor_template() {
    on_every_database(|house| async move {
        let channel = webhook_channel(&house).await;
        let member = house.member("李白", "").await;
        let plain = house.queue_as(member, "", "webhook", channel, "webhook", TemplateId(0)).await;
        let template = house.make_template(json!({"name": "hook", "channel_kind": "webhook", "text": "{\"who\": {{ member.name }}, \"total\": {{ event.total }}}"})).await;
        let shaped = house.queue_as(member, "", "webhook", channel, "webhook", template).await;
        house.outbox.run_once().await.unwrap();
        let body = |delivery| match house.other_side.sent().into_iter().find(|m| m.delivery == delivery).unwrap().content {
            Content::Json { body, .. } => body,
            Content::Email { .. } => panic!("is an e-mail"),
        };
        assert_eq!(body(shaped), json!({"who": "李白", "total": 12.5}));
        assert_eq!(body(plain)["member"]["name"], "李白");
        assert_eq!(body(plain)["event"]["total"], 12.5);
        assert_eq!(body(plain)["delivery"], plain.to_string());
        assert_eq!(house.facts().await, ["Webhook Sent", "Webhook Sent"]);
    })
    .await;
}

#[tokio::test]
async fn a_paused_channel_keeps_its_queue_and_a_deleted_one_cancels_it() {
    on_every_database(|house| async move {
        let member = house.member("a", "a@shop.example").await;
        let delivery = house.queue(member, "a@shop.example").await;
        let paused = house.post(&format!("/api/v1/channels/{}/pause", house.channel), json!({})).await;
        assert_eq!(paused.json()["state"], "paused");
        house.outbox.run_once().await.unwrap();
        assert_eq!(house.fate(delivery).await, "queued");
        house.post(&format!("/api/v1/channels/{}/resume", house.channel), json!({})).await;
        house.outbox.run_once().await.unwrap();
        assert_eq!(house.fate(delivery).await, "accepted");
        let late = house.queue(member, "a@shop.example").await;
        assert_eq!(
            house.request("DELETE", &format!("/api/v1/channels/{}", house.channel), &[], vec![]).await.status,
            204
        );
        assert_eq!(house.fate(late).await, "cancelled/channel_deleted");
        assert_eq!(house.history(late).await, ["cancelled"]);
        // One that was under way at that time and came back.
        let stray = house.queue(member, "a@shop.example").await;
        house.outbox.run_once().await.unwrap();
        assert_eq!(house.fate(stray).await, "cancelled/channel_deleted");
    })
    .await;
}

#[tokio::test]
async fn a_member_who_was_absorbed_reads_as_the_member_he_is_now_and_keeps_his_messages() {
    on_every_database(|house| async move {
        let old = house.member("old", "old@shop.example").await;
        let new = house.member("new", "new@shop.example").await;
        let delivery = house.queue(old, "old@shop.example").await;
        let tx = house.db.begin().await.unwrap();
        let pair = || vec![new.0.into(), old.0.into()];
        tx.run("UPDATE members SET merged_into = $1 WHERE id = $2", pair()).await.unwrap();
        tx.run("UPDATE identities SET member_id = $1, traits_json = '{}' WHERE member_id = $2", pair()).await.unwrap();
        tx.run(
            "INSERT INTO merges (id, workspace_id, kept_member_id, absorbed_member_id, identities_json, reason, source, merged_at)
             VALUES (1, 1, $1, $2, '[]', 'test', 'test', 0)",
            pair(),
        )
        .await
        .unwrap();
        tx.commit().await.unwrap();
        house.outbox.run_once().await.unwrap();
        assert_eq!(email(&house.other_side.sent()[0]).0, "Hello new");
        let listed = house.get(&format!("/api/v1/deliveries?member={new}")).await.json();
        assert_eq!(listed["items"][0]["id"], delivery.to_string());
    })
    .await;
}

#[tokio::test]
async fn a_retry_of_a_journey_that_was_stopped_meanwhile_is_not_sent() {
    on_every_database(|house| async move {
        let tx = house.db.begin().await.unwrap();
        tx.run(
            "INSERT INTO journeys (id, workspace_id, name, state, draft_json, created_by, created_at, updated_at)
             VALUES (7, 1, 'journey', 'live', '{}', 'user:test', 0, 0)",
            vec![],
        )
        .await
        .unwrap();
        tx.commit().await.unwrap();
        let member = house.member("a", "a@shop.example").await;
        let delivery = house.queue(member, "a@shop.example").await;
        house.other_side.answers([retry(None)]);
        house.outbox.run_once().await.unwrap();
        let tx = house.db.begin().await.unwrap();
        tx.run("UPDATE journeys SET state = 'stopped' WHERE id = 7", vec![]).await.unwrap();
        tx.commit().await.unwrap();
        house.advance(120);
        house.outbox.run_once().await.unwrap();
        assert_eq!(house.fate(delivery).await, "cancelled/journey_stopped");
        assert_eq!(house.other_side.count(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_channel_whose_secret_cannot_be_read_says_so_and_holds_nobody_up() {
    on_every_database(|house| async move {
        let made = house
            .post(
                "/api/v1/channels",
                json!({"kind": "email", "name": "other", "config": {"host": "y", "password": "p"}}),
            )
            .await;
        let other: ChannelId = made.json()["id"].as_str().unwrap().parse().unwrap();
        let tx = house.db.begin().await.unwrap();
        tx.run("UPDATE secrets SET ciphertext = 'AAAA' WHERE name LIKE $1", vec![format!("channel/{other}/%").into()])
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let member = house.member("b", "b@shop.example").await;
        let waits = house.queue_as(member, "b@shop.example", "marketing", other, "email", house.template).await;
        let (delivery, _) = house.one_sent("a", "a@shop.example").await;
        assert_eq!(house.fate(delivery).await, "accepted");
        assert_eq!(house.fate(waits).await, "queued");
        let uri = format!("/api/v1/channels/{other}");
        let health = house.get(&uri).await.json()["health"].clone();
        assert!(health["problem"].as_str().unwrap().contains("decrypted") && health["retry_at"].is_null(), "{health}");
        // It is mended by giving the secret anew.
        let kept = house.send_json("PATCH", &uri, json!({"config": {"host": "y", "password": "•••"}})).await;
        assert_eq!(kept.json()["code"], "invalid_channel");
        house.advance(1);
        house.send_json("PATCH", &uri, json!({"config": {"host": "y", "password": "new"}})).await;
        house.outbox.run_once().await.unwrap();
        assert_eq!(house.fate(waits).await, "accepted");
        assert!(house.get(&uri).await.json()["health"].is_null());
    })
    .await;
}
