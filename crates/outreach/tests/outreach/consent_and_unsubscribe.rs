//! Consent, the unsubscribe page, and one click.

use axum::http::StatusCode;
use serde_json::json;

use crate::house::{House, email, on_every_database, path_in};

async fn unsubscribe_path(house: &House, name: &str) -> (base::ids::DeliveryId, String) {
    let (delivery, message) = house.one_sent(name, &format!("{name}@shop.example")).await;
    (delivery, path_in(&email(&message).3.unwrap(), "u"))
}

async fn next_fate(house: &House, name: &str, topic: &str) -> String {
    let address = format!("{name}@shop.example");
    let listed = house.get("/api/v1/deliveries?limit=500").await.json();
    let member =
        listed["items"].as_array().unwrap().iter().find(|item| item["address"] == address.as_str()).unwrap()["member"]
            .clone();
    let member = member.as_str().unwrap().parse().unwrap();
    let next = house.queue_as(member, &address, topic, house.channel, "email", house.template).await;
    house.outbox.run_once().await.unwrap();
    house.fate(next).await
}

async fn post_form(house: &House, path: &str, body: &str) -> crate::house::Reply {
    house
        .request("POST", path, &[("content-type", "application/x-www-form-urlencoded")], body.as_bytes().to_vec())
        .await
}

#[tokio::test]
async fn looking_at_the_page_changes_nothing() {
    on_every_database(|house| async move {
        let (_, path) = unsubscribe_path(&house, "a").await;
        let page = house.get(&path).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.text().contains("<button"), "{}", page.text());
        let chinese = house.request("GET", &path, &[("accept-language", "zh-CN,en")], vec![]).await;
        assert!(chinese.text().contains("退订"));
        assert_eq!(next_fate(&house, "a", "marketing").await, "accepted");
        assert_eq!(house.get("/u/AAAA").await.status, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn one_click_stops_the_next_message_of_the_topic() {
    on_every_database(|house| async move {
        let (delivery, path) = unsubscribe_path(&house, "a").await;
        for _ in 0..2 {
            let reply = post_form(&house, &path, "List-Unsubscribe=One-Click").await;
            assert_eq!(reply.status, StatusCode::OK, "no redirect");
            assert!(!reply.headers.contains_key("set-cookie"));
            house.advance(1);
        }
        assert_eq!(next_fate(&house, "a", "marketing").await, "suppressed/consent_withdrawn");
        assert_eq!(next_fate(&house, "a", "other").await, "accepted");
        assert_eq!(next_fate(&house, "a", "transactional").await, "accepted");
        let unsubscribed = house.facts().await.into_iter().filter(|name| name == "Email Unsubscribed").count();
        assert_eq!(unsubscribed, 1, "saying it twice changes nothing");
        assert!(house.history(delivery).await.contains(&"unsubscribed".to_owned()));
    })
    .await;
}

#[tokio::test]
async fn the_buttons_leave_everything_and_come_back() {
    on_every_database(|house| async move {
        let (_, path) = unsubscribe_path(&house, "a").await;
        assert_eq!(post_form(&house, &path, "action=leave_all").await.status, StatusCode::OK);
        assert_eq!(next_fate(&house, "a", "marketing").await, "suppressed/consent_withdrawn");
        assert_eq!(next_fate(&house, "a", "other").await, "suppressed/consent_withdrawn");
        house.advance(1);
        assert!(post_form(&house, &path, "action=return").await.text().contains("Subscribed again"));
        assert_eq!(next_fate(&house, "a", "marketing").await, "accepted");
        assert_eq!(next_fate(&house, "a", "other").await, "suppressed/consent_withdrawn");
        assert_eq!(post_form(&house, &path, "nothing=1").await.status, StatusCode::BAD_REQUEST);
    })
    .await;
}

#[tokio::test]
async fn a_transactional_message_has_no_unsubscribe_header() {
    on_every_database(|house| async move {
        let member = house.member("a", "a@shop.example").await;
        house.queue_as(member, "a@shop.example", "transactional", house.channel, "email", house.template).await;
        house.outbox.run_once().await.unwrap();
        assert_eq!(email(&house.other_side.sent()[0]).3, None);
    })
    .await;
}

#[tokio::test]
async fn a_channel_that_requires_consent_writes_only_to_those_who_gave_it() {
    on_every_database(|house| async move {
        let changed = house
            .send_json(
                "PATCH",
                &format!("/api/v1/channels/{}", house.channel),
                json!({"config": {"host": "x", "password": "•••", "requires_consent": true}}),
            )
            .await;
        assert_eq!(changed.status, StatusCode::OK, "{}", changed.text());
        let member = house.member("a", "a@shop.example").await;
        let first = house.queue(member, "a@shop.example").await;
        house.outbox.run_once().await.unwrap();
        assert_eq!(house.fate(first).await, "suppressed/no_consent");
        let uri = format!("/api/v1/members/{member}/consent");
        let given = house
            .send_json(
                "PUT",
                &uri,
                json!({"channel_kind": "email", "topic": "marketing", "granted": true, "proof": {"form": "f1"}}),
            )
            .await;
        assert_eq!(given.status, StatusCode::OK, "{}", given.text());
        assert_eq!(given.json()["items"][0]["granted"], true);
        assert_eq!(given.json()["items"][0]["source"], "user:test");
        let second = house.queue(member, "a@shop.example").await;
        house.outbox.run_once().await.unwrap();
        assert_eq!(house.fate(second).await, "accepted");
        house.advance(1);
        house.send_json("PUT", &uri, json!({"channel_kind": "email", "topic": "*", "granted": false})).await;
        let third = house.queue(member, "a@shop.example").await;
        house.outbox.run_once().await.unwrap();
        assert_eq!(house.fate(third).await, "suppressed/consent_withdrawn");
        assert_eq!(house.get(&uri).await.json()["items"].as_array().unwrap().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_member_without_identities_can_leave_by_his_address() {
    on_every_database(|house| async move {
        let nobody = base::ids::MemberId(99);
        let delivery = house.queue(nobody, "lost@shop.example").await;
        house.outbox.run_once().await.unwrap();
        let sent = house.other_side.sent();
        assert_eq!(sent[0].delivery, delivery);
        let path = path_in(&email(&sent[0]).3.unwrap(), "u");
        assert_eq!(post_form(&house, &path, "List-Unsubscribe=One-Click").await.status, StatusCode::OK);
        assert_eq!(next_fate(&house, "lost", "marketing").await, "suppressed/suppressed_address");
    })
    .await;
}
