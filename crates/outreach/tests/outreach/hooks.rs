//! Reports of providers and mail servers.

use std::sync::atomic::Ordering;

use axum::http::StatusCode;
use base::Clock;
use channels::webhook::Secret;
use serde_json::{Value, json};

use crate::house::{HOOK_SECRET, House, Reply, on_every_database};

async fn hook(house: &House, content_type: &str, body: &[u8], secret: &str) -> Reply {
    let seconds = house.clock.now().millis() / 1_000;
    let signature = Secret::parse(secret).unwrap().sign("msg_1", seconds, body);
    let headers = [
        ("content-type", content_type),
        ("webhook-id", "msg_1"),
        ("webhook-timestamp", &seconds.to_string()),
        ("webhook-signature", &signature),
    ];
    house.request("POST", &format!("/hooks/email/{}", house.channel), &headers, body.to_vec()).await
}

/// What the provider of the channel reports.
pub async fn report(house: &House, body: Value) -> Reply {
    hook(house, "application/json", body.to_string().as_bytes(), HOOK_SECRET).await
}

#[tokio::test]
async fn a_permanent_bounce_ends_the_message_and_suppresses_the_address() {
    on_every_database(|house| async move {
        let (delivery, _) = house.one_sent("a", "a@shop.example").await;
        for _ in 0..2 {
            let reply = report(
                &house,
                json!({"type": "bounce", "delivery": delivery, "permanent": true, "diagnostic": "550 gone"}),
            )
            .await;
            assert_eq!((reply.status, reply.json()), (StatusCode::OK, json!({"known": true})));
        }
        assert_eq!(house.fate(delivery).await, "bounced/bounced");
        assert_eq!(house.facts().await, ["Email Sent", "Email Bounced"]);
        let listed = house.get("/api/v1/suppressions").await.json();
        assert_eq!(listed["items"][0]["address"], "a@shop.example");
        assert_eq!(listed["items"][0]["source"], delivery.to_string());
    })
    .await;
}

#[tokio::test]
async fn a_full_mailbox_does_not_suppress_and_the_providers_id_is_understood() {
    on_every_database(|house| async move {
        let (delivery, _) = house.one_sent("a", "a@shop.example").await;
        let id = house.row(delivery).await.provider_id.unwrap();
        report(&house, json!({"type": "bounce", "message_id": id, "permanent": false})).await;
        assert_eq!(house.fate(delivery).await, "bounced/bounced");
        assert_eq!(house.get("/api/v1/suppressions").await.json()["items"], json!([]));
    })
    .await;
}

#[tokio::test]
async fn a_bounce_for_good_after_one_for_a_while_suppresses() {
    on_every_database(|house| async move {
        let (delivery, _) = house.one_sent("a", "a@shop.example").await;
        report(&house, json!({"type": "bounce", "delivery": delivery, "permanent": false, "diagnostic": "452 full"}))
            .await;
        assert_eq!(house.get("/api/v1/suppressions").await.json()["items"], json!([]));
        for _ in 0..2 {
            report(&house, json!({"type": "bounce", "delivery": delivery, "diagnostic": "550 gone"})).await;
        }
        assert_eq!(house.get("/api/v1/suppressions").await.json()["items"][0]["reason"], "bounced");
        assert_eq!(house.row(delivery).await.error.as_deref(), Some("550 gone"));
        assert_eq!(house.facts().await, ["Email Sent", "Email Bounced", "Email Bounced"]);
        assert_eq!(house.history(delivery).await, ["sending", "accepted", "bounced", "bounced"]);
    })
    .await;
}

#[tokio::test]
async fn a_report_that_is_faster_than_our_record_leaves_nothing_out() {
    on_every_database(|house| async move {
        let member = house.member("a", "a@shop.example").await;
        let delivery = house.queue(member, "a@shop.example").await;
        house.other_side.hangs.store(true, Ordering::SeqCst);
        let outbox = house.outbox.clone();
        let sending = tokio::spawn(async move { outbox.run_once().await });
        house.other_side.got_one.notified().await;
        report(&house, json!({"type": "delivered", "delivery": delivery})).await;
        assert_eq!(house.fate(delivery).await, "delivered");
        house.other_side.goes_on.notify_one();
        sending.await.unwrap().unwrap();
        assert_eq!(house.fate(delivery).await, "delivered");
        assert_eq!(house.row(delivery).await.provider_id, Some(format!("queue-{delivery}")));
        assert_eq!(house.facts().await, ["Email Delivered", "Email Sent"]);
    })
    .await;
}

#[tokio::test]
async fn delivery_and_complaint_are_told_and_a_complaint_suppresses() {
    on_every_database(|house| async move {
        let (delivery, _) = house.one_sent("a", "a@shop.example").await;
        report(&house, json!({"type": "delivered", "delivery": delivery})).await;
        assert_eq!(house.fate(delivery).await, "delivered");
        for _ in 0..2 {
            report(&house, json!({"type": "complaint", "delivery": delivery})).await;
        }
        assert_eq!(house.fate(delivery).await, "delivered");
        let facts = ["Email Sent", "Email Delivered", "Email Unsubscribed", "Email Marked as Spam"];
        assert_eq!(house.facts().await, facts, "who complains has not asked for it");
        assert_eq!(house.get("/api/v1/suppressions").await.json()["items"][0]["reason"], "complained");
    })
    .await;
}

#[tokio::test]
async fn a_report_mail_is_understood() {
    on_every_database(|house| async move {
        let (delivery, message) = house.one_sent("a", "a@shop.example").await;
        let mail = format!(
            "From: mailer-daemon@mx.example\r\nTo: bounces@hearth.example\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\n\r\n\
             --b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n\
             --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n\
             Final-Recipient: rfc822; a@shop.example\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 no such user\r\n\r\n\
             --b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <{delivery}.{}@shop.example>\r\n\
             X-Hearth-Delivery: {delivery}\r\nSubject: Hello\r\n\r\nHi\r\n--b--\r\n",
            message.seal
        );
        // Who knows no more than the delivery's id cannot have its address suppressed.
        let forged = mail.replace(&message.seal, "0123456789abcdef");
        let reply = hook(&house, "message/rfc822", forged.as_bytes(), HOOK_SECRET).await;
        assert_eq!((reply.status, reply.json()), (StatusCode::OK, json!({"known": false})));
        assert_eq!(house.fate(delivery).await, "accepted");
        let reply = hook(&house, "message/rfc822", mail.as_bytes(), HOOK_SECRET).await;
        assert_eq!((reply.status, reply.json()), (StatusCode::OK, json!({"known": true})));
        assert_eq!(house.fate(delivery).await, "bounced/bounced");
        assert_eq!(house.get("/api/v1/suppressions").await.json()["items"][0]["reason"], "bounced");
        let note = hook(&house, "message/rfc822", b"Subject: I am on holiday\r\n\r\nBack soon", HOOK_SECRET).await;
        assert_eq!((note.status, note.json()), (StatusCode::OK, json!({"known": false})));
    })
    .await;
}

#[tokio::test]
async fn a_report_without_the_right_signature_is_refused() {
    on_every_database(|house| async move {
        let (delivery, _) = house.one_sent("a", "a@shop.example").await;
        let body = json!({"type": "bounce", "delivery": delivery}).to_string();
        let other = "whsec_b3RoZXItc2VjcmV0LW90aGVyLXNlY3JldC1vdGhlcg==";
        assert_eq!(hook(&house, "application/json", body.as_bytes(), other).await.status, StatusCode::UNAUTHORIZED);
        let bare = house.send_json("POST", &format!("/hooks/email/{}", house.channel), json!({})).await;
        assert_eq!(bare.status, StatusCode::UNAUTHORIZED);
        let elsewhere = house.send_json("POST", &format!("/hooks/webhook/{}", house.channel), json!({})).await;
        assert_eq!(elsewhere.status, StatusCode::UNAUTHORIZED);
        let nowhere = house.send_json("POST", &format!("/hooks/%00/{}", house.channel), json!({})).await;
        assert_eq!(nowhere.status, StatusCode::UNAUTHORIZED);
        assert_eq!(house.fate(delivery).await, "accepted");
    })
    .await;
}

#[tokio::test]
async fn a_report_about_a_message_that_is_not_ours_is_taken_and_forgotten() {
    on_every_database(|house| async move {
        let reply = report(&house, json!({"type": "bounce", "delivery": "dlv_0000000000009"})).await;
        assert_eq!((reply.status, reply.json()), (StatusCode::OK, json!({"known": false})));
        assert_eq!(report(&house, json!({"type": "opened", "delivery": "dlv_0000000000009"})).await.status, 422);
    })
    .await;
}

async fn with_bounces(house: &House, bounces: Value) {
    let uri = format!("/api/v1/channels/{}", house.channel);
    let mut config = house.get(&uri).await.json()["config"].clone();
    config["bounces"] = bounces;
    let reply = house.send_json("PATCH", &uri, json!({"config": config})).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
}

#[tokio::test]
async fn an_address_that_bounces_again_and_again_is_given_up() {
    on_every_database(|house| async move {
        let member = house.member("a", "a@shop.example").await;
        for nth in 1..=3 {
            let delivery = house.queue(member, "a@shop.example").await;
            house.outbox.run_once().await.unwrap();
            for _ in 0..2 {
                report(&house, json!({"type": "bounce", "delivery": delivery, "permanent": false})).await;
            }
            let suppressed = house.get("/api/v1/suppressions").await.json()["items"].as_array().unwrap().len();
            assert_eq!(suppressed, usize::from(nth == 3), "after {nth}; a repeated report counts once");
            house.advance(86_400);
        }
    })
    .await;
}

#[tokio::test]
async fn bounces_that_are_long_ago_or_mean_that_we_are_blocked_do_not_count_against_the_address() {
    on_every_database(|house| async move {
        with_bounces(&house, json!({"soft": {"after": 2, "within_days": 10}})).await;
        let member = house.member("a", "a@shop.example").await;
        for class in ["soft", "blocked", "blocked", "soft"] {
            let delivery = house.queue(member, "a@shop.example").await;
            house.outbox.run_once().await.unwrap();
            report(&house, json!({"type": "bounce", "delivery": delivery, "class": class})).await;
            let reason = if class == "soft" { "bounced/bounced" } else { "bounced/blocked" };
            assert_eq!(house.fate(delivery).await, reason);
            house.advance(86_400 * 4);
        }
        assert_eq!(house.get("/api/v1/suppressions").await.json()["items"], json!([]));
    })
    .await;
}

#[tokio::test]
async fn a_channel_pauses_when_providers_do_not_want_its_messages() {
    on_every_database(|house| async move {
        with_bounces(&house, json!({"blocked": {"pause_after": 2}})).await;
        let uri = format!("/api/v1/channels/{}", house.channel);
        for (name, state) in [("a", "active"), ("b", "paused")] {
            let (delivery, _) = house.one_sent(name, &format!("{name}@shop.example")).await;
            report(&house, json!({"type": "bounce", "delivery": delivery, "class": "blocked"})).await;
            assert_eq!(house.get(&uri).await.json()["state"], state);
        }
        house.post(&format!("{uri}/resume"), json!({})).await;
        let (delivery, _) = house.one_sent("c", "c@shop.example").await;
        report(&house, json!({"type": "bounce", "delivery": delivery, "class": "blocked"})).await;
        assert_eq!(house.get(&uri).await.json()["state"], "active", "whoever resumed it has looked");
    })
    .await;
}

#[tokio::test]
async fn what_a_policy_says_of_hard_bounces_and_complaints_holds() {
    on_every_database(|house| async move {
        with_bounces(&house, json!({"hard": "note", "complaint": "suppress"})).await;
        let (delivery, _) = house.one_sent("a", "a@shop.example").await;
        report(&house, json!({"type": "bounce", "delivery": delivery})).await;
        assert_eq!(house.fate(delivery).await, "bounced/bounced");
        assert_eq!(house.get("/api/v1/suppressions").await.json()["items"], json!([]));
        let (delivery, _) = house.one_sent("b", "b@shop.example").await;
        report(&house, json!({"type": "complaint", "delivery": delivery})).await;
        assert_eq!(house.get("/api/v1/suppressions").await.json()["items"][0]["reason"], "complained");
        assert!(!house.facts().await.contains(&"Email Unsubscribed".to_owned()));
    })
    .await;
}
