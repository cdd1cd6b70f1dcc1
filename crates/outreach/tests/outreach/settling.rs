//! What nobody knows is settled by a report or by a person, and never by guess.

use base::ids::DeliveryId;
use channels::Outcome;
use outreach::outbox::{SettleError, Settlement, settle::settle};
use serde_json::json;

use crate::house::{HOOK_SECRET, House, on_every_database};

impl House {
    async fn one_unknown(&self, name: &str) -> DeliveryId {
        self.other_side.answers([Outcome::Unknown { reason: "the connection broke after DATA".to_owned() }]);
        let (delivery, _) = self.one_sent(name, &format!("{name}@shop.example")).await;
        assert_eq!(self.fate(delivery).await, "unknown/outcome_unknown");
        delivery
    }

    async fn settled(&self, delivery: DeliveryId, settlement: Settlement) -> Result<(), SettleError> {
        let tx = self.db.begin().await.unwrap();
        settle(&tx, &self.outreach, delivery, settlement, "user:anna", "the log\nsays so").await?;
        tx.commit().await.unwrap();
        Ok(())
    }

    async fn report(&self, body: serde_json::Value) -> u16 {
        let body = body.to_string().into_bytes();
        let secret = channels::webhook::Secret::parse(HOOK_SECRET).unwrap();
        let seconds = base::Clock::now(&self.clock).millis() / 1_000;
        let signature = secret.sign("report-1", seconds, &body);
        let headers = [
            ("content-type", "application/json"),
            ("webhook-id", "report-1"),
            ("webhook-timestamp", &seconds.to_string()),
            ("webhook-signature", &signature),
        ];
        self.request("POST", &format!("/hooks/email/{}", self.channel), &headers, body).await.status.as_u16()
    }
}

#[tokio::test]
async fn a_person_says_that_it_was_taken_or_not_and_whether_to_send_it_again() {
    on_every_database(|house| async move {
        let (taken, lost, dropped) =
            (house.one_unknown("a").await, house.one_unknown("b").await, house.one_unknown("c").await);
        house.settled(taken, Settlement::Accepted).await.unwrap();
        house.settled(lost, Settlement::NotSent { send_again: true }).await.unwrap();
        house.settled(dropped, Settlement::NotSent { send_again: false }).await.unwrap();
        assert_eq!(house.fate(taken).await, "accepted");
        assert_eq!(house.last_words(taken).await, "settled by user:anna: the log says so");
        assert_eq!(house.fate(lost).await, "queued");
        assert_eq!(house.fate(dropped).await, "failed/settled_not_sent");
        house.outbox.run_once().await.unwrap();
        assert_eq!(house.fate(lost).await, "accepted");
        assert_eq!(house.history(lost).await, ["sending", "unknown", "queued", "sending", "accepted"]);
        assert_eq!(house.other_side.count(), 4);
        assert_eq!(house.facts().await, ["Email Sent", "Email Sent"]);
    })
    .await;
}

#[tokio::test]
async fn only_what_is_unknown_is_settled_and_only_once() {
    on_every_database(|house| async move {
        let unknown = house.one_unknown("a").await;
        let (known, _) = house.one_sent("b", "b@shop.example").await;
        let refused = house.settled(known, Settlement::Accepted).await.unwrap_err();
        assert!(matches!(&refused, SettleError::NotUnknown { state } if state == "accepted"), "{refused}");
        house.settled(unknown, Settlement::NotSent { send_again: false }).await.unwrap();
        let refused = house.settled(unknown, Settlement::NotSent { send_again: true }).await.unwrap_err();
        assert!(matches!(&refused, SettleError::NotUnknown { state } if state == "failed"), "{refused}");
        let refused = house.settled(DeliveryId(404), Settlement::Accepted).await.unwrap_err();
        assert!(matches!(refused, SettleError::NotFound));
        let stays = house.one_unknown("c").await;
        house.request("DELETE", &format!("/api/v1/channels/{}", house.channel), &[], vec![]).await;
        let refused = house.settled(stays, Settlement::NotSent { send_again: true }).await.unwrap_err();
        assert!(matches!(refused, SettleError::ChannelDeleted));
        assert_eq!(house.fate(stays).await, "unknown/outcome_unknown");
    })
    .await;
}

#[tokio::test]
async fn a_report_of_the_platform_settles_it_and_is_taken_over() {
    on_every_database(|house| async move {
        for (kind, fate, history) in [
            ("delivered", "delivered", ["sending", "unknown", "accepted", "delivered"]),
            ("bounce", "bounced/bounced", ["sending", "unknown", "accepted", "bounced"]),
        ] {
            let delivery = house.one_unknown(kind).await;
            let status = house.report(json!({"type": kind, "delivery": delivery.to_string()})).await;
            assert!((200..300).contains(&status), "{status}");
            assert_eq!(house.fate(delivery).await, fate);
            assert_eq!(house.history(delivery).await, history);
            // What is settled is not sent again.
            house.advance(86_400);
            assert_eq!(house.outbox.run_once().await.unwrap().claimed, 0);
        }
        assert_eq!(house.facts().await, ["Email Sent", "Email Delivered", "Email Sent", "Email Bounced"]);
    })
    .await;
}

#[tokio::test]
async fn what_a_person_has_sent_again_begins_anew_with_its_attempts_and_its_time() {
    on_every_database(|house| async move {
        let member = house.member("a", "a@shop.example").await;
        let delivery = house.queue(member, "a@shop.example").await;
        let later =
            || Outcome::Retry { reason: "451 later".to_owned(), after: Some(std::time::Duration::from_secs(60)) };
        let lost = || Outcome::Unknown { reason: "lost".to_owned() };
        house.other_side.answers([later(), later(), lost()]);
        for _ in 0..3 {
            house.outbox.run_once().await.unwrap();
            house.advance(900);
        }
        assert_eq!(house.fate(delivery).await, "unknown/outcome_unknown");
        // Longer than anything is tried.
        house.advance(5 * 86_400);
        house.settled(delivery, Settlement::NotSent { send_again: true }).await.unwrap();
        house.other_side.answers((0..8).map(|_| later()));
        house.outbox.run_once().await.unwrap();
        assert_eq!(house.fate(delivery).await, "queued", "one failure does not end it");
        let said = house.last_words(delivery).await;
        assert!(said.contains("attempt 1 of 8"), "{said}");
        let mut attempts = 1;
        while house.fate(delivery).await == "queued" {
            house.advance(3_600);
            attempts += house.outbox.run_once().await.unwrap().claimed;
        }
        assert_eq!(house.fate(delivery).await, "failed/retries_exhausted");
        assert_eq!(attempts, 8);
        assert_eq!(house.row(delivery).await.attempts, 11, "all are told");
    })
    .await;
}
