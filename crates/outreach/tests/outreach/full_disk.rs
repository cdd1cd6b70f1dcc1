//! A disk without room, just when it is to be written down what became of messages.

use std::sync::atomic::Ordering;

use base::ids::DeliveryId;
use channels::Outcome;
use store::Sql;
use testing::TestDatabase;
use tokio::sync::oneshot;

use crate::house::House;

/// Messages on the wire when the disk is full: as many as the channel sends at once.
const ON_THE_WIRE: usize = 8;

impl House {
    async fn fill_the_disk(&self) {
        let tx = self.db.begin().await.unwrap();
        let pages: Option<i64> = tx.scalar("PRAGMA page_count", vec![]).await.unwrap();
        let limit = pages.unwrap();
        let _: Option<i64> = tx.scalar(&format!("PRAGMA max_page_count = {limit}"), vec![]).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn make_room(&self) {
        let tx = self.db.begin().await.unwrap();
        let _: Option<i64> = tx.scalar("PRAGMA max_page_count = 4294967294", vec![]).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Messages whose refusals are too long for the room that is left.
    async fn long_stories(&self) -> Vec<DeliveryId> {
        let refused = || Outcome::Refused { reason: "554 ".repeat(20_000), suppress: false };
        self.other_side.answers((0..ON_THE_WIRE).map(|_| refused()));
        let mut queued = Vec::new();
        for number in 0..ON_THE_WIRE {
            let address = format!("m{number}@shop.example");
            let member = self.member(&number.to_string(), &address).await;
            queued.push(self.queue(member, &address).await);
        }
        self.other_side.hangs.store(true, Ordering::SeqCst);
        queued
    }

    async fn are_on_the_wire(&self) {
        while self.other_side.count() < ON_THE_WIRE {
            self.other_side.got_one.notified().await;
        }
    }

    async fn let_go(&self) {
        self.other_side.hangs.store(false, Ordering::SeqCst);
        self.other_side.goes_on.notify_waiters();
    }
}

#[tokio::test]
async fn what_left_while_the_disk_was_full_is_recorded_when_there_is_room() {
    let database = TestDatabase::sqlite().await;
    let house = House::open(database).await;
    let deliveries = house.long_stories().await;
    let (stop, stopped) = oneshot::channel::<()>();
    let running = tokio::spawn(house.outbox.clone().run(async move {
        let _ = stopped.await;
    }));
    house.outreach.wake.notify_one();
    house.are_on_the_wire().await;
    house.fill_the_disk().await;
    house.let_go().await;
    // It is tried again and again.
    for seconds in 0..400 {
        if seconds == 20 {
            house.make_room().await;
        }
        house.advance(1);
        house.fates(&deliveries).await;
    }
    stop.send(()).unwrap();
    running.await.unwrap();
    for delivery in &deliveries {
        assert_eq!(house.fate(*delivery).await, "failed/refused");
    }
    assert_eq!(house.other_side.count(), ON_THE_WIRE, "none was sent twice");
}

#[tokio::test]
async fn what_left_while_the_disk_was_full_is_unknown_when_the_process_dies() {
    let database = TestDatabase::sqlite().await;
    let house = House::open(database).await;
    let deliveries = house.long_stories().await;
    let outbox = house.outbox.clone();
    let round = tokio::spawn(async move { outbox.run_once().await });
    house.are_on_the_wire().await;
    house.fill_the_disk().await;
    house.let_go().await;
    let error = round.await.unwrap().unwrap_err();
    assert!(store::is_disk_full(&error), "{error}");
    // The clock went ahead, and was put right before the next process.
    house.run("UPDATE deliveries SET claimed_at = claimed_at + 86400000 WHERE state = 'sending'", vec![]).await;
    house.advance(1);
    let next = house.restarted().await;
    assert_eq!(next.outbox.recover().await.unwrap(), ON_THE_WIRE as u64);
    for _ in 0..3 {
        next.advance(100 * 3_600);
        next.round().await;
    }
    for delivery in &deliveries {
        assert_eq!(next.fate(*delivery).await, "unknown/process_ended");
        assert_eq!(next.history(*delivery).await, ["sending", "unknown"]);
    }
    assert_eq!(house.other_side.count(), ON_THE_WIRE, "none was sent twice");
}
