//! Dead destinations: they slow nobody, and cost no message an attempt that did not leave.

use base::ids::{ChannelId, DeliveryId};
use channels::Outcome;
use outreach::outbox::{BreakerState, channel_states, doctor};
use serde_json::json;
use std::{sync::atomic::Ordering, time::Duration};
use store::Sql;
use tokio::sync::oneshot;

use crate::{
    house::{House, on_every_database},
    other_servers::{Answer, HttpServer},
};

fn silence() -> Outcome {
    Outcome::Retry { reason: "cannot connect: refused".to_owned(), after: None }
}

impl House {
    async fn queue_many(&self, channel: ChannelId, messages: usize) -> Vec<DeliveryId> {
        let member = self.member(&channel.to_string(), "").await;
        let mut queued = Vec::new();
        for _ in 0..messages {
            queued.push(self.queue_webhook(member, channel, json!({})).await);
        }
        queued
    }

    /// How many messages of a channel there are in each state, with their attempts.
    async fn tally(&self, channel: ChannelId, state: &str, attempts: i64) -> i64 {
        let counted: Option<i64> = self
            .db
            .read()
            .scalar(
                "SELECT COUNT(*) FROM deliveries WHERE channel_id = $1 AND state = $2 AND attempts = $3",
                vec![channel.0.into(), state.into(), attempts.into()],
            )
            .await
            .unwrap();
        counted.unwrap()
    }

    fn breaker(&self, channel: ChannelId) -> BreakerState {
        channel_states(&self.outreach).into_iter().find(|state| state.channel == channel).unwrap().breaker
    }

    async fn complaints(&self) -> Vec<i64> {
        let found = doctor::complaints(self.db.read(), base::Clock::now(&self.clock)).await.unwrap();
        found.into_iter().map(|complaint| complaint.count).collect()
    }
}

#[tokio::test]
async fn a_destination_that_hangs_keeps_its_own_workers_waiting_and_nobody_else() {
    on_every_database(|house| async move {
        let dead = HttpServer::start(Answer::Hang).await;
        let well = HttpServer::start(Answer::status(204, "", "")).await;
        let hangs = house.webhook(&dead.url("/"), json!({"concurrency": 4, "timeout_seconds": 60})).await;
        let works = house.webhook(&well.url("/"), json!({"concurrency": 4})).await;
        let stuck = house.queue_many(hangs, 600).await;
        let sent = house.queue_many(works, 600).await;
        let outbox = house.outbox.clone();
        let running = tokio::spawn(outbox.run(std::future::pending()));
        while house.tally(works, "accepted", 1).await < sent.len() as i64 {
            tokio::task::yield_now().await;
        }
        assert_eq!(well.requests().len(), sent.len());
        assert!(dead.requests().len() <= 4, "no more than its concurrency is on the wire");
        let claimed = house.tally(hangs, "sending", 1).await;
        assert!(claimed <= 4 + 256, "{claimed} of {} were claimed for the dead one", stuck.len());
        running.abort();
    })
    .await;
}

#[tokio::test]
async fn when_nobody_is_there_what_had_not_left_is_given_back_and_one_message_tries() {
    on_every_database(|house| async move {
        let channel = house.channel;
        let mut deliveries = Vec::new();
        let member = house.member("a", "a@shop.example").await;
        for _ in 0..60 {
            deliveries.push(house.queue(member, "a@shop.example").await);
        }
        house.other_side.answers((0..60).map(|_| silence()));
        house.outbox.run_once().await.unwrap();
        assert_eq!(house.other_side.count(), 5, "then it is left alone");
        assert_eq!(house.tally(channel, "queued", 1).await, 5);
        assert_eq!(house.tally(channel, "queued", 0).await, 55, "no attempt is counted");
        assert_eq!(house.fate(deliveries[59]).await, "queued/breaker");
        assert_eq!(house.history(deliveries[59]).await, ["sending", "queued"]);
        assert_eq!(house.breaker(channel), BreakerState::Open);
        assert_eq!(house.complaints().await[0], 1, "the doctor knows");
        let shown = house.get(&format!("/api/v1/channels/{channel}")).await.json();
        assert_eq!(shown["health"]["problem"], "cannot connect: refused");

        house.advance(10);
        assert_eq!(house.outbox.run_once().await.unwrap().claimed, 1, "one alone tries");
        assert_eq!(house.other_side.count(), 6);
        house.advance(19);
        assert_eq!(house.outbox.run_once().await.unwrap().claimed, 0, "the pause is longer now");
        house.other_side.script.lock().unwrap().clear();
        house.advance(1);
        house.outbox.run_once().await.unwrap();
        assert_eq!(house.breaker(channel), BreakerState::Closed);
        house.advance(60);
        house.outbox.run_once().await.unwrap();
        for delivery in deliveries {
            assert_eq!(house.fate(delivery).await, "accepted");
        }
        assert_eq!(house.complaints().await[0], 0);
        assert!(house.get(&format!("/api/v1/channels/{channel}")).await.json()["health"].is_null());
    })
    .await;
}

#[tokio::test]
async fn a_dead_port_opens_the_breaker_of_its_own_channel() {
    on_every_database(|house| async move {
        let well = HttpServer::start(Answer::status(200, "", "")).await;
        let dead = house.webhook("http://127.0.0.1:1/", json!({"concurrency": 1})).await;
        let works = house.webhook(&well.url("/"), json!({})).await;
        house.queue_many(dead, 40).await;
        house.queue_many(works, 40).await;
        house.outbox.run_once().await.unwrap();
        assert_eq!((house.breaker(dead), house.breaker(works)), (BreakerState::Open, BreakerState::Closed));
        assert_eq!((house.tally(dead, "queued", 1).await, house.tally(dead, "queued", 0).await), (5, 35));
        assert_eq!((house.tally(works, "accepted", 1).await, well.requests().len()), (40, 40));
        // Another process begins with closed breakers, and says so.
        let next = house.restarted().await;
        next.outbox.recover().await.unwrap();
        assert_eq!(next.complaints().await[0], 0);
    })
    .await;
}

#[tokio::test]
async fn one_poisonous_message_opens_nothing() {
    on_every_database(|house| async move {
        let fails = HttpServer::start(Answer::status(500, "", "no")).await;
        let channel = house.webhook(&fails.url("/"), json!({"concurrency": 1})).await;
        house.queue_many(channel, 12).await;
        house.outbox.run_once().await.unwrap();
        assert_eq!(house.breaker(channel), BreakerState::Closed, "somebody is there and answers");
        assert_eq!(house.tally(channel, "queued", 1).await, 12);
    })
    .await;
}

#[tokio::test]
async fn a_destination_that_gets_too_much_is_left_alone_for_as_long_as_it_asks() {
    on_every_database(|house| async move {
        let busy = HttpServer::start(Answer::status(429, "Retry-After: 120\r\n", "")).await;
        let channel = house.webhook(&busy.url("/"), json!({"concurrency": 1})).await;
        let deliveries = house.queue_many(channel, 20).await;
        house.outbox.run_once().await.unwrap();
        assert_eq!(busy.requests().len(), 1, "nobody else goes there for two minutes");
        assert_eq!((house.tally(channel, "queued", 1).await, house.tally(channel, "queued", 0).await), (1, 19));
        assert_eq!(house.breaker(channel), BreakerState::Closed);
        let said = house.last_words(deliveries[0]).await;
        assert!(said.contains("attempt 1 of 30"), "{said}");
        house.advance(119);
        assert_eq!(house.outbox.run_once().await.unwrap().claimed, 0);
        house.advance(1);
        assert!(house.outbox.run_once().await.unwrap().claimed > 0);
    })
    .await;
}

#[tokio::test]
async fn an_edited_channel_keeps_what_its_bucket_holds_and_its_open_breaker() {
    on_every_database(|house| async move {
        let uri = format!("/api/v1/channels/{}", house.channel);
        let edit = async |burst: u32| {
            let config = json!({"host": "x", "password": "•••", "hook_secret": "•••", "burst": burst});
            let changed = house.send_json("PATCH", &uri, json!({"config": config})).await;
            assert_eq!(changed.status, 200, "{}", changed.text());
        };
        edit(5).await;
        let member = house.member("a", "a@shop.example").await;
        for _ in 0..40 {
            house.queue(member, "a@shop.example").await;
        }
        house.outbox.run_once().await.unwrap();
        assert_eq!(house.other_side.count(), 5);
        for burst in [6, 500, 7] {
            edit(burst).await;
            house.outbox.run_once().await.unwrap();
            assert_eq!(house.other_side.count(), 5, "an edit brings no burst");
        }
        house.advance(1);
        house.other_side.answers([Outcome::Broken { reason: "535 no".to_owned() }]);
        house.outbox.run_once().await.unwrap();
        assert_eq!(house.other_side.count(), 6);
        edit(8).await;
        house.advance(1);
        house.outbox.run_once().await.unwrap();
        assert_eq!(house.other_side.count(), 6, "the breaker stays open");
        assert_eq!(house.get(&uri).await.json()["health"]["problem"], "535 no");
        let refused = house.send_json("PATCH", &uri, json!({"config": {"host": "x", "burst": 0}})).await.json();
        assert_eq!(refused["errors"][0]["path"], "config.burst");
    })
    .await;
}

#[tokio::test]
async fn what_was_ready_for_a_channel_that_is_paused_waits_again() {
    on_every_database(|house| async move {
        let member = house.member("a", "a@shop.example").await;
        let mut deliveries = Vec::new();
        for _ in 0..20 {
            deliveries.push(house.queue(member, "a@shop.example").await);
        }
        house.other_side.hangs.store(true, Ordering::SeqCst);
        let outbox = house.outbox.clone();
        let running = tokio::spawn(outbox.run(std::future::pending()));
        while house.other_side.count() < 8 {
            house.other_side.got_one.notified().await;
        }
        house.post(&format!("/api/v1/channels/{}/pause", house.channel), json!({})).await;
        while house.tally(house.channel, "queued", 0).await < 12 {
            tokio::task::yield_now().await;
        }
        assert_eq!(house.fate(deliveries[19]).await, "queued/channel_paused");
        assert_eq!(house.other_side.count(), 8);
        running.abort();
    })
    .await;
}

#[tokio::test]
async fn a_process_that_ends_in_good_order_gives_back_what_had_not_left() {
    on_every_database(|house| async move {
        let member = house.member("a", "a@shop.example").await;
        for _ in 0..20 {
            house.queue(member, "a@shop.example").await;
        }
        house.other_side.hangs.store(true, Ordering::SeqCst);
        let (stop, stopped) = oneshot::channel::<()>();
        let outbox = house.outbox.clone();
        let running = tokio::spawn(outbox.run(async move {
            let _ = stopped.await;
        }));
        while house.other_side.count() < 8 {
            house.other_side.got_one.notified().await;
        }
        stop.send(()).unwrap();
        while house.tally(house.channel, "queued", 0).await < 12 {
            tokio::task::yield_now().await;
        }
        house.other_side.goes_on.notify_waiters();
        running.await.unwrap();
        assert_eq!(house.tally(house.channel, "accepted", 1).await, 8);
        assert_eq!(house.restarted().await.outbox.recover().await.unwrap(), 0, "nothing is unknown");
    })
    .await;
}

#[tokio::test]
async fn deleting_a_channel_says_first_how_many_messages_would_be_cancelled() {
    on_every_database(|house| async move {
        let member = house.member("a", "a@shop.example").await;
        let mut deliveries = Vec::new();
        for _ in 0..3 {
            deliveries.push(house.queue(member, "a@shop.example").await);
        }
        let uri = format!("/api/v1/channels/{}", house.channel);
        let dry = house.request("DELETE", &format!("{uri}?dry_run=true"), &[], vec![]).await;
        assert_eq!((dry.status.as_u16(), dry.json()), (200, json!({"queued": 3, "sending": 0})));
        assert_eq!(house.fate(deliveries[0]).await, "queued");
        assert_eq!(house.request("DELETE", &format!("{uri}?dry=true"), &[], vec![]).await.status, 400);
        assert_eq!(house.request("DELETE", &uri, &[], vec![]).await.status, 204);
        for delivery in deliveries {
            assert_eq!(house.fate(delivery).await, "cancelled/channel_deleted");
        }
        assert_eq!(house.request("DELETE", &format!("{uri}?dry_run=true"), &[], vec![]).await.status, 404);
    })
    .await;
}

#[tokio::test]
async fn the_doctor_counts_what_waits_and_what_is_unknown_for_more_than_a_day() {
    on_every_database(|house| async move {
        let member = house.member("a", "a@shop.example").await;
        house.other_side.answers([Outcome::Unknown { reason: "gone".to_owned() }]);
        house.queue(member, "a@shop.example").await;
        house.outbox.run_once().await.unwrap();
        house.queue(member, "a@shop.example").await;
        assert_eq!(house.complaints().await, [0, 0, 0]);
        house.clock.advance(Duration::from_secs(86_401));
        assert_eq!(house.complaints().await, [0, 1, 1]);
    })
    .await;
}
