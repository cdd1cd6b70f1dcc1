//! Lists for pages: messages with their reasons in words, templates without what they say, variables to choose from.

use axum::http::StatusCode;
use serde_json::{Value, json};
use testing::user;

use crate::house::{on_every_database, with_a_pipeline_on_every_database};

fn ids(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn messages_say_why_and_are_found_by_template_topic_and_time() {
    on_every_database(|house| async move {
        let member = house.member("li", "li@shop.example").await;
        let first = house.queue(member, "li@shop.example").await.to_string();
        house.advance(3_600);
        let noon = base::Clock::now(&house.clock);
        let other = house.make_template(json!({"name": "other", "text": "Hi {{ unsubscribe_url }}"})).await;
        let second = house.queue_as(member, "li@shop.example", "news", house.channel, "email", other).await.to_string();
        let list = async |query: &str| house.get(&format!("/api/v1/deliveries?{query}")).await.json();
        let waiting = list("state=queued").await;
        assert_eq!(
            (&waiting["items"][0]["why"]["code"], &waiting["items"][0]["state"]),
            (&json!("due"), &json!("queued"))
        );
        assert_eq!(ids(&list(&format!("template={other}")).await), [second.as_str()]);
        assert_eq!(ids(&list("topic=news").await), [second.as_str()]);
        assert_eq!(ids(&list(&format!("from={noon}")).await), [second.as_str()]);
        assert_eq!(ids(&list(&format!("to={noon}")).await), [first.as_str()]);
        assert_eq!(ids(&list(&format!("to={noon}&member={member}&topic=news")).await), Vec::<&str>::new());
        house.post(&format!("/api/v1/deliveries/{first}/cancel"), json!({})).await;
        let cancelled = house.get(&format!("/api/v1/deliveries/{first}")).await.json();
        assert_eq!(cancelled["why"]["zh"], "已被操作员取消。");
        assert_eq!(cancelled["why"]["en"], "An operator cancelled it.");
        house.outbox.run_once().await.unwrap();
        assert_eq!(house.get(&format!("/api/v1/deliveries/{second}")).await.json()["why"], Value::Null);
        for wrong in ["topic=%00", "from=yesterday"] {
            assert_eq!(
                house.get(&format!("/api/v1/deliveries?{wrong}")).await.status,
                StatusCode::BAD_REQUEST,
                "{wrong}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn templates_are_listed_without_what_they_say_and_found_by_their_names() {
    on_every_database(|house| async move {
        let hook =
            house.make_template(json!({"name": "Hook", "channel_kind": "webhook", "text": "{}"})).await.to_string();
        let list = async |query: &str| house.get(&format!("/api/v1/templates?fields=summary{query}")).await.json();
        let all = list("").await;
        assert_eq!(ids(&all), [hook.as_str(), &house.template.to_string()]);
        assert!(all["items"][1].get("html").is_none() && all["items"][1].get("text").is_none(), "{all}");
        assert_eq!(all["items"][1]["subject"], "Hello {{ member.name }}");
        assert_eq!(ids(&list("&channel_kind=webhook").await), [hook.as_str()]);
        assert_eq!(ids(&list("&search=HELLO").await), [house.template.to_string().as_str()]);
        assert_eq!(ids(&list("&search=member.name%20%7D").await).len(), 1);
        assert_eq!(ids(&list("&search=%25").await).len(), 0);
        assert_eq!(house.get("/api/v1/templates?fields=all").await.status, StatusCode::BAD_REQUEST);
        let whole = house.get("/api/v1/templates?search=hello").await.json();
        assert!(whole["items"][0]["html"].as_str().unwrap().contains("unsubscribe_url"));
    })
    .await;
}

#[tokio::test]
async fn a_template_can_be_seen_before_it_is_saved() {
    on_every_database(|house| async move {
        let member = house.member("杜甫", "du@shop.example").await;
        let draft = json!({"member": member, "subject": "Dear {{ member.name }}", "text": "Hi {{ event.sum }} {{ unsubscribe_url }}",
            "variables": {"event": {"sum": 9}}});
        let seen = house.post("/api/v1/templates/preview", draft).await.json();
        assert_eq!(seen["subject"], "Dear 杜甫", "{seen}");
        assert!(seen["text"].as_str().unwrap().starts_with("Hi 9 "), "{seen}");
        // What is the same for all readers is known without one.
        let everybody = json!({"subject": "{{ workspace.name }}", "text": "{{ channel.physical_address }}{{ unsubscribe_url }}"});
        let seen = house.post("/api/v1/templates/preview", everybody).await.json();
        assert_eq!(seen["subject"], "酒铺", "{seen}");
        assert_eq!(seen["missing"], json!(["channel.physical_address"]), "no channel has one");
        let broken = house.post("/api/v1/templates/preview", json!({"text": "{% if %}"})).await;
        assert_eq!((broken.status, &broken.json()["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("invalid_template")));
        let unknown = house.post("/api/v1/templates/preview", json!({"channel_kind": "pigeon", "text": "x"})).await;
        assert_eq!(unknown.json()["errors"][0]["path"], "channel_kind");
        assert_eq!(ids(&house.get("/api/v1/templates").await.json()).len(), 1);
    })
    .await;
}

#[tokio::test]
async fn variables_come_from_traits_and_from_the_events_with_which_journeys_begin() {
    with_a_pipeline_on_every_database(|house, mut bench| async move {
        let known = bench.identify(user("a"), json!({"city": "杭州", "points": 7, "born": "1990-05-01"}));
        let order = bench.track(user("a"), "Order Paid", json!({"total": 9.5, "items": ["a", "b"]}));
        bench.take(&[known, order]).await;
        let step = json!({"type": "send", "channel": "email", "template": house.template});
        let document = json!({"entry": {"event": "Order Paid"}, "start": "m", "steps": {"m": step, "unfinished": {}}});
        house.post("/api/v1/journeys", json!({"name": "Orders", "document": document})).await;
        let found = house.get(&format!("/api/v1/templates/variables?template={}", house.template)).await.json();
        let groups = found["groups"].as_array().unwrap();
        let of = |root: &str| groups.iter().find(|group| group["root"] == root).unwrap();
        let variable = |list: &Value, path: &str| {
            let found = list.as_array().unwrap().iter().find(|variable| variable["path"] == path);
            found.unwrap_or_else(|| panic!("no {path} in {list}")).clone()
        };
        let city = variable(&of("member")["items"], "member.city");
        assert_eq!(
            (&city["type"], &city["example"], &city["may_be_missing"]),
            (&json!("text"), &json!("杭州"), &json!(true))
        );
        assert_eq!(variable(&of("member")["items"], "member.points")["type"], "number");
        assert_eq!(variable(&of("member")["items"], "member.born")["filters"], json!(["fallback", "date"]));
        let event = &of("event")["events"][0];
        assert_eq!((&event["event"], &event["journey"]), (&json!("Order Paid"), &json!("Orders")));
        assert_eq!(variable(&event["properties"], "event.total")["example"], 9.5);
        assert_eq!(variable(&event["properties"], "event.items")["type"], "list");
        variable(&of("links")["items"], "unsubscribe_url");
        let named = house.get("/api/v1/templates/variables?event=Nothing").await.json();
        let events = named["groups"].as_array().unwrap().iter().find(|group| group["root"] == "event").unwrap();
        assert_eq!(events["events"], json!([{"event": "Nothing", "journey": null, "properties": []}]));
    })
    .await;
}
