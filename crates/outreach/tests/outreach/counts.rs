//! The lengths of the queues are those of the queues, whatever happens to messages.

use std::time::Duration;

use base::{
    Clock,
    ids::{ChannelId, DeliveryId, MemberId},
};
use channels::Outcome;
use serde_json::{Map, Value, json};
use store::{FromQueryResult, Sql};

use crate::house::{House, on_every_database};

#[derive(FromQueryResult)]
struct NaiveRow {
    waits_for: String,
    number: i64,
    due: i64,
    oldest: i64,
}

impl House {
    /// One of so many, by chance.
    fn one_of(&self, choices: usize) -> usize {
        ((self.ids.unit() * choices as f64) as usize).min(choices - 1)
    }

    /// What the overview should say of a channel, by reading the whole queue.
    async fn naive_length(&self, channel: ChannelId) -> Value {
        let rows: Vec<NaiveRow> = self
            .db
            .read()
            .all(
                "SELECT COALESCE(waits_for, reason, '') AS waits_for, COUNT(*) AS number,
                   CAST(SUM(CASE WHEN next_attempt_at <= $2 THEN 1 ELSE 0 END) AS BIGINT) AS due,
                   MIN(queued_at) AS oldest
                 FROM deliveries WHERE state = 'queued' AND channel_id = $1 GROUP BY COALESCE(waits_for, reason, '')",
                vec![channel.0.into(), self.clock.now().millis().into()],
            )
            .await
            .unwrap();
        let waits_for: Map<String, Value> = rows
            .iter()
            .filter(|row| !row.waits_for.is_empty())
            .map(|row| (row.waits_for.clone(), row.number.into()))
            .collect();
        let oldest = rows.iter().map(|row| row.oldest).min().map(base::Time::from_millis);
        json!({
            "queued": rows.iter().map(|row| row.number).sum::<i64>(), "due": rows.iter().map(|row| row.due).sum::<i64>(),
            "waits_for": waits_for, "oldest_queued_at": oldest,
        })
    }

    async fn lengths_are_right(&self, channels: &[ChannelId], after: &str) {
        let overview = self.get("/api/v1/outbox").await.json();
        for channel in channels {
            let shown =
                overview["channels"].as_array().unwrap().iter().find(|shown| shown["channel"] == json!(channel));
            let naive = self.naive_length(*channel).await;
            for (field, value) in naive.as_object().unwrap() {
                assert_eq!(&shown.unwrap()[field], value, "{field} of {channel} after {after}");
            }
        }
    }

    /// The state of one message by chance, if there is one.
    async fn any_in(&self, state: &str) -> Option<DeliveryId> {
        let sql = "SELECT id FROM deliveries WHERE state = $1 ORDER BY id % 7, id LIMIT 1";
        let id: Option<i64> = self.db.read().scalar(sql, vec![state.into()]).await.unwrap();
        id.map(DeliveryId)
    }

    async fn something_happens(&self, channels: &[ChannelId], members: &[MemberId]) -> &'static str {
        let channel = channels[self.one_of(channels.len())];
        match self.one_of(12) {
            0..=2 => {
                let member = members[self.one_of(members.len())];
                for _ in 0..=self.one_of(6) {
                    let id =
                        self.queue_as(member, "a@shop.example", "marketing", channel, "email", self.template).await;
                    let values = vec![id.0.into(), [10, 50, 90][self.one_of(3)].into()];
                    self.run("UPDATE deliveries SET priority = $2 WHERE id = $1", values).await;
                }
                "queueing"
            }
            3..=4 => {
                let later = || Outcome::Retry { reason: "451".to_owned(), after: None };
                let slow = || Outcome::NotNow {
                    reason: "domain_rate",
                    retry_after: Duration::from_millis(self.one_of(30_000) as u64),
                };
                let lost = || Outcome::Unknown { reason: "lost".to_owned() };
                let broken = || Outcome::Broken { reason: "535".to_owned() };
                let outcomes: Vec<Outcome> =
                    (0..self.one_of(6)).map(|_| [later(), slow(), lost(), broken()][self.one_of(4)].clone()).collect();
                self.other_side.answers(outcomes);
                self.round().await;
                "a round"
            }
            5 => {
                self.clock.advance(Duration::from_millis([1, 700, 9_999, 10_000, 61_000, 40_000_000][self.one_of(6)]));
                "waiting"
            }
            6 => {
                if let Some(id) = self.any_in("queued").await {
                    self.post(&format!("/api/v1/deliveries/{id}/cancel"), json!({})).await;
                }
                "cancelling"
            }
            7 => {
                if let Some(id) = self.any_in("unknown").await {
                    let again = json!({"outcome": "not_sent", "send_again": true});
                    self.post(&format!("/api/v1/deliveries/{id}/settle"), again).await;
                }
                "settling"
            }
            8 => {
                let verb = ["pause", "resume"][self.one_of(2)];
                self.post(&format!("/api/v1/channels/{channel}/{verb}"), json!({})).await;
                "pausing"
            }
            9 => {
                let most = self.one_of(4);
                let caps = if most == 0 { json!({}) } else { json!({"caps": [{"most": most, "per": "day"}]}) };
                self.decide(caps).await;
                "deciding"
            }
            10 => {
                // What is not committed has not happened, and what is deleted is gone.
                let tx = self.db.begin().await.unwrap();
                tx.run("UPDATE deliveries SET state = 'cancelled' WHERE state = 'queued'", vec![]).await.unwrap();
                drop(tx);
                if let Some(id) = self.any_in("queued").await {
                    self.run("DELETE FROM deliveries WHERE id = $1", vec![id.0.into()]).await;
                }
                "deleting"
            }
            _ => {
                self.other_side.drops_repetitions.store(self.one_of(2) == 0, std::sync::atomic::Ordering::SeqCst);
                self.run(
                    "UPDATE deliveries SET state = 'sending', claimed_at = 1 WHERE state = 'queued' AND id % 3 = 0",
                    vec![],
                )
                .await;
                self.outbox.recover().await.unwrap();
                "a crash"
            }
        }
    }
}

#[tokio::test]
async fn the_lengths_of_queues_are_right_after_whatever_happens() {
    on_every_database(|house| async move {
        let body = json!({"kind": "email", "name": "second", "config": {"host": "y"}});
        let second = house.post("/api/v1/channels", body).await.json()["id"].as_str().unwrap().parse().unwrap();
        let channels = [house.channel, second];
        let members = [house.member("li", "").await, house.member("du", "").await, house.member("wang", "").await];
        house.lengths_are_right(&channels, "nothing").await;
        for _ in 0..150 {
            let after = house.something_happens(&channels, &members).await;
            house.lengths_are_right(&channels, after).await;
        }
        // Added up, the same is left, and nothing that has come to nothing.
        for channel in channels {
            house.post(&format!("/api/v1/channels/{channel}/pause"), json!({})).await;
        }
        let untidy =
            "SELECT (SELECT COUNT(*) FROM outbox_changes) + (SELECT COUNT(*) FROM outbox_counts WHERE number <= 0)";
        let mut left = None;
        for _ in 0..5 {
            house.advance(11);
            house.round().await;
            house.lengths_are_right(&channels, "tidying").await;
            left = house.db.read().scalar::<i64>(untidy, vec![]).await.unwrap();
        }
        assert_eq!(left, Some(0));
    })
    .await;
}

#[tokio::test]
async fn a_queue_is_counted_without_being_read() {
    on_every_database(|house| async move {
        let member = house.member("a", "a@shop.example").await;
        let first = house.queue(member, "a@shop.example").await;
        let now = house.clock.now().millis();
        house
            .run(
                "INSERT INTO deliveries (id, workspace_id, member_id, channel_id, channel_kind, template_id, step, intent_key,
                   topic, address, variables_json, state, waits_for, reason, queued_at, next_attempt_at)
                 WITH RECURSIVE n (n) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT n + 1 FROM n WHERE n < 20000)
                 SELECT n, 1, d.member_id, d.channel_id, d.channel_kind, d.template_id, d.step, CAST(n AS TEXT), d.topic,
                   d.address, d.variables_json, 'queued', 'quiet_hours', 'quiet_hours', $2, $2 + 28800000
                 FROM n, deliveries d WHERE d.id = $1",
                vec![first.0.into(), now.into()],
            )
            .await;
        house.lengths_are_right(&[house.channel], "filling").await;
        let lines = "SELECT (SELECT COUNT(*) FROM outbox_changes) + (SELECT COUNT(*) FROM outbox_counts)";
        let lines: Option<i64> = house.db.read().scalar(lines, vec![]).await.unwrap();
        assert_eq!(lines, Some(2), "of 20,001 messages");
        let overview = house.get("/api/v1/outbox").await.json()["channels"][0].clone();
        assert_eq!((&overview["queued"], &overview["due"]), (&json!(20_001), &json!(1)));
        // At the very moment at which they are due, and a moment before.
        house.clock.advance(Duration::from_millis(28_799_999));
        house.lengths_are_right(&[house.channel], "waiting").await;
        house.clock.advance(Duration::from_millis(1));
        house.lengths_are_right(&[house.channel], "waiting to the end").await;
    })
    .await;
}
