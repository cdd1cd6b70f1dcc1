//! What webhooks answer: traits, and runs that wait for it.

use base::{Clock, Event, EventKind, ids::DeliveryId};
use serde_json::{Value, json};
use store::Sql;

use crate::{
    house::{House, on_every_database},
    other_servers::{Answer, HttpServer},
};

const JSON: &str = "Content-Type: application/json\r\n";

impl House {
    /// The commands that tell of answers, and forgets what was emitted.
    async fn answers(&self) -> Vec<Event> {
        let records = store::emitted::take(self.db.read(), 1_000).await.unwrap();
        let tx = self.db.begin().await.unwrap();
        tx.run("DELETE FROM emitted_events", vec![]).await.unwrap();
        tx.commit().await.unwrap();
        let events = records.into_iter().map(|(_, record)| Event::from_record(record.as_bytes()).unwrap());
        events.filter(|event| event.name == "Webhook Answered").collect()
    }

    async fn set_column(&self, delivery: DeliveryId, column: &str, value: i64) {
        let tx = self.db.begin().await.unwrap();
        let sql = format!("UPDATE deliveries SET {column} = $2 WHERE id = $1");
        tx.run(&sql, vec![delivery.0.into(), value.into()]).await.unwrap();
        tx.commit().await.unwrap();
    }
}

fn properties(event: &Event) -> Value {
    serde_json::from_str(event.properties.get()).unwrap()
}

#[tokio::test]
async fn an_answer_becomes_a_command_with_the_traits_that_the_step_names() {
    on_every_database(|house| async move {
        let body =
            r#"{"customer":{"tier":"金"},"points":12.5,"likes":["red","white"],"deep":{"a":[{"b":7}]},"none":null}"#;
        let server = HttpServer::start(Answer::status(200, JSON, body)).await;
        let channel = house.webhook(&server.url("/"), json!({})).await;
        let member = house.member("a", "").await;
        let traits =
            json!({"tier": "customer.tier", "points": "points", "likes": "likes", "b": "deep.a[0].b", "gone": "none"});
        let delivery = house.queue_webhook(member, channel, json!({"traits": traits, "answer": true})).await;
        house.outbox.run_once().await.unwrap();
        assert_eq!(house.last_words(delivery).await, "the answer set b, likes, points, tier: none is null");
        let answers = house.answers().await;
        let [event] = answers.as_slice() else { panic!("{answers:?}") };
        assert_eq!((event.kind, event.member, event.trusted), (EventKind::Command, Some(member), true));
        assert_eq!(event.message_id, format!("{delivery}/answered"));
        let told = properties(event);
        assert_eq!(told["traits"], json!({"tier": "金", "points": 12.5, "likes": ["red", "white"], "b": 7}));
        assert_eq!((&told["status"], &told["ok"], &told["step"]), (&json!(200), &json!(true), &json!("s1")));
        assert_eq!(told["delivery"], delivery.to_string());
        assert!(
            told["run"].as_str().unwrap().starts_with("run_") && told["journey"].as_str().unwrap().starts_with("jrn_")
        );
    })
    .await;
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_sets_nothing_and_the_history_says_why() {
    let large = format!("{{\"tier\":\"{}\"}}", "x".repeat(64 * 1024));
    let deep = format!("{}1{}", "[".repeat(500), "]".repeat(500));
    let answers = [
        (Answer::status(200, JSON, ""), "the answer is empty"),
        (Answer::status(204, "", ""), "the answer is empty"),
        (Answer::status(200, "Content-Type: text/html\r\n", "{\"tier\":1}"), "the answer is not application/json"),
        (Answer::status(200, "", "{\"tier\":1}"), "the answer is not application/json"),
        (Answer::status(200, JSON, "{\"tier\":"), "the answer is not valid JSON"),
        (Answer::status(200, JSON, &deep), "the answer is not valid JSON"),
        (Answer::status(200, JSON, &large), "the answer is larger than 64 KB"),
        (Answer::status(200, JSON, "{\"tier\":{\"x\":1}}"), "tier is an object"),
        (Answer::status(200, JSON, "[]"), "tier is not in the answer"),
        (
            Answer::Say(format!("HTTP/1.1 200 X\r\nContent-Length: 50\r\n{JSON}Connection: close\r\n\r\n{{\"tier\"")),
            "the answer broke off",
        ),
    ];
    on_every_database(|house| {
        let answers = answers.clone();
        async move {
            let member = house.member("a", "").await;
            for (answer, why) in answers {
                let server = HttpServer::start(answer.clone()).await;
                let channel = house.webhook(&server.url("/"), json!({})).await;
                let options = json!({"traits": {"tier": "tier"}, "answer": false});
                let silent = house.queue_webhook(member, channel, options).await;
                house.outbox.run_once().await.unwrap();
                assert_eq!(house.fate(silent).await, "accepted", "{answer:?}");
                let said = house.last_words(silent).await;
                assert!(said.starts_with("the answer set no traits") && said.contains(why), "{said}: {answer:?}");
                assert!(house.answers().await.is_empty(), "nobody waits and nothing is set");
                let options = json!({"traits": {"tier": "tier"}, "answer": true});
                house.queue_webhook(member, channel, options).await;
                house.outbox.run_once().await.unwrap();
                let told = house.answers().await;
                assert_eq!(properties(&told[0])["traits"], json!({}), "who waits is told");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn who_waits_is_told_of_a_failure_after_the_last_attempt_and_not_before() {
    on_every_database(|house| async move {
        let member = house.member("a", "").await;
        let no = HttpServer::start(Answer::status(422, JSON, "{\"tier\":\"gold\"}")).await;
        let refuses = house.webhook(&no.url("/"), json!({})).await;
        let options = |answer: bool| json!({"traits": {"tier": "tier"}, "answer": answer});
        let refused = house.queue_webhook(member, refuses, options(true)).await;
        house.queue_webhook(member, refuses, options(false)).await;
        house.outbox.run_once().await.unwrap();
        assert_eq!(house.fate(refused).await, "failed/refused");
        let told = house.answers().await;
        assert_eq!(told.len(), 1, "only who waits is told");
        let said = properties(&told[0]);
        assert_eq!((&said["status"], &said["ok"], &said["traits"]), (&json!(422), &json!(false), &json!({})));

        let fails = HttpServer::start(Answer::status(500, "", "")).await;
        let failing = house.webhook(&fails.url("/"), json!({})).await;
        let tried = house.queue_webhook(member, failing, options(true)).await;
        for _ in 0..8 {
            assert!(house.answers().await.is_empty(), "it is tried again");
            house.clock.set(base::Time::from_millis(house.row(tried).await.next_attempt_at));
            house.outbox.run_once().await.unwrap();
        }
        assert_eq!(house.fate(tried).await, "failed/retries_exhausted");
        assert_eq!(properties(&house.answers().await[0])["ok"], json!(false));
        assert_eq!(fails.requests().len(), 8);
    })
    .await;
}

#[tokio::test]
async fn who_waits_is_told_when_a_message_is_not_sent_at_all() {
    on_every_database(|house| async move {
        let server = HttpServer::start(Answer::status(200, JSON, "{}")).await;
        let channel = house.webhook(&server.url("/"), json!({})).await;
        let member = house.member("a", "").await;
        let options = |answer: bool| json!({"traits": {"tier": "tier"}, "answer": answer});
        let refused = house.queue_webhook(member, channel, options(true)).await;
        house.set_column(refused, "template_id", house.template.0).await;
        house.outbox.run_once().await.unwrap();
        assert_eq!(house.fate(refused).await, "suppressed/template_missing");
        let told = house.answers().await;
        assert_eq!((told.len(), &told[0].message_id), (1, &format!("{refused}/answered")));
        let said = properties(&told[0]);
        assert_eq!((&said["status"], &said["ok"], &said["traits"]), (&Value::Null, &json!(false), &json!({})));

        let expired = house.queue_webhook(member, channel, options(true)).await;
        house.set_column(expired, "expires_at", house.clock.now().millis() + 1_000).await;
        house.advance(2);
        house.outbox.run_once().await.unwrap();
        assert_eq!(house.fate(expired).await, "expired/expired");
        assert_eq!(house.answers().await.len(), 1);

        let cancelled = house.queue_webhook(member, channel, options(true)).await;
        let reply = house.post(&format!("/api/v1/deliveries/{cancelled}/cancel"), json!({})).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        assert_eq!(house.answers().await.len(), 1);

        let orphaned = house.queue_webhook(member, channel, options(true)).await;
        house.queue_webhook(member, channel, options(false)).await;
        let reply = house.request("DELETE", &format!("/api/v1/channels/{channel}"), &[], Vec::new()).await;
        assert_eq!(reply.status, 204, "{}", reply.text());
        assert_eq!(house.fate(orphaned).await, "cancelled/channel_deleted");
        assert_eq!(house.answers().await.len(), 1, "only who waits is told");
        assert!(server.requests().is_empty());
    })
    .await;
}

#[tokio::test]
async fn without_a_wish_an_answer_is_not_read() {
    on_every_database(|house| async move {
        let server = HttpServer::start(Answer::status(200, JSON, "{\"tier\":\"gold\"}")).await;
        let channel = house.webhook(&server.url("/"), json!({})).await;
        let member = house.member("a", "").await;
        let delivery = house.queue_webhook(member, channel, json!({})).await;
        house.outbox.run_once().await.unwrap();
        assert_eq!((house.fate(delivery).await.as_str(), house.last_words(delivery).await.as_str()), ("accepted", ""));
        assert!(house.answers().await.is_empty());
    })
    .await;
}
