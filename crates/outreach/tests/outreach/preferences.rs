//! The preference centre and double opt-in, as members meet them.

use axum::http::StatusCode;
use base::Event;
use serde_json::json;
use testing::user;

use crate::house::{House, Reply, email, on_every_database, path_in, with_a_pipeline_on_every_database};

async fn page_of(house: &House, name: &str) -> String {
    let (_, message) = house.one_sent(name, &format!("{name}@shop.example")).await;
    path_in(&email(&message).3.unwrap(), "u")
}

const FORM: &str = "application/x-www-form-urlencoded";

async fn post_form(house: &House, path: &str, body: &str) -> Reply {
    house.request("POST", path, &[("content-type", FORM)], body.as_bytes().to_vec()).await
}

async fn describe(house: &House, topic: &str, more: serde_json::Value) {
    let mut body = json!({"name": {"en": format!("The {topic}"), "zh": format!("关于{topic}")}});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let made = house.send_json("PUT", &format!("/api/v1/topics/{topic}"), body).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.text());
}

async fn fate_about(house: &House, name: &str, topic: &str) -> String {
    let address = format!("{name}@shop.example");
    let listed = house.get("/api/v1/deliveries?limit=500").await.json();
    let items = listed["items"].as_array().unwrap();
    let item = items.iter().find(|item| item["address"] == address.as_str()).unwrap();
    let member = item["member"].as_str().unwrap().parse().unwrap();
    let next = house.queue_as(member, &address, topic, house.channel, "email", house.template).await;
    house.outbox.run_once().await.unwrap();
    house.fate(next).await
}

#[tokio::test]
async fn members_choose_topics_and_what_was_not_shown_stays_as_it_is() {
    on_every_database(|house| async move {
        describe(&house, "news", json!({"description": {"en": "Once a month", "zh": "每月一次"}})).await;
        describe(&house, "events", json!({})).await;
        describe(&house, "staff", json!({"shown": false})).await;
        let path = page_of(&house, "a").await;
        let page = house.get(&path).await.text();
        for shown in ["The news", "Once a month", "The events", "marketing", "酒铺", "a…@shop.example"] {
            assert!(page.contains(shown), "{shown} in {page}");
        }
        assert!(!page.contains("The staff") && !page.contains("a@shop.example"), "{page}");
        let chosen = "action=save&shown_topic=news&shown_topic=events&topic=events&shown_channel=email&channel=email";
        let saved = post_form(&house, &path, chosen).await;
        assert_eq!(saved.status, StatusCode::OK);
        assert!(saved.text().contains("Saved."), "{}", saved.text());
        assert_eq!(fate_about(&house, "a", "news").await, "suppressed/consent_withdrawn");
        assert_eq!(fate_about(&house, "a", "events").await, "accepted");
        assert_eq!(fate_about(&house, "a", "marketing").await, "accepted");
        house.advance(1);
        assert_eq!(post_form(&house, &path, "action=save&shown_channel=email").await.status, StatusCode::OK);
        assert_eq!(fate_about(&house, "a", "events").await, "suppressed/consent_withdrawn");
        assert_eq!(fate_about(&house, "a", "transactional").await, "accepted");
    })
    .await;
}

#[tokio::test]
async fn a_pause_of_thirty_days_begins_and_ends_by_the_page() {
    on_every_database(|house| async move {
        let path = page_of(&house, "a").await;
        let member =
            house.get("/api/v1/deliveries").await.json()["items"][0]["member"].as_str().unwrap().parse().unwrap();
        let paused = || async {
            let now = house.outreach.clock.now();
            people::consent::pauses::paused(house.db.read(), &[member], now).await.unwrap().contains_key(&member)
        };
        assert!(!paused().await);
        assert!(post_form(&house, &path, "action=save&pause=begin").await.text().contains("Paused until"));
        assert!(paused().await);
        assert!(
            post_form(&house, &path, "action=save").await.text().contains("Paused until"),
            "saving again ends no pause"
        );
        assert!(!post_form(&house, &path, "action=save&pause=end").await.text().contains("Paused until"));
        assert!(!paused().await);
        post_form(&house, &path, "action=save&pause=begin").await;
        house.advance(30 * 86_400);
        assert!(!paused().await, "it ends by itself");
        assert_eq!(house.facts().await.iter().filter(|name| *name == "Messages Paused").count(), 2);
    })
    .await;
}

#[tokio::test]
async fn pages_say_who_writes_what_was_left_and_how_to_come_back() {
    on_every_database(|house| async move {
        describe(&house, "marketing", json!({"name": {"en": "News <3", "zh": "酒窖来信"}})).await;
        let path = page_of(&house, "a").await;
        let page = house.get(&path).await.text();
        assert!(page.contains("Unsubscribe from “News &lt;3”") && page.contains("value=\"leave_all\""), "{page}");
        let left = post_form(&house, &path, "action=leave").await.text();
        assert!(left.contains("酒铺") && left.contains("about “News &lt;3” any more"), "{left}");
        assert!(left.contains("<a href=\"\">"), "the way to all preferences: {left}");
        assert!(!house.get(&path).await.text().contains("value=\"leave\""), "what is left is not left again");
        house.advance(1);
        let traditional = [("accept-language", "zh-TW,zh;q=0.9,en;q=0.8"), ("content-type", FORM)];
        let back = house.request("POST", &path, &traditional, b"action=return".to_vec()).await.text();
        assert!(back.contains("lang=\"zh-CN\"") && back.contains("“酒窖来信”"), "{back}");
        house.advance(1);
        post_form(&house, &path, "action=leave_all").await;
        let page = house.get(&path).await.text();
        assert!(page.contains("value=\"return_all\"") && !page.contains("value=\"leave"), "{page}");
        // A message without a topic of its own is left with all others, and that is what is said.
        let member = house.member("b", "b@shop.example").await;
        let receipt = house.queue_as(member, "b@shop.example", "transactional", house.channel, "email", house.template);
        let receipt = receipt.await;
        house.outbox.run_once().await.unwrap();
        let sent = house.other_side.sent().into_iter().find(|message| message.delivery == receipt).unwrap();
        let path = path_in(&email(&sent).1, "u");
        assert!(!house.get(&path).await.text().contains("value=\"leave\""));
        assert!(post_form(&house, &path, "action=leave").await.text().contains("Unsubscribed from everything"));
    })
    .await;
}

#[tokio::test]
async fn the_page_speaks_the_language_that_was_chosen() {
    on_every_database(|house| async move {
        let path = page_of(&house, "a").await;
        let saved = post_form(&house, &path, "action=save&language=zh-CN").await.text();
        assert!(saved.contains("设置已保存"), "{saved}");
        assert_eq!(house.facts().await.iter().filter(|name| *name == "Identified").count(), 1);
        let asked = house.request("GET", &path, &[("accept-language", "zh-TW")], vec![]).await.text();
        assert!(asked.contains("lang=\"zh-CN\"") && asked.contains("订阅偏好"), "{asked}");
    })
    .await;
}

#[tokio::test]
async fn links_of_tests_change_nothing_and_say_so() {
    on_every_database(|house| async move {
        for reply in [house.get("/u/test").await, post_form(&house, "/u/test", "action=leave_all").await] {
            assert_eq!(reply.status, StatusCode::OK);
            assert!(reply.text().contains("test message"), "{}", reply.text());
        }
    })
    .await;
}

#[tokio::test]
async fn topics_are_checked_where_they_are_described() {
    on_every_database(|house| async move {
        let name = json!({"en": "N", "zh": "N"});
        for (topic, body, path) in [
            ("news", json!({"name": {"en": "", "zh": "x"}}), "name.en"),
            ("news", json!({"name": name, "double_opt_in": true}), "confirm_template"),
            ("transactional", json!({"name": name}), "topic"),
            ("news", json!({"name": name, "description": {"en": "x".repeat(501), "zh": ""}}), "description.en"),
            (
                "news",
                json!({"name": name, "double_opt_in": true, "confirm_template": base::ids::TemplateId(5)}),
                "confirm_template",
            ),
        ] {
            let refused = house.send_json("PUT", &format!("/api/v1/topics/{topic}"), body).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text());
            assert!(refused.text().contains(path), "{path} in {}", refused.text());
        }
        assert_eq!(house.send_json("DELETE", "/api/v1/topics/news", json!({})).await.status, StatusCode::NOT_FOUND);
        describe(&house, "news", json!({})).await;
        assert_eq!(house.get("/api/v1/topics").await.json()["items"][0]["name"]["zh"], "关于news");
        assert_eq!(house.send_json("DELETE", "/api/v1/topics/news", json!({})).await.status, StatusCode::NO_CONTENT);
    })
    .await;
}

/// A page's word that somebody agrees: anybody could have said it.
fn claim(event: Event) -> Event {
    Event { trusted: false, ..event }
}

#[tokio::test]
async fn a_consent_that_has_to_be_confirmed_counts_from_the_button_on() {
    with_a_pipeline_on_every_database(|house, mut bench| async move {
        let template = house
            .make_template(json!({"name": "confirm", "subject": "Confirm", "text": "{{ confirm_url }}", "html": ""}))
            .await;
        describe(&house, "news", json!({"double_opt_in": true, "confirm_template": template})).await;
        let known = bench.identify(user("li"), json!({"email": "li@shop.example"}));
        bench.take(&[known]).await;
        let member = bench.owner("li").await;
        let send = async |topic: &str| {
            let id = house.queue_as(member, "li@shop.example", topic, house.channel, "email", house.template).await;
            house.outbox.run_once().await.unwrap();
            house.fate(id).await
        };
        assert_eq!(send("news").await, "suppressed/no_consent", "silence is no consent where one has to be confirmed");
        for _ in 0..3 {
            bench.advance(1_000);
            let said = json!({"channel": "email", "purpose": "news", "text": "Yes please"});
            let agreed = claim(bench.track(user("li"), "Consent Given", said));
            bench.take(&[agreed]).await;
        }
        house.outbox.run_once().await.unwrap();
        let asked: Vec<_> = house.other_side.sent().into_iter().filter(|sent| email(sent).0 == "Confirm").collect();
        assert_eq!(asked.len(), 1, "nobody can have a mailbox filled");
        assert_eq!(send("news").await, "suppressed/not_confirmed");
        let path = path_in(&email(&asked[0]).1, "u");
        assert!(house.get(&path).await.text().contains("<button"), "fetching the link confirms nothing");
        assert_eq!(send("news").await, "suppressed/not_confirmed");
        assert_eq!(post_form(&house, &path, "action=nothing").await.status, StatusCode::BAD_REQUEST);
        assert_eq!(post_form(&house, &path, "action=confirm").await.status, StatusCode::OK);
        assert_eq!(send("news").await, "accepted");
        // Who has refused since does not agree by the old link.
        bench.advance(1_000);
        let refused = bench.track(user("li"), "Consent Withdrawn", json!({"channel": "email", "purpose": "news"}));
        bench.take(&[refused]).await;
        assert_eq!(house.get(&path).await.status, StatusCode::GONE);
        assert_eq!(post_form(&house, &path, "action=confirm").await.status, StatusCode::GONE);
        assert_eq!(send("news").await, "suppressed/consent_withdrawn");
    })
    .await;
}

#[tokio::test]
async fn a_link_confirms_for_thirty_days() {
    with_a_pipeline_on_every_database(|house, mut bench| async move {
        let template = house
            .make_template(json!({"name": "confirm", "subject": "Confirm", "text": "{{ confirm_url }}", "html": ""}))
            .await;
        describe(&house, "news", json!({"double_opt_in": true, "confirm_template": template})).await;
        let known = bench.identify(user("li"), json!({"email": "li@shop.example"}));
        let said = json!({"channel": "email", "purpose": "news", "confirm": true});
        let agreed = bench.track(user("li"), "Consent Given", said);
        bench.take(&[known, agreed]).await;
        house.outbox.run_once().await.unwrap();
        let sent = house.other_side.sent();
        let path = path_in(&email(&sent[0]).1, "u");
        bench.advance(30 * 86_400_000);
        let late = post_form(&house, &path, "action=confirm").await;
        assert_eq!(late.status, StatusCode::GONE, "{}", late.text());
    })
    .await;
}
