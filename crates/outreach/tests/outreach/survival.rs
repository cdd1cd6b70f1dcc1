//! Crashes, restarts, and more than one process: nobody gets a message twice.

use std::{collections::HashMap, sync::atomic::Ordering};

use base::Clock;
use channels::Outcome;
use tokio::sync::oneshot;

use crate::house::on_every_database;

#[tokio::test]
async fn what_was_under_way_when_the_process_died_is_unknown_and_never_sent_again() {
    on_every_database(|house| async move {
        let member = house.member("a", "a@shop.example").await;
        let delivery = house.queue(member, "a@shop.example").await;
        house.other_side.hangs.store(true, Ordering::SeqCst);
        let outbox = house.outbox.clone();
        let process = tokio::spawn(async move { outbox.run_once().await });
        house.other_side.got_one.notified().await;
        process.abort();
        assert_eq!(house.fate(delivery).await, "sending", "committed before it left");

        house.other_side.hangs.store(false, Ordering::SeqCst);
        house.advance(1);
        let next = house.restarted().await;
        assert_eq!(next.outbox.recover().await.unwrap(), 1);
        assert_eq!(next.fate(delivery).await, "unknown/process_ended");
        next.advance(100 * 3_600);
        next.outbox.run_once().await.unwrap();
        assert_eq!(next.other_side.sent().len(), 1);
        assert_eq!(next.history(delivery).await, ["sending", "unknown"]);
    })
    .await;
}

#[tokio::test]
async fn a_channel_that_drops_repetitions_is_given_the_message_again() {
    on_every_database(|house| async move {
        house.other_side.drops_repetitions.store(true, Ordering::SeqCst);
        let member = house.member("a", "a@shop.example").await;
        let delivery = house.queue(member, "a@shop.example").await;
        house.other_side.hangs.store(true, Ordering::SeqCst);
        let outbox = house.outbox.clone();
        let process = tokio::spawn(async move { outbox.run_once().await });
        house.other_side.got_one.notified().await;
        process.abort();
        house.other_side.hangs.store(false, Ordering::SeqCst);
        let next = house.restarted().await;
        next.outbox.recover().await.unwrap();
        assert_eq!(next.fate(delivery).await, "queued");
        next.outbox.run_once().await.unwrap();
        assert_eq!(next.fate(delivery).await, "accepted");
        assert_eq!(next.other_side.sent().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn an_unknown_outcome_is_not_tried_again_by_guess() {
    on_every_database(|house| async move {
        house.other_side.answers([Outcome::Unknown { reason: "the connection broke after DATA".to_owned() }]);
        let (delivery, _) = house.one_sent("a", "a@shop.example").await;
        assert_eq!(house.fate(delivery).await, "unknown/outcome_unknown");
        house.advance(100 * 3_600);
        house.restarted().await.outbox.run_once().await.unwrap();
        assert_eq!(house.other_side.sent().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn two_outboxes_at_once_send_each_message_once() {
    on_every_database(|house| async move {
        let mut deliveries = Vec::new();
        for number in 0..120 {
            let address = format!("m{number}@shop.example");
            let member = house.member(&number.to_string(), &address).await;
            deliveries.push(house.queue(member, &address).await);
        }
        let other = house.restarted().await;
        let mut left = deliveries.len();
        for _ in 0..100 {
            let (first, second) = tokio::join!(house.outbox.run_once(), other.outbox.run_once());
            // A deadlock between the two on PostgreSQL fails a round, and the next one goes on.
            left -= first.map_or(0, |p| p.accepted) + second.map_or(0, |p| p.accepted);
            if left == 0 {
                break;
            }
            house.advance(1);
        }
        let mut times: HashMap<_, usize> = HashMap::new();
        for message in house.other_side.sent() {
            *times.entry(message.delivery).or_default() += 1;
        }
        assert_eq!(times.len(), deliveries.len());
        assert!(times.values().all(|times| *times == 1));
        for delivery in deliveries {
            assert_eq!(house.fate(delivery).await, "accepted");
        }
    })
    .await;
}

#[tokio::test]
async fn an_adapter_that_panics_leaves_an_unknown_message_and_a_living_outbox() {
    on_every_database(|house| async move {
        house.other_side.panics.store(true, Ordering::SeqCst);
        let (first, _) = house.one_sent("a", "a@shop.example").await;
        house.other_side.panics.store(false, Ordering::SeqCst);
        let (second, _) = house.one_sent("b", "b@shop.example").await;
        assert_eq!(house.fate(first).await, "unknown/outcome_unknown");
        assert_eq!(house.fate(second).await, "accepted");
    })
    .await;
}

#[tokio::test]
async fn a_running_outbox_sends_when_it_is_woken_and_stops_when_told() {
    on_every_database(|house| async move {
        let (stop, stopped) = oneshot::channel::<()>();
        let outbox = house.outbox.clone();
        let running = tokio::spawn(outbox.run(async move {
            let _ = stopped.await;
        }));
        let member = house.member("a", "a@shop.example").await;
        let mut deliveries = Vec::new();
        for _ in 0..40 {
            deliveries.push(house.queue(member, "a@shop.example").await);
        }
        house.outreach.wake.notify_one();
        while house.other_side.sent().len() < deliveries.len() {
            house.other_side.got_one.notified().await;
        }
        stop.send(()).unwrap();
        running.await.unwrap();
        for delivery in deliveries {
            assert_eq!(house.fate(delivery).await, "accepted", "recorded before the end");
        }
    })
    .await;
}

#[tokio::test]
async fn what_a_dead_neighbour_left_is_unknown_after_an_hour_and_a_late_outcome_is_still_recorded() {
    on_every_database(|house| async move {
        let member = house.member("a", "a@shop.example").await;
        let (lost, late) = (house.queue(member, "a@shop.example").await, house.queue(member, "a@shop.example").await);
        let waits = house.queue(member, "a@shop.example").await;
        let values = vec![lost.0.into(), house.clock.now().millis().into()];
        house.run("UPDATE deliveries SET state = 'sending', claimed_at = $2 WHERE id = $1", values).await;
        house.set_due(waits, "2027-01-01T00:00:00Z").await;
        house.other_side.hangs.store(true, Ordering::SeqCst);
        let outbox = house.outbox.clone();
        let slow = tokio::spawn(async move { outbox.run_once().await });
        house.other_side.got_one.notified().await;
        let neighbour = house.restarted().await;
        for (seconds, fate) in [(3_500, "sending"), (200, "unknown/process_ended")] {
            house.advance(seconds);
            neighbour.outbox.run_once().await.unwrap();
            assert_eq!(house.fates(&[lost, late, waits]).await, [fate, fate, "queued"]);
        }
        house.other_side.hangs.store(false, Ordering::SeqCst);
        house.other_side.goes_on.notify_waiters();
        slow.await.unwrap().unwrap();
        assert_eq!(house.fates(&[lost, late]).await, ["unknown/process_ended", "accepted"]);
        assert_eq!(house.other_side.count(), 1);
    })
    .await;
}
