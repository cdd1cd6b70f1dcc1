//! Looking at the queue and reaching into it: preview, completion, cancelling, settling.

use base::ids::{DeliveryId, JourneyId};
use channels::Outcome;
use serde_json::{Value, json};

use crate::{
    house::{House, on_every_database},
    policy::{HIGH, LOW, NORMAL},
};

impl House {
    /// Ids of the queue in its order, over pages of this many, with their codes.
    async fn queue_order(&self, query: &str, limit: usize) -> Vec<(String, String)> {
        let mut order = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = self.get(&format!("/api/v1/outbox/queue?limit={limit}{query}{cursor}")).await;
            assert_eq!(page.status, 200, "{}", page.text());
            let page = page.json();
            for item in page["items"].as_array().unwrap() {
                let why = &item["why"];
                assert!(!why["en"].as_str().unwrap().is_empty() && !why["zh"].as_str().unwrap().is_empty());
                order.push((item["id"].as_str().unwrap().to_owned(), why["code"].as_str().unwrap().to_owned()));
            }
            let Some(next) = page["next"].as_str() else { return order };
            cursor = format!("&cursor={next}");
        }
    }

    async fn summary(&self) -> Value {
        self.get(&format!("/api/v1/deliveries/summary?journey={}", JourneyId(7))).await.json()
    }
}

fn named(rows: &[(DeliveryId, &str)]) -> Vec<(String, String)> {
    rows.iter().map(|(id, code)| (id.to_string(), (*code).to_owned())).collect()
}

#[tokio::test]
async fn the_queue_is_shown_in_the_order_in_which_it_goes_with_the_reasons() {
    on_every_database(|house| async move {
        house.set_clock("2027-09-20T08:00:00Z");
        house.decide(json!({"caps": [{"most": 1, "per": "day"}]})).await;
        let li = house.member_in("li", "UTC").await;
        let du = house.member_in("du", "UTC").await;
        house.other_side.answers([Outcome::Retry { reason: "451".to_owned(), after: None }]);
        let retried = house.queue_at(du, "du", NORMAL).await;
        house.round().await;
        house.queue_at(li, "li", NORMAL).await;
        let capped = house.queue_at(li, "li", NORMAL).await;
        house.round().await;
        house.post(&format!("/api/v1/channels/{}/pause", house.channel), json!({})).await;
        let wang = house.member_in("wang", "UTC").await;
        let low = house.queue_at(wang, "wang", LOW).await;
        let high = house.queue_at(wang, "wang", HIGH).await;
        let later = house.queue_at(wang, "wang", HIGH).await;
        house.set_due(later, "2027-09-22T08:00:00Z").await;
        let all = [high, low, retried, capped, later];
        let codes = |codes: [&'static str; 5]| all.into_iter().zip(codes).collect::<Vec<_>>();
        let paused = codes(["channel_paused"; 5]);
        for limit in [1, 2, 3, 50] {
            assert_eq!(house.queue_order("", limit).await, named(&paused), "{limit} at a time");
        }
        house.post(&format!("/api/v1/channels/{}/resume", house.channel), json!({})).await;
        let expected = codes(["due", "higher_priority", "retry", "frequency_cap", "scheduled"]);
        assert_eq!(house.queue_order("", 2).await, named(&expected));
        let of_li = house.queue_order(&format!("&member={li}"), 1).await;
        assert_eq!(of_li, named(&[(capped, "frequency_cap")]));
        let of_wang = house.queue_order(&format!("&member={wang}&channel={}", house.channel), 1).await;
        assert_eq!(of_wang, named(&[(high, "due"), (low, "higher_priority"), (later, "scheduled")]));
        assert_eq!(house.queue_order(&format!("&journey={}", JourneyId(8)), 5).await, []);
        let overview = house.get("/api/v1/outbox").await.json()["channels"][0].clone();
        assert_eq!((&overview["queued"], &overview["due"]), (&json!(5), &json!(2)));
        assert_eq!(overview["waits_for"], json!({"frequency_cap": 1}));
        assert_eq!(overview["drained_in_seconds"], json!(2.0 / 10_000.0));
        assert_eq!(overview["oldest_queued_at"], "2027-09-20T08:00:00.000Z");
        let wrong = house.get("/api/v1/outbox/queue?cursor=nonsense").await;
        assert_eq!(wrong.json()["code"], "invalid_cursor");
    })
    .await;
}

#[tokio::test]
async fn completion_adds_up_at_every_moment() {
    on_every_database(|house| async move {
        let member = house.member("a", "a@shop.example").await;
        let outcomes = || {
            [
                Outcome::Accepted { provider_id: None },
                Outcome::Refused { reason: "550".to_owned(), suppress: false },
                Outcome::Unknown { reason: "lost".to_owned() },
                Outcome::Retry { reason: "451".to_owned(), after: None },
            ]
        };
        let mut asked_for = 0;
        for round in 0..3 {
            house.other_side.answers(outcomes());
            for address in ["a@shop.example", "a@shop.example", "", "a@shop.example", "a@shop.example"] {
                house.queue(member, address).await;
                asked_for += 1;
            }
            for _ in 0..2 {
                let summary = house.summary().await;
                let parts =
                    ["waiting", "sending", "sent", "bounced", "refused", "failed", "unknown", "expired", "cancelled"];
                let sum: i64 = parts.iter().map(|part| summary[part].as_i64().unwrap()).sum();
                assert_eq!((summary["audience"].as_i64().unwrap(), sum), (asked_for, asked_for), "{round}: {summary}");
                house.round().await;
            }
            house.advance(3_600);
        }
        let summary = house.summary().await;
        assert_eq!(summary["reasons"]["suppressed"]["no_address"], 3);
        assert_eq!(summary["unknown"], 3);
    })
    .await;
}

#[tokio::test]
async fn what_waits_is_cancelled_by_hand_one_or_many_with_the_number_beforehand() {
    on_every_database(|house| async move {
        let member = house.member("a", "a@shop.example").await;
        let mut rows = Vec::new();
        for _ in 0..4 {
            rows.push(house.queue(member, "a@shop.example").await);
        }
        let uri = format!("/api/v1/deliveries/{}/cancel", rows[0]);
        assert_eq!(house.post(&uri, json!({})).await.json()["state"], "cancelled");
        assert_eq!(house.post(&uri, json!({})).await.json()["code"], "wrong_state");
        assert_eq!(house.history(rows[0]).await, ["cancelled"]);
        let ask = |body: Value| house.post("/api/v1/deliveries/cancel", body);
        assert_eq!(ask(json!({"dry_run": true})).await.json()["code"], "invalid_body");
        let which = json!({"channel": house.channel, "topic": "marketing", "member": member, "dry_run": true});
        let before = ask(which).await.json();
        assert_eq!((&before["matching"], &before["cancelled"]), (&json!(3), &json!(0)));
        assert_eq!(ask(json!({"topic": "other"})).await.json()["cancelled"], 0);
        let after = ask(json!({"journey": JourneyId(7)})).await.json();
        assert_eq!((&after["cancelled"], &after["more"]), (&json!(3), &json!(false)));
        house.round().await;
        assert_eq!(house.other_side.count(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_person_settles_what_is_unknown_and_only_he_has_it_sent_again() {
    on_every_database(|house| async move {
        let member = house.member("a", "a@shop.example").await;
        let mut rows = Vec::new();
        for _ in 0..4 {
            rows.push(house.queue(member, "a@shop.example").await);
        }
        house.other_side.answers((0..4).map(|_| Outcome::Unknown { reason: "lost".to_owned() }));
        house.round().await;
        let settle = |row: DeliveryId, body: Value| {
            let house = house.clone();
            async move { house.post(&format!("/api/v1/deliveries/{row}/settle"), body).await.json() }
        };
        let wrong = settle(rows[0], json!({"outcome": "accepted", "send_again": true})).await;
        assert_eq!(wrong["code"], "invalid_body");
        let taken = settle(rows[0], json!({"outcome": "accepted", "note": "他说收到了"})).await;
        assert_eq!((&taken["state"], taken["accepted_at"].is_string()), (&json!("accepted"), true));
        assert_eq!(house.facts().await, ["Email Sent"]);
        let lost = settle(rows[1], json!({"outcome": "not_sent"})).await;
        assert_eq!((&lost["state"], &lost["reason"]), (&json!("failed"), &json!("settled_not_sent")));
        // Four days later, when it would be stale, it is sent because somebody wants it.
        house.advance(4 * 86_400);
        assert_eq!(settle(rows[2], json!({"outcome": "not_sent", "send_again": true})).await["state"], "queued");
        assert_eq!(settle(rows[2], json!({"outcome": "accepted"})).await["code"], "wrong_state");
        house.round().await;
        assert_eq!(
            house.fates(&rows).await,
            ["accepted", "failed/settled_not_sent", "accepted", "unknown/outcome_unknown"]
        );
        assert_eq!(house.other_side.count(), 5, "the fourth is not sent again by guess");
        let details = house.details(rows[0]).await;
        assert_eq!(details.last().unwrap(), "accepted: settled by user:test: 他说收到了");
    })
    .await;
}
