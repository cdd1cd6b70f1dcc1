//! Mailboxes, counts of days, keys, and secrets inside of lists.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use axum::http::StatusCode;
use base::{Clock, ids::ChannelId};
use channels::DayCounts;
use outreach::email::{ChannelDays, Mailboxes};
use serde_json::json;
use store::Sql;
use tokio::sync::oneshot;

use crate::house::{House, on_every_database};

fn bounce_of(delivery: impl std::fmt::Display, seal: &str) -> Vec<u8> {
    format!(
        "From: mailer-daemon@mx.example\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\n\r\n\
         --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n\
         Action: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 no such user\r\n\r\n\
         --b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <{delivery}.{seal}@shop.example>\r\n\r\nHi\r\n--b--\r\n"
    )
    .into_bytes()
}

async fn status(house: &House) -> serde_json::Value {
    house.get(&format!("/api/v1/channels/{}/status", house.channel)).await.json()
}

#[tokio::test]
async fn a_mailbox_is_read_to_its_end_and_no_mail_counts_twice_after_a_restart() {
    on_every_database(|house| async move {
        let (delivery, message) = house.one_sent("a", "a@shop.example").await;
        let note = b"Auto-Submitted: auto-replied\r\nSubject: I am on holiday\r\n\r\nBack soon".to_vec();
        *house.other_side.arrived.lock().unwrap() = vec![
            (2, Some(note.clone())),
            (3, Some(bounce_of(delivery, &message.seal))),
            (5, None),
            (6, Some(bounce_of(delivery, "0123456789abcdef"))),
            (9, Some(note)),
        ];
        assert_eq!(Mailboxes::new(house.outreach.clone()).read_all_once().await.unwrap(), 1);
        assert_eq!(house.fate(delivery).await, "bounced/bounced");
        let next = house.restarted().await;
        next.outbox.run_once().await.unwrap();
        assert_eq!(Mailboxes::new(next.outreach.clone()).read_all_once().await.unwrap(), 0);
        let mailbox = status(&next).await["mailbox"].clone();
        assert_eq!(
            (&mailbox["reports"], &mailbox["others"], &mailbox["unreadable"]),
            (&json!(1), &json!(3), &json!(1))
        );
        assert_eq!(mailbox["problem"], json!(null));
        next.other_side.arrived.lock().unwrap().clear();
        Mailboxes::new(next.outreach.clone()).read_all_once().await.unwrap();
        let mailbox = status(&next).await["mailbox"].clone();
        assert_eq!((&mailbox["problem"], &mailbox["reports"]), (&json!("login: the server answered NO"), &json!(1)));
    })
    .await;
}

#[tokio::test]
async fn mail_is_read_when_its_server_tells_of_it_and_a_lost_connection_is_made_again() {
    on_every_database(|house| async move {
        let (first, one) = house.one_sent("a", "a@shop.example").await;
        let (second, two) = house.one_sent("b", "b@shop.example").await;
        let side = house.other_side.clone();
        side.tells.store(true, Ordering::SeqCst);
        *side.arrived.lock().unwrap() = vec![(2, None)];
        let (stop, stopped) = oneshot::channel::<()>();
        let until_stopped = async { stopped.await.unwrap() };
        let running = tokio::spawn(Mailboxes::new(house.outreach.clone()).run(until_stopped));
        side.is_watched.notified().await;
        side.arrived.lock().unwrap().push((3, Some(bounce_of(first, &one.seal))));
        side.news.notify_one();
        side.is_watched.notified().await;
        assert_eq!(house.fate(first).await, "bounced/bounced", "without waiting for any time to pass");
        // Without a connection nobody tells of mail; it is looked for as often as elsewhere.
        side.arrived.lock().unwrap().push((4, Some(bounce_of(second, &two.seal))));
        side.hangs_up.store(true, Ordering::SeqCst);
        side.news.notify_one();
        loop {
            house.advance(60);
            tokio::select! { biased; () = side.is_watched.notified() => break, () = tokio::task::yield_now() => {} }
        }
        assert_eq!(house.fate(second).await, "bounced/bounced");
        // Not every server tells of what came just before the waiting began: one waits briefly first, and ever longer.
        for seconds in [5, 10, 20] {
            house.advance(seconds);
            side.news.notify_one();
            side.is_watched.notified().await;
        }
        let waits: Vec<u64> = side.waits.lock().unwrap().iter().map(Duration::as_secs).collect();
        assert_eq!(waits, [5, 5, 5, 10, 20, 40]);
        stop.send(()).unwrap();
        running.await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn what_leaves_on_a_day_is_counted_once_and_days_are_those_of_the_workspace() {
    on_every_database(|house| async move {
        let counts = Arc::new(ChannelDays::new(house.db.clone(), house.clock.shared()));
        let zone = |zone: &'static str| {
            let house = house.clone();
            async move {
                let tx = house.db.begin().await.unwrap();
                let rename = "UPDATE workspaces SET time_zone = $1 WHERE id = $2";
                tx.run(rename, vec![zone.into(), house.workspace.0.into()]).await.unwrap();
                tx.commit().await.unwrap();
            }
        };
        let id = house.channel;
        zone("Pacific/Kiritimati").await;
        let first = counts.today(id).await.unwrap();
        zone("Pacific/Honolulu").await;
        let other = counts.today(id).await.unwrap();
        assert_eq!(first.number - other.number, 1, "it is the next day there");
        assert!(first.ends_at > house.clock.now() && other.ends_at > house.clock.now());
        let day = other.number;
        let mut takings = Vec::new();
        for _ in 0..8 {
            let counts = counts.clone();
            takings.push(tokio::spawn(async move { counts.take(id, "a", day, 50, 20).await.unwrap() }));
        }
        let mut taken = 0;
        for taking in takings {
            taken += taking.await.unwrap();
        }
        assert_eq!(taken, 50, "never more than the day has, however many take at once");
        assert_eq!(counts.take(id, "b", day, 50, 20).await.unwrap(), 20);
        assert_eq!(counts.take(ChannelId(id.0 + 1), "a", day, 5, 20).await.unwrap(), 5);
        assert_eq!(counts.take(id, "a", day + 1, 50, 20).await.unwrap(), 20);
        assert_eq!(status(&house).await["taken_today"][0], json!({"account": "a", "messages": 50}));
    })
    .await;
}

#[tokio::test]
async fn a_key_is_made_kept_and_not_used_before_its_record_is_published() {
    on_every_database(|house| async move {
        let uri = format!("/api/v1/channels/{}", house.channel);
        let body = json!({"domain": "shop.example", "selector": "s1", "algorithm": "ed25519"});
        let made = house.post(&format!("{uri}/dkim"), body.clone()).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
        assert_eq!(made.json()["name"], "s1._domainkey.shop.example");
        assert!(made.json()["value"].as_str().unwrap().starts_with("v=DKIM1; k=ed25519; p="));
        let shown = house.get(&uri).await.json()["config"]["dkim"].clone();
        assert_eq!(
            shown,
            json!([{"domain": "shop.example", "selector": "s1", "private_key": "•••", "enabled": false}])
        );
        let given = house.other_side.configs.lock().unwrap().last().unwrap()["dkim"][0]["private_key"].clone();
        assert!(given.as_str().unwrap().starts_with("-----BEGIN PRIVATE KEY-----"));
        assert_eq!(house.post(&format!("{uri}/dkim"), body).await.status, StatusCode::CONFLICT);
        let nowhere = house.post(&format!("{uri}/dkim"), json!({"domain": "x y", "selector": "s1"})).await;
        assert_eq!(
            (nowhere.status, &nowhere.json()["errors"][0]["path"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!("domain"))
        );
    })
    .await;
}

#[tokio::test]
async fn a_secret_in_a_list_stays_with_its_element_and_does_not_move_elsewhere() {
    on_every_database(|house| async move {
        let account =
            |name: &str, host: &str, password: &str| json!({"name": name, "host": host, "password": password});
        let body = json!({"kind": "email", "name": "two", "config": {
            "host": "x", "accounts": [account("a", "one.example", "first"), account("b", "two.example", "second")],
        }});
        let made = house.post("/api/v1/channels", body).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
        let uri = format!("/api/v1/channels/{}", made.json()["id"].as_str().unwrap());
        assert_eq!(made.json()["config"]["accounts"][1]["password"], "•••");
        let last = || house.other_side.configs.lock().unwrap().last().unwrap()["accounts"].clone();
        let patch = async |accounts: serde_json::Value| {
            house.send_json("PATCH", &uri, json!({"config": {"host": "x", "accounts": accounts}})).await
        };

        let swapped = json!([account("b", "two.example", "•••"), account("a", "one.example", "•••")]);
        assert_eq!(patch(swapped).await.status, StatusCode::OK);
        assert_eq!((&last()[0]["password"], &last()[1]["password"]), (&json!("second"), &json!("first")));

        let moved = patch(json!([account("b", "evil.example", "•••"), account("a", "one.example", "•••")])).await;
        assert_eq!(moved.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(moved.json()["errors"][0]["path"], "config.accounts[0].password");

        assert_eq!(patch(json!([account("a", "one.example", "•••")])).await.status, StatusCode::OK);
        let back = patch(json!([account("a", "one.example", "•••"), account("b", "evil.example", "•••")])).await;
        assert_eq!(back.status, StatusCode::OK);
        assert_eq!(last()[1].get("password"), None, "what was taken away is forgotten");
    })
    .await;
}
